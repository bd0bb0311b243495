"""Bad input is answered in words that a family can act on, in Chinese and English, before anything is paid for."""

from __future__ import annotations

import json

import pytest

from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.ports import Bucket, Place
from tests.stage import CONSENT, EXTENSIONS, Stage, whole_set
from tests.toy_mp4 import toy_mp4
from tests.toys import toy_film, toy_png, toy_wav

BAD = [
    ("film", b"this is no film at all", "film.not_mp4"),
    ("film", toy_mp4(10.0, 1280, 720, audio=False), "film.no_audio"),
    ("film", toy_mp4(10.0, 1280, 720, codec=b"av01"), "film.codec"),
    ("film", toy_mp4(10.0, 720, 576, pixel=(64, 45)), "film.pixels"),
    ("film", toy_mp4(4000.0, 1280, 720), "film.too_long"),
    ("film", toy_mp4(10.0, 64, 64), "film.resolution"),
    ("voice", toy_wav(2.0), "voice.too_short"),
    ("voice", toy_wav(90.0), "voice.too_long"),
    ("voice", toy_wav(12.0, amplitude=0), "voice.silent"),
    ("voice", toy_wav(12.0, rate=8000), "voice.sample_rate"),
    ("voice", b"no sound", "voice.format"),
    ("voice", toy_wav(12.0) + bytes(11 * 1024 * 1024), "voice.too_large"),
    ("photo", toy_png(200, 200), "photo.resolution"),
    ("photo", b"GIF89a....", "photo.format"),
    ("captions", b"\x00\x01\x02 not a caption file", "captions.not_srt"),
    ("options", b'{"colour": "blue"}', "options.unknown"),
    ("options", b"{nonsense", "options.not_json"),
    ("options", b'{"style": "wild"}', "options.value"),
    ("consent", b'{"who": "", "voice": true}', "consent.incomplete"),
    ("consent", json.dumps({**CONSENT, "face": False}).encode(), "consent.incomplete"),
]


@pytest.mark.parametrize(("name", "body", "code"), BAD, ids=[f"{name}-{code}" for name, _, code in BAD])
def test_a_bad_file_is_refused_at_the_door_in_two_languages(name: str, body: bytes, code: str) -> None:
    stage = Stage()
    stage.tell(**{name: body})
    stage.run()

    assert stage.job().state is JobState.REFUSED
    problem = stage.error()["problems"][0]
    assert problem["code"] == code
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["zh"])
    assert problem["en"].isascii()
    assert "{" not in problem["zh"] + problem["en"]
    assert stage.charges() == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(200, 200), voice=toy_wav(2.0))
    stage.run()

    assert {problem["code"] for problem in stage.error()["problems"]} == {"photo.resolution", "voice.too_short"}


def test_a_missing_consent_is_asked_for_once_all_else_is_there() -> None:
    stage = Stage()
    stage.tell(consent=None)
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["consent.missing"]
    assert stage.charges() == []


def test_corrected_files_open_a_job_that_was_refused_at_the_door() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(200, 200), consent=None)
    stage.run()
    stage.upload("story", Asset.PHOTO, "png", toy_png())
    stage.upload("story", Asset.CONSENT, "json", json.dumps(CONSENT).encode())
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.world.objects.head(Place(Bucket.OUTPUT, "stories/story/error.json")) is None


@pytest.mark.parametrize(
    ("photo", "code"),
    [(b"NOFACE", "photo.no_face"), (b"TWOFACES", "photo.many_faces"), (b"TOODARK", "photo.dark")],
)
def test_a_photo_without_a_usable_face_is_refused_before_anything_but_the_check_is_paid(
    photo: bytes, code: str
) -> None:
    stage = Stage()
    stage.stand_ins.model_studio.explain_refused_photos()
    stage.tell(photo=toy_png(note=photo))
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert [problem["code"] for problem in stage.error()["problems"]] == [code]
    assert stage.charges() == ["emo-detect-v1"]


def test_a_photo_that_the_vendor_refuses_without_a_word_still_gets_words() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(note=b"NOFACE"))
    stage.run()

    assert [problem["code"] for problem in stage.error()["problems"]] == ["photo.rejected"]


def test_a_sample_that_the_voice_model_refuses_is_refused_with_its_reason() -> None:
    stage = Stage()
    stage.tell(voice=toy_wav(12.0) + b"LIST\x06\x00\x00\x00SILENT")
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["voice.silent"]
    assert set(stage.charges()) <= {"emo-detect-v1"}


def test_a_film_without_captions_and_narration_is_refused_with_the_way_out() -> None:
    stage = Stage()
    stage.tell(film=toy_film(10.0))
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert [problem["code"] for problem in stage.error()["problems"]] == ["captions.none"]


@pytest.mark.parametrize("key", ["inbox/story/IMG_1234.heic", "inbox/story/voice.flac", "inbox/story/a b.mp4"])
def test_a_file_with_a_name_that_means_nothing_is_answered(key: str) -> None:
    stage = Stage()
    stage.world.objects.write(Place(Bucket.INPUT, key), b"x", "application/octet-stream")
    stage.run()

    assert stage.error()["problems"][0]["code"].startswith("key.")


@pytest.mark.parametrize(
    "key", ["inbox/../../etc/passwd", "inbox/Story/story.mp4", "inbox/" + "x" * 900 + "/story.mp4"]
)
def test_a_hostile_folder_name_does_no_harm(key: str) -> None:
    stage = Stage()
    stage.stand_ins.oss.put(stage.settings.input_bucket, key, b"x")
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert [info.key for info in stage.world.objects.listing(Bucket.OUTPUT, "") if "story/" not in info.key] == []


def test_a_stray_file_does_not_keep_a_whole_set_from_opening() -> None:
    stage = Stage()
    stage.world.objects.write(Place(Bucket.INPUT, "inbox/story/.DS_Store"), b"x", "application/octet-stream")
    for name, body in whole_set().items():
        assert body is not None
        stage.upload("story", Asset(name), EXTENSIONS[name], body)
    stage.run()

    assert stage.job().state is JobState.DONE
