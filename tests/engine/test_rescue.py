"""What FC gave up on is tried again later, a bounded number of times; what nobody can read is only kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from shared.domain.job import TRIES_MAX, JobState, StepState
from shared.engine import rescue
from shared.engine.rescue import AGAIN_AFTER_S
from shared.ports import Bucket, Place, Queue, Table
from tests.engine.given import Call, done, interpose, letters, object_event, open_job, row_of, wake_event
from tests.engine.test_voices import enrol_narrator, tell_by
from tests.stage import Killed, Stage

INPUT_BUCKET = "echobot-input"


def given_up(payload: bytes, why: str = "FunctionTimedOut") -> bytes:
    """What FC writes into the failure destination."""
    context = {"functionArn": "acs:fc:…:functions/echobot-detect", "condition": why, "approximateInvokeCount": 4}
    return json.dumps({"requestContext": context, "requestPayload": payload.decode(), "responsePayload": ""}).encode()


def dying(stage: Stage, function: str, times: int) -> list[str]:
    """The function's process ends at once, so often; FC itself tries four times."""
    deaths: list[str] = []

    def around(name: str, run: Callable[[], None]) -> None:
        if name == function and len(deaths) < times:
            deaths.append(name)
            raise Killed
        run()

    stage.around = around
    return deaths


# --- whole stories, without any sweep


@pytest.mark.parametrize(("function", "wakes"), [("script", 2), ("speak", 1), ("compose", 1), ("publish", 1)])
def test_a_step_that_fc_gave_up_on_is_tried_again_later(function: str, wakes: int) -> None:
    """The script is woken when the captions are there, and by the music that comes before it has begun."""
    stage = Stage()
    deaths = dying(stage, function, 4 * wakes)
    stage.tell()
    stage.run(3600.0, sweep_every_s=None)

    assert len(deaths) == 4 * wakes
    assert stage.job().state is JobState.DONE
    assert "failed" in [name for name, _ in stage.events]


def test_an_upload_that_fc_gave_up_on_is_looked_at_again() -> None:
    stage = Stage()
    dying(stage, "intake", 4 * 4)
    stage.tell()
    stage.run(3600.0, sweep_every_s=None)

    assert stage.job().state is JobState.DONE


def test_a_narrators_file_that_fc_gave_up_on_has_the_waiting_stories_looked_at_again() -> None:
    stage = Stage()
    tell_by(stage, "mama", "monday")
    stage.run(60.0, sweep_every_s=None)
    dying(stage, "intake", 3 * 4)
    enrol_narrator(stage)
    stage.run(3600.0, sweep_every_s=None)

    assert [job.job_id for job in stage.jobs()] == ["monday"]
    assert stage.job("monday").state is JobState.DONE


def test_a_step_whose_function_dies_every_time_ends_the_job_with_a_word() -> None:
    """Out of memory, or out of time. FC's own retries find the claim busy and are content, so claims are counted."""
    stage = Stage()
    interpose(stage, "objects.read", lambda call: _die() if "script.json" in call.args[0].key else call())
    stage.tell()
    stage.run(12 * 3600.0)

    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["internal"]
    assert stage.job().error["detail"] == "speak/0001: the function died again and again"


# --- one record at a time


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    open_job(stage.world)
    return stage


def reminders(stage: Stage) -> list[str]:
    stage.timing.advance(AGAIN_AFTER_S)
    return [letter["wake"] for letter in letters(stage, Queue.RECHECK)]


def claimed(stage: Stage, **columns: str | float) -> None:
    row = {"state": "claimed", "fence": "fence-1", "lease_until": stage.timing.now() - 1.0, **columns}
    stage.world.rows.merge(Table.STEPS, ("story", "detect", "-"), row)


def test_a_step_that_never_began_is_reminded_of(stage: Stage) -> None:
    rescue.rescue(given_up(wake_event("detect")), stage.world)

    assert letters(stage, Queue.RECHECK) == []
    assert reminders(stage) == ["steps/detect/story.json"]


