"""How a job ends early: the family gets words they can act on, then the row flips, then the operator hears of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.domain import keys
from shared.domain.errors import EchobotError
from shared.domain.job import JobState
from shared.engine.records import Job, dump, error_of, move_job
from shared.engine.world import World
from shared.ports import Bucket, Columns, Place, Queue


def end_job(world: World, job: Job, state: JobState, errors: Sequence[EchobotError], where: str) -> None:
    """Refuse or fail a job. Repeating it is harmless: the object has one key, the row flips once."""
    write_error(world, job.job_id, state, errors)
    put: Columns = {"error": error_of(errors[0]), "ended_at": world.clock.now()}
    move_job(world, job, state, put, f"{where}: {errors[0].code}")
    announce(world, job.job_id, state)


def write_error(world: World, job_id: str, state: JobState, errors: Sequence[EchobotError]) -> None:
    """`error.json` beside where the story would be."""
    problems = [
        {"code": error.code, "zh": error.sentence.zh, "en": error.sentence.en, "who": error.audience.value}
        for error in errors
    ]
    body = {"job": job_id, "state": state.value, "problems": problems}
    place = Place(Bucket.OUTPUT, keys.story_error(job_id))
    world.objects.write(place, json.dumps(body, ensure_ascii=False, indent=2).encode(), "application/json")


def announce(world: World, job_id: str, state: JobState) -> None:
    """Tell whoever listens (an operator's bot, later the family's page) that a job has ended."""
    world.queues.send(Queue.FINISHED, dump({"job": job_id, "state": state.value, "at": world.clock.now()}))
