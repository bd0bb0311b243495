"""A store that turns a call away for a moment is asked again within the invocation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from shared.domain.errors import Conflict, EchobotError, Refused, Retry, Unknown
from shared.domain.job import StepState
from shared.engine.patience import ASKED_S_MAX, LONGEST_S, SPARE_S, TRIES_MAX, patient
from shared.engine.world import World
from shared.ports import Bucket, Kind, Place, Queue, Table
from tests.engine import given
from tests.engine.given import always, interpose, open_job, raising, row_of, wake_event
from tests.stage import Stage
from tests.toys import toy_png

KEY = ("story",)
PLACE = Place(Bucket.WORK, "jobs/story/script.json")

CALLS: dict[str, Callable[[World], Any]] = {
    "rows.get": lambda world: world.rows.get(Table.JOBS, KEY),
    "rows.insert": lambda world: world.rows.insert(Table.JOBS, KEY, {"state": "open"}),
    "rows.range": lambda world: world.rows.range(Table.JOBS),
    "objects.write": lambda world: world.objects.write(PLACE, b"{}", "application/json"),
    "objects.listing": lambda world: world.objects.listing(Bucket.WORK, "jobs/"),
    "queues.send": lambda world: world.queues.send(Queue.FINISHED, "{}"),
    "probe.facts": lambda world: world.probe.facts(PLACE),
}


def busy(after_s: float | None = 2.0) -> Retry:
    return Retry("vendor.busy", after_s=after_s)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("name", CALLS)
def test_a_store_that_is_busy_for_a_moment_is_asked_again(stage: Stage, name: str) -> None:
    stage.world.objects.write(PLACE, b"{}", "application/json")
    interpose(stage, name, raising(busy(), busy()))

    CALLS[name](patient(stage.functions_world, 60.0))


def test_it_is_asked_a_few_times_and_no_more(stage: Stage) -> None:
    calls: list[Retry] = []
    interpose(stage, "rows.get", always(_noted(calls)))

    with pytest.raises(Retry, match=r"vendor\.busy"):
        CALLS["rows.get"](patient(stage.functions_world, 60.0))

    assert len(calls) == TRIES_MAX


def test_pauses_grow_from_nothing_to_a_limit(stage: Stage) -> None:
    began = stage.timing.now()
    interpose(stage, "rows.get", always(busy))
    with pytest.raises(Retry):
        CALLS["rows.get"](patient(stage.functions_world, 60.0))

    assert 0.0 < stage.timing.now() - began < 2 * LONGEST_S


@pytest.mark.parametrize("error", [Unknown("vendor.unanswered"), Conflict("row.moved"), Refused("object.missing")])
def test_what_may_have_happened_or_never_will_is_not_repeated(stage: Stage, error: EchobotError) -> None:
    interpose(stage, "objects.write", raising(error))

    with pytest.raises(type(error)):
        CALLS["objects.write"](patient(stage.functions_world, 60.0))


def test_a_store_that_asks_for_a_long_pause_is_left_alone(stage: Stage) -> None:
    interpose(stage, "rows.get", raising(busy(ASKED_S_MAX + 1)))

    with pytest.raises(Retry):
        CALLS["rows.get"](patient(stage.functions_world, 60.0))


def test_nobody_waits_past_the_end_of_the_invocation(stage: Stage) -> None:
    interpose(stage, "rows.get", raising(busy()))
    world = patient(stage.functions_world, 60.0)
    stage.timing.advance(60.0 - SPARE_S)
    began = stage.timing.now()

    with pytest.raises(Retry):
        CALLS["rows.get"](world)

    assert stage.timing.now() == began


@pytest.mark.parametrize("name", ["voices", "media", "avatars", "generators"])
def test_vendors_are_never_asked_again_in_place(stage: Stage, name: str) -> None:
    """Their calls cost: whether one is made again is for the ledger to say."""
    assert getattr(patient(stage.functions_world, 60.0), name) is getattr(stage.functions_world, name)


def test_a_step_gets_through_though_each_call_of_its_stores_is_turned_away_once(stage: Stage) -> None:
    open_job(stage.world)
    stage.world.objects.write(Place(Bucket.INPUT, f"inbox/{given.JOB}/photo"), toy_png(), "image/png")
    for name in ("rows.get", "rows.range", "rows.update", "rows.insert", "rows.merge", "objects.write"):
        interpose(stage, name, _every_other_turned_away())

    stage.call("detect", wake_event("detect"))

    assert row_of(stage.world, "detect").state is StepState.DONE
    assert row_of(stage.world, "detect").troubles == 0
    assert [row.kind for row in given.ledger(stage.world, "detect").rows().values()] == [Kind.NONE]


def _every_other_turned_away() -> given.Between:
    turn = [False]

    def between(call: partial[Any]) -> Any:
        turn[0] = not turn[0]
        if turn[0]:
            raise busy()
        return call()

    return between


def _noted(calls: list[Retry]) -> Callable[[], Retry]:
    def error() -> Retry:
        calls.append(busy())
        return calls[-1]

    return error
