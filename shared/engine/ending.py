"""How a job ends: the family gets the story, or words to act on; then the row flips; then whoever listens hears."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.domain import keys
from shared.domain.errors import Conflict, EchobotError
from shared.domain.job import JobState, is_over
from shared.engine import announcing, enrolment
from shared.engine.records import Job, dump, error_of, load_job, load_steps, move_job
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Bucket, Columns, Place, Queue


def end_job(world: World, job: Job, state: JobState, errors: Sequence[EchobotError], where: str) -> None:
    """Refuse or fail a job. Repeating it is harmless: the object has one key, the row flips once.

    The family hears first. When it must change something, a voice that was enrolled for this job alone is deleted
    before the job is closed, since nobody comes back to it; a failed job may be taken up again and keeps its voice.
    """
    now = load_job(world, job.job_id)
    if now is None or now.version != job.version:
        raise Conflict("row.moved", f"{job.job_id} has moved on")
    write_error(world, job.job_id, state, errors)
    if state is JobState.REFUSED:
        enrolment.forget(world, job)
    put: Columns = {"error": error_of(errors[0]), "ended_at": world.clock.now()}
    move_job(world, job, state, put, f"{where}: {errors[0].code}")
    announce(world, job.job_id, state)


def turn_away(world: World, job: Job, problems: Sequence[EchobotError], put: Columns) -> JobState:
    """Refuse a job at the door, where nothing was paid for: corrected files may still open it."""
    write_error(world, job.job_id, JobState.REFUSED, problems)
    put = {**put, "error": error_of(problems[0])}
    move_job(world, job, JobState.REFUSED, put, ", ".join(problem.code for problem in problems))
    announce(world, job.job_id, JobState.REFUSED)
    return JobState.REFUSED


def conclude(world: World, job_id: str) -> bool:
    """Flip a job to done when its last step is; False while something is left."""
    job = load_job(world, job_id)
    if job is None or job.state is not JobState.OPEN or not is_over(steps_of(job_id), load_steps(world, job_id)):
        return False
    move_job(world, job, JobState.DONE, {"ended_at": world.clock.now()}, "published")
    announce(world, job_id, JobState.DONE)
    return True


def write_error(world: World, job_id: str, state: JobState, errors: Sequence[EchobotError]) -> None:
    """`error.json` beside where the story, or the result, would be."""
    problems = [
        {"code": error.code, "zh": error.sentence.zh, "en": error.sentence.en, "who": error.audience.value}
        for error in errors
    ]
    body = {"job": job_id, "state": state.value, "problems": problems}
    place = Place(Bucket.OUTPUT, keys.error(job_id))
    world.objects.write(place, json.dumps(body, ensure_ascii=False, indent=2).encode(), "application/json")


def announce(world: World, job_id: str, state: JobState) -> None:
    """Tell whoever listens (an operator's bot, the deployment's channels) that a job has come to a rest."""
    announcing.wake(world, job_id)
    world.queues.send(Queue.FINISHED, dump({"job": job_id, "state": state.value, "at": world.clock.now()}))
