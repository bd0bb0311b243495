"""The ledger: what is remembered before a call, and what that is worth after it. One row per effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.standins.timing import VirtualTiming
from shared.domain.errors import Conflict, Corrupt, EchobotError, Offline, Refused, Retry, Review, Unknown
from shared.engine import waking
from shared.engine.effects import Answer, Effect, EffectState, Finished, NotSent, Sent, digest, restore
from shared.engine.ledger import SENDS_MAX, Ledger, is_news, wait_of
from shared.engine.records import error_of
from shared.engine.turn import Turn
from shared.ports import Fate, Kind, Table, Verdict
from tests.engine.given import Call, an_effect, effect_row, interpose, ledger, open_job, states
from tests.stage import Killed, Stage


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    open_job(stage.world)
    return stage


class Calls:
    """A call that answers, in turn, with these; it raises those that are errors."""

    def __init__(self, *answers: Answer | BaseException) -> None:
        self.answers = list(answers)
        self.made = 0

    def __call__(self) -> Answer:
        self.made += 1
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def a_task(call: Callable[[], Answer], **changes: object) -> Effect:
    return an_effect("clip", kind=Kind.MODEL_STUDIO, call=call, **changes)


def fresh(stage: Stage, number: int) -> Ledger:
    """In the hands of another claim."""
    return ledger(stage.world, fence=f"fence-{number}")


# --- intent before call


def test_the_intent_is_durable_before_the_call_is_made(stage: Stage) -> None:
    seen = []

    def call() -> Finished:
        seen.append(effect_row(stage.world, "film"))
        return Finished({})

    ledger(stage.world).perform(an_effect(call=call))

    assert [(row.state, row.fence, row.sends) for row in seen] == [(EffectState.INTENT, "fence-1", 1)]


def test_no_call_is_made_when_the_intent_cannot_be_written(stage: Stage) -> None:
    calls = Calls(Finished({}))
    interpose(stage, "rows.insert", lambda _call: _raise(Retry("vendor.busy")))

    with pytest.raises(Retry):
        Ledger(stage.functions_world, "story", "compose", "-", "fence-1").perform(an_effect(call=calls))

    assert calls.made == 0


def test_a_call_that_was_answered_is_never_made_again(stage: Stage) -> None:
    calls = Calls(Finished({"made": 1}))
    ledger(stage.world).perform(an_effect(call=calls))

    row = fresh(stage, 2).perform(an_effect(call=calls))

    assert calls.made == 1
    assert (row.state, row.result) == (EffectState.DONE, {"made": 1})


def test_a_task_that_was_taken_is_never_submitted_again(stage: Stage) -> None:
    calls = Calls(Sent("task-1"))
    ledger(stage.world).perform(a_task(calls))

    row = fresh(stage, 2).perform(a_task(calls))

    assert calls.made == 1
    assert (row.state, row.task) == (EffectState.SENT, "task-1")
    assert stage.world.rows.get(Table.TASKS, ("model_studio", "task-1")) == {
        "job": "story",
        "step": "compose",
        "item": "-",
    }


def test_the_same_name_with_other_inputs_is_a_broken_invariant(stage: Stage) -> None:
    calls = Calls(Finished({}), Finished({}))
    ledger(stage.world).perform(an_effect(call=calls))

    with pytest.raises(Corrupt) as caught:
        fresh(stage, 2).perform(an_effect(call=calls, inputs={"text": "two"}))

    assert (caught.value.code, caught.value.detail) == ("ledger.other_inputs", "compose/-/film")
    assert calls.made == 1


def test_inputs_are_compared_by_value_not_by_order() -> None:
    assert digest({"a": 1, "b": [1, "二"]}) == digest({"b": [1, "二"], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert digest({}).startswith("v1:")


# --- what an error means


def test_a_call_that_did_not_happen_may_be_made_again(stage: Stage) -> None:
    calls = Calls(Retry("vendor.busy"), Finished({"made": 1}))
    with pytest.raises(Retry):
        ledger(stage.world).perform(an_effect(call=calls))
    assert effect_row(stage.world, "film").state is EffectState.AGAIN

    row = fresh(stage, 2).perform(an_effect(call=calls))

    assert (row.state, row.result, calls.made) == (EffectState.DONE, {"made": 1}, 2)
    assert states(row) == ["intent", "again", "intent", "done"]


def test_what_certainly_did_not_happen_does_not_count_as_sent(stage: Stage) -> None:
    """However often a busy or unpaid vendor turns us away: the number of sends is for calls that may have happened."""
    calls = Calls(*(Retry("account.overdue") for _ in range(3 * SENDS_MAX)), Finished({}))
    for number in range(3 * SENDS_MAX):
        with pytest.raises(Retry):
            fresh(stage, number).perform(an_effect(call=calls))

    row = fresh(stage, 99).perform(an_effect(call=calls))

    assert (row.state, row.sends) == (EffectState.DONE, 1)


def test_a_call_turned_away_and_then_cut_off_has_its_repeat_left(stage: Stage) -> None:
    calls = Calls(Retry("vendor.busy"), Unknown("vendor.unanswered"), Finished({}))
    for number, kind in enumerate((Retry, Unknown)):
        with pytest.raises(kind):
            fresh(stage, number).perform(an_effect(call=calls, repeats=1))

    assert fresh(stage, 9).perform(an_effect(call=calls, repeats=1)).state is EffectState.DONE


def test_a_call_that_was_not_made_because_its_job_could_not_be_looked_at_did_not_happen(stage: Stage) -> None:
    """The table turned us away after the intent: nobody need ever wonder whether the vendor was called."""
    calls = Calls(Finished({}))

    def turned_away(call: Call) -> object:
        if call.args[0] is Table.JOBS:
            raise Retry("vendor.busy")
        return call()

    interpose(stage, "rows.get", turned_away)
    with pytest.raises(Retry):
        ledger(stage.functions_world).perform(an_effect(call=calls))

    row = effect_row(stage.world, "film")
    assert (row.state, row.sends, calls.made) == (EffectState.AGAIN, 0, 0)


def test_a_refusal_is_final_and_remembered(stage: Stage) -> None:
    calls = Calls(Refused("photo.no_face", "nobody there"))
    with pytest.raises(Refused):
        ledger(stage.world).perform(an_effect(call=calls))

    row = fresh(stage, 2).perform(an_effect(call=calls))

    assert (row.state, calls.made) == (EffectState.REFUSED, 1)
    assert row.error == {"kind": "Refused", "code": "photo.no_face", "detail": "nobody there", "fields": {}}


def test_a_remembered_refusal_is_raised_to_who_asks_again(stage: Stage) -> None:
    """A function that died before it could act on the refusal hears it the second time, whichever way it asks."""
    refusing = an_effect(call=Calls(Offline("engine.offline", "off", model="emo-v1")))
    turn = _turn(stage, "fence-2")
    with pytest.raises(Offline):
        ledger(stage.world).perform(refusing)

    for ask in (turn.do, turn.submit, lambda effect: turn.outcome(effect.name)):
        with pytest.raises(Offline) as caught:
            ask(refusing)

        assert (caught.value.code, caught.value.fields) == ("engine.offline", {"model": "emo-v1"})


def test_an_unanswered_call_is_unknown(stage: Stage) -> None:
    with pytest.raises(Unknown):
        ledger(stage.world).perform(an_effect(call=Calls(Unknown("vendor.unanswered", "timed out"))))

    assert effect_row(stage.world, "film").state is EffectState.UNKNOWN


# --- what is done about a call that may have happened


@pytest.fixture(params=["an unanswered call", "a crash between call and record"])
def open_call(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """The ledger after a call of `clip` of which nobody knows whether it happened."""
    error: BaseException = Unknown("vendor.unanswered") if "unanswered" in request.param else Killed()
    stage.timing.advance(5.0)
    with pytest.raises(type(error)):
        ledger(stage.world).perform(a_task(Calls(error), repeats=1))
    return stage


def test_what_is_found_at_the_vendor_is_adopted(open_call: Stage) -> None:
    calls, since = Calls(), []

    def find(at: float) -> Sent:
        since.append(at)
        return Sent("orphan")

    row = fresh(open_call, 2).perform(a_task(calls, find=find))

    assert (row.state, row.task, row.sends, calls.made) == (EffectState.SENT, "orphan", 1, 0)
    assert since == [open_call.timing.now()]
    assert "adopted: orphan" in row.history


def test_what_was_left_behind_whole_is_adopted_as_done(open_call: Stage) -> None:
    row = fresh(open_call, 2).perform(a_task(Calls(), find=lambda _since: Finished({"made": 1})))

    assert (row.state, row.result) == (EffectState.DONE, {"made": 1})


def test_with_proof_that_nothing_happened_it_is_sent_again(open_call: Stage) -> None:
    calls = Calls(Sent("task-2"))

    row = fresh(open_call, 2).perform(a_task(calls, find=lambda _since: NotSent()))

    assert (row.task, row.sends, calls.made) == ("task-2", 2, 1)


def test_a_riddle_is_left_to_a_person(open_call: Stage) -> None:
    calls = Calls()

    def find(_since: float) -> Answer:
        raise Review("ledger.ambiguous", "2 tasks without an owner")

    for number in (2, 3):
        with pytest.raises(Review):
            fresh(open_call, number).perform(a_task(calls, find=find))

    assert calls.made == 0
    assert effect_row(open_call.world, "clip").state is EffectState.REVIEW


def test_a_search_that_fails_changes_nothing(open_call: Stage) -> None:
    def find(_since: float) -> Answer:
        raise Retry("vendor.busy")

    before = effect_row(open_call.world, "clip")
    with pytest.raises(Retry):
        fresh(open_call, 2).perform(a_task(Calls(), find=find))

    assert effect_row(open_call.world, "clip") == before


def test_a_blind_repeat_is_made_as_often_as_promised(open_call: Stage) -> None:
    calls = Calls(Unknown("vendor.unanswered"), Sent("never"))
    with pytest.raises(Unknown):
        fresh(open_call, 2).perform(a_task(calls, repeats=1))

    with pytest.raises(Review) as caught:
        fresh(open_call, 3).perform(a_task(calls, repeats=1))

    assert (caught.value.code, calls.made) == ("ledger.ambiguous", 1)
    assert effect_row(open_call.world, "clip").state is EffectState.REVIEW


def test_without_a_repeat_an_open_call_is_never_made_twice(open_call: Stage) -> None:
    calls = Calls(Sent("never"))

    with pytest.raises(Review):
        fresh(open_call, 2).perform(a_task(calls))

    assert calls.made == 0


def test_even_with_proof_each_time_the_sends_are_bounded(open_call: Stage) -> None:
    for number in range(2, SENDS_MAX + 1):
        lost = a_task(Calls(Unknown("vendor.unanswered")), find=lambda _since: NotSent())
        with pytest.raises(Unknown):
            fresh(open_call, number).perform(lost)

    calls = Calls(Sent("never"))
    with pytest.raises(Corrupt) as caught:
        fresh(open_call, 99).perform(a_task(calls, find=lambda _since: NotSent()))

    assert (caught.value.code, caught.value.detail) == ("vendor.rejected", f"sent {SENDS_MAX} times")
    assert calls.made == 0


def test_a_crash_before_the_call_looks_like_one_after_it(stage: Stage) -> None:
    """Nobody can tell them apart, so both are looked into."""
    looked = []

    def find(_since: float) -> NotSent:
        looked.append(1)
        return NotSent()

    with pytest.raises(Killed):
        ledger(stage.world).perform(a_task(Calls(Killed())))
    fresh(stage, 2).perform(a_task(Calls(Sent("task-1")), find=find))

    assert looked == [1]


# --- the fence


def test_a_late_writer_loses_to_the_fence_it_last_saw(stage: Stage) -> None:
    def call() -> Finished:
        fresh(stage, 2).perform(an_effect(call=lambda: Finished({"by": "the second"}), repeats=1))
        return Finished({"by": "the first, late"})

    with pytest.raises(Conflict):
        ledger(stage.world).perform(an_effect(call=call))

    assert effect_row(stage.world, "film").result == {"by": "the second"}


def test_a_late_writer_loses_too_while_its_successor_is_still_calling(stage: Stage) -> None:
    """Both rows say `intent`: only the fence tells them apart."""

    def call() -> Sent:
        with pytest.raises(Killed):
            fresh(stage, 2).perform(a_task(Calls(Killed()), find=lambda _since: NotSent()))
        return Sent("of the first, late")

    with pytest.raises(Conflict):
        ledger(stage.world).perform(a_task(call))

    row = effect_row(stage.world, "clip")
    assert (row.state, row.fence, row.task) == (EffectState.INTENT, "fence-2", "")


def test_of_two_first_intents_one_stands(stage: Stage) -> None:
    rivals = [lambda: fresh(stage, 2).perform(an_effect(call=Calls(Finished({"by": "the rival"}))))]
    calls = Calls(Finished({"by": "us"}))

    def let_the_rival_go_first(call: Call) -> object:
        while rivals:
            rivals.pop()()
        return call()

    interpose(stage, "rows.insert", let_the_rival_go_first)
    row = Ledger(stage.functions_world, "story", "compose", "-", "fence-1").perform(an_effect(call=calls))

    assert (row.result, calls.made) == ({"by": "the rival"}, 0)


# --- verdicts


def ask(stage: Stage, verdict: Verdict) -> EffectState:
    interpose(stage, "avatars.verdict", lambda _call: verdict)
    mine = Ledger(stage.functions_world, "story", "compose", "-", "fence-2")
    return mine.ask(mine.rows()["clip"]).state


@pytest.fixture
def sent(stage: Stage) -> Stage:
    """A task `task-1` is with Model Studio."""
    ledger(stage.world).perform(a_task(Calls(Sent("task-1")), price="emo-v1.1:1"))
    return stage


def test_a_result_is_written_down_with_its_price(sent: Stage) -> None:
    assert ask(sent, Verdict(Fate.SUCCEEDED, {"url": "https://…", "seconds": 10.0})) is EffectState.DONE

    row = effect_row(sent.world, "clip")
    assert (row.result["seconds"], row.spent) == (10.0, 800_000)


def test_a_running_task_is_left_alone_twice_as_long_each_time(stage: Stage) -> None:
    ledger(stage.world).perform(an_effect("voice", kind=Kind.VOICE, call=lambda: Sent("voice-1")))
    interpose(stage, "voices.verdict", lambda _call: Verdict(Fate.RUNNING))
    mine = Ledger(stage.functions_world, "story", "compose", "-", "fence-2")
    waits = [mine.rows()["voice"].ask_at - stage.timing.now()]
    for _ in range(4):
        assert mine.ask(mine.rows()["voice"]).state is EffectState.SENT
        waits.append(mine.rows()["voice"].ask_at - stage.timing.now())

    assert waits == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_each_vendor_is_asked_unbidden_only_after_its_usual_time(stage: Stage) -> None:
    def waits(kind: Kind) -> list[float]:
        return [wait_of(stage.world, kind, asks) for asks in range(4)]

    assert waits(Kind.VOICE) == [10.0, 20.0, 40.0, 60.0]
    assert waits(Kind.IMS_PRODUCTION) == waits(Kind.IMS_SMART) == [900.0, 1800.0, 3600.0, 3600.0]
    assert waits(Kind.MODEL_STUDIO) == [1800.0, 3600.0, 3600.0, 3600.0]


def test_a_forgotten_task_is_lost(sent: Stage) -> None:
    assert ask(sent, Verdict(Fate.FORGOTTEN)) is EffectState.LOST

    with pytest.raises(Review):
        fresh(sent, 3).perform(a_task(Calls(Sent("never")), find=lambda _since: NotSent()))


def test_a_refused_task_keeps_its_reason(sent: Stage) -> None:
    assert ask(sent, Verdict(Fate.FAILED, error=Refused("content.blocked"))) is EffectState.REFUSED

    assert effect_row(sent.world, "clip").error["code"] == "content.blocked"


@pytest.mark.parametrize("error", [None, ValueError("what is this")])
def test_a_failure_without_an_error_of_ours_is_a_broken_contract(sent: Stage, error: Exception | None) -> None:
    assert ask(sent, Verdict(Fate.FAILED, error=error)) is EffectState.REFUSED

    assert effect_row(sent.world, "clip").error["code"] == "vendor.contract"


def test_a_task_that_failed_uses_up_no_blind_repeat(sent: Stage) -> None:
    """What failed was answered: only the call whose answer is missing is in doubt."""
    assert ask(sent, Verdict(Fate.FAILED, error=Retry("vendor.busy"))) is EffectState.AGAIN
    with pytest.raises(Unknown):
        fresh(sent, 2).perform(a_task(Calls(Unknown("vendor.unanswered")), repeats=1))

    row = fresh(sent, 3).perform(a_task(Calls(Sent("task-3")), repeats=1))

    assert (row.state, row.task) == (EffectState.SENT, "task-3")


def test_a_task_that_failed_for_no_reason_of_ours_is_worth_another_a_bounded_number_of_times(sent: Stage) -> None:
    """Each of these was a submission, so each counts."""
    for number in range(2, SENDS_MAX + 1):
        assert ask(sent, Verdict(Fate.FAILED, error=Retry("vendor.busy"))) is EffectState.AGAIN
        fresh(sent, number).perform(a_task(Calls(Sent(f"task-{number}"))))

    assert ask(sent, Verdict(Fate.FAILED, error=Retry("vendor.busy"))) is EffectState.REFUSED

    row = effect_row(sent.world, "clip")
    assert (row.sends, row.error["kind"], row.error["code"]) == (SENDS_MAX, "Corrupt", "vendor.rejected")
    assert "vendor.busy" in row.error["detail"]


@pytest.mark.parametrize(
    ("kind", "port"),
    [
        (Kind.VOICE, "voices.verdict"),
        (Kind.IMS_PRODUCING, "media.verdict"),
        (Kind.IMS_PRODUCTION, "media.verdict"),
        (Kind.IMS_SMART, "media.verdict"),
        (Kind.MODEL_STUDIO, "avatars.verdict"),
    ],
)
def test_each_kind_of_task_is_asked_of_its_own_vendor(stage: Stage, kind: Kind, port: str) -> None:
    ledger(stage.world).perform(an_effect("one", kind=kind, call=lambda: Sent("task-1")))
    interpose(stage, port, lambda _call: Verdict(Fate.SUCCEEDED, {"from": port}))
    mine = Ledger(stage.functions_world, "story", "compose", "-", "fence-2")

    assert mine.ask(mine.rows()["one"]).result == {"from": port}


# --- news


def test_an_announced_end_is_news_once(sent: Stage) -> None:
    assert not is_news(sent.world, effect_row(sent.world, "clip"), sent.timing.now())
    waking.report(sent.world, "model_studio", "task-1")
    assert is_news(sent.world, effect_row(sent.world, "clip"), sent.timing.now())

    ask(sent, Verdict(Fate.RUNNING))
    assert not is_news(sent.world, effect_row(sent.world, "clip"), sent.timing.now())

    waking.report(sent.world, "model_studio", "task-1")
    assert is_news(sent.world, effect_row(sent.world, "clip"), sent.timing.now())


def test_an_end_announced_by_a_machine_whose_clock_is_behind_is_news_all_the_same(sent: Stage) -> None:
    waking.report(sent.world, "model_studio", "task-1")
    ask(sent, Verdict(Fate.RUNNING))
    asked_at = sent.timing.now()

    class Behind(VirtualTiming):
        def now(self) -> float:
            return asked_at - 120.0

    waking.report(replace(sent.world, clock=Behind()), "model_studio", "task-1")

    assert is_news(sent.world, effect_row(sent.world, "clip"), asked_at)


def test_an_end_announced_while_the_vendor_is_asked_is_news_again(sent: Stage) -> None:
    def meanwhile(_call: Call) -> Verdict:
        waking.report(sent.world, "model_studio", "task-1")
        return Verdict(Fate.RUNNING)

    interpose(sent, "avatars.verdict", meanwhile)
    mine = Ledger(sent.functions_world, "story", "compose", "-", "fence-2")
    mine.ask(mine.rows()["clip"])

    assert is_news(sent.world, effect_row(sent.world, "clip"), sent.timing.now())


def test_a_task_whose_time_is_over_is_news_without_an_event(sent: Stage) -> None:
    row = effect_row(sent.world, "clip")

    assert not is_news(sent.world, row, row.ask_at - 0.001)
    assert is_news(sent.world, row, row.ask_at)


def test_only_a_sent_task_can_be_news(stage: Stage) -> None:
    row = ledger(stage.world).perform(an_effect())

    assert not is_news(stage.world, row, stage.timing.now() + 1e9)


def test_the_row_of_a_task_is_written_again_by_the_next_claim_if_a_crash_kept_it_from_us(stage: Stage) -> None:
    """Between the ledger's record and the row that callbacks look up lies one more call."""
    interpose(stage, "rows.merge", lambda _call: _raise(Killed()))
    with pytest.raises(Killed):
        Ledger(stage.functions_world, "story", "compose", "-", "fence-1").perform(a_task(Calls(Sent("task-1"))))
    assert stage.world.rows.get(Table.TASKS, ("model_studio", "task-1")) is None

    fresh(stage, 2).perform(a_task(Calls()))

    assert (stage.world.rows.get(Table.TASKS, ("model_studio", "task-1")) or {})["job"] == "story"


