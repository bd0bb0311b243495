"""Every fault there is, and whether one happens here and now.

A fault is named by where it struck: the site, which visit of the site, and its kind. The list of those that struck is
what a failing seed is shrunk by: played again with only some of them, the same ones strike at the same places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.domain.errors import EchobotError
from tests.simulation.dice import Dice, Roll
from tests.simulation.swarm import Weather

STORM = 4.0
"""How much more often a vendor refuses while it is at its worst."""

REFUSALS_MAX = 0.8


class Kind(str, Enum):
    CRASH_BEFORE = "dies before"
    CRASH_AFTER = "dies after"
    THROTTLE = "throttled"
    BROKEN = "5xx"
    TIMEOUT = "happens, no answer"
    LATE = "happens after we gave up"
    PAUSE = "pauses"
    DROP = "lost"
    DUPLICATE = "comes twice"
    DELAY = "late"
    DOOM = "dies at every try"
    SKEW = "clock is off"
    FAIL = "the vendor's task fails"
    LIE = "the vendor lies"
    FORGET = "the vendor forgets"
    EXPIRE = "the result is gone early"
    FOREIGN = "somebody else's task"
    POISON = "nobody can read it"
    HALF = "dies between two writes"
    DEPLOY = "a release is rolled out"
    QUEUE = "waits long at the vendor"
    CANCEL = "the family cancels it"
    ERASE = "the family has it erased"
    PART = "the narrator wishes to be forgotten"


@dataclass(frozen=True, order=True)
class Fault:
    """`size` says how much, mostly in seconds; it is no part of the name."""

    site: str
    visit: int
    kind: Kind
    size: float = 0.0
    at_s: float = 0.0

    @property
    def name(self) -> tuple[str, int, Kind]:
        return self.site, self.visit, self.kind

    def __str__(self) -> str:
        size = f" {self.size:.1f}" if self.size else ""
        return f"{self.at_s:9.1f}s  {self.site} (visit {self.visit}): {self.kind.value}{size}"


@dataclass(frozen=True)
class Call:
    """Whose answer a port's method waits for, and whether the call changes the world."""

    vendor: Vendor
    writes: bool


READS = {
    Vendor.OSS: (
        "objects.head",
        "objects.read",
        "objects.listing",
        "objects.frame",
        "objects.small_frame",
        "probe.facts",
    ),
    Vendor.TABLESTORE: ("rows.get", "rows.range"),
    Vendor.MNS: ("queues.waiting",),
    Vendor.IMS: ("media.verdict",),
    Vendor.MODEL_STUDIO: (
        "avatars.verdict",
        "avatars.tasks",
        "voices.verdict",
        "voices.enrolled",
        "avatars.detect",
        "generators.check",
        "generators.verdict",
    ),
}
WRITES = {
    Vendor.OSS: (
        "objects.write",
        "objects.write_new",
        "objects.copy",
        "objects.patch",
        "objects.keep",
        "objects.delete",
    ),
    Vendor.TABLESTORE: ("rows.insert", "rows.update", "rows.merge", "rows.delete"),
    Vendor.MNS: ("queues.send", "channels.tell"),
    Vendor.IMS: ("media.read_captions", "media.split_music", "media.recognise", "media.compose"),
    Vendor.MODEL_STUDIO: (
        "generators.submit",
        "avatars.animate",
        "avatars.cancel",
        "voices.enrol",
        "voices.delete",
        "voices.speak",
    ),
}
CALLS: Mapping[str, Call | None] = {
    **{name: Call(vendor, writes=False) for vendor, names in READS.items() for name in names},
    **{name: Call(vendor, writes=True) for vendor, names in WRITES.items() for name in names},
    "objects.share": None,  # reckoned, not asked: they never leave the process
    "objects.plain_url": None,
}
"""Every method of every port."""

BUSY = {
    Vendor.OSS: (503, "QpsLimitExceeded"),
    Vendor.TABLESTORE: (503, "OTSServerBusy"),
    Vendor.MNS: (400, "QpsLimitExceeded"),
    Vendor.IMS: (400, "Throttling.User"),
    Vendor.MODEL_STUDIO: (429, "Throttling.RateQuota"),
}
INTERNAL = {
    Vendor.OSS: "InternalError",
    Vendor.TABLESTORE: "OTSInternalServerError",
    Vendor.MNS: "InternalError",
    Vendor.IMS: "InternalError",
    Vendor.MODEL_STUDIO: "InternalError",
}


def busy(call: Call) -> EchobotError:
    """As the client maps it."""
    status, code = BUSY[call.vendor]
    return classify(Answer(call.vendor, status, code), sent=call.writes)


def broken(call: Call) -> EchobotError:
    return classify(Answer(call.vendor, 500, INTERNAL[call.vendor]), sent=call.writes)


