"""The sweep: finds in the rows what an event forgot, and wakes it. It reads rows and buckets, never event history;
each repair is an ordinary wake, so repeating it is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import JobState, StepRow, StepState, ready
from shared.engine import effects, enrolment, studio, waking
from shared.engine.ending import conclude
from shared.engine.records import Job, job_of, load_steps
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
    enrolment.forget_late(world)
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
    """Jobs at the door that were not looked at since their last file came, their own or their narrator's.

    A look within QUIET_S of the file may have missed it: OSS tells whole seconds, clocks differ, and a file can come
    while the others are listed. Looking once more costs nothing.
    """
    now = world.clock.now()
    own, narrators = _newest(world, keys.INBOX), _newest(world, keys.NARRATORS)
    for job_id, modified_at in own.items():
        row = world.rows.get(Table.JOBS, (job_id,))
        if row is not None and not job_of(job_id, row).is_at_door:
            continue
        newest = max(modified_at, narrators.get(str((row or {}).get("narrator", "")), 0.0))
        seen_at = float((row or {}).get("seen_at", 0.0))
        if seen_at < newest + QUIET_S <= now:
            yield job_id


def _newest(world: World, prefix: str) -> dict[str, float]:
    """When the last file of each job, or of each narrator, came."""
    newest: dict[str, float] = {}
    for info in _uploads(world, prefix):
        try:
            upload = keys.parse_upload(info.key)
        except Refused:
            continue  # answered when its own event came
        newest[upload.name] = max(newest.get(upload.name, 0.0), info.modified_at)
    return newest


def _uploads(world: World, prefix: str) -> Iterator[ObjectInfo]:
    """All there is; the inbox's lifecycle keeps it to a month."""
    after = ""
    while page := world.objects.listing(Bucket.INPUT, prefix, after, PAGE):
        yield from page
        after = page[-1].key
