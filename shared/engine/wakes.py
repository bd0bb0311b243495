"""Wakes: an object under a step's prefix says *look here*, now or, through a delayed message, later.

Apart from `waking`, which looks at rows to see what to wake: who only passes a wake on starts without them.
"""

from __future__ import annotations

import json
import math

from shared.domain import keys
from shared.domain.job import WHOLE
from shared.engine.world import World
from shared.ports import Bucket, Place, Queue

DELAY_S_MAX = 604_800  # MNS: DelaySeconds 0-604800


def wake(world: World, job_id: str, step: str, item: str = WHOLE, why: str = "") -> None:
    """Put the object that starts a step. Duplicates do no harm: rows decide."""
    key = wake_key(job_id, step, item)
    body = json.dumps({"at": world.clock.now(), "why": why}, ensure_ascii=False).encode()
    world.objects.write(Place(Bucket.WORK, key), body, "application/json")


def wake_key(job_id: str, step: str, item: str = WHOLE) -> str:
    return keys.wake(step, job_id, "" if item == WHOLE else item)


def remind(world: World, job_id: str, step: str, item: str, after_s: float) -> None:
    """Have the step woken later. If the message is lost, the sweep finds the row's `due_at`."""
    delay_s = min(DELAY_S_MAX, max(0, math.ceil(after_s)))
    world.queues.send(Queue.RECHECK, json.dumps({"wake": wake_key(job_id, step, item)}), delay_s)
