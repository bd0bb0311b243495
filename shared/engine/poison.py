"""Payloads that nobody can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.domain.errors import Corrupt
from shared.engine.world import World
from shared.ports import Queue

T = TypeVar("T")


def readable(world: World, function: str, event: object, read: Callable[[object], Sequence[T]]) -> Sequence[T]:
    """What `read` finds in a function's event; nothing when nobody can read it, and then it was put aside."""
    try:
        return read(event)
    except Corrupt as error:
        put_aside(world, function, event, error)
        return ()


def put_aside(world: World, function: str, event: object, error: Corrupt) -> None:
    """A payload that cannot be read goes to the dead letters at once, with its reason: trying it again would only make
    noise. Nothing fires on that queue; the sweep counts it, and `echobot redrive --queue failures` lists it.
    """
    text = event.decode("utf-8", "replace") if isinstance(event, bytes) else str(event)
    told = text[:4000].encode("utf-8", "replace").decode()
    aside = {"function": function, "poison": told, "reason": error.detail}
    world.queues.send(Queue.DEAD_FAILED, json.dumps(aside, ensure_ascii=False))
    world.log("put aside", {"function": function, "reason": error.detail})
