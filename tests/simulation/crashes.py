"""Every point at which a function may die in the course of one story: before and after each call that leaves its
process. The story has two segments, and nothing else happens to it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.domain.job import JobState, StepState
from tests.simulation.choke import Choke, When, throttle
from tests.stage import Stage

TWO_SEGMENTS = {"segment_s_max": 5.0}

MAY_BE_REPEATED = frozenset({"cosyvoice-v3.5-plus", "CaptionExtraction", "MusicDemix", "emo-detect-v1"})
"""No token and no list exists for these; each is cheap, and one repeat a crash is what docs/promises.md promises."""

ASKS_A_PERSON = frozenset({"media.read_captions", "media.split_music"})
"""After a second call of which nobody knows whether it happened, a person decides."""

SECOND_WITHIN = 80
"""How many calls after the first death the second may come: soon enough to meet what goes on because of the first."""

Point = tuple[int, When]


@dataclass(frozen=True)
class Whole:
    """A story that nothing happens to: its calls, and what it buys."""

    calls: tuple[str, ...]
    bought: Counter[str]

    @property
    def points(self) -> list[Point]:
        return [(at, when) for at in range(1, len(self.calls) + 1) for when in When]


def tell(*points: Point) -> tuple[Stage, Choke]:
    """The story with deaths at these points."""
    choke = Choke(points)
    stage = throttle(Stage(settings=TWO_SEGMENTS), choke)
    stage.tell()
    stage.run()
    return stage, choke


@lru_cache(maxsize=1)
def whole() -> Whole:
    stage, choke = tell()
    return Whole(tuple(choke.trace), Counter(stage.charges()))


def pairs(number: int, seed: int) -> Iterator[tuple[Point, Point]]:
    """A sample of two deaths in one story."""
    chance, calls = random.Random(seed), len(whole().calls)
    for _ in range(number):
        first = chance.randint(1, calls)
        yield (
            (first, chance.choice(list(When))),
            (first + chance.randint(1, SECOND_WITHIN), chance.choice(list(When))),
        )


def broken(points: Sequence[Point]) -> list[str]:
    """What does not hold after deaths at these points."""
    stage, choke = tell(*points)
    where = " and ".join(f"{when.value} call {at}" for at, when in points) + f" ({', '.join(choke.killed)})"
    return [f"{where}: {what}" for what in _broken(stage, choke)]


def _broken(stage: Stage, choke: Choke) -> Iterator[str]:
    extra = Counter(stage.charges()) - whole().bought
    if not set(extra) <= MAY_BE_REPEATED or sum(extra.values()) > len(choke.killed):
        yield f"bought too much: {dict(extra)}"
    if _waits_for_a_person(stage, choke):
        return
    if stage.job().state is not JobState.DONE:
        yield f"the job is {stage.job().state.value} {dict(stage.job().error)}"
    if missing := whole().bought - Counter(stage.charges()):
        yield f"was not bought: {dict(missing)}"
    if open_rows := [key for key, row in stage.steps().items() if row.state is not StepState.DONE]:
        yield f"steps are left open: {open_rows}"
    if effects := stage.open_effects():
        yield f"effects are left open: {effects}"
    if holder := stage.studio_holder():
        yield f"{holder} holds the studio"


def _waits_for_a_person(stage: Stage, choke: Choke) -> bool:
    """Two deaths at one and the same call leave it with two answers that nobody heard."""
    died_at = set(choke.killed)
    in_review = [row for row in stage.steps().values() if row.state is StepState.REVIEW]
    return bool(in_review) and len(choke.killed) > len(died_at) and died_at <= ASKS_A_PERSON
