"""What a job leaves behind once it has ended, and how it goes away: files, the voice, places in the studio's queue,
tasks that still queue at the vendor and, when the job was erased, uploads, results and rows.

Deleting again is harmless. Whoever ends a job does it at once; the sweep does it again when nothing of the job can come
any more, because a function or a vendor that was at work may have made something since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from shared.domain import keys
from shared.domain.errors import Conflict
from shared.domain.job import JobState, Rows
from shared.engine import alarms, enrolment, studio, wakes
from shared.engine.effects import DOUBTFUL, EffectRow, EffectState, restore, rows_of
from shared.engine.ending import write_error
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.ledger import Ledger, is_news
from shared.engine.records import Job, dump, load_job, load_steps
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Bucket, Key, Kind, ObjectInfo, Place, Table

ASK_AGAIN_S = 300.0
"""Between questions about a vendor's task that outlives its job."""

VENDOR_S_MAX = 24 * 3600.0
"""Vendors have forgotten their tasks by then, and begin none that they were asked for before."""

PAGE = 1000

Counts = dict[str, int]


def clear(world: World, job: Job) -> Counts:
    """Delete what an ended job needs no more; how much of what was there."""
    rows = load_steps(world, job.job_id)
    alarms.stop_of_job(world, job.job_id)
    if job.state is JobState.ERASED:
        return _erase(world, job)
    gone: Counts = {}
    if job.state is JobState.CANCELLED:
        write_error(world, job.job_id, job.state, [restore(job.error)])
        gone["tasks"] = _take_back(world, job.job_id)
        gone["places"] = studio.withdraw(world, job.job_id)
        gone["story"] = _delete(world, Bucket.OUTPUT, _results(world, job.job_id))
    if job.state is JobState.CANCELLED or not world.settings.keep_work:
        gone["work"] = clear_work(world, job, rows)
    gone["voices"] = enrolment.forget(world, job)
    return gone


def clear_work(world: World, job: Job, rows: Rows) -> int:
    """Delete a job's intermediate files and its wakes; how many files there were. The rows stay, to explain by. Of a
    story that was told stays what a correction need not buy again, until the bucket's lifecycle ends it.
    """
    spent = listed(world, Bucket.WORK, keys.job(job.job_id))
    if job.state in {JobState.OPEN, JobState.DONE}:
        spent = (info for info in spent if not keys.is_for_corrections(job.job_id, info.key))
    count = _delete(world, Bucket.WORK, spent)
    for step, item in rows:
        world.objects.delete(Place(Bucket.WORK, wakes.wake_key(job.job_id, step, item)))
    return count


def clear_all_work(world: World, job_id: str) -> int:
    """Delete every intermediate file of a job, also what corrections would need; how many."""
    return _delete(world, Bucket.WORK, listed(world, Bucket.WORK, keys.job(job_id)))


def clear_late(world: World, job_id: str) -> None:
    """For a step that was let end after its job: what it made goes at once."""
    job = load_job(world, job_id)
    if job is not None and job.state in {JobState.CANCELLED, JobState.ERASED}:
        clear(world, job)


def settle(world: World, job: Job) -> float | None:
    """For the sweep: tidy up after an ended job; when to look again, or None when nothing of it can come any more."""
    now = world.clock.now()
    if now < job.ended_at + ON_ITS_WAY_S:
        return job.ended_at + ON_ITS_WAY_S
    under_way = hear(world, job)
    if job.state is JobState.ERASED and not under_way:
        for row in running(world, job.job_id):
            world.rows.delete(Table.EFFECTS, (job.job_id, row.step, row.item, row.name))
    clear(world, job)
    if now >= job.ended_at + VENDOR_S_MAX:
        return None
    if under_way:
        return now + ASK_AGAIN_S
    if in_doubt(world, job):  # nobody can be asked: look twice as late each time, and once more at the end
        return min(now + (now - job.ended_at), job.ended_at + VENDOR_S_MAX)
    return None


def hear(world: World, job: Job) -> bool:
    """Of tasks that outlived their job: ask after those that were announced, or whose time is over, and let others into
    the studio once they have ended. Whether any may still run.
    """
    now, tasks = world.clock.now(), [row for row in running(world, job.job_id) if row.kind is not Kind.VOICE]
    still = [_asked(world, job.job_id, row) if is_news(world, row, now) else row for row in tasks]
    left = [row for row in still if row.state is EffectState.SENT]
    if len(left) < len(tasks):
        studio.withdraw(world, job.job_id)
    return bool(left)


def running(world: World, job_id: str) -> list[EffectRow]:
    """Calls whose verdict nobody has heard yet."""
    return [row for row in rows_of(world, job_id) if row.state is EffectState.SENT]


