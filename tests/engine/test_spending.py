"""Before anything is bought: is the job within its budget, and does the vendor get its money?"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from shared.domain.errors import Retry
from shared.domain.job import JobState, StepState
from shared.engine import alarms, repair
from shared.engine.spending import CLOSED_S
from shared.engine.sweep import sweep
from shared.ports import Bucket, Fate, Place, Queue, Verdict
from tests.engine.given import Call, interpose, letters, raising
from tests.engine.test_repair import in_review
from tests.stage import Stage

BEFORE_THE_CLIP = 1.5
"""Yuan: enough for captions and music (half a yuan each, at most) and the speech, not for a clip of 0.80 as well."""


def told(budget_yuan: float, **more: Any) -> Stage:
    stage = Stage(settings={"budget_yuan": budget_yuan, **more})
    stage.tell()
    stage.run()
    return stage


# --- the budget


def test_a_call_that_would_exceed_the_budget_is_not_made() -> None:
    stage = told(BEFORE_THE_CLIP)

    assert stage.charges().count("emo-v1") == 0
    row = stage.steps()["animate", "0001"]
    assert (row.state, row.waits_for) == (StepState.REVIEW, "a larger budget")
    assert stage.job().state is JobState.OPEN


def test_what_is_within_the_budget_is_made() -> None:
    stage = told(30.0)

    assert stage.job().state is JobState.DONE


def test_calls_that_are_under_way_count_as_if_they_were_paid() -> None:
    """OCR and the music are submitted at the same moment: half a yuan each, at most, for a minute of film."""
    stage = told(0.6)

    waiting = [row for row in stage.steps().values() if row.state is StepState.REVIEW]
    assert [(row.step, row.waits_for) for row in waiting] == [("separate", "a larger budget")]


def test_the_operator_hears_of_it_with_the_amounts() -> None:
    stage = told(BEFORE_THE_CLIP)

    assert alarms.standing(stage.world, alarms.REVIEW) == ["story"]
    alarm = json.loads(stage.world.objects.read(Place(Bucket.WORK, "alarms/review/story.json")))
    assert (alarm["code"], alarm["step"]) == ("budget.reached", "animate")
    assert "budget of this story is 1.50 yuan; 1.0" in alarm["en"]


def test_a_larger_budget_lets_the_job_go_on() -> None:
    stage = told(BEFORE_THE_CLIP)
    repair.redrive(stage.world, "story", budget_yuan=30.0)
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1
    assert alarms.standing(stage.world, alarms.REVIEW) == []


def test_redriving_without_a_larger_budget_spends_nothing() -> None:
    stage = told(BEFORE_THE_CLIP)
    bought = stage.charges()
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.charges() == bought


# --- an unpaid bill, and a busy vendor


def overdue(stage: Stage, port: str = "avatars.animate") -> list[float]:
    """When the vendor was called; it turns each away until the bill is paid (`paid` is put in the list)."""
    calls: list[float] = []

    def between(call: Call) -> Any:
        calls.append(stage.timing.now())
        if stage.paid:  # type: ignore[attr-defined]  # set by the test
            return call()
        raise Retry("account.overdue", "Arrearage")

    stage.paid = False  # type: ignore[attr-defined]  # see above
    interpose(stage, port, between)
    return calls


def test_an_unpaid_bill_stops_everybody_and_one_call_tries_from_time_to_time() -> None:
    stage = Stage()
    calls = overdue(stage)
    for job_id in ("ann", "bob", "cid"):
        stage.tell(job_id, options=f'{{"family": "{job_id}", "engines": ["emo"]}}'.encode())
    stage.run(4 * CLOSED_S)

    assert 2 <= len(calls) <= 4
    assert all(after - before >= CLOSED_S for before, after in pairwise(calls))


def test_nothing_else_is_bought_of_a_vendor_that_waits_for_its_money() -> None:
    stage = Stage()
    overdue(stage, "avatars.detect")
    stage.tell("ann")
    stage.run(60.0)
    spoken: list[Call] = []
    interpose(stage, "voices.speak", spoken.append)
    stage.tell("bob")
    stage.run(CLOSED_S / 2)

    assert spoken == []
    assert stage.account.count("model_studio")["emo-detect-v1"] == 0


def test_the_operator_hears_of_an_unpaid_bill_once_and_until_it_is_paid() -> None:
    stage = Stage()
    overdue(stage)
    stage.tell()
    stage.run(3 * CLOSED_S)
    heard = [letter for letter in letters(stage, Queue.FINISHED) if letter.get("alarm") == "account"]
    assert [(letter["about"], letter["code"]) for letter in heard] == [("model_studio", "account.overdue")]

    stage.paid = True  # type: ignore[attr-defined]  # see overdue
    stage.run()

    assert stage.job().state is JobState.DONE
    assert alarms.standing(stage.world, alarms.ACCOUNT) == []


def test_who_has_paid_may_say_so_and_need_not_wait() -> None:
    stage = Stage()
    calls = overdue(stage)
    stage.tell()
    stage.run(300.0)
    assert len(calls) == 1

    stage.paid = True  # type: ignore[attr-defined]  # see overdue
    repair.redrive(stage.world, "story")
    stage.run(300.0, sweep_every_s=None)

    assert stage.job().state is JobState.DONE


def test_a_busy_vendor_closes_nothing() -> None:
    stage = Stage()
    interpose(stage, "avatars.animate", raising(Retry("vendor.busy", "Throttling.RateQuota", after_s=5.0)))
    stage.tell()
    stage.run(600.0)

    assert stage.job().state is JobState.DONE
    assert alarms.standing(stage.world, alarms.ACCOUNT) == []


# --- other alarms


def test_a_riddle_is_announced_once_and_taken_back_when_it_is_decided() -> None:
    stage = in_review()
    for _ in range(3):
        sweep(stage.world)
    heard = [letter for letter in letters(stage, Queue.FINISHED) if letter.get("alarm") == "review"]
    assert [(letter["about"], letter["code"], letter["item"]) for letter in heard] == [
        ("story", "ledger.ambiguous", "0001")
    ]

    repair.decide(stage.world, "story", "animate", "0001")

    assert alarms.standing(stage.world, alarms.REVIEW) == []


def test_a_riddle_whose_announcement_died_is_announced_by_the_sweep() -> None:
    stage = in_review()
    alarms.stop(stage.world, alarms.REVIEW, "story")

    assert sweep(stage.world) == {"waits for a person": 1}
    assert alarms.standing(stage.world, alarms.REVIEW) == ["story"]


def test_a_task_that_its_vendor_will_soon_forget_is_announced() -> None:
    stage = Stage()
    interpose(stage, "media.verdict", lambda _call: Verdict(Fate.RUNNING))
    stage.tell()
    stage.run(19 * 3600.0)
    assert alarms.standing(stage.world, alarms.OLD_TASK) == []

    stage.run(2 * 3600.0)

    assert alarms.standing(stage.world, alarms.OLD_TASK) == ["story"]


@pytest.mark.parametrize("count", [1, 20])
def test_dead_letters_are_announced_until_they_are_gone(count: int) -> None:
    stage = Stage()
    for _ in range(count):
        stage.world.queues.send(Queue.DEAD_IMS, '{"JobId": "job-1"}')
    sweep(stage.world)
    assert alarms.standing(stage.world, alarms.DEAD_LETTERS) == ["ims"]

    while letter := stage.world.queues.take(Queue.DEAD_IMS):
        for one in letter:
            stage.world.queues.acknowledge(Queue.DEAD_IMS, one.receipt)
    sweep(stage.world)

    assert alarms.standing(stage.world, alarms.DEAD_LETTERS) == []
