"""Which avatar engine a story gets, and what becomes of it when the vendor has switched one off."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any, Literal

import pytest

from shared.domain import keys, label
from shared.domain.errors import Offline, Refused, Retry
from shared.domain.job import JobState, StepState
from shared.domain.keys import Asset
from shared.engine import repair
from shared.ports import Bucket, Fate, Place, Table, Verdict
from tests.engine.given import Call, always, effect_row, interpose, raising
from tests.engine.test_cast import both
from tests.stage import Killed, Stage
from tests.toys import asked_in, seconds_of, toy_film, toy_mp4, toy_png

LONGER = tuple((at * 4.0, at * 4.0 + 3.5, "它每天晚上数星星。") for at in range(14))
LONG = LONGER[:10]


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


def test_a_story_that_shows_the_photo_as_it_is_does_not_call_it_synthetic() -> None:
    stage = tell(Stage(), engines=["still"])

    texts = asked_in(stage.output(keys.story_film("story")))["timeline"]["SubtitleTracks"]
    shown = [clip["Content"] for track in texts for clip in track["SubtitleTrackClips"]]
    assert shown == [label.OPENING_WITHOUT_CLIP, label.LASTING]


def test_without_an_engine_that_needs_no_vendor_the_operator_is_told() -> None:
    stage = Stage(settings={"engines": "emo"})
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    tell(stage)

    assert stage.job().state is JobState.FAILED
    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("engine.none_left", "operator")


def test_a_refused_photo_is_not_shown_to_the_next_engine() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(note=b"TWOFACES"))
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert stage.account.count("model_studio")["wan2.2-s2v-detect"] == 0


def test_a_photo_that_no_check_can_open_is_refused_and_nobody_is_called() -> None:
    """Its address was signed for this very call, so it has died in no queue; once or twice a vendor may stumble."""
    stage = Stage()
    interpose(stage, "avatars.detect", raising(*(Retry("url.expired") for _ in range(3))))
    stage.tell("sound")
    stage.run()
    interpose(stage, "avatars.detect", always(lambda: Retry("url.expired")))
    stage.tell()
    stage.run()

    assert stage.job("sound").state is JobState.DONE
    assert [problem["code"] for problem in stage.error()["problems"]] == ["photo.rejected"]


def test_a_family_may_choose_its_engines() -> None:
    stage = tell(Stage(), engines=["still"])

    assert portrait(stage) == ("still", [], [])
    assert not {"emo-v1", "emo-detect-v1"} & set(stage.charges())


def test_a_family_may_do_without_a_portrait() -> None:
    stage = tell(Stage(), engines=["none"])

    assert stage.job().state is JobState.DONE
    assert portrait(stage)[0] == "none"


# --- switched off when the story is under way


def off_after_its_first_clip(stage: Stage, model: str) -> Stage:
    """The vendor takes one more task of the model, and then none."""

    def between(call: Call) -> Any:
        task = call()
        if call.args[1] == model:
            stage.stand_ins.model_studio.offline_models.add(model)
        return task

    interpose(stage, "avatars.animate", between)
    return stage


def shown(stage: Stage) -> list[tuple[float, float, str]]:
    """What the story shows of the parent, from, to and as what."""
    rows = [row.result["parts"] for (step, _), row in sorted(stage.steps().items()) if step == "animate"]
    parts: list[dict[str, Any]] = [part for found in rows if isinstance(found, list) for part in found]
    timeline = json.dumps(asked_in(stage.output(keys.story_film("story")))["timeline"])
    assert all(part["clip"] in timeline for part in parts)
    kinds = {True: "Image", False: "Video"}
    return [(part["start_ms"] / 1000, part["end_ms"] / 1000, kinds[part["is_image"]]) for part in parts]


def gapless(clips: list[tuple[float, float, str]]) -> bool:
    return all(after[0] - before[1] < 1.5 for before, after in pairwise(clips))


def test_off_after_the_first_segment_the_rest_goes_to_the_next_engine_in_pieces_that_it_takes() -> None:
    stage = off_after_its_first_clip(Stage(settings={"segment_s_max": 30.0}), "emo-v1")
    tell(stage, film=toy_film(58.0, LONGER))

    assert stage.job().state is JobState.DONE
    assert Counter(stage.charges())["emo-v1"] == 1
    assert Counter(stage.charges())["wan2.2-s2v"] == 2
    assert Counter(stage.charges())["wan2.2-s2v-detect"] == 1
    engine, _, notes = portrait(stage)
    assert engine == "emo"
    assert [note[:24] for note in notes] == ["0002 emo: engine.offline"]
    assert [kind for *_, kind in shown(stage)] == ["Video"] * 3
    assert gapless(shown(stage))
    assert (stage.studio_holder(), stage.studio_holder("wan-s2v")) == ("", "")
    assert stage.open_effects() == []


def test_not_a_word_is_spoken_again_for_it() -> None:
    calm, troubled = (Stage(settings={"segment_s_max": 30.0}) for _ in range(2))
    tell(calm, film=toy_film(58.0, LONGER))
    tell(off_after_its_first_clip(troubled, "emo-v1"), film=toy_film(58.0, LONGER))

    assert troubled.report()["lines"] == calm.report()["lines"]
    assert troubled.charges().count("cosyvoice-v3.5-plus") == calm.charges().count("cosyvoice-v3.5-plus")


def test_off_between_check_and_clip_every_segment_goes_to_the_next_engine() -> None:
    stage = Stage(settings={"segment_s_max": 5.0})
    stage.stand_ins.model_studio.offline_models.add("emo-v1")
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert [note.split(": ")[0] for note in portrait(stage)[2]] == ["0001 emo", "0002 emo"]
    assert stage.charges().count("emo-v1") == 0
    assert stage.charges().count("wan2.2-s2v") == 2


def test_what_the_next_engine_has_made_stays_when_it_is_switched_off_too() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("emo-v1")
    tell(off_after_its_first_clip(stage, "wan2.2-s2v"), film=toy_film(42.0, LONG))

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("wan2.2-s2v") == 1
    assert [kind for *_, kind in shown(stage)] == ["Video", "Image"]
    assert gapless(shown(stage))
    assert [note.split(":")[0] for note in portrait(stage)[2]] == ["0001 emo", "0001 wan-s2v"]


def test_a_photo_that_the_next_engine_refuses_does_not_end_a_story_that_is_half_made() -> None:
    stage = Stage(settings={"segment_s_max": 30.0})
    refusals = [Refused("photo.pose")] * 9

    def between(call: Call) -> Any:
        if call.args[0] == "wan-s2v":
            raise refusals.pop()
        return call()

    interpose(stage, "avatars.detect", between)
    tell(off_after_its_first_clip(stage, "emo-v1"), film=toy_film(58.0, LONGER))

    assert stage.job().state is JobState.DONE
    assert [kind for *_, kind in shown(stage)] == ["Video", "Image"]
    assert portrait(stage)[2][1].startswith("0002 wan-s2v: photo.pose")


def test_with_no_other_engine_on_the_familys_list_the_photo_stands_in() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("emo-v1")
    tell(stage, engines=["emo"])

    assert stage.job().state is JobState.DONE
    assert [kind for *_, kind in shown(stage)] == ["Image"]


def test_a_task_that_hears_of_it_in_the_queue_is_done_by_the_next_engine() -> None:
    """The submission was taken; it is the verdict that says the model is gone."""
    stage = Stage(settings={"segment_s_max": 5.0})
    verdicts = [Verdict(Fate.FAILED, error=Offline("engine.offline", "ModelNotFound", model="emo-v1"))]
    interpose(stage, "avatars.verdict", lambda call: verdicts.pop() if verdicts else call())
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert [note[:24] for note in portrait(stage)[2]] == ["0001 emo: engine.offline"]
    assert stage.charges().count("wan2.2-s2v") == 1
    assert stage.studio_holder() == ""


def test_so_it_is_when_the_function_dies_right_after_hearing_of_it() -> None:
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
    assert stage.charges().count("wan2.2-s2v") == 1
    assert effect_row(stage.world, "clip", "animate", "0001").sends == 1


def test_a_segment_that_the_release_before_has_animated_is_composed() -> None:
    stage = Stage()
    interpose(stage, "media.compose", raising(Retry("vendor.busy", after_s=60.0)))
    stage.tell()
    while ("animate", "0001") not in (steps := stage.steps()) or steps["animate", "0001"].state is not StepState.DONE:
        stage.timing.step()
    key = json.loads(str((stage.world.rows.get(Table.STEPS, ("story", "animate", "0001")) or {})["result"]))
    old = {"clip": key["parts"][0]["clip"], "is_image": False, "seconds": 7.0}
    stage.world.rows.merge(Table.STEPS, ("story", "animate", "0001"), {"result": json.dumps(old)})
    stage.run()

    assert stage.job().state is JobState.DONE
    assert old["clip"] in json.dumps(asked_in(stage.output(keys.story_film("story")))["timeline"])


# --- what it costs


def test_an_engine_that_costs_more_than_the_familys_cap_is_passed_over_and_the_report_says_so() -> None:
    """Ten seconds of film: up to 0.76 yuan with EMO, 4.75 with wan-s2v."""
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    tell(stage, cap_yuan=4.0)

    assert stage.job().state is JobState.DONE
    told = stage.report()["portrait"]
    assert told["engine"] == "still"
    assert [one.split(" ")[:2] for one in told["passed_over"]] == [
        ["emo:", "engine.offline"],
        ["wan-s2v:", "engine.dear"],
    ]
    assert "takes 4.75 yuan, more than the 4.00" in told["passed_over"][1]
    assert stage.account.count("model_studio")["wan2.2-s2v-detect"] == 0


def test_it_is_so_in_the_middle_of_a_story_for_what_is_left_of_it() -> None:
    stage = off_after_its_first_clip(Stage(settings={"segment_s_max": 30.0}), "emo-v1")
    tell(stage, film=toy_film(58.0, LONGER), cap_yuan=8.0)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("wan2.2-s2v") == 0
    assert [kind for *_, kind in shown(stage)] == ["Video", "Image"]
    assert portrait(stage)[2][1].startswith("0002 wan-s2v: engine.dear")


def test_what_was_begun_is_not_weighed_again() -> None:
    """The first of its pieces may bring an engine near the cap; the second is still its own."""
    stage = off_after_its_first_clip(Stage(settings={"segment_s_max": 30.0}), "emo-v1")
    tell(stage, film=toy_film(58.0, LONGER), cap_yuan=20.0)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("wan2.2-s2v") == 2


def test_when_every_engine_costs_too_much_a_person_may_allow_more() -> None:
    stage = tell(Stage(), cap_yuan=0.65, engines=["emo"])

    row = stage.steps()["detect", "-"]
    assert (row.state, row.waits_for) == (StepState.REVIEW, "a larger budget")
    repair.redrive(stage.world, "story", budget_yuan=30.0)
    stage.run()
    assert stage.job().state is JobState.DONE


def test_an_instance_of_ones_own_costs_what_the_deployment_says() -> None:
    stage = Stage(settings={"emo_model": "our-emo", "emo_detect_model": "our-detect", "instance_yuan_s": 0.05})
    stage.stand_ins.model_studio.deploy("our-emo", "emo-v1")
    stage.stand_ins.model_studio.deploy("our-detect", "emo-detect-v1")
    stage.stand_ins.model_studio.offline_models.update({"emo-v1", "emo-detect-v1"})
    tell(stage)

    assert portrait(stage) == ("emo", [], [])
    seconds = sum(end - start for start, end, _ in shown(stage))
    spent = stage.report()["spent"]["by_price"]
    assert float(spent["deployed@50000"]) == pytest.approx(0.05 * seconds, abs=0.02)
    assert not {"emo-v1.1:1", "emo-detect-v1"} & set(spent)


# --- other engines


@pytest.mark.parametrize("style", ["normal", "calm", "active"])
def test_liveportrait_tells_a_story_in_each_style(style: str) -> None:
    stage = tell(Stage(settings={"keep_work": True}), engines=["liveportrait"], style=style)

    assert portrait(stage) == ("liveportrait", [], [])
    assert stage.charges().count("liveportrait") == 1
    clip = stage.world.objects.read(Place(Bucket.WORK, keys.job_clip("story", "0001")))
    assert asked_in(clip)["template"] == style


@pytest.mark.parametrize("ratio", ["1:1", "3:4"])
def test_emo_makes_either_shape_at_its_own_price(ratio: str) -> None:
    stage = tell(Stage(), engines=["emo"], ratio=ratio)

    assert f"emo-v1.{ratio}" in stage.report()["spent"]["by_price"]


def with_a_film(stage: Stage, **more: bytes | None) -> Stage:
    """A story whose parent is shown by a film of them."""
    stage.upload("story", Asset.PORTRAIT, "mp4", toy_mp4(8.0, 1280, 720))
    stage.tell(**more)
    stage.run()
    return stage


def test_a_film_of_the_parent_will_do_instead_of_a_photo() -> None:
    stage = with_a_film(Stage(settings={"keep_work": True}), photo=None)

    assert stage.job().state is JobState.DONE
    assert portrait(stage) == ("videoretalk", [], [])
    assert stage.charges().count("videoretalk") == 1
    clip = stage.world.objects.read(Place(Bucket.WORK, keys.job_clip("story", "0001")))
    assert asked_in(clip)["extend"] is True


def test_with_a_film_alone_and_its_engine_off_the_story_is_told_without_a_portrait() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("videoretalk")
    with_a_film(stage, photo=None)

    assert stage.job().state is JobState.DONE
    assert [note.split(" ")[1:3] for note in portrait(stage)[2]] == [
        ["videoretalk:", "engine.offline"],
        ["emo:", "engine.no_source"],
        ["wan-s2v:", "engine.no_source"],
        ["still:", "engine.no_source"],
    ]


def test_with_a_photo_beside_it_the_photo_takes_over() -> None:
    stage = Stage()
    stage.stand_ins.model_studio.offline_models.add("videoretalk")
    with_a_film(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1


def test_an_engine_without_anything_to_show_is_passed_over_at_the_door() -> None:
    stage = tell(Stage(), engines=["videoretalk", "still"])

    assert portrait(stage)[:2] == ("still", ["videoretalk"])


def test_a_job_waits_for_what_the_engines_of_its_choice_show() -> None:
    stage = tell(Stage(), engines=["videoretalk"])
    assert stage.job().state is JobState.COLLECTING

    stage.upload("story", Asset.PORTRAIT, "mp4", toy_mp4(4.0, 1280, 720))
    stage.run()
    assert portrait(stage)[0] == "videoretalk"


def test_a_family_that_does_without_a_portrait_needs_no_photo() -> None:
    stage = Stage()
    stage.tell(options=b'{"engines": ["none"]}', photo=None)
    stage.run()

    assert stage.job().state is JobState.DONE


def test_two_parents_with_nothing_that_one_engine_shows_are_told_at_the_door() -> None:
    stage = both()
    stage.world.objects.delete(Place(Bucket.INPUT, "narrators/papa/photo.png"))
    stage.world.objects.write(Place(Bucket.INPUT, "narrators/papa/portrait.mp4"), toy_mp4(4.0, 1280, 720), "video/mp4")
    options = {"cast": {"alternate": ["mama", "papa"]}, "engines": ["emo", "videoretalk"]}
    stage.tell(options=json.dumps(options).encode(), voice=None, photo=None, consent=None)
    stage.run()

    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("narrator.unlike", "family")
    assert stage.charges() == []


def test_a_film_of_the_parent_that_will_not_do_is_refused_at_the_door() -> None:
    stage = Stage()
    stage.upload("story", Asset.PORTRAIT, "mp4", toy_mp4(1.0, 320, 240))
    stage.tell(photo=None)
    stage.run()

    [problem] = stage.error()["problems"]
    assert problem["code"] == "request.file"
    assert "portrait.mp4" in problem["en"]


def test_what_is_too_short_for_an_engine_is_followed_by_silence() -> None:
    stage = Stage(settings={"keep_work": True})
    film = toy_film(3.0, [(1.8, 2.4, "好。")])
    with_a_film(stage, photo=None, film=film)

    assert stage.job().state is JobState.DONE
    clip = stage.world.objects.read(Place(Bucket.WORK, keys.job_clip("story", "0001")))
    assert seconds_of(clip) == pytest.approx(2.0)
