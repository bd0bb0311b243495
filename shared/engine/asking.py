"""A person is asked whether a story shall go on, and says yes by a file: `inbox/<job>/yes.json`, empty or with a
budget in it.

Only a yes that was put after the question counts, and each counts once: the job remembers which it has seen. So the
file may be put by hand, by the command line or by a page, its event may be lost or come twice, and the sweep finds it.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain import keys, manifest
from shared.domain.errors import Conflict, Refused
from shared.domain.job import JobState, StepState
from shared.domain.keys import Asset, Owner
from shared.domain.options import OPTIONS_BYTES_MAX
from shared.engine import agenda, repair, waking
from shared.engine.ending import announce
from shared.engine.records import Job, load_job, load_steps, move_job
from shared.engine.step import BUDGET_WAIT
from shared.engine.world import World
from shared.ports import Bucket, Place, Table, Value


def place(job_id: str) -> Place:
    """Where the yes of a job is put."""
    return Place(Bucket.INPUT, keys.upload(Owner.INBOX, job_id, Asset.YES, "json"))


def ask(world: World, job: Job, put: Mapping[str, Value], note: str) -> None:
    """The job waits for a yes from now on; `put` are further columns of its row."""
    seen = _stamp(world, job.job_id)
    move_job(world, job, JobState.ASKED, {**put, "yes_seen": seen}, note)
    announce(world, job.job_id, JobState.ASKED)


def hear(world: World, job_id: str) -> bool:
    """Go on with a job that was asked about, or that reached its budget, if there is a new yes; whether there was."""
    job = load_job(world, job_id)
    if job is None or job.state not in {JobState.ASKED, JobState.OPEN}:
        return False
    stamp = _stamp(world, job_id)
    if stamp in {"", job.yes_seen}:
        return False
    try:
        yes = manifest.read_yes(world.objects.read(place(job_id), 0, OPTIONS_BYTES_MAX + 1))
    except Refused as error:
        world.log("no yes", {"job": job_id, "code": error.code, "detail": str(error.fields.get("why", ""))[:200]})
        return False
    return _go_on(world, job, yes, stamp)


def _go_on(world: World, job: Job, yes: manifest.Yes, stamp: str) -> bool:
    budget: dict[str, Value] = {} if yes.budget_yuan is None else {"budget_yuan": yes.budget_yuan}
    if job.state is JobState.ASKED:
        agenda.put(world, job.job_id)
        try:
            now = world.clock.now()
            move_job(world, job, JobState.OPEN, {**budget, "yes_seen": stamp, "opened_at": now}, "a person said yes")
        except Conflict:
            return False  # somebody heard it at this moment
        waking.wake_ready(world, job.job_id, "a person said yes")
        return True
    if yes.budget_yuan is None or not is_paused(world, job.job_id):
        return False
    world.rows.merge(Table.JOBS, (job.job_id,), {"yes_seen": stamp})
    repair.redrive(world, job.job_id, yes.budget_yuan)
    return True


def is_paused(world: World, job_id: str) -> bool:
    """Whether a step waits for a larger budget."""
    rows = load_steps(world, job_id).values()
    return any(row.state is StepState.REVIEW and row.waits_for == BUDGET_WAIT for row in rows)


def _stamp(world: World, job_id: str) -> str:
    """Tells one yes from another, also when both are empty; nothing when there is none."""
    info = world.objects.head(place(job_id))
    return f"{info.etag} {info.modified_at}" if info is not None else ""
