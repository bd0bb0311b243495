"""Payloads that nobody can read."""

from __future__ import annotations

import json

from shared.domain.errors import Corrupt
from shared.engine.world import World
from shared.ports import Queue


def put_aside(world: World, function: str, event: object, error: Corrupt) -> None:
    """A payload that cannot be read goes to the dead letters at once, with its reason: trying it again would only make
    noise. Nothing fires on that queue; the sweep counts it, and `echobot redrive --queue failures` lists it.
    """
    text = event.decode("utf-8", "replace") if isinstance(event, bytes) else str(event)
    told = text[:4000].encode("utf-8", "replace").decode()
    aside = {"function": function, "poison": told, "reason": error.detail}
    world.queues.send(Queue.DEAD_FAILED, json.dumps(aside, ensure_ascii=False))
    world.log("put aside", {"function": function, "reason": error.detail})
