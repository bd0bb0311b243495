"""Where a job stands, for people: one line a step, and the same as an object that a family's page can look at.

The page reads `stories/<job>/status.json` straight from the bucket, so nobody watching keeps a function busy, and no
vendor is asked. It is written after each turn of a job that came through the page, and by the sweep; it is a picture of
the rows, never a source: lost or late it only shows what was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from shared.domain import families, keys
from shared.domain.errors import EchobotError
from shared.domain.frozen import frozen
from shared.domain.job import TASTE, JobState, Rows, StepRow, StepState, items_of
from shared.engine import forecast
from shared.engine.records import Job, dump, load_job, load_steps
from shared.engine.world import World
from shared.pipeline import PIPELINE
from shared.ports import Bucket, Place

VERSION = 1
JSON = "application/json"

MARKS = {
    StepState.DONE: "✓",
    StepState.CLAIMED: "●",
    StepState.WAITING: "◌",
    StepState.REFUSED: "✗",
    StepState.FAILED: "✗",
    StepState.REVIEW: "?",
}
LOUDEST = (StepState.FAILED, StepState.REFUSED, StepState.REVIEW, StepState.CLAIMED, StepState.WAITING)
"""Of several items of a step, the one that a person should see."""

WORDS = {
    "intake": ("收件", "files checked"),
    "detect": ("看照片", "photo checked"),
    "clone": ("学声音", "voice learned"),
    "separate": ("拆影片", "captions and music"),
    "script": ("排稿子", "script"),
    "speak": ("朗读", "speech"),
    "animate": ("动画", "talking portrait"),
    "compose": ("合成", "film"),
    "publish": ("交付", "handed over"),
}


@frozen
class Line:
    """One step: `done` of `total` items, what it waits for and since when (seconds)."""

    step: str
    zh: str
    en: str
    mark: str
    done: int
    total: int | None
    awaits: str
    since_s: float


def lines(rows: Rows, now: float) -> list[Line]:
    """A line for each step of the pipeline."""
    return [_line(step.name, items_of(step, rows), rows, now) for step in PIPELINE]


def tell(world: World, job_id: str) -> None:
    """Put the job's status where its family's page looks. For other jobs nothing happens.

    Trouble here is never the job's: it is logged, and the next turn or the sweep tells again.
    """
    if not families.of(job_id):
        return
    try:
        job = load_job(world, job_id)
        if job is not None and job.state is not JobState.ERASED:
            body = dump(document(world, job)).encode()
            world.objects.write(place(job_id), body, JSON)
    except EchobotError as error:
        world.log("not told", {"job": job_id, "code": error.code, "detail": error.detail[:300]})


def place(job_id: str) -> Place:
    """Where a job's status lies."""
    return Place(Bucket.OUTPUT, keys.story_status(job_id))


def document(world: World, job: Job) -> Mapping[str, object]:
    """`status.json`: see docs/page.md for its fields."""
    now = world.clock.now()
    has_opened = bool(job.opened_at)
    rows = load_steps(world, job.job_id) if has_opened else {}
    ahead = forecast.of(world, job, rows) if job.state is JobState.OPEN else None
    return {
        "version": VERSION,
        "job": job.job_id,
        "state": job.state.value,
        "at": now,
        "opened_at": job.opened_at,
        "ended_at": job.ended_at,
        "steps": [_step(line, now) for line in lines(rows, now)] if has_opened else [],
        "clips": sorted(item for (step, item), row in rows.items() if _is_clip(step, row)),
        "forecast": asdict(ahead) if ahead else None,
        "taste": _taste(rows) if job.state is not JobState.DONE else None,
        "problems": problems(world, job.job_id) if job.state not in {JobState.OPEN, JobState.DONE} else [],
    }


def _step(line: Line, now: float) -> Mapping[str, object]:
    """Since when as a moment: a page that is looked at an hour later still tells it rightly."""
    told = asdict(line)
    return {**told, "since_at": now - line.since_s if line.awaits else 0.0}


def _taste(rows: Rows) -> Mapping[str, object] | None:
    """The taste that may be watched: its key, and how long it is."""
    row = rows.get(("publish", TASTE))
    is_there = row is not None and row.state is StepState.DONE
    return {"film": row.result["film"], "seconds": row.result["seconds"]} if row is not None and is_there else None


def _is_clip(step: str, row: StepRow) -> bool:
    return step == "animate" and row.state is StepState.DONE and bool(row.result.get("clip"))


def problems(world: World, job_id: str) -> list[Mapping[str, object]]:
    """What a job's `error.json` says is wrong, each with its words in both languages."""
    words = Place(Bucket.OUTPUT, keys.error(job_id))
    if world.objects.head(words) is None:
        return []
    found = json.loads(world.objects.read(words)).get("problems")
    return found if isinstance(found, list) else []


def _line(step: str, items: tuple[str, ...] | None, rows: Rows, now: float) -> Line:
    known = [row for (name, _), row in rows.items() if name == step]
    done = sum(row.state is StepState.DONE for row in known)
    busy = [row for row in known if row.state is not StepState.DONE]
    total = len(items) if items is not None else None
    loudest = min((row.state for row in busy), key=LOUDEST.index, default=StepState.DONE)
    mark = "·" if not known else MARKS[loudest] if busy or done == total else "…"
    since_s = max((now - row.updated_at for row in busy), default=0.0)
    zh, en = WORDS[step]
    return Line(step, zh, en, mark, done, total, "; ".join(sorted({_awaits(row) for row in busy})), since_s)


def _awaits(row: StepRow) -> str:
    if row.state is StepState.WAITING:
        return row.waits_for or "another try"
    if row.state is StepState.CLAIMED:
        return "at work"
    return row.waits_for or row.state.value