def test_each_time_that_it_came_to_nothing_counts(stage: Stage) -> None:
    claimed(stage, troubles=3)
    rescue.rescue(given_up(wake_event("detect"), "FunctionExited"), stage.world)

    assert row_of(stage.world, "detect").troubles == 4
    assert reminders(stage) == ["steps/detect/story.json"]
    history = str((stage.world.rows.get(Table.STEPS, ("story", "detect", "-")) or {})["history"])
    assert json.loads(history)[-1][1:] == ["gave up", "FunctionExited"]


def test_the_last_time_fails_the_job(stage: Stage) -> None:
    claimed(stage, troubles=TRIES_MAX - 1)
    rescue.rescue(given_up(wake_event("detect")), stage.world)

    assert stage.job().state is JobState.FAILED
    assert stage.job().error["detail"] == "FunctionTimedOut"
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["failed"]


def test_a_job_is_not_failed_while_somebody_may_still_be_at_it(stage: Stage) -> None:
    claimed(stage, troubles=TRIES_MAX - 1, lease_until=stage.timing.now() + 10.0)
    rescue.rescue(given_up(wake_event("detect")), stage.world)

    assert stage.job().state is JobState.OPEN


@pytest.mark.parametrize("state", [StepState.DONE, StepState.REVIEW, StepState.REFUSED, StepState.FAILED])
def test_a_step_that_has_ended_meanwhile_is_left_alone(stage: Stage, state: StepState) -> None:
    claimed(stage, state=state.value)
    rescue.rescue(given_up(wake_event("detect")), stage.world)

    assert reminders(stage) == []


def test_a_job_that_has_ended_meanwhile_is_left_alone(stage: Stage) -> None:
    claimed(stage)
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": "done"})
    rescue.rescue(given_up(wake_event("detect")), stage.world)

    assert reminders(stage) == []


def test_a_step_that_somebody_takes_over_at_this_moment_was_not_given_up(stage: Stage) -> None:
    claimed(stage)

    def taken_over(call: Call) -> object:
        stage.world.rows.merge(Table.STEPS, ("story", "detect", "-"), {"fence": "fence-2"})
        return call()

    interpose(stage, "rows.update", taken_over)
    rescue.rescue(given_up(wake_event("detect")), stage.functions_world)

    assert row_of(stage.world, "detect").troubles == 0
    assert reminders(stage) == []


def test_several_wakes_in_one_payload_are_all_reminded_of(stage: Stage) -> None:
    done(stage.world, "detect")
    done(stage.world, "clone")
    payload = object_event("echobot-work", "steps/separate/story/music.json", "steps/separate/story/captions.json")
    rescue.rescue(given_up(payload), stage.world)

    assert sorted(reminders(stage)) == ["steps/separate/story/captions.json", "steps/separate/story/music.json"]


@pytest.mark.parametrize("key", ["inbox/../etc/passwd", "requests/one/photo.png", "inbox/A B/story.mp4"])
def test_a_key_that_is_nobodys_is_left_alone(stage: Stage, key: str) -> None:
    rescue.rescue(given_up(object_event(INPUT_BUCKET, key)), stage.world)

    assert reminders(stage) == []
    assert [job.job_id for job in stage.jobs()] == ["story"]


def test_a_pass_of_the_sweep_is_not_tried_again(stage: Stage) -> None:
    """The next one comes by itself, and nobody needs to look at a timer's payload."""
    lost = json.loads(given_up(b'{"triggerName": "every-minute"}'))
    lost["requestContext"]["functionArn"] = "acs:fc:…:functions/echobot-sweep"
    rescue.rescue(json.dumps(lost).encode(), stage.world)

    assert reminders(stage) == []
    assert letters(stage, Queue.DEAD_FAILED) == []
    assert [event for event, _ in stage.world.lines] == ["gave up"]


def test_a_step_that_is_no_longer_deployed_harms_nobody(stage: Stage) -> None:
    stage.world.rows.merge(Table.STEPS, ("story", "gone", "-"), {"state": "claimed"})
    rescue.rescue(given_up(wake_event("gone")), stage.world)

    assert reminders(stage) == ["steps/gone/story.json"]
    assert stage.world.objects.head(Place(Bucket.WORK, "steps/gone/story.json")) is None


def _die() -> bytes:
    raise Killed
