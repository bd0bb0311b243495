"""A hundred stories in one second, at vendors and stores that turn away every fifth call."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from local.standins.work import Pace
from shared.domain.job import JobState
from tests.simulation.invariants import CALM_SETTINGS, check
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import Plan, Story, Weather

SHARES = {"mei": 70, "wang": 20, "li": 10}
"""How many stories each family uploads; the largest first."""

TURNED_AWAY_S = 4.0
"""So long a busy table may keep somebody from the queue who has come already."""

PACE = Pace(ims_queue_s=1.0, ims_run_s=5.0, voice_deploying_s=5.0, task_queue_s=1.0, task_run_s=30.0)
WEATHER = Weather(throttle=0.2)


@pytest.fixture(scope="module")
def burst() -> Simulation:
    families = [family for family, count in SHARES.items() for _ in range(count)]
    stories = tuple(
        Story(f"job-{number:03}", family, lines=1, at_s=number / len(families))
        for number, family in enumerate(families)
    )
    simulation = Simulation(Plan(1, stories, WEATHER, PACE, CALM_SETTINGS, 60.0, 6 * 3600.0))
    simulation.play()
    return simulation


def test_no_story_is_lost(burst: Simulation) -> None:
    assert Counter(burst.watch.jobs.values()) == {JobState.DONE.value: sum(SHARES.values())}
    assert burst.needed == {}


def test_nothing_is_bought_twice(burst: Simulation) -> None:
    assert [] == check(burst)
    assert burst.charges().count("emo-v1") == sum(SHARES.values())


def test_the_vendors_did_turn_away_many_calls(burst: Simulation) -> None:
    """Otherwise the tests above show little."""
    assert len(burst.faults.struck) > 20 * sum(SHARES.values())


def test_a_small_family_does_not_wait_for_a_large_one(burst: Simulation) -> None:
    """While others wait nobody is served twice in a row, so a family of ten is done after some thirty turns."""
    turns = [burst.job(job_id).family for job_id in clips_in_order(burst)]

    last_of = {family: max(at for at, one in enumerate(turns) if one == family) for family in SHARES}
    assert last_of["li"] < 3 * SHARES["li"] + 15
    assert last_of["wang"] < 2 * SHARES["wang"] + SHARES["li"] + 15


def test_within_a_family_who_came_first_is_served_first(burst: Simulation) -> None:
    """By when they joined the queue for the studio: a story that was turned away on its way there came later."""
    order = clips_in_order(burst)
    for family in SHARES:
        joined = [queued_at(burst, job_id) for job_id in order if burst.job(job_id).family == family]
        overtaken = [(before, after) for before, after in pairwise(joined) if before > after + TURNED_AWAY_S]
        assert overtaken == [], family


def clips_in_order(simulation: Simulation) -> list[str]:
    """The job of each clip, as they were submitted."""
    tasks = sorted(simulation.stand_ins.model_studio._tasks._tasks.rows.values(), key=lambda task: task.number)
    return [str(task.input["audio_url"]).split("/jobs/")[1].split("/")[0] for task in tasks]


def queued_at(simulation: Simulation, job_id: str) -> float:
    return simulation.watch.queued_at[job_id]
