"""Which jobs the sweep still has to look at, so that it never reads the rows of those that ended long ago.

One row a job in the `watch` table, written before the job's own row exists and taken away when nothing of the job can
come any more. `look_at` puts off the next look, for jobs that have ended and only wait to be tidied up after.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.readers import READERS_MAX
from shared.engine.world import World
from shared.ports import Table

JOB = "job"
CURSOR = "cursor"
READERS = ("narrator", *(f"reader_{number}" for number in range(1, READERS_MAX + 1)))
"""Columns for the story's own narrator and for those who read beside."""


def put(world: World, job_id: str, narrators: Sequence[str] = ()) -> None:
    """Have the sweep look at a job from now on. `narrators`: whose files the job needs, its own narrator's name first,
    perhaps empty. Repeating it is harmless.
    """
    world.rows.merge(Table.WATCH, (JOB, job_id), {"look_at": 0.0, **dict(zip(READERS, narrators, strict=False))})


def waiting_for(world: World, narrator: str) -> list[str]:
    """Jobs that a narrator's file may open."""
    found = [world.rows.range(Table.WATCH, (JOB,), where={column: narrator}) for column in READERS]
    return list(dict.fromkeys(key[1] for rows in found for key, _ in rows))


def put_off(world: World, job_id: str, until: float) -> None:
    world.rows.merge(Table.WATCH, (JOB, job_id), {"look_at": until})


def strike(world: World, job_id: str) -> None:
    """The sweep is through with a job."""
    world.rows.delete(Table.WATCH, (JOB, job_id))


def due(world: World, count: int) -> list[str]:
    """The next jobs to look at, at most `count` rows on from where the last call ended; at the end it begins anew."""
    now = world.clock.now()
    after = cursor(world, JOB)
    rows = world.rows.range(Table.WATCH, (JOB,), after=(JOB, after) if after else None, limit=count)
    # Moved on before the work: a job over which a pass dies keeps nobody behind it waiting.
    move_cursor(world, JOB, after, rows[-1][0][1] if len(rows) == count else "")
    return [key[1] for key, columns in rows if float(columns.get("look_at", 0.0)) <= now]


def cursor(world: World, name: str) -> str:
    """How far a walk of the sweep has come; empty at its beginning."""
    return str((world.rows.get(Table.WATCH, (CURSOR, name)) or {}).get("after", ""))


def move_cursor(world: World, name: str, before: str, after: str) -> None:
    """Go on from `after`; `before` is where this pass found it."""
    if after != before:
        world.rows.merge(Table.WATCH, (CURSOR, name), {"after": after})
