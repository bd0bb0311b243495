"""The sweep: finds in the rows what an event forgot, and wakes it. It reads rows and buckets, never event history;
each repair is an ordinary wake, so repeating it is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import JobState, StepRow, StepState, ready
from shared.engine import effects, studio, waking
from shared.engine.ending import conclude
from shared.engine.records import Job, job_of, load_job, load_steps
from shared.engine.world import World
from shared.pipeline import STEPS
from shared.ports import Bucket, ObjectInfo, Table

QUIET_S = 60.0
"""What a step may be late before its wake is thought lost."""

PAGE = 1000
JOBS_MAX = 2000


def sweep(world: World) -> int:
    """One pass; how many wakes it put."""
    woken = 0
    for job_id in _unopened(world):
        waking.wake(world, job_id, "intake", why="sweep: uploaded, not opened")
        woken += 1
    for key, columns in world.rows.range(Table.JOBS, where={"state": JobState.OPEN.value}, limit=JOBS_MAX):
        if conclude(world, key[0]):
            continue
        for step, item, why in debts(world, job_of(key[0], columns)):
            waking.wake(world, key[0], step, item, f"sweep: {why}")
            woken += 1
    for engine in world.settings.engine_order:
        studio.wake_holder(world, engine)
    world.log("swept", {"woken": woken})
    return woken


def debts(world: World, job: Job) -> Iterator[tuple[str, str, str]]:
    """What of a job should have gone on by now: step, item and why."""
    now = world.clock.now()
    rows = load_steps(world, job.job_id)
    last_move = max([row.updated_at for row in rows.values()] + [job.opened_at])
    if last_move + QUIET_S <= now:
        for step, item in ready(STEPS, rows):
            yield step, item, "ready and idle"
    for (step, item), row in rows.items():
        why = _why_late(world, job.job_id, row, now)
        if why:
            yield step, item, why


def _why_late(world: World, job_id: str, row: StepRow, now: float) -> str:
    if row.state is StepState.CLAIMED and row.lease_until <= now:
        return "the lease ended"
    if row.state is not StepState.WAITING:
        return ""
    if row.due_at + QUIET_S <= now:
        return "overdue"
    waiting = effects.rows_of(world, job_id, row.step, row.item)
    if row.updated_at + QUIET_S <= now and any(effects.is_news(world, effect, now) for effect in waiting):
        return "reported, not woken"
    return ""


def _unopened(world: World) -> Iterator[str]:
    """Jobs whose files lie in the inbox while no row says that they were looked at since the last file came."""
    newest: dict[str, float] = {}
    for info in _uploads(world):
        try:
            upload = keys.parse_upload(info.key)
        except Refused:
            continue  # answered when its own event came
        newest[upload.name] = max(newest.get(upload.name, 0.0), info.modified_at)
    now = world.clock.now()
    for job_id, modified_at in newest.items():
        job = load_job(world, job_id)
        seen_at = 0.0 if job is None else job.seen_at
        is_unopened = job is None or job.state is JobState.COLLECTING
        if is_unopened and seen_at < modified_at and modified_at + QUIET_S <= now:
            yield job_id


def _uploads(world: World) -> Iterator[ObjectInfo]:
    """The whole inbox; its lifecycle keeps it to a month."""
    after = ""
    while page := world.objects.listing(Bucket.INPUT, keys.INBOX, after, PAGE):
        yield from page
        after = page[-1].key
