"""A process may die at any instruction. What can be seen of it from outside is which port call it died at."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from shared.domain.job import JobState
from tests.simulation.choke import Choke, When, throttle
from tests.stage import Stage

TWO_SEGMENTS = {"segment_s_max": 5.0}

MAY_BE_REPEATED_ONCE = {
    # No token and no list exists for these; each is cheap, and one repeat is what is promised (docs/promises.md).
    "cosyvoice-v3.5-plus",
    "CaptionExtraction",
    "MusicDemix",
    "emo-detect-v1",
}


def tell(choke: Choke) -> Stage:
    stage = throttle(Stage(settings=TWO_SEGMENTS), choke)
    stage.tell()
    stage.run()
    return stage


@pytest.fixture(scope="module")
def whole() -> tuple[list[str], Counter[str]]:
    """The calls of a story that nothing happens to, and what it buys."""
    choke = Choke()
    stage = tell(choke)

    assert JobState.DONE == stage.job().state
    assert stage.charges().count("emo-v1") == 2
    return choke.trace, Counter(stage.charges())


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("share", range(8))
def test_a_story_survives_the_death_of_its_function_at_every_port_call(
    whole: tuple[list[str], Counter[str]], when: When, share: int
) -> None:
    """Before and after each call: the story ends, EMO and the film are bought once, nothing else twice too often."""
    trace, bought = whole
    for at in range(1 + share, len(trace) + 1, 8):
        choke = Choke(at, when)
        stage = tell(choke)
        where = f"killed {when.value} call {at} ({choke.trace[at - 1]})"

        assert stage.job().state is JobState.DONE, f"{where}: {stage.job().state} {stage.job().error}"
        extra = Counter(stage.charges()) - bought
        assert set(extra) <= MAY_BE_REPEATED_ONCE, f"{where}: bought too much: {dict(extra)}"
        assert sum(extra.values()) <= 1, f"{where}: bought too much: {dict(extra)}"
        assert not bought - Counter(stage.charges()), f"{where}: something was not bought at all"


def test_no_lease_and_no_effect_is_left_open(whole: tuple[list[str], Counter[str]]) -> None:
    """Sampled crash points: afterwards every row is final and the studio is free."""
    trace, _ = whole
    for at in range(3, len(trace) + 1, max(1, len(trace) // int(os.environ.get("CRASH_SAMPLES", "25")))):
        stage = tell(Choke(at, When.AFTER))

        open_rows = [row for row in stage.steps().values() if row.state.value != "done"]
        assert open_rows == [], f"killed after call {at} ({trace[at - 1]})"
        assert stage.open_effects() == [], f"killed after call {at} ({trace[at - 1]})"
        assert stage.studio_holder() == "", f"killed after call {at} ({trace[at - 1]})"
