"""One run of one function: its clock, its ports behind the choke, and the faults that meet it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.domain.keys import parse_wake
from shared.ports import Clock
from tests.simulation import faults
from tests.simulation.faults import CALLS, Kind
from tests.simulation.purchases import LOOKED_AT, PAID
from tests.stage import Killed, StageWorld

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

ANSWER_S = {"voices.speak": 60.0}
ANSWER_S_USUAL = 20.0
"""How long a client waits for an answer: `call_timeout_s` and `speak_timeout_s` of the settings."""

LANDS_S_MAX = 40.0
"""How long after it was sent a request that nobody waits for any more may still take effect."""


OUR_WRITES = frozenset({"rows.insert", "rows.update", "rows.merge", "rows.delete", "objects.write", "queues.send"})
"""What is written for ourselves: rows, wakes and reminders. Who dies between two of them leaves half of it done."""


@dataclass(frozen=True)
class ErrandClock:
    """The clock of the instance that runs the function; a vendor's or an operator's clock is right."""

    clock: Clock
    errand: Callable[[], Errand | None]

    def now(self) -> float:
        errand = self.errand()
        return self.clock.now() + (errand.ahead_s if errand else 0.0)

    def wait(self, seconds: float) -> None:
        errand = self.errand()
        if errand is None:
            raise AssertionError("somebody waits, and nobody's turn it is")
        errand.pause(seconds)


@dataclass
class ErrandWorld(StageWorld):
    """Its log is heard by the simulation."""

    heard: Callable[[str, Mapping[str, object]], None] = lambda _event, _fields: None

    def log(self, event: str, fields: Mapping[str, object]) -> None:
        self.heard(event, fields)


class Errand:
    """`subject` is what the function was called about; with `function` it names the site of each call."""

    def __init__(self, simulation: Simulation, function: str, subject: str, timeout_s: float) -> None:
        self.function = function
        self.subject = subject
        self.name = f"{function} {subject}" if subject else function
        self.calls = 0
        self.dies_at = 0
        self.ahead_s = 0.0
        self.has_written = False
        self._simulation = simulation
        self._ends_at = simulation.timing.now() + timeout_s

    def at(self, name: str, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """The choke point."""
        simulation = self._simulation
        self.calls += 1
        if self.calls == self.dies_at:
            raise Killed(name)
        site = f"{self.name} {name}"
        if name in OUR_WRITES:
            if self.has_written and simulation.faults.chance(site, Kind.HALF, simulation.plan.weather.half):
                raise Killed(name)
            self.has_written = True
        fault, pause = simulation.faults.at_call(site, name)
        if pause is not None:
            self.pause(pause.size)
        if simulation.trace.is_read:
            self._tell(name, args, fault.kind.value if fault else "")
        else:
            now_s = simulation.fibres.now() - simulation.began_at
            simulation.trace.note(now_s, site if fault is None else f"{site} {fault.kind.value}")
        if name == "avatars.animate":
            simulation.strangers.tempted()
        if name in PAID:
            simulation.watch.bought(name, parse_wake(self.subject))
        if name in LOOKED_AT:
            method = simulation.purchases.noting(name, self.subject, method)
        if fault is None:
            return method(*args, **more)
        return self._strike(fault, name, method, args, more)

    def pause(self, seconds: float) -> None:
        """Time passes for everybody; FC ends a function whose time is over wherever it is."""
        simulation = self._simulation
        left_s = self._ends_at - simulation.timing.now()
        simulation.fibres.pause(max(0.0, min(seconds, left_s)))
        simulation.writer = self
        if seconds >= left_s:
            raise Killed("its time is over")

    def _strike(
        self,
        fault: faults.Fault,
        name: str,
        method: Callable[..., Any],
        args: tuple[Any, ...],
        more: dict[str, Any],
    ) -> Any:
        call = CALLS[name]
        if fault.kind is Kind.CRASH_BEFORE:
            raise Killed(name)
        if fault.kind is Kind.CRASH_AFTER or call is None:
            method(*args, **more)
            raise Killed(name)
        if fault.kind is Kind.THROTTLE:
            raise faults.busy(call)
        if fault.kind is Kind.BROKEN:
            raise faults.broken(call)
        if fault.kind is Kind.LATE:
            self._simulation.timing.later(fault.size * LANDS_S_MAX, lambda: self._land(method, args, more))
        elif call.writes:
            self._land(method, args, more)
        self.pause(ANSWER_S.get(name, ANSWER_S_USUAL))
        raise faults.no_answer(call)

    def _land(self, method: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> None:
        """The call takes effect, or is refused; nobody hears which."""
        self._simulation.writer = self
        try:
            method(*args, **more)
        except Exception as error:  # noqa: BLE001  whatever it is, nobody listens
            self._simulation.trace.note(self._simulation.now_s, f"nobody hears: {error!r:.100}")

    def _tell(self, name: str, args: tuple[Any, ...], fault: str) -> None:
        what = ", ".join(_short(arg) for arg in args)
        self._simulation.trace.note(self._simulation.now_s, f"{self.name}: {name}({what}) {fault}".rstrip())


def _short(value: object) -> str:
    text = f"{len(value)} bytes" if isinstance(value, bytes) else getattr(value, "key", None) or str(value)
    return text if len(text) < 90 else f"{text[:87]}..."