# --- errors as rows


@pytest.mark.parametrize("kind", [Refused, Offline, Retry, Unknown, Review, Corrupt])
def test_an_error_comes_out_of_a_row_as_it_went_in(kind: type[EchobotError]) -> None:
    import json

    back = restore(json.loads(error_of(kind("vendor.busy", "why", model="emo-v1"))))

    assert (type(back), back.code, back.detail, back.fields) == (kind, "vendor.busy", "why", {"model": "emo-v1"})


def test_an_error_that_a_row_does_not_name_is_ours() -> None:
    assert (type(restore({})), restore({}).code) == (Corrupt, "internal")


def test_an_effect_that_has_no_answer_yet_cannot_be_read(sent: Stage) -> None:
    turn = _turn(sent, "fence-2")

    with pytest.raises(Corrupt) as caught:
        turn.outcome("clip")

    assert (caught.value.code, caught.value.detail) == ("internal", "effect clip is sent")
    assert turn.outcome("never submitted") is None


def test_what_an_earlier_step_has_not_made_cannot_be_read(stage: Stage) -> None:
    with pytest.raises(Corrupt) as caught:
        _turn(stage, "fence-1").result("script")

    assert caught.value.detail == "compose asks for script/-, which is not done"


def _turn(stage: Stage, fence: str) -> Turn:
    return Turn(stage.world, stage.job(), "compose", "-", stage.steps(), fresh_with(stage, fence))


def fresh_with(stage: Stage, fence: str) -> Ledger:
    return ledger(stage.world, fence=fence)


def _raise(error: BaseException) -> object:
    raise error
