"""What single steps make of what a family gave, and of what vendors gave back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.domain import keys
from shared.domain.errors import Conflict, Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine.records import move_job
from shared.ports import Bucket, MediaFacts, Place, Table
from shared.steps import intake
from tests.engine.given import Call, interpose
from tests.stage import Killed, Stage
from tests.toys import asked_in, toy_film, toy_wav

SRT = "1\n00:00:01,000 --> 00:00:04,000\n月亮出来了。\n".encode()


def told(stage: Stage, **bodies: bytes | None) -> Stage:
    stage.tell(**bodies)
    stage.run()
    return stage


def timeline(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = asked_in(stage.output("stories/story/story.mp4"))["timeline"]
    return found


def audio_urls(stage: Stage) -> list[str]:
    return [clip["MediaURL"] for track in timeline(stage)["AudioTracks"] for clip in track["AudioTrackClips"]]


# --- captions


def test_captions_that_were_given_are_used_and_nobody_is_paid_to_read_any() -> None:
    stage = Stage()
    options = json.dumps({"assets": ["captions"]}).encode()
    told(stage, options=options, captions=SRT)

    assert stage.job().state is JobState.DONE
    assert stage.report()["captions"]["from"] == "given"
    assert [line["text"] for line in stage.report()["lines"]] == ["月亮出来了。"]
    assert "CaptionExtraction" not in stage.charges()


def test_the_captions_come_back_with_the_story() -> None:
    stage = told(Stage())

    assert "从前有一只小狐狸。" in stage.output("stories/story/captions.srt").decode()


# --- speech


def test_a_line_that_did_not_fit_is_spoken_again_at_another_rate() -> None:
    """What was predicted and what was measured differ; the second take is the last."""
    stage = told(Stage(), film=toy_film(10.0, ((1.0, 2.5, "strengths strengths"), (5.0, 8.0, "它每天晚上数星星。"))))

    assert stage.job().state is JobState.DONE
    first, second = stage.report()["lines"]
    assert (first["takes"], second["takes"]) == (2, 1)
    assert first["rate"] > second["rate"]
    assert stage.charges().count("cosyvoice-v3.5-plus") == 3


# --- music


def test_the_films_own_music_stays_under_the_new_voice() -> None:
    stage = told(Stage())

    assert [url for url in audio_urls(stage) if "/stems/" in url] != []
    assert stage.report()["music"] == "kept"


def test_music_may_be_left_out() -> None:
    stage = told(Stage(), options=b'{"music": "none"}')

    assert [url for url in audio_urls(stage) if "/stems/" in url] == []
    assert "MusicDemix" not in stage.charges()


def with_music() -> Stage:
    """The family's own lies there already."""
    stage, frame = Stage(), b"\xff\xfb\x90\x64" + bytes(413)
    mp3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + frame * 401
    stage.stand_ins.oss.put("echobot-input", "inbox/story/music.mp3", mp3)
    return stage


def test_new_music_takes_the_place_of_the_old() -> None:
    stage = told(with_music(), options=b'{"music": "replace"}')

    assert stage.job().state is JobState.DONE
    assert [url for url in audio_urls(stage) if url.endswith("inbox/story/music.mp3")] != []
    assert "MusicDemix" not in stage.charges()


def test_what_it_costs_to_keep_the_films_music_beside_the_familys_is_quoted() -> None:
    stage = told(with_music(), options=b'{"music": "add"}')

    quote = json.loads(stage.output("stories/story/quote.json"))
    assert "MusicDemix" in stage.charges()
    assert "ims.music" in {line["price"] for line in quote["steps"]}


def test_a_film_without_music_is_told_without() -> None:
    stage = told(Stage(), film=toy_film(10.0, ((1.0, 4.0, "从前有一只小狐狸。"),), music=False))

    assert stage.job().state is JobState.DONE
    assert [url for url in audio_urls(stage) if "/stems/" in url] == []


# --- the film


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(MediaFacts("mp4", seconds=10.0, has_video=True, has_audio=False), id="silent"),
        pytest.param(MediaFacts("mp4", seconds=10.0, has_video=False, has_audio=True), id="dark"),
        pytest.param(MediaFacts("mp4", seconds=7.0, has_video=True, has_audio=True), id="cut short"),
        pytest.param(MediaFacts(""), id="no film at all"),
    ],
)
def test_a_film_that_is_not_whole_is_not_handed_over(facts: MediaFacts) -> None:
    stage = Stage()
    interpose(
        stage, "probe.facts", lambda call: facts if call.args[0].bucket is Bucket.WORK and _is_film(call) else call()
    )
    told(stage)

    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["film.bad_result"]
    assert stage.world.objects.head(Place(Bucket.OUTPUT, "stories/story/story.mp4")) is None


def _is_film(call: Call) -> bool:
    return bool(call.args[0].key == "jobs/story/story.mp4")


def test_a_clip_that_is_no_film_ends_the_job() -> None:
    stage = Stage()

    def facts(call: Call) -> Any:
        return MediaFacts("") if "/clips/" in call.args[0].key else call()

    interpose(stage, "probe.facts", facts)
    told(stage)

    assert stage.job().state is JobState.FAILED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["vendor.contract"]
    assert stage.studio_holder() == ""


# --- handing over


