"""A claim is the right to act on one step: one of two gets it, it lasts as long as its lease, late writers lose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import Corrupt, Refused, Retry, Review, Unknown
from shared.domain.job import TRIES_MAX, JobState, Phase, StepState
from shared.engine import step
from shared.engine.step import OPERATOR_WAIT_S, UNKNOWN_WAIT_S
from shared.engine.turn import Act, Done, Later, Outcome, Turn
from shared.pipeline import STEPS
from shared.ports import Face, Queue, Table
from tests.engine.given import (
    Call,
    an_effect,
    done,
    interpose,
    letters,
    losing_the_answer,
    open_job,
    raising,
    row_of,
    wake_event,
)
from tests.stage import Killed, Stage

DETECT = STEPS["detect"]


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    open_job(stage.world)
    return stage


class Acting:
    """A begin that counts, and does what it is told to do."""

    def __init__(self, do: Callable[[Turn], Outcome] = lambda turn: Done({"by": turn.ledger.fence})) -> None:
        self.turns: list[Turn] = []
        self.do = do

    def __call__(self, turn: Turn) -> Outcome:
        self.turns.append(turn)
        return self.do(turn)


def wake_detect(stage: Stage, begin: Callable[[Turn], Outcome]) -> None:
    step.run(DETECT, Act(begin), wake_event("detect"), stage.functions_world)


def why_skipped(stage: Stage) -> list[object]:
    return [fields["why"] for event, fields in stage.world.lines if event in {"skipped", "lost"}]


# --- one of two


def test_of_two_that_begin_at_the_same_moment_one_acts(stage: Stage) -> None:
    begin = Acting()
    rivals = [lambda: step.run(DETECT, Act(begin), wake_event("detect"), stage.world)]

    def let_the_rival_go_first(call: Call) -> Any:
        while rivals:
            rivals.pop()()
        return call()

    interpose(stage, "rows.insert", let_the_rival_go_first)
    wake_detect(stage, begin)

    assert len(begin.turns) == 1
    assert ["claimed by another"] == why_skipped(stage)
    assert row_of(stage.world, "detect").result == {"by": begin.turns[0].ledger.fence}


def test_of_two_that_take_over_at_the_same_moment_one_acts(stage: Stage) -> None:
    with pytest.raises(Killed):
        wake_detect(stage, Acting(_dies))
    stage.timing.advance(DETECT.lease_s)
    begin = Acting()
    rivals = [lambda: step.run(DETECT, Act(begin), wake_event("detect"), stage.world)]

    def let_the_rival_go_first(call: Call) -> Any:
        while rivals:
            rivals.pop()()
        return call()

    interpose(stage, "rows.update", let_the_rival_go_first)
    wake_detect(stage, begin)

    assert len(begin.turns) == 1
    assert ["claimed by another"] == why_skipped(stage)


def test_a_wake_while_somebody_is_at_it_does_nothing(stage: Stage) -> None:
    second = Acting()

    def meanwhile(_turn: Turn) -> Outcome:
        wake_detect(stage, second)
        return Done({})

    wake_detect(stage, meanwhile)

    assert [] == second.turns
    assert ["busy"] == why_skipped(stage)


# --- the lease


def test_a_dead_claim_is_respected_until_its_lease_ends_and_then_taken_over(stage: Stage) -> None:
    with pytest.raises(Killed):
        wake_detect(stage, Acting(_dies))
    begin = Acting()
    stage.timing.advance(DETECT.lease_s - 0.001)
    wake_detect(stage, begin)
    assert [] == begin.turns

    stage.timing.advance(0.001)
    wake_detect(stage, begin)

    assert len(begin.turns) == 1
    assert row_of(stage.world, "detect").attempt == 2
    assert row_of(stage.world, "detect").state is StepState.DONE


def test_claims_that_were_left_by_the_dead_are_counted(stage: Stage) -> None:
    for _ in range(TRIES_MAX):
        with pytest.raises(Killed):
            wake_detect(stage, Acting(_dies))
        stage.timing.advance(DETECT.lease_s)

    begin = Acting()
    wake_detect(stage, begin)

    assert [] == begin.turns
    assert stage.job().state is JobState.FAILED
    assert row_of(stage.world, "detect").state is StepState.FAILED


def test_a_function_that_dies_but_gets_on_each_time_may_die_as_often_as_it_must(stage: Stage) -> None:
    def one_line_further(turn: Turn) -> Outcome:
        turn.do(an_effect(f"line-{len(turn.ledger.rows())}"))
        raise Killed

    for _ in range(2 * TRIES_MAX):
        with pytest.raises(Killed):
            wake_detect(stage, one_line_further)
        stage.timing.advance(DETECT.lease_s)

    wake_detect(stage, Acting())
    assert row_of(stage.world, "detect").state is StepState.DONE


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_lease_outlives_its_function_by_more_than_clocks_may_differ(name: str) -> None:
    assert STEPS[name].lease_s >= STEPS[name].timeout_s + 60


def test_a_writer_whose_lease_ended_loses_to_the_one_who_took_over(stage: Stage) -> None:
    def slow(_turn: Turn) -> Outcome:
        stage.timing.advance(DETECT.lease_s)
        wake_detect(stage, Acting(lambda _turn: Done({"by": "the second"})))
        return Done({"by": "the first, late"})

    wake_detect(stage, slow)

    assert row_of(stage.world, "detect").result == {"by": "the second"}
    assert [event for event, _ in stage.world.lines].count("lost") == 1


@pytest.mark.parametrize(
    "error",
    [Refused("photo.no_face"), Corrupt("internal"), Review("ledger.ambiguous"), Retry("vendor.busy"), Unknown("x")],
)
def test_the_trouble_of_a_late_writer_does_not_touch_the_step_that_was_taken_over(
    stage: Stage, error: Exception
) -> None:
    def slow(_turn: Turn) -> Outcome:
        stage.timing.advance(DETECT.lease_s)
        wake_detect(stage, Acting())
        raise error

    wake_detect(stage, slow)

    assert row_of(stage.world, "detect").state is StepState.DONE
    assert stage.job().state is JobState.OPEN
    assert "lost" in [event for event, _ in stage.world.lines]


def test_a_record_whose_answer_was_lost_counts(stage: Stage) -> None:
    """The repeat meets a row that already says what it wanted to write."""
    interpose(stage, "rows.update", losing_the_answer(Unknown("vendor.unanswered")))

    wake_detect(stage, Acting())

    assert row_of(stage.world, "detect").state is StepState.DONE
    assert [] == why_skipped(stage)


def test_a_record_survives_two_stumbles_of_the_table(stage: Stage) -> None:
    interpose(stage, "rows.update", raising(Retry("vendor.busy"), Unknown("vendor.unanswered")))

    wake_detect(stage, Acting())

    assert row_of(stage.world, "detect").state is StepState.DONE


def test_a_table_that_stays_down_leaves_the_step_to_the_lease(stage: Stage) -> None:
    """Nothing can be written down: the error leaves the function, FC tries again, and the lease ends at last."""
    interpose(stage, "rows.update", raising(*(Retry("vendor.busy") for _ in range(6))))

    with pytest.raises(Retry):
        wake_detect(stage, Acting())

    assert row_of(stage.world, "detect").state is StepState.CLAIMED
    stage.timing.advance(DETECT.lease_s)
    wake_detect(stage, Acting())
    assert row_of(stage.world, "detect").state is StepState.DONE


# --- what a wake finds


def test_a_wake_for_a_job_that_nobody_knows_does_nothing(stage: Stage) -> None:
    begin = Acting()
    step.run(DETECT, Act(begin), wake_event("detect", job_id="another"), stage.world)

    assert [] == begin.turns
    assert ["not open"] == why_skipped(stage)


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.OPEN])
def test_a_wake_for_a_job_that_is_not_open_does_nothing(stage: Stage, state: JobState) -> None:
    begin = Acting()
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": state.value})

    wake_detect(stage, begin)

    assert [] == begin.turns


def test_a_step_whose_needs_are_not_met_does_not_begin(stage: Stage) -> None:
    begin = Acting()
    step.run(STEPS["separate"], Act(begin), wake_event("separate", "music"), stage.world)
    done(stage.world, "detect")
    done(stage.world, "clone")
    step.run(STEPS["separate"], Act(begin), wake_event("separate", "music"), stage.world)

    assert [turn.item for turn in begin.turns] == ["music"]
    assert ["not ready"] == why_skipped(stage)


def test_every_wake_of_an_event_is_looked_at(stage: Stage) -> None:
    begin = Acting()
    open_job(stage.world, "other")
    both = json.loads(wake_event("detect"))
    both["events"] += json.loads(wake_event("detect", job_id="other"))["events"]

    step.run(DETECT, Act(begin), json.dumps(both), stage.world)

    assert [turn.job.job_id for turn in begin.turns] == ["story", "other"]


def test_a_payload_that_nobody_can_read_goes_to_the_dead_letters_once(stage: Stage) -> None:
    begin = Acting()
    step.run(DETECT, Act(begin), b"\xffnothing", stage.world)

    assert [] == begin.turns
    [letter] = letters(stage, Queue.DEAD_FAILED)
    assert letter["function"] == "detect"
    assert letter["poison"].endswith("nothing")


# --- what comes of acting


def test_done_wakes_what_is_ready_next(stage: Stage) -> None:
    done(stage.world, "clone")

    wake_detect(stage, Acting())

    stage.timing.run(0)
    assert {("separate", "captions"), ("separate", "music")} <= set(stage.steps())


def test_the_last_step_flips_the_job_and_tells_who_listens(stage: Stage) -> None:
    for name, items in (("detect", ()), ("clone", ()), ("script", ("0001",)), ("compose", ())):
        done(stage.world, name, items=items)
    for name, item in (("separate", "captions"), ("separate", "music"), ("speak", "0001"), ("animate", "0001")):
        done(stage.world, name, item)

    step.run(STEPS["publish"], Act(Acting()), wake_event("publish"), stage.world)

    assert stage.job().state is JobState.DONE
    assert [("story", "done")] == [(one["job"], one["state"]) for one in letters(stage, Queue.FINISHED)]


def test_a_refusal_ends_the_job_with_words(stage: Stage) -> None:
    wake_detect(stage, Acting(_raises(Refused("photo.no_face"))))

    assert stage.job().state is JobState.REFUSED
    assert row_of(stage.world, "detect").state is StepState.REFUSED
    assert stage.error() == {
        "job": "story",
        "state": "refused",
        "problems": [
            {
                "code": "photo.no_face",
                "zh": "照片里没有找到人脸。请换一张正面、清楚的单人照片。",
                "en": "No face was found in the photo. Please use a clear photo of one person, seen from the front.",
                "who": "family",
            }
        ],
    }
    assert [("story", "refused")] == [(one["job"], one["state"]) for one in letters(stage, Queue.FINISHED)]


def test_a_broken_invariant_fails_the_job_and_is_the_operators(stage: Stage) -> None:
    wake_detect(stage, Acting(_raises(Corrupt("ledger.other_inputs", "detect/-/face"))))

    assert stage.job().state is JobState.FAILED
    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("ledger.other_inputs", "operator")
    assert "detect/-/face" not in json.dumps(problem)


def test_what_only_a_person_can_decide_waits_and_leaves_the_job_open(stage: Stage) -> None:
    wake_detect(stage, Acting(_raises(Review("ledger.ambiguous"))))
    again = Acting()
    wake_detect(stage, again)

    assert row_of(stage.world, "detect").state is StepState.REVIEW
    assert stage.job().state is JobState.OPEN
    assert [] == again.turns


def test_something_that_may_have_happened_is_left_alone_for_a_while(stage: Stage) -> None:
    wake_detect(stage, Acting(_raises(Unknown("vendor.unanswered"))))
    begin = Acting()
    stage.timing.advance(UNKNOWN_WAIT_S - 0.001)
    wake_detect(stage, begin)
    assert [] == begin.turns

    stage.timing.advance(0.001)
    wake_detect(stage, begin)
    assert len(begin.turns) == 1


def test_a_vendors_wish_to_be_left_alone_is_respected(stage: Stage) -> None:
    wake_detect(stage, Acting(_raises(Retry("vendor.busy", after_s=60.0))))

    assert row_of(stage.world, "detect").due_at >= stage.timing.now() + 60.0
    assert row_of(stage.world, "detect").waits_for == "vendor.busy"


def test_a_delayed_message_brings_the_step_back(stage: Stage) -> None:
    refusals = [Retry("vendor.busy", after_s=60.0)]

    def busy_at_first(_call: Call) -> Face:
        if refusals:
            raise refusals.pop()
        return Face(None, None)

    interpose(stage, "avatars.detect", busy_at_first)
    stage.call("detect", wake_event("detect"))
    assert row_of(stage.world, "detect").state is StepState.WAITING

    stage.run(400.0, sweep_every_s=None)

    assert "recheck" in [name for name, _ in stage.events]
    assert row_of(stage.world, "detect").attempt == 2


def test_troubles_in_a_row_end_the_job(stage: Stage) -> None:
    begin = Acting(_raises(Retry("vendor.busy", "no room")))
    while stage.job().state is JobState.OPEN:
        wake_detect(stage, begin)
        stage.timing.advance(3600)

    assert len(begin.turns) == TRIES_MAX
    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["vendor.busy"]


def test_waiting_for_the_operator_uses_up_no_tries(stage: Stage) -> None:
    begin = Acting(_raises(Retry("account.overdue", after_s=1.0)))
    for _ in range(3 * TRIES_MAX):
        wake_detect(stage, begin)
        assert row_of(stage.world, "detect").due_at == stage.timing.now() + OPERATOR_WAIT_S
        stage.timing.advance(OPERATOR_WAIT_S)

    assert len(begin.turns) == 3 * TRIES_MAX
    assert stage.job().state is JobState.OPEN
    assert row_of(stage.world, "detect").troubles == 0


def test_waiting_for_a_turn_uses_up_no_tries(stage: Stage) -> None:
    begin = Acting(lambda _turn: Later(15.0, "the other"))
    for _ in range(3 * TRIES_MAX):
        wake_detect(stage, begin)
        stage.timing.advance(15.0)

    assert row_of(stage.world, "detect").state is StepState.WAITING
    assert row_of(stage.world, "detect").phase is Phase.BEGIN


def test_what_one_waits_for_may_come_while_one_writes_that_one_waits(stage: Stage) -> None:
    begin = Acting(lambda _turn: Later(1800.0, "the other", lambda: True))

    wake_detect(stage, begin)

    assert row_of(stage.world, "detect").due_at == 0.0
    stage.timing.run(0)
    assert stage.events[-1][0] == "detect"


def test_a_fault_nobody_foresaw_frees_the_claim_for_the_next_try(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        wake_detect(stage, Acting(lambda _turn: Done({"by": 1 // 0})))
    begin = Acting()
    wake_detect(stage, begin)

    assert len(begin.turns) == 1
    assert row_of(stage.world, "detect").state is StepState.DONE


def test_a_fault_that_stays_ends_the_job_with_a_word(stage: Stage) -> None:
    for _ in range(TRIES_MAX):
        with pytest.raises(ZeroDivisionError):
            wake_detect(stage, Acting(lambda _turn: Done({"by": 1 // 0})))

    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["internal"]
    assert "ZeroDivisionError" in str(stage.job().error["detail"])


def _dies(_turn: Turn) -> Outcome:
    raise Killed


def _raises(error: Exception) -> Callable[[Turn], Outcome]:
    def begin(_turn: Turn) -> Outcome:
        raise error

    return begin
