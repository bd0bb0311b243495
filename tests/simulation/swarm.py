"""What a seed stands for: which stories are told, which faults exist in its world, and how strong each of them is.

Strengths are drawn for each seed, and most kinds are absent from most seeds: a world in which everything always fails
a little hides what only shows where one thing fails much. Ranges: the table of faults in docs/promises.md.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from local.standins.work import Pace
from shared.domain import keys

T = TypeVar("T")

HOUR_S = 3600.0
FAULTS_S_MAX = 6 * HOUR_S


@dataclass(frozen=True)
class Story:
    """What one family uploads, and when. Each line is a segment of its own."""

    job_id: str
    family: str = "family"
    lines: int = 2
    captions: str = "file"  # or in the "picture", or heard in the "voice"
    narrator: str = ""
    flaw: str = ""  # "face": no face in the photo; "words": nothing to read or hear in the film
    at_s: float = 0.0
    gap_s: float = 0.0
    yes_after_s: float = 0.0  # after the quote, when the family wishes to be asked; 0 when it does not
    budget_yuan: float = 0.0  # what a family grants that had set a limit too low, before it grants enough; 0: no limit
    redo_after_s: float = 0.0  # after it was told, when the family corrects its first line; 0 when it does not
    beside: str = ""  # a second narrator, who takes turns with the first
    tastes: bool = False  # its beginning is shown before the rest is bought
    listens: bool = False  # somebody listens, and has what was misheard read again
    crowds: bool = False  # its captions say more than can be read in their time

    @property
    def narrators(self) -> tuple[str, ...]:
        """The saved narrators whose files it takes."""
        return tuple(name for name in (self.narrator, self.beside) if name)


@dataclass(frozen=True)
class Request:
    """What somebody asks of a model: "film" takes one call, "clip" a check and then EMO, in the stories' own queue;
    "dance" a check, a template and the film, which have queues of their own.
    """

    name: str
    kind: str = "film"
    at_s: float = 0.0

    @property
    def job_id(self) -> str:
        return keys.request_job(self.name)


@dataclass(frozen=True)
class Weather:
    """How often each fault happens: per call of a port, per delivery, per invocation, per task."""

    crash: float = 0.0
    throttle: float = 0.0
    broken: float = 0.0
    timeout: float = 0.0
    late: float = 0.0
    pause: float = 0.0
    pause_s: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.0
    is_deaf: bool = False  # no vendor's announcement ever comes
    doom: float = 0.0  # an invocation dies at every try
    skew_s: float = 0.0
    fail: float = 0.0  # a task of the vendor's ends in an error of its own
    lie: float = 0.0
    forget: float = 0.0
    expire: float = 0.0
    foreign: int = 0  # tasks of others on the account
    poison: int = 0  # messages that nobody can read
    half: float = 0.0  # a function dies between two writes of one turn
    clog: float = 0.0  # the vendor takes its time over a task
    rollout_s: float = 0.0  # how long two releases run side by side; none is rolled out when 0
    withdraw: float = 0.0  # a family wants its story no more
    part: float = 0.0  # a narrator wishes to be forgotten
    storms: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # vendor -> when it is at its worst


@dataclass(frozen=True)
class Plan:
    seed: int
    stories: tuple[Story, ...]
    weather: Weather
    pace: Pace
    settings: Mapping[str, float]
    sweep_every_s: float
    faults_s: float
    requests: tuple[Request, ...] = ()

    @property
    def jobs(self) -> tuple[Story | Request, ...]:
        return *self.stories, *self.requests


def draw(seed: int) -> Plan:
    """The plan of a seed."""
    chance = Chance(seed)
    weather = _weather(chance)
    pace = Pace(
        ims_queue_s=chance.between(1, 30),
        ims_run_s=chance.between(5, 120),
        voice_deploying_s=chance.between(1, 90),
        task_queue_s=chance.between(0, 60),
        task_run_s=chance.between(10, 300),
        spread=chance.one_of((0.0, 0.3)),
    )
    settings = {
        "segment_s_max": 5.0,
        "share_s": chance.one_of((150, 600, 7200)),
        "verdict_s_ims": chance.between(120, 900),
        "verdict_s_model_studio": chance.between(300, 1800),
    }
    stories = _stories(chance)
    thinks_s = chance.between(10, 5400) if chance.happens(0.15) else 0.0
    plan = Plan(
        seed=seed,
        stories=tuple(replace(story, yes_after_s=thinks_s) for story in stories),
        weather=weather,
        pace=pace,
        settings=settings,
        sweep_every_s=60.0 if chance.happens(0.05) else chance.one_of((300.0, 600.0, 900.0)),
        faults_s=chance.between(0.5, 6) * HOUR_S,
        requests=_requests(chance),
    )
    return _with_crowds(_with_chains(_with_ways(_with_wishes(plan, chance), chance), chance), chance)


def _with_crowds(plan: Plan, chance: Chance) -> Plan:
    """Some captions are crowded. Drawn last of all."""
    first, *others = plan.stories
    crowds = chance.happens(0.06) and not (first.flaw or first.tastes)
    return replace(plan, stories=(replace(first, crowds=crowds), *others))


def _with_ways(plan: Plan, chance: Chance) -> Plan:
    """Ways of telling the first story that few stories go: tasted, by two parents, listened to. Drawn late as well."""
    tastes, by_two, listens, parts = (chance.happens(share) for share in (0.05, 0.06, 0.04, 0.6))
    first, *others = plan.stories
    if first.flaw:
        return plan
    if tastes and not first.budget_yuan:
        first = replace(first, tastes=True, lines=2)
    elif by_two:
        first = replace(first, narrator=first.narrator or "mama", beside="papa", lines=max(2, first.lines))
        plan = replace(plan, weather=replace(plan.weather, part=0.5 if parts else plan.weather.part))
    if listens:
        first = replace(first, listens=True, lines=min(2, first.lines))
    return replace(plan, stories=(first, *others))


def _with_chains(plan: Plan, chance: Chance) -> Plan:
    """Some requests take three calls. Drawn late, too."""
    dances = [replace(one, kind="dance") if chance.happens(0.4) else one for one in plan.requests]
    return replace(plan, requests=tuple(dances))


def _with_wishes(plan: Plan, chance: Chance) -> Plan:
    """What families think of later. Drawn last, so what else a seed stands for does not change with it."""
    wish, after_s, thinks_s = chance.happens(0.2), chance.between(10, 3600), chance.between(10, 1800)
    first, *others = plan.stories
    if any(story.narrator for story in plan.stories):
        return replace(plan, weather=replace(plan.weather, part=0.8 if wish or chance.happens(0.7) else 0.0))
    if not wish or first.flaw:
        return plan
    if chance.happens(0.5):
        first = replace(first, redo_after_s=after_s)
    else:
        first = replace(first, budget_yuan=chance.one_of((0.03, 0.1, 0.3)), yes_after_s=thinks_s)
    return replace(plan, stories=(first, *others))


class Chance:
    """A few drawings from one seed, by nothing that changes between versions of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def one_of(self, values: Sequence[T]) -> T:
        return values[int(self._random.random() * len(values))]

    def strength(self, most: float, presence: float = 0.35) -> float:
        """0 in most seeds; else up to `most`, rather weak than strong."""
        is_there, size = self.happens(presence), self._random.random()
        return most * size**3 if is_there else 0.0