def in_doubt(world: World, job: Job) -> list[EffectRow]:
    """Calls to IMS that may have been made without an answer. It keeps no list of them, and writes what it makes into
    our bucket by itself, up to a day after.
    """
    if world.clock.now() >= job.ended_at + VENDOR_S_MAX:
        return []
    rows = (row for row in rows_of(world, job.job_id) if row.kind.provider == Kind.IMS_PRODUCTION.provider)
    return [row for row in rows if row.doubts or row.is_unanswered or row.state in DOUBTFUL]


def found(world: World, job: Job) -> Counts:
    """What is still there of an erased job, place by place, as the services themselves list it."""
    job_id = job.job_id
    return {
        "uploads": sum(1 for _ in listed(world, Bucket.INPUT, keys.put_by_family(job_id))),
        "work": sum(1 for _ in listed(world, Bucket.WORK, keys.job(job_id))),
        "wakes": sum(1 for _ in _wakes(world, job_id)),
        "story": sum(1 for _ in listed(world, Bucket.OUTPUT, keys.handed_over(job_id))),
        "voices": sum(enrolment.count(world, digest) for digest in _voices(job)),
        "rows": sum(1 for _ in _rows(world, job)),
    }


def _erase(world: World, job: Job) -> Counts:
    """Everything but the tombstone, which counts it."""
    job_id = job.job_id
    gone = {
        "tasks": _take_back(world, job_id),
        "places": studio.withdraw(world, job_id),
        "uploads": _delete(world, Bucket.INPUT, listed(world, Bucket.INPUT, keys.put_by_family(job_id))),
        "work": _delete(world, Bucket.WORK, listed(world, Bucket.WORK, keys.job(job_id))),
        "wakes": _delete(world, Bucket.WORK, _wakes(world, job_id)),
        "story": _delete(world, Bucket.OUTPUT, listed(world, Bucket.OUTPUT, keys.handed_over(job_id))),
        "voices": sum(enrolment.expunge(world, digest) for digest in _voices(job)),
        "rows": 0,
    }
    if job.ended_at + ON_ITS_WAY_S <= world.clock.now():
        gone["voices"] += sum(enrolment.tidy(world, digest, job_id) for digest in job.receipt.get("enrolling", []))
    for table, key in list(_rows(world, job)):
        world.rows.delete(table, key)
        gone["rows"] += 1
    deleted = job.receipt.get("deleted", {})
    counts = {name: gone.get(name, 0) + int(deleted.get(name, 0)) for name in sorted({*gone, *deleted})}
    with suppress(Conflict):  # counted by another who erases at this moment
        put = {"receipt": dump({**job.receipt, "deleted": counts}), "version": world.ids.token()}
        world.rows.update(Table.JOBS, (job_id,), put, expect={"version": job.version})
    return gone


def _voices(job: Job) -> list[str]:
    """Digests of an erased job's own voices."""
    return list(job.receipt.get("voices", []))


def _asked(world: World, job_id: str, row: EffectRow) -> EffectRow:
    """What the vendor says of it, written down. Nobody else does that once the job is over."""
    return Ledger(world, job_id, row.step, row.item, row.fence).ask(row)


def _take_back(world: World, job_id: str) -> int:
    """Cancel what still queues at the vendor, which then costs nothing. What runs already is let end."""
    count = 0
    for row in running(world, job_id):
        if row.kind.provider == Kind.MODEL_STUDIO.provider and world.avatars.cancel(row.task):
            _asked(world, job_id, row)
            count += 1
    return count


def _results(world: World, job_id: str) -> Iterator[ObjectInfo]:
    """All but the words that say why there is no story."""
    words = keys.error(job_id)
    return (info for info in listed(world, Bucket.OUTPUT, keys.handed_over(job_id)) if info.key != words)


def _wakes(world: World, job_id: str) -> Iterator[ObjectInfo]:
    for step in steps_of(job_id):
        for prefix in keys.wakes(step, job_id):
            yield from listed(world, Bucket.WORK, prefix)


def _rows(world: World, job: Job) -> Iterator[tuple[Table, Key]]:
    """Of an erased job, but for two kinds: a call that is under way or in doubt says what to wait for; the owner of a
    vendor's task says only that it is nobody else's, and expires with its table.
    """
    yield from ((Table.STEPS, key) for key, _ in world.rows.range(Table.STEPS, (job.job_id,)))
    waited_for = {(row.step, row.item, row.name) for row in in_doubt(world, job)}
    for row in rows_of(world, job.job_id):
        if row.state is not EffectState.SENT and (row.step, row.item, row.name) not in waited_for:
            yield Table.EFFECTS, (job.job_id, row.step, row.item, row.name)


def listed(world: World, bucket: Bucket, prefix: str) -> Iterator[ObjectInfo]:
    """Every object under a prefix, page by page."""
    after = ""
    while page := world.objects.listing(bucket, prefix, after, PAGE):
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].key


def _delete(world: World, bucket: Bucket, infos: Iterator[ObjectInfo]) -> int:
    count = 0
    for info in infos:
        world.objects.delete(Place(bucket, info.key))
        count += 1
    return count
