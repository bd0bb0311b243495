"""Uploads that nobody has looked at, because the event of a file was lost.

Two looks share the work. A walk over the inbox, page by page, puts each job with new files on the sweep's agenda: it
finds those of which no row exists yet. And each job that stands at the door is compared with its own folder, and with
its narrator's, at growing pauses.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.engine import agenda, wakes
from shared.engine.records import Job, load_job
from shared.engine.world import World
from shared.pipeline import GENERATE
from shared.ports import Bucket, ObjectInfo, Place, Table

UNCERTAIN_S = 60.0
"""A look within this time of a file may have missed it: OSS tells whole seconds, clocks differ, and a file can come
while the others are listed. Looking once more costs nothing.
"""

OVERLAP_S = 300.0
"""How much older than the last whole walk a file may be and still count as new."""

PAGE = 1000
PAGES_MAX = 5
"""Pages of the inbox walked in one pass."""

LOOK_S_MAX = 3600.0

FORGOTTEN_S = 31 * 24 * 3600.0
"""The bucket's lifecycle has deleted the uploads by then."""


def walk(world: World) -> None:
    """One pass of the walk: jobs with files since the last whole walk, that nobody has opened, go on the agenda."""
    walk = world.rows.get(Table.WATCH, (agenda.CURSOR, keys.INBOX)) or {}
    after, known = str(walk.get("after", "")), float(walk.get("known", 0.0))
    began = float(walk.get("began", 0.0)) if after else world.clock.now()
    for _ in range(PAGES_MAX):
        page = world.objects.listing(Bucket.INPUT, keys.INBOX, after, PAGE)
        for job_id, modified_at in _newest(page).items():
            if modified_at + OVERLAP_S >= known:
                _remember(world, job_id)
        after = page[-1].key if len(page) == PAGE else ""
        if not after:
            known = began
            break
    world.rows.merge(Table.WATCH, (agenda.CURSOR, keys.INBOX), {"after": after, "began": began, "known": known})


def walk_requests(world: World) -> None:
    """The same for request files: one that no job was made of goes on the agenda. They are few, a page is enough."""
    after = agenda.cursor(world, keys.REQUESTS)
    page = world.objects.listing(Bucket.INPUT, keys.REQUESTS, after, PAGE)
    for info in page:
        try:
            job_id = keys.request_job(keys.parse_request(info.key))
        except Refused:
            continue  # a file that a request names, or a name that was answered when it came
        _remember(world, job_id)
    agenda.move_cursor(world, keys.REQUESTS, after, page[-1].key if len(page) == PAGE else "")


def look(world: World, job_id: str, job: Job | None) -> bool:
    """Have a job looked at whose files, or whose narrator's, nobody has seen; whether that was needed."""
    now = world.clock.now()
    seen_at = job.seen_at if job is not None else 0.0
    newest = _newest_of(world, job_id, job)
    if seen_at < newest + UNCERTAIN_S <= now and newest:
        step = GENERATE.name if keys.request_of(job_id) else "intake"
        wakes.wake(world, job_id, step, why="sweep: uploaded, not opened")
        return True
    age_s = now - max(newest, seen_at, job.created_at if job is not None else 0.0)
    if age_s > FORGOTTEN_S:
        agenda.strike(world, job_id)
    else:
        agenda.put_off(world, job_id, now + min(LOOK_S_MAX, age_s))
    return False


def _newest_of(world: World, job_id: str, job: Job | None) -> float:
    request_id = keys.request_of(job_id)
    if request_id:
        info = world.objects.head(Place(Bucket.INPUT, keys.request(request_id)))
        return info.modified_at if info is not None else 0.0
    prefixes = [keys.inbox(job_id), *map(keys.narrator, job.narrators if job is not None else ())]
    return max(_last(world, prefix) for prefix in prefixes)


def _remember(world: World, job_id: str) -> None:
    job = load_job(world, job_id)
    if job is None or job.is_at_door or job.state is JobState.DONE:  # it may have been corrected
        agenda.put(world, job_id)


def _last(world: World, prefix: str) -> float:
    return max((info.modified_at for info in _uploads(world.objects.listing(Bucket.INPUT, prefix))), default=0.0)


def _newest(page: list[ObjectInfo]) -> dict[str, float]:
    """When the last file of each job came, as far as the page tells."""
    newest: dict[str, float] = {}
    for info in _uploads(page):
        name = keys.parse_upload(info.key).name
        newest[name] = max(newest.get(name, 0.0), info.modified_at)
    return newest


def _uploads(page: list[ObjectInfo]) -> Iterator[ObjectInfo]:
    for info in page:
        try:
            keys.parse_upload(info.key)
        except Refused:
            continue  # answered when its own event came
        yield info
