"""Which avatar engine a story gets, and what becomes of it when the vendor has switched one off."""

from __future__ import annotations

import json
from typing import Literal

import pytest

from shared.domain.errors import Offline
from shared.domain.job import JobState
from shared.ports import Fate, Verdict
from tests.engine.given import Call, effect_row, interpose
from tests.stage import Killed, Stage
from tests.toys import toy_film, toy_png

LONG = tuple((at * 4.0, at * 4.0 + 3.5, "它每天晚上数星星。") for at in range(10))


def tell(stage: Stage, *, film: bytes | None = None, **options: object) -> Stage:
    stage.tell(options=json.dumps(options).encode(), **({"film": film} if film else {}))
    stage.run()
    return stage


def portrait(stage: Stage) -> tuple[str, list[str], list[str]]:
    told = stage.report()["portrait"]
    return told["engine"], [one.split(":")[0] for one in told["passed_over"]], told["notes"]


@pytest.mark.parametrize("answer", ["Endpoint.AccessDenied", "ModelNotFound"])
def test_a_photo_check_that_is_switched_off_moves_on_to_the_next_engine(
    answer: Literal["Endpoint.AccessDenied", "ModelNotFound"],
) -> None:
    stage = Stage()
    stage.stand_ins.model_studio.answer_offline_with(answer)
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert portrait(stage) == ("wan-s2v", ["emo"], [])
    assert stage.charges().count("wan2.2-s2v") == 1
    assert "emo-v1" not in stage.charges()


def test_the_next_engine_gets_segments_of_the_length_that_it_takes() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    tell(stage, film=toy_film(42.0, LONG))

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("wan2.2-s2v") == 3


def test_with_every_engine_off_the_portrait_stands_still() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.update({"emo-detect-v1", "wan2.2-s2v-detect"})
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert portrait(stage) == ("still", ["emo", "wan-s2v"], [])
    assert stage.account.count("model_studio")["emo-v1"] == 0


def test_without_an_engine_that_needs_no_vendor_the_operator_is_told() -> None:
    stage = Stage(settings={"engines": "emo"})
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    tell(stage)

    assert stage.job().state is JobState.FAILED
    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("engine.offline", "operator")


def test_a_refused_photo_is_not_shown_to_the_next_engine() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(note=b"TWOFACES"))
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert stage.account.count("model_studio")["wan2.2-s2v-detect"] == 0


def test_a_family_may_choose_its_engines() -> None:
    stage = tell(Stage(), engines=["still"])

    assert portrait(stage) == ("still", [], [])
    assert not {"emo-v1", "emo-detect-v1"} & set(stage.charges())


def test_a_family_may_do_without_a_portrait() -> None:
    stage = tell(Stage(), engines=["none"])

    assert stage.job().state is JobState.DONE
    assert portrait(stage)[0] == "none"


def test_an_engine_that_is_switched_off_between_check_and_clip_leaves_a_still_and_a_note() -> None:
    stage = Stage(settings={"segment_s_max": 5.0})
    stage.stand_ins.model_studio.offline_models.add("emo-v1")
    tell(stage)

    assert stage.job().state is JobState.DONE
    engine, _, notes = portrait(stage)
    assert engine == "emo"
    assert [note.split(" ")[0] for note in notes] == ["engine.offline"] * 2
    assert stage.studio_holder() == ""
    assert stage.charges().count("emo-v1") == 0


def test_an_engine_that_is_switched_off_while_the_clip_queues_leaves_a_still_and_a_note() -> None:
    """The submission was taken; it is the verdict that says the model is gone."""
    stage = Stage(settings={"segment_s_max": 5.0})
    verdicts = [Verdict(Fate.FAILED, error=Offline("engine.offline", "ModelNotFound", model="emo-v1"))]
    interpose(stage, "avatars.verdict", lambda call: verdicts.pop() if verdicts else call())
    tell(stage)

    assert stage.job().state is JobState.DONE
    notes = [note for note in portrait(stage)[2] if note]
    assert [note.split(" ")[0] for note in notes] == ["engine.offline"]
    assert stage.studio_holder() == ""


def test_it_does_so_too_when_the_function_dies_right_after_hearing_of_it() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("emo-v1")
    deaths = [Killed("leaving the studio")]

    def dies_once(call: Call) -> object:
        if call.args[1][0] == "emo" and deaths:
            raise deaths.pop()
        return call()

    interpose(stage, "rows.delete", dies_once)
    tell(stage)

    assert deaths == []
    assert stage.job().state is JobState.DONE
    assert portrait(stage)[2] != []
    assert effect_row(stage.world, "clip", "animate", "0001").sends == 1
