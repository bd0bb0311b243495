"""Completions come from outside: early, foreign, forged or unreadable, each does no harm and none is lost."""

from __future__ import annotations

import json

import pytest

from shared.domain.job import JobState, StepState
from shared.engine import wakes, waking
from shared.engine.sweep import sweep
from shared.ports import Queue, Table
from tests.engine.given import Call, done, interpose, letters, open_job, row_of
from tests.stage import Stage


def task_event(task: str) -> bytes:
    return json.dumps({"source": "acs.dashscope", "data": {"task_id": task, "task_status": "SUCCEEDED"}}).encode()


def ims_event(job: str) -> bytes:
    return json.dumps({"EventType": "ProduceMediaComplete", "MessageBody": {"JobId": job}}).encode()


@pytest.mark.parametrize(
    ("port_method", "step", "turns"),
    [
        ("avatars.animate", ("animate", "0001"), 2),
        ("media.read_captions", ("separate", "captions"), 2),
        ("media.compose", ("compose", "-"), 3),  # its second job is the film's opening
    ],
)
def test_an_event_that_comes_before_our_record_of_the_task_wakes_the_step_all_the_same(
    port_method: str, step: tuple[str, str], turns: int
) -> None:
    """The vendor is done before its answer has reached us; no sweep helps."""
    stage = Stage()

    def answer_after_the_event(call: Call) -> object:
        answer = call()
        stage.timing.run(100.0)
        return answer

    interpose(stage, port_method, answer_after_the_event)
    stage.tell()
    stage.run(1000.0, sweep_every_s=None)

    assert stage.job().state is JobState.DONE
    assert row_of(stage.world, *step).attempt == turns


def test_an_event_that_comes_while_the_step_is_being_recorded_is_not_forgotten() -> None:
    """Its wake finds the step claimed; the step looks once more after it has written that it waits."""
    stage = Stage()
    seen: list[str] = []

    def record_after_the_event(call: Call) -> object:
        table, key, put = call.args[:3]
        if table is Table.STEPS and key[1] == "animate" and put.get("state") == "waiting" and not seen:
            seen.append("waiting")
            stage.timing.run(100.0)
        return call()

    interpose(stage, "rows.update", record_after_the_event)
    stage.tell()
    stage.run(1000.0, sweep_every_s=None)

    assert seen == ["waiting"]
    assert stage.job().state is JobState.DONE


def test_a_forged_event_has_the_vendor_asked_and_believes_only_its_answer() -> None:
    stage = Stage()
    told = []

    def announce_at_once(call: Call) -> object:
        task = call()
        told.append(task)
        stage.call("model_studio_callback", task_event(task))
        return task

    interpose(stage, "avatars.animate", announce_at_once)
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert [row["detail"] for row in _asked(stage)] == [told[0], told[0]]


def _asked(stage: Stage) -> list[dict[str, str]]:
    return [{"detail": one.detail} for one in stage.account.asked if one.operation == "tasks.get"]


@pytest.mark.parametrize(
    ("function", "event", "key"),
    [
        ("model_studio_callback", task_event("of-another-project"), ("model_studio", "of-another-project")),
        ("ims_callback", ims_event("of-another-project"), ("ims", "of-another-project")),
    ],
)
def test_a_foreign_task_leaves_only_a_row(function: str, event: bytes, key: tuple[str, str]) -> None:
    stage = Stage()
    open_job(stage.world)
    stage.call(function, event)
    stage.timing.run(0)

    row = stage.world.rows.get(Table.TASKS, key) or {}
    assert (set(row), row["reported_at"]) == ({"report", "reported_at"}, stage.timing.now())
    assert stage.events == []
    assert stage.world.lines[-1] == ("reported", {"provider": key[0], "task": key[1], "ours": False})


def test_an_event_for_a_job_that_is_gone_wakes_nobody() -> None:
    stage = Stage()
    stage.world.rows.merge(Table.TASKS, ("ims", "task-1"), {"job": "gone", "step": "compose", "item": "-"})

    assert waking.report(stage.world, "ims", "task-1")

    stage.timing.run(0)
    assert stage.events == []


def test_a_late_event_for_a_step_that_is_done_changes_nothing() -> None:
    stage = Stage()
    open_job(stage.world)
    done(stage.world, "compose", film="jobs/story/story.mp4")
    stage.world.rows.merge(Table.TASKS, ("ims", "task-1"), {"job": "story", "step": "compose", "item": "-"})
    stage.call("ims_callback", ims_event("task-1"))
    stage.timing.run(0)

    assert row_of(stage.world, "compose").state is StepState.DONE
    assert stage.account.count("ims")["GetMediaProducingJob"] == 0


@pytest.mark.parametrize("function", ["intake", "ims_callback", "model_studio_callback", "recheck", "detect", "failed"])
@pytest.mark.parametrize("event", [b"\x00\xff", b"[]", b"7"])
def test_what_nobody_can_read_is_put_aside_once_and_never_tried_again(function: str, event: bytes) -> None:
    """The function ends well, so that nobody delivers it again; the dead letter is kept for a person."""
    stage = Stage()
    stage.call(function, event)

    [letter] = letters(stage, Queue.DEAD_FAILED)
    assert (letter["function"], bool(letter["reason"])) == (function, True)
    stage.run(3600.0, sweep_every_s=None)
    assert stage.events == []
    assert sweep(stage.world) == {"dead letters: failures": 1}


def test_a_reminder_wakes_its_step() -> None:
    stage = Stage()
    open_job(stage.world)
    wakes.remind(stage.world, "story", "detect", "-", 100.4)
    stage.timing.run(100.0)
    assert stage.events == []

    stage.timing.run(1.0)

    assert [name for name, _ in stage.events][:2] == ["recheck", "detect"]


@pytest.mark.parametrize(("after_s", "expected"), [(-5.0, 0), (0.0, 0), (0.2, 1), (1e9, 604_800)])
def test_a_reminder_keeps_to_what_the_queue_can_delay(after_s: float, expected: int) -> None:
    stage = Stage()
    wakes.remind(stage.world, "story", "detect", "-", after_s)

    [message] = stage.stand_ins.mns._queues[stage.settings.recheck_queue].messages.values()
    assert message.visible_at - message.enqueued_at == expected
