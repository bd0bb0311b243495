"""A dead letter says which job to look at and nothing more; what nobody can read is kept, listed and counted."""

from __future__ import annotations

import json

import pytest

from shared.domain.job import JobState
from shared.engine import dead_letters
from shared.engine.sweep import sweep
from shared.ports import Bucket, Queue
from tests.engine.given import wake_event
from tests.engine.test_rescue import given_up
from tests.stage import Stage


def under_way(seconds: float) -> Stage:
    """A story that stands still: no function hears of anything any more."""
    stage = Stage()
    stage.tell()
    stage.run(seconds, sweep_every_s=None)
    return stage


def deaf(stage: Stage, *functions: str) -> list[bytes]:
    """The functions' events end in their dead-letter queue from now on; what they were."""
    lost: list[bytes] = []
    call = stage.call

    def dropped(name: str, event: bytes) -> None:
        if name in functions:
            lost.append(event)
        else:
            call(name, event)

    stage.call = dropped  # type: ignore[method-assign]  # the stage's own door
    return lost


@pytest.mark.parametrize(
    ("function", "queue", "dead"),
    [
        ("ims_callback", "ims", Queue.DEAD_IMS),
        ("model_studio_callback", "model-studio", Queue.DEAD_MODEL_STUDIO),
        ("recheck", "reminders", Queue.DEAD_RECHECK),
    ],
)
def test_a_story_whose_events_died_goes_on_when_their_queue_is_redriven(function: str, queue: str, dead: Queue) -> None:
    stage = Stage()
    lost = deaf(stage, function)
    stage.tell()
    stage.run(600.0, sweep_every_s=None)
    assert stage.job().state is JobState.OPEN
    del stage.call  # it hears again

    for event in lost:
        stage.world.queues.send(dead, event.decode())
    told = dead_letters.redrive(stage.world, queue)
    stage.run(3600.0, sweep_every_s=None)

    assert stage.job().state is JobState.DONE
    assert (len(told.woken), told.poison) == (len(lost), [])
    assert letters_of(stage, dead) == 0


def letters_of(stage: Stage, queue: Queue) -> int:
    return stage.world.queues.waiting(queue)


def test_a_failure_is_redriven_from_the_rows_and_finished_steps_stay_finished() -> None:
    stage = under_way(6 * 3600.0)
    bought = stage.charges()
    for step in ("detect", "animate", "publish"):
        stage.world.queues.send(Queue.DEAD_FAILED, given_up(wake_event(step)).decode())

    told = dead_letters.redrive(stage.world, "failures")
    stage.run(3600.0)

    assert told.woken == [f"steps/{step}/story.json" for step in ("detect", "animate", "publish")]
    assert (stage.job().state, stage.charges()) == (JobState.DONE, bought)


def test_poison_is_listed_and_kept_and_redriving_again_lists_it_again() -> None:
    stage = Stage()
    stage.call("detect", b"[]")
    stage.world.queues.send(Queue.DEAD_FAILED, "no JSON at all")
    first = dead_letters.redrive(stage.world, "failures")
    assert [poison.reason for poison in first.poison] == [
        "detect: an object was expected, not list",
        "not JSON, 20 characters",
    ]
    assert first.poison[1].text == "no JSON at all"

    stage.timing.advance(331.0)

    assert letters_of(stage, Queue.DEAD_FAILED) == 2
    assert dead_letters.redrive(stage.world, "failures") == first


def test_a_letter_with_poison_in_it_wakes_nobody() -> None:
    stage = under_way(60.0)
    for info in stage.world.objects.listing(Bucket.WORK, "steps/"):
        stage.stand_ins.oss.delete("echobot-work", info.key)
    readable = {"data": {"messageBody": json.loads(given_up(wake_event("detect")))}}
    poison = {"data": {"messageBody": {"function": "speak", "reason": "?", "poison": "x"}}}
    stage.world.queues.send(Queue.DEAD_FAILED, json.dumps([readable, poison]))

    told = dead_letters.redrive(stage.world, "failures")

    assert (told.woken, len(told.poison)) == ([], 1)
    assert stage.world.objects.listing(Bucket.WORK, "steps/") == []


def test_what_concerns_nobody_here_is_counted_and_goes() -> None:
    stage = Stage()
    stage.world.queues.send(Queue.DEAD_MODEL_STUDIO, json.dumps({"data": {"task_id": "another-project"}}))

    told = dead_letters.redrive(stage.world, "model-studio")

    assert (told.foreign, told.woken, letters_of(stage, Queue.DEAD_MODEL_STUDIO)) == (1, [], 0)


def test_more_letters_than_are_taken_at_once_are_all_redriven() -> None:
    stage = Stage()
    for number in range(40):
        stage.world.queues.send(Queue.DEAD_IMS, json.dumps({"JobId": f"job-{number}"}))

    assert dead_letters.redrive(stage.world, "ims").foreign == 40


def test_the_sweep_counts_dead_letters_until_they_are_gone() -> None:
    stage = Stage()
    stage.world.queues.send(Queue.DEAD_IMS, json.dumps({"JobId": "job-1"}))
    assert sweep(stage.world) == {"dead letters: ims": 1}

    dead_letters.redrive(stage.world, "ims")

    assert sweep(stage.world) == {}
