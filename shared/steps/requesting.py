"""The door of requests: a file under `requests/` is read, checked whole with the files it names, and becomes a job."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain import keys, requests
from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.errors import EchobotError, Refused
from shared.domain.job import JobState
from shared.domain.requests import Request, Wrong
from shared.engine import waking
from shared.engine.ending import turn_away
from shared.engine.records import Job, found_or_new, move_job
from shared.engine.world import World
from shared.ports import Bucket, Columns, Place


def receive(world: World, key: str) -> JobState | None:
    """Look at an upload under `requests/`; where its job stands, None for a file that is none or was taken before."""
    try:
        request_id = keys.parse_request(key)
    except Refused as error:
        world.log("strange key", {"code": error.code, "key": key[:200]})
        return None
    job = found_or_new(world, keys.request_job(request_id))
    if not job.is_at_door:
        return None  # a request that was begun is final: what is wanted beside it needs a name of its own
    place = Place(Bucket.INPUT, key)
    try:
        request = requests.read(world.objects.read(place, 0, requests.BYTES_MAX + 1))
        facts, problems = look_into(world, request)
        requests.check_cap(request, requests.quote(request, facts))
    except Wrong as wrong:
        return _refuse(world, job, wrong.problems)
    except Refused as error:
        return _refuse(world, job, [error])
    return _refuse(world, job, problems) if problems else _open(world, job, request)


def look_into(world: World, request: Request) -> tuple[dict[str, FileFacts], list[Refused]]:
    """What the request's own files say of themselves, and what is wrong with them. Foreign addresses are not opened."""
    facts: dict[str, FileFacts] = {}
    problems: list[Refused] = []
    for field, limits, where in requests.files(request):
        if "://" in where:
            continue
        place = Place(Bucket.INPUT, where)
        info = world.objects.head(place)
        if info is None:
            problems.append(Refused("object.missing", key=where))
            continue
        told = world.probe.facts(place)
        facts[where] = FileFacts(
            told.container, info.size, told.seconds, told.width, told.height, told.fps, told.video_codec
        )
        problems += file_problems(field, limits, facts[where])
    return facts, problems


def _refuse(world: World, job: Job, problems: Sequence[EchobotError]) -> JobState:
    return turn_away(world, job, problems, {"seen_at": world.clock.now()})


def _open(world: World, job: Job, request: Request) -> JobState:
    """What runs is the request as it is now: a file that is put again changes nothing any more."""
    world.objects.write(Place(Bucket.WORK, keys.job_request(job.job_id)), requests.write(request), "application/json")
    world.objects.delete(Place(Bucket.OUTPUT, keys.error(job.job_id)))
    now = world.clock.now()
    opened: Columns = {"seen_at": now, "opened_at": now, "family": request.family}
    move_job(world, job, JobState.OPEN, opened, f"opened for {request.model.name}")
    waking.wake_ready(world, job.job_id, "opened")
    return JobState.OPEN