def _weather(chance: Chance) -> Weather:
    return Weather(
        crash=chance.strength(0.04),
        throttle=chance.strength(0.20),
        broken=chance.strength(0.10),
        timeout=chance.strength(0.10),
        late=chance.strength(0.05),
        pause=chance.strength(0.60, 0.5),
        pause_s=chance.between(0.1, 30),
        drop=chance.strength(0.30),
        duplicate=chance.strength(0.50),
        delay=chance.strength(0.50),
        delay_s=chance.between(1, 600),
        is_deaf=chance.happens(0.1),
        doom=0.1 if chance.happens(0.05) else 0.0,
        skew_s=chance.between(0, 60) if chance.happens(0.5) else 0.0,
        fail=0.3 if chance.happens(0.1) else 0.0,
        lie=0.5 if chance.happens(0.04) else 0.0,
        forget=0.5 if chance.happens(0.04) else 0.0,
        expire=0.5 if chance.happens(0.04) else 0.0,
        foreign=chance.one_of((1, 2)) if chance.happens(0.15) else 0,
        poison=chance.one_of((1, 2)) if chance.happens(0.1) else 0,
        storms={
            vendor: (start := chance.between(0, 0.5) * HOUR_S, start + chance.between(60, 900))
            for vendor in ("oss", "tablestore", "mns", "ims", "model_studio")
            if chance.happens(0.1)
        },
        half=chance.strength(0.50, 0.15),
        clog=0.3 if chance.happens(0.15) else 0.0,
        rollout_s=chance.between(1, 1200) if chance.happens(0.15) else 0.0,
        withdraw=0.5 if chance.happens(0.2) else 0.0,
    )


def _requests(chance: Chance) -> tuple[Request, ...]:
    count = chance.one_of((0,) * 16 + (1,) * 3 + (2,))
    return tuple(
        Request(name, chance.one_of(("film", "clip")), chance.between(0, 300)) for name in ("cat", "dog")[:count]
    )


JOBS = ("fox", "owl", "bear")
FAMILIES = ("mei", "wang")


def _stories(chance: Chance) -> tuple[Story, ...]:
    count = chance.one_of((1,) * 16 + (2,) * 3 + (3,))
    narrator = "grandma" if count > 1 and chance.happens(0.4) else ""
    return tuple(
        Story(
            job_id=job_id,
            family=chance.one_of(FAMILIES),
            lines=chance.one_of((1,) * 14 + (2,) * 5 + (3,)),
            captions=(captions := chance.one_of(("file", "file", "picture", "voice"))),
            narrator=narrator,
            flaw=("face" if captions == "file" else "words") if chance.happens(0.05) and not narrator else "",
            at_s=chance.between(0, 300) if number else 0.0,
            gap_s=chance.between(0, 90) if chance.happens(0.3) else 0.0,
        )
        for number, job_id in enumerate(JOBS[:count])
    )
