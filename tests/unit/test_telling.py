"""One line tells an invocation, however it ends."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.domain.errors import Corrupt
from shared.telling import Telling


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


class Told:
    """A telling log, its clock, and what came of it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []
        self.clock = Clock()
        self.log = Telling(self.write, self.clock)

    def write(self, event: str, fields: Mapping[str, object]) -> None:
        self.lines.append((event, dict(fields)))


@pytest.fixture
def told() -> Told:
    return Told()


TURN = {"job": "fox", "step": "speak", "item": "0001", "state": "waiting", "attempt": 2, "note": "a voice"}


def test_an_invocation_is_summed_up_in_its_last_line(told: Told) -> None:
    with told.log.told("1-abc"):
        told.log("effect", {"job": "fox", "effect": "cue-3", "state": "done", "spent": 0.02})
        told.clock.wait(1.25)
        told.log("turn", TURN)

    summed = {"job": "fox", "step": "speak", "item": "0001", "attempt": 2, "verdict": "waiting"}
    assert told.lines[-1] == ("ran", {"request": "1-abc", **summed, "effects": ["cue-3: done"], "ms": 1250})


def test_every_line_of_an_invocation_carries_its_request(told: Told) -> None:
    with told.log.told("1-abc"):
        told.log("turn", TURN)
    told.log("outside", {})

    assert [fields.get("request") for _, fields in told.lines] == ["1-abc", "1-abc", None]


def test_an_invocation_that_had_nothing_to_do_says_why(told: Told) -> None:
    with told.log.told("1-abc"):
        told.log("skipped", {"job": "fox", "step": "speak", "item": "-", "why": "done"})

    assert told.lines[-1][1]["verdict"] == "done"


@pytest.mark.parametrize(
    ("error", "code"), [(Corrupt("event.poison", "x"), "event.poison"), (KeyError("x"), "KeyError")]
)
def test_a_crash_is_told_and_goes_on(told: Told, error: Exception, code: str) -> None:
    with pytest.raises(type(error)), told.log.told("1-abc"):
        raise error

    event, fields = told.lines[-1]
    assert (event, fields["verdict"], fields["code"]) == ("ran", "crashed", code)


def test_one_invocation_knows_nothing_of_the_one_before(told: Told) -> None:
    with told.log.told("1-abc"):
        told.log("turn", TURN)
    with told.log.told("1-def"):
        pass

    assert told.lines[-1] == ("ran", {"request": "1-def", "verdict": "ok", "effects": [], "ms": 0})
