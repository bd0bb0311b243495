"""What an operator may do to a job, and that it never costs more than was decided."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.engines.contract import Caption, Progress, no_progress
from local.standins.errors import VendorError
from shared.domain.errors import Corrupt, Refused, Unknown
from shared.domain.job import JobState, StepRow, StepState
from shared.engine import repair
from shared.ports import Bucket, Kind, Place, Queue, Table
from tests.engine.given import Call, interpose
from tests.stage import Stage
from tests.toys import ToyEngines

SEGMENT = ("animate", "0001")


def test_a_failed_job_is_taken_up_where_it_failed_and_pays_for_nothing_again() -> None:
    stage = Stage()
    broken = [True]

    def breaks(call: Call) -> Any:
        if broken[0]:
            raise Corrupt("vendor.contract", "an answer as in no document")
        return call()

    interpose(stage, "media.compose", breaks)
    stage.tell()
    stage.run()
    assert stage.job().state is JobState.FAILED
    broken[0] = False
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1
    assert stage.world.objects.head(Place(Bucket.OUTPUT, "stories/story/error.json")) is None


class FailingCaptions(ToyEngines):
    """The vendor's own task fails, until it is mended."""

    is_broken = True

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        if self.is_broken:
            raise VendorError(500, "InternalError", "The request processing has failed due to some unknown error.")
        return super().captions(film, progress)


def test_a_job_whose_end_was_half_heard_is_taken_up_with_one_command() -> None:
    """The job was closed, the answer got lost, and the step is about to close it again when the operator comes."""
    engines = FailingCaptions()
    stage = Stage(engines=engines)
    interpose(stage, "queues.send", loses_the_end)
    stage.tell()
    assert until_it_fails(stage)["separate", "captions"].state is StepState.WAITING
    stage.functions_world, engines.is_broken = stage.world, False
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.job().state is JobState.DONE


def test_so_is_one_whose_call_was_never_answered() -> None:
    stage = Stage()

    def unanswered(_call: Call) -> Any:
        raise Unknown("vendor.unanswered")

    interpose(stage, "voices.speak", unanswered)
    interpose(stage, "queues.send", loses_the_end)
    stage.tell()
    assert until_it_fails(stage)["script", "-"].state is StepState.WAITING
    stage.functions_world = stage.world
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.job().state is JobState.DONE


def loses_the_end(call: Call) -> Any:
    answer = call()
    if call.args[0] is Queue.FINISHED:
        raise Unknown("vendor.unanswered")
    return answer


def until_it_fails(stage: Stage) -> Mapping[tuple[str, str], StepRow]:
    while stage.timing.step() and not (stage.jobs() and stage.job().state is JobState.FAILED):
        pass
    return stage.steps()


def test_redriving_an_open_job_is_harmless() -> None:
    stage = Stage()
    stage.tell()
    stage.run(20.0)
    repair.redrive(stage.world, "story")
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1


@pytest.mark.parametrize(("job", "code"), [("story", r"job\.final"), ("nobody", r"job\.unknown")])
def test_a_finished_or_unknown_job_is_not_taken_up(job: str, code: str) -> None:
    stage = Stage()
    stage.tell()
    stage.run()

    with pytest.raises(Refused, match=code):
        repair.redrive(stage.world, job)


def in_review() -> Stage:
    """EMO was asked twice over and gave no answer: two tasks, and nobody knows which is ours."""
    stage = Stage()

    first = [True]

    def twice_and_gone(call: Call) -> Any:
        if first:
            first.pop()
            call()
            call()
            raise Unknown("vendor.unanswered")
        return call()

    interpose(stage, "avatars.animate", twice_and_gone)
    stage.tell()
    stage.run(3600.0)

    assert stage.steps()[SEGMENT].state is StepState.REVIEW
    return stage


def test_a_person_may_adopt_the_task_that_is_the_right_one() -> None:
    stage = in_review()
    bought = stage.charges().count("emo-v1")
    task = min(seen.task_id for seen in stage.world.avatars.tasks("emo-v1", 0.0, stage.timing.now() + 1))
    repair.decide(stage.world, "story", *SEGMENT, adopt=task)
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == bought
    assert (stage.world.rows.get(Table.TASKS, (Kind.MODEL_STUDIO.provider, task)) or {})["job"] == "story"


def test_a_person_may_pay_once_more() -> None:
    stage = in_review()
    bought = stage.charges().count("emo-v1")
    repair.decide(stage.world, "story", *SEGMENT)
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == bought + 1


def test_there_is_nothing_to_decide_where_nobody_waits() -> None:
    stage = Stage()
    stage.tell()
    stage.run()

    with pytest.raises(Refused, match=r"step\.decided"):
        repair.decide(stage.world, "story", *SEGMENT)


def test_a_step_in_review_that_is_cheap_to_repeat_goes_on_by_a_redrive() -> None:
    """Only the clip, which is dear, needs a decision of its own."""
    stage = Stage()
    unanswered = [True]

    def no_answer(call: Call) -> Any:
        if unanswered[0]:
            raise Unknown("vendor.unanswered")
        return call()

    interpose(stage, "media.read_captions", no_answer)
    stage.tell()
    stage.run(3600.0)
    assert stage.steps()["separate", "captions"].state is StepState.REVIEW
    unanswered[0] = False
    repair.redrive(stage.world, "story")
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_redrive_decides_nothing_about_a_clip() -> None:
    stage = in_review()
    repair.redrive(stage.world, "story")
    stage.run(3600.0)

    assert stage.steps()[SEGMENT].state is StepState.REVIEW
