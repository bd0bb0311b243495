"""A function may die at any port call of a request, too: two chains of three calls, which take turns at two models."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache

from shared.domain import keys
from shared.domain.job import JobState, StepState
from shared.engine.records import load_job
from shared.ports import Bucket, Place, Table
from shared.steps import generating
from tests.simulation.choke import Choke, When, throttle
from tests.simulation.crashes import Point
from tests.stage import Stage
from tests.toys import toy_mp4, toy_png

PAIR = ("one", "two")
CHECK, TEMPLATE, FILM = "animate-anyone-detect-gen2", "animate-anyone-template-gen2", "animate-anyone-gen2"
SAMPLES = {"requests/photo.png": toy_png(600, 800), "requests/dance.mp4": toy_mp4(4.0, 1280, 720)}
ASKED = {"model": FILM, "input": {"image_url": "requests/photo.png", "video_url": "requests/dance.mp4"}}
EVERY = 7
"""Odd: of the points taken, some are before and some after their calls."""


def run(*points: Point) -> tuple[Stage, Choke]:
    """Both requests, asked for in the same second, with deaths at these points."""
    choke = Choke(points)
    stage = throttle(Stage(), choke)
    for key, body in SAMPLES.items():
        stage.world.objects.write(Place(Bucket.INPUT, key), body, "application/octet-stream")
    for name in PAIR:
        stage.world.objects.write(Place(Bucket.INPUT, keys.request(name)), json.dumps(ASKED).encode(), "")
    stage.run()
    return stage, choke


@lru_cache(maxsize=1)
def undisturbed() -> tuple[str, ...]:
    """The calls of the pair when nothing happens to it."""
    return tuple(run()[1].trace)


def broken(point: Point) -> list[str]:
    """What does not hold after a death at this point."""
    stage, choke = run(point)
    extra = Counter(stage.charges()) - Counter({CHECK: 2, TEMPLATE: 2, FILM: 2})
    found = [f"bought too much: {dict(extra)}"] if extra and extra != {CHECK: 1} else []
    for name in PAIR:
        job_id = keys.request_job(name)
        job, steps = load_job(stage.world, job_id), stage.steps(job_id)
        if job is None or job.state is not JobState.DONE:
            found.append(f"{name} is {job and job.state.value}")
        elif any(row.state is not StepState.DONE for row in steps.values()) or stage.open_effects(job_id):
            found.append(f"{name} has something open")
        else:
            found += [
                f"{name} has no {file}"
                for file in (generating.RESULT, generating.REPORT)
                if not made(stage, name, file)
            ]
    held = [key for key, row in stage.world.rows.range(Table.STUDIO) if row.get("job")]
    return [f"{point[1].value} call {point[0]} ({choke.killed}): {what}" for what in (*found, *map(str, held))]


def made(stage: Stage, name: str, file: str) -> bool:
    return stage.world.objects.head(Place(Bucket.OUTPUT, keys.result(name, file))) is not None


def test_a_pair_that_nothing_happens_to_meets_every_kind_of_call() -> None:
    calls = Counter(undisturbed())

    assert (calls["generators.check"], calls["generators.submit"], calls["objects.keep"]) == (2, 4, 2)
    assert len(undisturbed()) > 300


def test_chains_survive_the_death_of_their_function_and_leave_their_queues_free() -> None:
    """Both end with film and report, no task is bought twice, a check once more at most: every seventh point."""
    points = [(at, when) for at in range(1, len(undisturbed()) + 1) for when in When][::EVERY]

    assert len(points) > 90
    assert [what for point in points for what in broken(point)] == []
