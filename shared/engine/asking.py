"""A person is asked whether a story shall go on, and says yes by a file: `inbox/<job>/yes.json`, empty or with a
budget in it, or with the wish to taste it first. Asked is at the door, before anything is bought, or when the taste is
there, before the rest is.

Only a yes that was put after the question counts, and each counts once: the job remembers which it has seen. So the
file may be put by hand, by the command line or by a page, its event may be lost or come twice, and the sweep finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.domain import keys, manifest, taste
from shared.domain.errors import Conflict, Refused
from shared.domain.job import WHOLE, YES, JobState, StepState, waits_for_yes
from shared.domain.keys import Asset, Owner
from shared.domain.options import OPTIONS_BYTES_MAX, write_options
from shared.engine import agenda, repair, waking
from shared.engine.ending import announce
from shared.engine.records import Job, insert_done, load_job, load_steps, move_job
from shared.engine.spending import BUDGET_WAIT
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Bucket, Columns, Place, Table, Value


def place(job_id: str) -> Place:
    """Where the yes of a job is put."""
    return Place(Bucket.INPUT, keys.upload(Owner.INBOX, job_id, Asset.YES, "json"))


def ask(world: World, job: Job, put: Mapping[str, Value], note: str) -> None:
    """The job waits for a yes from now on; `put` are further columns of its row."""
    seen = _stamp(world, job.job_id)
    move_job(world, job, JobState.ASKED, {**put, "yes_seen": seen, "asked_at": world.clock.now()}, note)
    announce(world, job.job_id, JobState.ASKED)


def ask_about_taste(world: World, job_id: str) -> bool:
    """Ask whether the rest is wanted of a story whose taste is there; whether that was so. Who asks twice asks once."""
    job = load_job(world, job_id)
    if job is None or job.state is not JobState.OPEN:
        return False
    if not waits_for_yes(steps_of(job_id), load_steps(world, job_id)):
        return False
    ask(world, job, {}, "its taste is there, waits for a yes")
    return True


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
        now = world.clock.now()
        if job.opened_at:
            # First: once the job is open, the sweep takes it from there.
            insert_done(world, job.job_id, (YES, WHOLE), {"asked_at": job.asked_at}, "a person said yes")
        try:
            put: Columns = {**budget, **_wished(job, yes), "yes_seen": stamp, "opened_at": job.opened_at or now}
            move_job(world, job, JobState.OPEN, put, "a person said yes")
        except Conflict:
            return False  # somebody heard it at this moment
        waking.wake_ready(world, job.job_id, "a person said yes")
        return True
    if yes.budget_yuan is None or not is_paused(world, job.job_id):
        return False
    repair.grant(world, job.job_id, yes.budget_yuan)
    # Afterwards: whoever dies over it is followed by another that hears the same yes, and to grant twice is harmless.
    world.rows.merge(Table.JOBS, (job.job_id,), {"yes_seen": stamp})
    return True


def _wished(job: Job, yes: manifest.Yes) -> dict[str, Value]:
    """A story that was quoted may be tasted first all the same."""
    is_quoted = yes.taste and not job.opened_at
    return {"options": write_options(replace(job.options, quote=taste.WISHED)).decode()} if is_quoted else {}


def is_paused(world: World, job_id: str) -> bool:
    """Whether a step waits for a larger budget."""
    rows = load_steps(world, job_id).values()
    return any(row.state is StepState.REVIEW and row.waits_for == BUDGET_WAIT for row in rows)


def _stamp(world: World, job_id: str) -> str:
    """Tells one yes from another, also when both are empty; nothing when there is none."""
    info = world.objects.head(place(job_id))
    return f"{info.etag} {info.modified_at}" if info is not None else ""
