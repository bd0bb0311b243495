"""What only a person can mend, said once: an object for the operator, and a message to whoever listens.

An alarm stands for as long as its cause does. The sweep raises what a function that died did not, and takes back what
is over. `alarms/<kind>/<about>.json` lies in the work bucket; the message goes where the ends of jobs are announced.
"""

from __future__ import annotations

import json

from shared.domain import keys
from shared.domain.errors import EchobotError
from shared.engine.records import dump
from shared.engine.world import World
from shared.ports import Bucket, Place, Queue

REVIEW = "review"
OLD_TASK = "old-task"
ACCOUNT = "account"
DEAD_LETTERS = "dead-letters"
UNTOLD = "untold"

OF_A_JOB = (REVIEW, OLD_TASK)


def ring(world: World, kind: str, about: str, error: EchobotError, **fields: object) -> bool:
    """Tell the operator, unless that was done; whether it was done now."""
    body = {
        "alarm": kind,
        "about": about,
        "code": error.code,
        "zh": error.sentence.zh,
        "en": error.sentence.en,
        "detail": error.detail[:300],
        "at": world.clock.now(),
        **fields,
    }
    text = json.dumps(body, ensure_ascii=False, indent=2)
    is_new = world.objects.write_new(_place(kind, about), text.encode(), "application/json")
    if is_new:
        world.queues.send(Queue.FINISHED, dump(body))
        world.log("alarm", {"alarm": kind, "about": about, "code": error.code})
    return is_new


def stop(world: World, kind: str, about: str) -> None:
    """Its cause is over."""
    world.objects.delete(_place(kind, about))


def stop_of_job(world: World, job_id: str) -> None:
    for kind in OF_A_JOB:
        stop(world, kind, job_id)


def standing(world: World, kind: str) -> list[str]:
    """What the alarms of a kind are about."""
    prefix = keys.alarms(kind)
    found = world.objects.listing(Bucket.WORK, prefix)
    return [info.key.removeprefix(prefix).removesuffix(".json") for info in found]


def _place(kind: str, about: str) -> Place:
    return Place(Bucket.WORK, keys.alarm(kind, about))
