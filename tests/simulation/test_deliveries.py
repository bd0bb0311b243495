"""Events come twice, late, early, in any order, or never. Rows decide, so none of it matters."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from local.standins.fc.state import Invocation, Ran
from shared.domain import keys
from shared.domain.job import JobState
from shared.domain.keys import Asset
from tests.stage import EXTENSIONS, Stage, whole_set

TWO_SEGMENTS = {"segment_s_max": 5.0}
QUERIES = ("GetMediaProducingJob", "QueryIProductionJob", "GetSmartHandleJob", "tasks.get")


@pytest.fixture(scope="module")
def quiet() -> Stage:
    """A story that nothing happens to."""
    stage = Stage(settings=TWO_SEGMENTS)
    stage.tell()
    stage.run()
    return stage


def queries(stage: Stage) -> int:
    asked = stage.account.count("ims") + stage.account.count("model_studio")
    return sum(asked[name] for name in QUERIES)


def test_every_event_delivered_twice_buys_nothing_twice(quiet: Stage) -> None:
    stage = Stage(settings=TWO_SEGMENTS)
    run_function = stage.run_function

    def twice(invocation: Invocation) -> Ran:
        first = run_function(invocation)
        run_function(invocation)
        return first

    stage.stand_ins.fc._runner = twice
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert Counter(stage.charges()) == Counter(quiet.charges())
    assert stage.report()["lines"] == quiet.report()["lines"]


def test_events_of_the_same_moment_in_reverse_order_end_in_the_same_story(quiet: Stage) -> None:
    stage = Stage(settings=TWO_SEGMENTS)
    stage.timing.reverse_ties()
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert Counter(stage.charges()) == Counter(quiet.charges())


@pytest.mark.parametrize("seed", range(6))
def test_uploads_may_arrive_in_any_order(quiet: Stage, seed: int) -> None:
    stage = Stage()
    uploads = [(name, body) for name, body in whole_set().items() if body is not None]
    random.Random(seed).shuffle(uploads)
    for name, body in uploads:
        stage.upload("story", Asset(name), EXTENSIONS[name], body)
        stage.run(30.0)
    stage.run()

    assert stage.job().state is JobState.DONE


@pytest.mark.parametrize("name", ["ims_callback", "model_studio_callback", "recheck", "intake", "speak", "animate"])
def test_a_function_that_never_hears_of_its_events_is_covered_by_the_sweep(quiet: Stage, name: str) -> None:
    """Every event of one function is lost, but for what the sweep wakes."""
    stage = Stage(settings=TWO_SEGMENTS)
    run_function = stage.run_function

    def deaf(invocation: Invocation) -> Ran:
        is_lost = invocation.function.code.endswith(f"/{name}") and b"sweep:" not in stage.body_of(invocation)
        return Ran(b"lost") if is_lost else run_function(invocation)

    stage.stand_ins.fc._runner = deaf
    stage.tell()
    stage.run(24 * 3600.0)

    assert stage.job().state is JobState.DONE
    assert Counter(stage.charges()) == Counter(quiet.charges())


def test_no_vendor_is_asked_for_a_verdict_without_an_event(quiet: Stage) -> None:
    """One query for each task that was announced: 2 for the film's parts, 1 a clip, 1 for the film and 1 for
    its opening, in which the label is looked for.
    """
    stage = quiet

    assert stage.account.count("ims")["QueryIProductionJob"] == 2
    assert stage.account.count("model_studio")["tasks.get"] == 2
    assert stage.account.count("ims")["GetMediaProducingJob"] == 2


def test_waking_every_step_again_and_again_asks_no_vendor(quiet: Stage) -> None:
    """Anybody may put the wake of any step at any time: with every event doubled the queries stay the same."""
    stage = Stage(settings=TWO_SEGMENTS)
    run_function = stage.run_function

    def and_again(invocation: Invocation) -> Ran:
        ran = run_function(invocation)
        for step, item in list(stage.steps()) if stage.jobs() else []:
            if step != "intake":
                key = keys.wake(step, "story", "" if item == "-" else item)
                stage.call(step, stage.wake_event(key))
        return ran

    stage.stand_ins.fc._runner = and_again
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert queries(stage) == queries(quiet)
    assert Counter(stage.charges()) == Counter(quiet.charges())


def test_with_all_callbacks_lost_each_vendor_is_asked_only_after_its_deadline(quiet: Stage) -> None:
    stage = Stage(settings={**TWO_SEGMENTS, "verdict_s_ims": 900.0, "verdict_s_model_studio": 1800.0})
    run_function = stage.run_function
    began_at = stage.timing.now()

    def deaf(invocation: Invocation) -> Ran:
        return Ran(b"lost") if invocation.function.code.endswith("_callback") else run_function(invocation)

    stage.stand_ins.fc._runner = deaf
    stage.tell()
    stage.run(24 * 3600.0)

    assert stage.job().state is JobState.DONE
    assert queries(stage) == queries(quiet)
    assert stage.job().ended_at - began_at > 900.0 + 2 * 1800.0 + 900.0