def no_answer(call: Call) -> EchobotError:
    return unanswered(call.vendor, TimeoutError("timed out"), sent=call.writes)


NOTHING = None, None


class Faults:
    """Decides, and keeps a list of what struck. After `heal` nothing strikes any more."""

    def __init__(self, dice: Dice, weather: Weather, only: Collection[tuple[str, int, Kind]] | None = None) -> None:
        self.struck: list[Fault] = []
        self.now_s = 0.0
        self._dice = dice
        self._only = None if only is None else frozenset(only)
        self._weather = weather
        self._calm = {name: self._steps(call, 1.0) for name, call in CALLS.items()}
        self._storm = {name: self._steps(call, STORM) for name, call in CALLS.items()}
        self._storms = {
            name: weather.storms[call.vendor.value]
            for name, call in CALLS.items()
            if call is not None and call.vendor.value in weather.storms
        }
        self._is_on = True

    @property
    def is_on(self) -> bool:
        return self._is_on

    def heal(self) -> None:
        self._is_on = False

    def at_call(self, site: str, name: str) -> tuple[Fault | None, Fault | None]:
        """What strikes a call of a port, and how long the caller pauses before it."""
        if not self._is_on:
            return NOTHING
        steps = self._storm[name] if name in self._storms and self._is_storm(name) else self._calm[name]
        pause = self._weather.pause
        if not (steps or pause):
            return NOTHING
        visit, (fate, size, rest, length) = self._dice.roll(site)
        struck = None
        for most, kind in steps:
            if fate < most:
                struck = self._strike(Fault(site, visit, kind, size, self.now_s))
                break
        paused = None
        if rest < pause:
            paused = self._strike(Fault(site, visit, Kind.PAUSE, _pause_s(length, self._weather.pause_s), self.now_s))
        return struck, paused

    def chance(self, site: str, kind: Kind, probability: float, most: float = 0.0) -> Fault | None:
        """Whether one fault strikes here; its size is up to `most`."""
        if not self._is_on or probability <= 0.0:
            return None
        visit, (fate, size, _, _) = self._dice.roll(f"{site}: {kind.value}")
        return self._strike(Fault(site, visit, kind, most * size, self.now_s)) if fate < probability else None

    def delivery(self, site: str, *, is_callback: bool) -> tuple[list[float], Roll]:
        """After how many seconds each copy of an event arrives; none when it is lost."""
        weather = self._weather
        if not self._is_on:
            return [0.0], (0.0, 0.0, 0.0, 0.0)
        visit, roll = self._dice.roll(site)
        lost, twice, slow, size = roll
        is_lost = (weather.is_deaf and is_callback) or lost < weather.drop
        if is_lost and self._strike(Fault(site, visit, Kind.DROP, 0.0, self.now_s)):
            return [], roll
        arrives = [0.0]
        if slow < weather.delay:
            late_s = _tail_s(size, weather.delay_s)
            if self._strike(Fault(site, visit, Kind.DELAY, late_s, self.now_s)):
                arrives = [late_s]
        if twice < weather.duplicate:
            again_s = _tail_s(twice / weather.duplicate, weather.delay_s)
            if self._strike(Fault(site, visit, Kind.DUPLICATE, again_s, self.now_s)):
                arrives.append(arrives[0] + again_s)
        return arrives, roll

    def _strike(self, fault: Fault) -> Fault | None:
        if self._only is not None and fault.name not in self._only:
            return None
        self.struck.append(fault)
        return fault

    def _is_storm(self, name: str) -> bool:
        start, end = self._storms[name]
        return start <= self.now_s < end

    def _steps(self, call: Call | None, scale: float) -> list[tuple[float, Kind]]:
        """Kinds with the upper end of the share of visits that each strikes."""
        weather, steps, most = self._weather, [], 0.0
        shares = {Kind.CRASH_BEFORE: weather.crash / 2, Kind.CRASH_AFTER: weather.crash / 2}
        if call is not None:
            shares[Kind.THROTTLE] = min(REFUSALS_MAX / 2, weather.throttle * scale)
            shares[Kind.BROKEN] = min(REFUSALS_MAX / 2, weather.broken * scale)
            shares[Kind.TIMEOUT] = weather.timeout
            shares[Kind.LATE] = weather.late if call.writes else 0.0
        for kind, share in shares.items():
            if share:
                most += share
                steps.append((most, kind))
        return steps


def _pause_s(size: float, most: float) -> float:
    """Mostly the length of a round trip, sometimes as long as a call may take."""
    return 0.3 * size if size < 0.9 else most * (size - 0.9) * 10


def _tail_s(size: float, usual: float) -> float:
    """Up to the usual, but for the last few in a hundred, which take up to two hours."""
    return usual * size / 0.95 if size < 0.95 else usual + (7200.0 - usual) * (size - 0.95) * 20
