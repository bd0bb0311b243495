"""A story is quoted before anything is paid for; where it was wished, or its budget cannot do, it waits for a yes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.standins.fc.state import Ran
from shared.domain import keys
from shared.domain.errors import Conflict
from shared.domain.job import JobState, StepState
from shared.engine import alarms, asking, withdrawal
from shared.engine.sweep import ABANDONED_S, sweep
from shared.ports import Bucket, Columns, Place, Queue, Table
from tests.engine.given import Call, interpose, letters
from tests.stage import Killed, Stage

ASKS = b'{"quote": "wait"}'
SRT = "1\n00:00:01,000 --> 00:00:04,000\n从前有一只小狐狸。\n\n2\n00:00:05,000 --> 00:00:08,000\nOnce.\n".encode()


def told(**bodies: bytes) -> Stage:
    stage = Stage()
    stage.tell(**bodies)
    stage.run()
    return stage


def say_yes(stage: Stage, body: bytes = b"", job_id: str = "story") -> None:
    stage.world.objects.write(asking.place(job_id), body, "application/json")


def quote(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stage.output(keys.story_quote("story")))
    return found


# --- the quote


def test_every_story_is_quoted_before_its_first_paid_call() -> None:
    stage = Stage()
    paid: list[str] = []

    def note(call: Call) -> Any:
        paid.append(json.dumps(quote(stage)["waits"]))
        return call()

    interpose(stage, "avatars.detect", note)
    stage.tell()
    stage.run()

    assert paid == ["false"]
    assert stage.job().state is JobState.DONE


def test_the_quote_names_each_step_that_costs_and_adds_up() -> None:
    stage = told()
    found = quote(stage)

    assert [line["step"] for line in found["steps"]] == [
        "detect",
        "animate",
        "speak",
        "separate",
        "separate",
        "separate",
        "compose",
        "compose",
    ]
    for end in ("low_yuan", "high_yuan"):
        assert abs(sum(float(line[end]) for line in found["steps"]) - float(found[end])) < 0.05


def test_what_was_spent_lies_within_the_quote_when_the_captions_were_given() -> None:
    stage = told(captions=SRT)
    found, report = quote(stage), stage.report()

    assert float(report["spent"]["total_yuan"]) <= float(found["high_yuan"])
    assert {line["step"] for line in report["receipt"]} == {line["step"] for line in found["steps"]}
    clip = next(line for line in report["receipt"] if line["step"] == "animate")
    assert float(clip["quoted_low_yuan"]) <= float(clip["spent_yuan"]) <= float(clip["quoted_high_yuan"])


# --- waiting


def test_a_story_that_was_to_wait_buys_nothing_before_the_yes() -> None:
    stage = told(options=ASKS)

    assert stage.job().state is JobState.ASKED
    assert quote(stage)["waits"] is True
    assert "yes.json" in quote(stage)["en"]
    assert stage.charges() == []
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["asked"]


def test_an_empty_file_says_yes() -> None:
    stage = told(options=ASKS)
    say_yes(stage)
    stage.run(sweep_every_s=None)

    assert stage.job().state is JobState.DONE


def test_a_yes_that_lay_there_before_the_question_does_not_count() -> None:
    stage = Stage()
    say_yes(stage)
    stage.tell(options=ASKS)
    stage.run()
    assert stage.job().state is JobState.ASKED

    stage.timing.advance(1.0)
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_yes_whose_event_was_lost_is_found_by_the_sweep() -> None:
    stage = told(options=ASKS)
    stage.stand_ins.fc._runner, runner = (lambda _it: Ran(b"lost")), stage.stand_ins.fc._runner
    say_yes(stage)
    stage.timing.run(60.0)
    assert stage.job().state is JobState.ASKED

    stage.stand_ins.fc._runner = runner
    stage.timing.run(3600.0)
    sweep(stage.world)

    assert stage.job().state is JobState.OPEN


def test_a_yes_that_is_heard_twice_counts_once() -> None:
    stage = told(options=ASKS)
    say_yes(stage)

    assert asking.hear(stage.world, "story")
    assert not asking.hear(stage.world, "story")


def test_of_two_that_hear_a_yes_at_once_one_opens_the_job() -> None:
    stage = told(options=ASKS)
    say_yes(stage)

    def overtaken(call: Call) -> Any:
        if call.args[0] is Table.JOBS:
            raise Conflict("row.moved")
        return call()

    interpose(stage, "rows.update", overtaken)

    assert not asking.hear(stage.functions_world, "story")


@pytest.mark.parametrize(
    "body", [b"[]", b"no", b'{"budget_yuan": -1}', b'{"budget_yuan": true}', b'{"who": "me"}', b'{"taste": 1}']
)
def test_what_cannot_be_read_is_no_yes(body: bytes) -> None:
    stage = told(options=ASKS)
    say_yes(stage, body)
    stage.run()

    assert stage.job().state is JobState.ASKED
    assert stage.charges() == []


def test_a_story_that_waits_can_be_cancelled() -> None:
    stage = told(options=ASKS)
    withdrawal.cancel(stage.world, "story")
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.CANCELLED
    assert stage.charges() == []


def test_a_story_that_nobody_says_yes_to_is_called_off() -> None:
    stage = told(options=ASKS)
    stage.timing.advance(ABANDONED_S)
    sweep(stage.world)

    assert stage.job().state is JobState.CANCELLED
    assert stage.error()["problems"][0]["code"] == "job.abandoned"


# --- a budget


def test_a_budget_that_cannot_do_is_said_before_anything_is_bought() -> None:
    stage = told(options=b'{"cap_yuan": 0.1}')

    assert stage.job().state is JobState.ASKED
    assert "more than its budget of 0.10" in quote(stage)["en"]
    assert stage.charges() == []


def test_a_larger_budget_lets_it_go_on() -> None:
    stage = told(options=b'{"cap_yuan": 0.1}')
    say_yes(stage, b'{"budget_yuan": 50}')
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_story_that_has_used_up_its_budget_waits_and_goes_on_with_a_larger_one() -> None:
    stage = paused()
    say_yes(stage, b'{"budget_yuan": 50}')
    stage.run(sweep_every_s=None)

    assert stage.job().state is JobState.DONE


def test_a_yes_without_a_larger_budget_changes_nothing_then() -> None:
    stage = paused()
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.OPEN
    assert is_at_review(stage)


def test_the_sweep_hears_of_a_larger_budget_too() -> None:
    stage = paused()
    stage.stand_ins.oss.listeners.clear()
    say_yes(stage, b'{"budget_yuan": 50}')
    sweep(stage.world)

    assert not is_at_review(stage)


@pytest.mark.parametrize("method", ["rows.merge", "rows.update", "objects.write"])
def test_a_larger_budget_is_heard_again_when_who_heard_it_died_over_it(method: str) -> None:
    stage = paused()
    listeners = stage.stand_ins.oss.listeners
    stage.stand_ins.oss.listeners = []
    say_yes(stage, b'{"budget_yuan": 50}')
    stage.stand_ins.oss.listeners = listeners

    def dies(call: Call) -> None:
        call()
        raise Killed(method)

    interpose(stage, method, dies)
    with pytest.raises(Killed):
        asking.hear(stage.functions_world, "story")
    stage.functions_world = stage.world  # those after it live
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_yes_to_a_larger_budget_takes_no_step_from_a_function_that_may_still_be_at_it() -> None:
    stage = paused()
    at_it: Columns = {"state": StepState.CLAIMED.value, "fence": "of-another", "lease_until": 0.0}
    stage.world.rows.merge(Table.STEPS, ("story", "clone", "-"), at_it)
    say_yes(stage, b'{"budget_yuan": 50}')

    assert asking.hear(stage.world, "story")
    assert stage.steps()["clone", "-"].state is StepState.CLAIMED
    assert stage.steps()["clone", "-"].fence == "of-another"


def test_a_familys_yes_decides_no_riddle_that_is_an_operators() -> None:
    """A call in doubt may have happened: a larger budget does not pay for it twice, and the operator is still asked."""
    stage = paused()
    riddle: Columns = {"state": StepState.REVIEW.value, "waits_for": "a person", "fence": "in-doubt"}
    stage.world.rows.merge(Table.STEPS, ("story", "separate", "music"), riddle)
    doubt: Columns = {"state": "review", "fence": "in-doubt", "kind": "ims.production", "sends": 2, "doubts": 2}
    stage.world.rows.merge(Table.EFFECTS, ("story", "separate", "music", "music"), doubt)
    say_yes(stage, b'{"budget_yuan": 50}')

    assert asking.hear(stage.world, "story")
    music = stage.steps()["separate", "music"]
    assert (music.state, music.waits_for) == (StepState.REVIEW, "a person")
    assert not asking.is_paused(stage.world, "story")
    assert "music" in stage.open_effects()
    assert alarms.standing(stage.world, alarms.REVIEW) == ["story"]


def test_what_waited_for_the_budget_alone_rings_no_more() -> None:
    stage = paused()
    assert alarms.standing(stage.world, alarms.REVIEW) == ["story"]
    say_yes(stage, b'{"budget_yuan": 50}')
    asking.hear(stage.world, "story")

    assert alarms.standing(stage.world, alarms.REVIEW) == []


def paused() -> Stage:
    """The quote's low end is within the budget; its story is not."""
    stage = Stage()
    stage.tell()
    stage.run(40.0, sweep_every_s=None)
    stage.world.rows.merge(Table.JOBS, ("story",), {"budget_yuan": 0.02})
    stage.run(1800.0)
    assert is_at_review(stage)
    return stage


def is_at_review(stage: Stage) -> bool:
    return any(row.state is StepState.REVIEW for row in stage.steps().values())


def test_the_place_of_a_yes_is_in_the_jobs_own_folder() -> None:
    assert asking.place("story") == Place(Bucket.INPUT, "inbox/story/yes.json")
