"""A process may die at any instruction. What can be seen of it from outside is which port call it died at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial

import pytest

from tests.simulation import crashes
from tests.simulation.choke import When
from tests.simulation.crashes import Point
from tests.simulation.tally import prepare
from tests.stage import Stage

CHUNK = 20
PAIRS = 160
EVERY = 3
SPARSE = 27
"""Odd: before some calls, after others."""


def test_a_story_that_nothing_happens_to_meets_every_kind_of_call() -> None:
    """So that the enumeration below is not blind: two clips, a film, a call for every row."""
    assert crashes.whole().bought["emo-v1"] == 2
    assert len(crashes.whole().calls) > 250
    assert {"avatars.animate", "media.compose", "voices.enrol", "objects.copy"} <= set(crashes.whole().calls)


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """A process for each processor: the enumeration is most of what the simulation costs a commit."""
    with ProcessPoolExecutor(initializer=prepare) as processes:
        yield processes


def broken(
    pool: Executor,
    deaths: Sequence[Sequence[Point]],
    look: Callable[[Sequence[Point]], list[str]] = crashes.broken,
) -> list[str]:
    found = pool.map(look, deaths, chunksize=CHUNK)
    return [what for one in found for what in one]


def test_a_story_survives_the_death_of_its_function_at_every_port_call(pool: Executor) -> None:
    """Before and after each call: the story ends, EMO and the film are bought once, nothing else twice too often."""
    assert broken(pool, [[point] for point in crashes.whole().points]) == []


def test_a_story_that_loses_its_engine_after_the_first_clip_survives_the_death_of_its_function(pool: Executor) -> None:
    """The other clip is the next engine's, whose photo check and queue come to it: every third point from there on."""
    told = crashes.whole(emo_ends=True)
    since = told.calls.index("avatars.animate")

    assert (told.bought["emo-v1"], told.bought["wan2.2-s2v"]) == (1, 1)
    points = [(at, when) for at, when in told.points if at > since][::EVERY]
    assert len(points) > 100
    assert broken(pool, [[point] for point in points], partial(crashes.broken, emo_ends=True)) == []


def test_a_tasted_story_survives_the_death_of_its_function(pool: Executor) -> None:
    """From the composing of the taste to the first call for the rest: every third point."""
    told = crashes.whole(tasted=True)
    since, until = told.calls.index("media.compose"), len(told.calls) - told.calls[::-1].index("avatars.animate")
    points = [(at, when) for at, when in told.points if since < at <= until][::EVERY]

    assert (told.bought["emo-v1"], told.bought["SubmitMediaProducingJob"]) == (2, 4)
    assert told.rests == ["asked", "done"]
    assert len(points) > 60
    assert broken(pool, [[point] for point in points], partial(crashes.broken, tasted=True)) == []


def test_a_story_of_two_parents_that_is_listened_to_survives_the_death_of_its_function(pool: Executor) -> None:
    """Two voices, two photos, four readings again of what was misheard: a sample of the points."""
    told = crashes.whole(by_two=True)

    assert (told.bought["emo-v1"], told.bought["emo-detect-v1"], told.bought["SubmitASRJob"]) == (2, 2, 6)
    points = told.points[::SPARSE]
    assert len(points) > 45
    assert broken(pool, [[point] for point in points], partial(crashes.broken, by_two=True)) == []


def test_a_narrator_is_forgotten_whichever_call_the_command_dies_at(pool: Executor) -> None:
    """And the sweep after it, which finishes what the command has left; whoever dies before the wish is written down
    has changed nothing.
    """
    _, told, commands = crashes.forget()
    begun = told.trace.index("rows.insert") + 1
    command = [(at, when) for at in range(1, commands + 1) for when in When]
    passes = [(at, When.BEFORE) for at in range(commands + 1, len(told.trace) + 1, EVERY)]
    twice = [((begun, When.AFTER), (at, When.AFTER)) for at in range(begun + 1, begun + SPARSE, EVERY)]

    assert (len(command), len(passes), len(twice)) > (60, 30, 6)
    deaths: list[Sequence[Point]] = [*([point] for point in (*command, *passes)), *twice]
    assert broken(pool, deaths, crashes.remembered) == []


def test_a_story_survives_two_deaths_of_its_functions(pool: Executor) -> None:
    """A sample of pairs, the second soon after the first: where what was broken is being mended."""
    sample = list(crashes.pairs(PAIRS, seed=4))

    assert broken(pool, sample) == []
    assert sum(len(crashes.tell(*pair)[1].killed) == 2 for pair in sample[:10]) > 5


def test_what_the_enumeration_would_call_broken_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blind to nothing: without the sweep a story stays where its function died."""
    monkeypatch.setattr(Stage, "is_busy", lambda _stage: False)
    found = [what for point in crashes.whole().points[40:200:40] for what in crashes.broken([point])]

    assert any("the job is open" in what for what in found)
