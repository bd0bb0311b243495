"""The one point that every call of a port passes, whatever stands at it: a counter, a killer, the weather of a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import SimpleNamespace
from typing import Any, TypeVar

from tests.simulation.faults import CALLS
from tests.stage import Killed, Stage, StageWorld

W = TypeVar("W", bound=StageWorld)

Passage = Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""What stands at the point: gets the name of the method (`rows.get`), the method and its arguments."""


class When(str, Enum):
    BEFORE = "before"
    AFTER = "after"


@dataclass
class Choke:
    """Kills at calls by their number (from 1), before or after they took effect; `trace` names every call."""

    points: Sequence[tuple[int, When]] = ()
    trace: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def __call__(self, name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        self.trace.append(name)
        at = len(self.trace)
        if (at, When.BEFORE) in self.points:
            self._kill(name)
        result = method(*args, **more)
        if (at, When.AFTER) in self.points:
            self._kill(name)
        return result

    def _kill(self, name: str) -> None:
        self.killed.append(name)
        raise Killed(name)


def throttle(stage: Stage, choke: Passage) -> Stage:
    """Have the stage's functions call their ports through the choke; the test itself looks past it."""
    stage.functions_world = choked(stage.world, choke)
    return stage


def choked(bare: W, choke: Passage, **more: Any) -> W:
    """The same world behind a choke; `more` replaces other parts of it."""
    return replace(bare, **{port: _port(port, getattr(bare, port), choke) for port in PORTS}, **more)


def _methods() -> Mapping[str, list[str]]:
    methods: dict[str, list[str]] = {}
    for name in CALLS:
        port, _, method = name.partition(".")
        methods.setdefault(port, []).append(method)
    return methods


PORTS = _methods()


def _port(port: str, bare: Any, choke: Passage) -> Any:
    """The port with each of its methods going through the choke."""
    methods = {method: _through(f"{port}.{method}", getattr(bare, method), choke) for method in PORTS[port]}
    return SimpleNamespace(**methods)


def _through(name: str, method: Callable[..., Any], choke: Passage) -> Callable[..., Any]:
    def pass_through(*args: Any, **more: Any) -> Any:
        return choke(name, method, args, more)

    return pass_through
