"""What becomes of invocations that FC gave up on: the step is tried again later, a bounded number of times."""

from __future__ import annotations

from shared.domain import keys
from shared.domain.errors import Conflict, Corrupt, Refused
from shared.domain.job import TRIES_MAX, WHOLE, JobState, StepRow, StepState
from shared.domain.keys import Owner, Wake, parse_upload
from shared.engine import events, wakes
from shared.engine.ending import end_job
from shared.engine.poison import put_aside, readable
from shared.engine.records import Job, at_door, load_job, load_steps, remember, settle
from shared.engine.world import World
from shared.pipeline import FUNCTIONS, GENERATE
from shared.ports import Columns, Table

AGAIN_AFTER_S = 300.0
SWEEP = "-sweep"  # end of the function's name; its payload is the timer's and wakes nobody


def rescue(event: object, world: World) -> None:
    """Handle records of the failure destination. What cannot be read is put aside, and never tried again."""
    for failure in readable(world, "failed", event, events.failures):
        if failure.is_poison and SWEEP in failure.function:
            world.log("gave up", {"step": "sweep", "reason": failure.reason})  # the next pass is a minute away
            continue
        if failure.is_poison:
            put_aside(world, failure.function or "failed", failure.payload, Corrupt("event.poison", failure.reason))
            continue
        for wake in wakes_of(world, failure.payload):
            _again(world, wake, failure.reason)


def wakes_of(world: World, payload: object) -> list[Wake]:
    """The steps that the lost invocation was about; for an upload, the intake of its job or of its narrator's."""
    found = []
    for notice in events.objects(payload):
        try:
            found.append(events.wake_of(notice.key))
        except Corrupt:
            try:
                upload = parse_upload(notice.key)
            except Refused:
                found.extend(_of_request(notice.key))
                continue
            jobs = [upload.name] if upload.owner is Owner.INBOX else at_door(world, upload.name)
            found.extend(Wake("intake", job_id, "") for job_id in jobs)
    return found


def _of_request(key: str) -> list[Wake]:
    """The step of a request file; none for a hostile key, which was answered or put aside when it came."""
    try:
        return [Wake(GENERATE.name, keys.request_job(keys.parse_request(key)), "")]
    except Refused:
        return []


def _again(world: World, wake: Wake, reason: str) -> None:
    item = wake.item or WHOLE
    job = load_job(world, wake.job)
    row = load_steps(world, wake.job).get((wake.step, item)) if job is not None else None
    world.log("gave up", {"job": wake.job, "step": wake.step, "item": item, "reason": reason})
    if job is None or row is None or wake.step not in FUNCTIONS or row.step == "intake":
        wakes.remind(world, wake.job, wake.step, item, AGAIN_AFTER_S)
        return
    if job.state is not JobState.OPEN or row.state not in {StepState.CLAIMED, StepState.WAITING}:
        return
    try:
        _count(world, job, row, reason)
    except Conflict:
        return  # somebody is at it: then it was not given up
    wakes.remind(world, wake.job, wake.step, item, AGAIN_AFTER_S)


def _count(world: World, job: Job, row: StepRow, reason: str) -> None:
    key = (job.job_id, row.step, row.item)
    now = world.clock.now()
    if row.troubles + 1 >= TRIES_MAX and row.lease_until <= now:
        end_job(world, job, JobState.FAILED, [Corrupt("internal", reason)], f"{row.step}/{row.item}")
        return
    history = remember(world.rows.get(Table.STEPS, key) or {}, now, "gave up", reason[:200])
    put: Columns = {"troubles": row.troubles + 1, "history": history}
    settle(world, Table.STEPS, key, put, expect={"fence": row.fence, "state": row.state.value})
