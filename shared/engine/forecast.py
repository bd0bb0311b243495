"""How long a story still waits for its clips: the studio's queue played on, at the pace that was learned.

An estimate for people, made of rows whenever somebody asks. It knows the clips that wait now, and takes the story's own
that are not spoken yet as if they waited, too; stories that come later may make it longer.
"""

from __future__ import annotations

from shared.domain.engines import ENGINES
from shared.domain.frozen import frozen
from shared.domain.job import Rows, is_done, is_held, items_of
from shared.engine import studio
from shared.engine.records import Job
from shared.engine.studio import STEP, Waiting
from shared.engine.world import World
from shared.pipeline import STEPS
from shared.ports import Table

PACE = "pace"
CLIP_S = 240.0
"""What a clip is taken to need before any was made; the vendor tells no figure."""

MEMORY = 10
"""Clips over which the pace is averaged."""


@frozen
class Forecast:
    """`own` clips of the story are still to be made, and `others` before the last of them."""

    own: int
    others: int
    seconds: float


def learn(world: World, engine: str, took_s: float) -> None:
    """A clip was made: how long from its submission to its verdict. Of two at once one may be forgotten."""
    row = world.rows.get(Table.WATCH, (PACE, engine)) or {}
    count = min(int(row.get("count", 0)) + 1, MEMORY)
    known_s = float(row.get("clip_s", took_s))
    world.rows.merge(Table.WATCH, (PACE, engine), {"clip_s": known_s + (took_s - known_s) / count, "count": count})


def clip_s(world: World, engine: str) -> float:
    """The usual time of a clip."""
    return float((world.rows.get(Table.WATCH, (PACE, engine)) or {}).get("clip_s", CLIP_S))


def of(world: World, job: Job, rows: Rows) -> Forecast | None:
    """None while the script is not written, and when no clip is left to be made. Before the yes only the taste's."""
    items = [item for item in items_of(STEPS[STEP], rows) or () if not is_held(STEPS[STEP], item, rows)]
    left = {item for item in items if not is_done(rows, STEP, item)}
    detected = rows.get(("detect", "-"))
    engine = str(detected.result.get("engine", "")) if detected is not None else ""
    if not left or engine not in ENGINES or not ENGINES[engine].has_task:
        return None
    now, usual_s = world.clock.now(), clip_s(world, engine)
    slot, queue = studio.line(world, engine)
    holds = (slot.job_id, slot.item) if not slot.is_free(now) else None
    rest_s = max(0.0, slot.granted_at + usual_s - now) if holds else 0.0
    queue = [one for one in queue if (one.job_id, one.item) != holds]
    known = {(one.job_id, one.item) for one in queue}
    is_own_turn = holds is not None and holds[0] == job.job_id and holds[1] in left
    to_come = left - ({holds[1]} if holds is not None and is_own_turn else set())
    queue += [Waiting(job.job_id, item, job.family, now) for item in sorted(to_come) if (job.job_id, item) not in known]
    before = _played(queue, slot, job.job_id, now)
    others = before - len(to_come) + (1 if holds and not is_own_turn and to_come else 0)
    return Forecast(len(left), others, rest_s + before * usual_s)


def _played(queue: list[Waiting], slot: studio.Slot, job_id: str, now: float) -> int:
    """How many clips are made until the last one of the job."""
    served, count, last = dict(slot.served), 0, 0
    while queue and any(one.job_id == job_id for one in queue):
        chosen = studio.choose(queue, served)
        if chosen is None:
            break
        queue = [one for one in queue if one is not chosen]
        count += 1
        served[chosen.family] = now + count
        last = count if chosen.job_id == job_id else last
    return last
