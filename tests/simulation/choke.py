"""The one point that every call of a port passes: counted, traced, and able to kill the function before or after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from tests.stage import Killed, Stage

PORTS = ("objects", "rows", "queues", "media", "voices", "avatars", "probe")


class When(str, Enum):
    BEFORE = "before"
    AFTER = "after"


@dataclass
class Choke:
    """Kills at the call number `at` (from 1), before or after it took effect; `trace` names every call."""

    at: int = 0
    when: When = When.BEFORE
    trace: list[str] = field(default_factory=list)

    def __call__(self, name: str, call: Callable[[], Any]) -> Any:
        self.trace.append(name)
        is_it = len(self.trace) == self.at
        if is_it and self.when is When.BEFORE:
            raise Killed(name)
        result = call()
        if is_it:
            raise Killed(name)
        return result


class _Choked:
    def __init__(self, name: str, port: Any, choke: Choke) -> None:
        self._name, self._port, self._choke = name, port, choke

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        name = f"{self._name}.{method}"
        return lambda *args, **kwargs: self._choke(name, lambda: found(*args, **kwargs))


def throttle(stage: Stage, choke: Choke) -> Stage:
    """Have the stage's functions call their ports through the choke; the test itself looks past it."""
    bare = stage.world
    ports: dict[str, Any] = {name: _Choked(name, getattr(bare, name), choke) for name in PORTS}
    stage.functions_world = replace(bare, **ports)
    return stage