@pytest.mark.parametrize("at", range(1, 12))
def test_handing_over_may_be_cut_short_at_any_deletion_and_is_completed(at: int) -> None:
    stage = Stage()
    deletions: list[str] = []

    def dies_at(call: Call) -> Any:
        deletions.append(call.args[0].key)
        answer = call()
        if len(deletions) == at:
            raise Killed
        return answer

    interpose(stage, "objects.delete", dies_at)
    told(stage)

    assert stage.job().state is JobState.DONE
    assert stage.report()["job"] == "story"
    kept = [info.key for info in stage.world.objects.listing(Bucket.OUTPUT, "stories/")]
    names = ("captions.srt", "cover.jpg", "quote.json", "report.html", "report.json", "story.mp4")
    assert kept == [f"stories/story/{name}" for name in names]


def test_only_what_corrections_need_is_left_in_the_work_bucket() -> None:
    stage = told(Stage())

    left = [info.key for info in stage.world.objects.listing(Bucket.WORK, "jobs/")]
    assert "jobs/story/script.json" in left
    assert [key for key in left if not keys.is_for_corrections("story", key)] == []


def test_the_work_may_be_kept() -> None:
    stage = told(Stage(settings={"keep_work": True}))

    names = {info.key.rpartition("/")[2] for info in stage.world.objects.listing(Bucket.WORK, "jobs/story/")}
    assert {"captions.srt", "script.json", "story.mp4", "0001.wav", "0001.mp4"} <= names


def test_a_film_that_vanished_before_it_was_handed_over_is_our_fault_and_not_the_familys() -> None:
    stage = Stage()

    def vanished(call: Call) -> Any:
        if call.args[0].key == "jobs/story/labelled.mp4":
            raise Refused("object.missing", key=call.args[0].key)
        return call()

    interpose(stage, "objects.copy", vanished)
    told(stage)

    assert stage.job().state is JobState.FAILED
    assert [(problem["code"], problem["who"]) for problem in stage.error()["problems"]] == [("internal", "operator")]


def test_the_report_adds_up_what_was_spent() -> None:
    stage = told(Stage())

    spent = stage.report()["spent"]
    assert float(spent["total_yuan"]) == pytest.approx(sum(float(one) for one in spent["by_price"].values()), abs=0.01)
    assert set(spent["by_price"]) == {
        *("cosyvoice-v3.5-plus", "emo-detect-v1", "emo-v1.1:1"),
        *("ims.film", "ims.opening", "ims.music", "ims.ocr"),
    }


# --- the door


def test_two_uploads_that_are_looked_at_together_open_one_job() -> None:
    stage = Stage()
    stage.around = lambda _name, _run: None
    stage.tell()
    stage.timing.run(0)
    rivals = [lambda: intake.look(stage.world, "story")]

    def let_the_rival_go_first(call: Call) -> Any:
        while rivals:
            rivals.pop()()
        return call()

    interpose(stage, "rows.update", let_the_rival_go_first)

    assert intake.look(stage.functions_world, "story") is None
    assert stage.job().state is JobState.OPEN


@pytest.mark.parametrize("replaced", [False, True])
def test_of_files_that_must_be_looked_at_again_only_new_ones_are_opened(replaced: bool) -> None:
    stage = Stage()
    stage.around = lambda _name, _run: None
    stage.tell()
    stage.timing.run(0)
    opened: list[str] = []

    def moved_once(call: Call) -> Any:
        if len(opened) == len(_PROBED):
            stage.world.rows.merge(Table.JOBS, ("story",), {"version": stage.world.ids.token()})
            if replaced:
                stage.upload("story", Asset.VOICE, "wav", toy_wav(13.0))
            opened.append("moved")
        return call()

    def noted(call: Call) -> Any:
        opened.append(call.args[0].key.rpartition("/")[2])
        return call()

    interpose(stage, "rows.update", moved_once)
    interpose(stage, "probe.facts", noted)
    intake.look(stage.functions_world, "story")

    before, after = opened[: len(_PROBED)], opened[len(_PROBED) :]
    assert sorted(before) == _PROBED
    assert after == ["moved", *(["voice.wav"] if replaced else [])]
    assert stage.job().state is JobState.OPEN


_PROBED = ["photo.png", "story.mp4", "voice.wav"]


def test_a_job_that_keeps_moving_is_left_to_the_next_try() -> None:
    stage = Stage()
    stage.around = lambda _name, _run: None
    stage.tell()
    stage.timing.run(0)

    def moved_again(call: Call) -> Any:
        stage.world.rows.merge(Table.JOBS, ("story",), {"version": stage.world.ids.token()})
        return call()

    interpose(stage, "rows.update", moved_again)

    with pytest.raises(Conflict) as caught:
        intake.look(stage.functions_world, "story")
    assert caught.value.detail == "story kept moving"


def test_a_job_cannot_be_moved_where_its_state_does_not_lead() -> None:
    stage = told(Stage())

    with pytest.raises(Conflict) as caught:
        move_job(stage.world, stage.job(), JobState.OPEN, {}, "again")
    assert caught.value.detail == "story is done, cannot become open"


def test_files_that_come_after_the_job_has_opened_change_nothing() -> None:
    stage = Stage()
    stage.tell()
    stage.run(10.0)
    before = stage.job()
    stage.upload("story", Asset.PHOTO, "png", b"something else")
    stage.run(10.0)

    assert stage.job() == before


def test_the_empty_object_that_shows_a_folder_is_nobodys_upload() -> None:
    stage = Stage()
    stage.stand_ins.oss.put("echobot-input", "inbox/story/", b"")
    stage.run(60.0)

    assert stage.jobs() == []
