"""Requests from the command line: checked with their local files before anything is uploaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import generating
from cli.app import app
from cli.generating import Wish
from shared.domain import keys, requests
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.prices import yuan
from shared.domain.requests import Wrong
from shared.engine.records import load_job
from tests.stage import Stage
from tests.toys import toy_png, toy_wav


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "Mein Foto.PNG").write_bytes(toy_png(600, 800))
    return tmp_path / "Mein Foto.PNG"


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    (tmp_path / "speech.wav").write_bytes(toy_wav(6.0))
    return tmp_path / "speech.wav"


def test_local_files_become_keys_beside_the_request_and_set_the_price(photo: Path, speech: Path) -> None:
    wish = Wish("emo-v1", (f"image_url={photo}", f"audio_url={speech}"), ("ratio=3:4", "style_level=calm"))

    ready = generating.prepare(wish, "cat")

    assert ready.uploads == {"requests/cat/image_url-0.png": photo, "requests/cat/audio_url-0.wav": speech}
    assert ready.request.inputs == {
        "image_url": "requests/cat/image_url-0.png",
        "audio_url": "requests/cat/audio_url-0.wav",
    }
    assert ready.request.parameters == {"ratio": "3:4", "style_level": "calm"}
    assert (yuan(ready.quote.low), yuan(ready.quote.high)) == ("0.96", "0.96")


def test_a_file_that_is_neither_here_nor_in_the_cloud_is_named() -> None:
    with pytest.raises(Wrong) as caught:
        generating.prepare(Wish("emo-v1", ("image_url=requests/cat/me.png", "audio_url=speach.wav")), "cat")

    (problem,) = caught.value.problems
    assert (problem.code, problem.fields) == ("request.no_file", {"name": "input.audio_url", "file": "speach.wav"})


def test_a_request_file_brings_the_files_that_lie_beside_it_under_the_keys_that_it_names(tmp_path: Path) -> None:
    whole = {
        "model": "emo-v1",
        "input": {"image_url": "requests/samples/me.png", "audio_url": "inbox/other/voice.wav"},
        "parameters": {"style_level": "calm"},
    }
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "me.png").write_bytes(toy_png(600, 800))
    (tmp_path / "mine.json").write_text(json.dumps(whole), "utf-8")

    ready = generating.from_file(tmp_path / "mine.json", "cat")

    assert ready.uploads == {"requests/samples/me.png": tmp_path / "samples" / "me.png"}
    assert ready.request.inputs == whole["input"]


def test_a_file_beside_it_that_will_not_do_is_refused_before_it_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "small.png").write_bytes(toy_png(80, 80))
    whole = {"model": "wan2.2-i2v-plus", "input": {"img_url": "requests/small.png"}}
    (tmp_path / "mine.json").write_text(json.dumps(whole), "utf-8")

    with pytest.raises(Wrong) as caught:
        generating.from_file(tmp_path / "mine.json", "cat")
    assert {one.code for one in caught.value.problems} == {"request.file"}


def test_the_command_takes_a_request_file_in_place_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"model": "wan2.2-t2v-plus", "input": {"prompt": "猫"}}', "utf-8")

    ended = CliRunner().invoke(app, ["generate", str(tmp_path / "mine.json"), "--dry-run"])
    assert ended.output.startswith("wan2.2-t2v-plus: 3.50 - 3.50 yuan")
    missing = CliRunner().invoke(app, ["generate", str(tmp_path / "none.json"), "--dry-run"])
    assert missing.exit_code == 2


def test_values_are_read_by_what_the_field_takes() -> None:
    inputs = (
        "function=video_edit",
        "prompt=2026",
        "video_url=requests/a.mp4",
        "mask_image_url=requests/b.png",
        "mask_frame_id=1",
    )
    wish = Wish("wanx2.1-vace-plus", inputs, ("expand_ratio=0.1", "size=1280*720", "seed=7"), cap_yuan=4.0)

    request = generating.prepare(wish, "cat").request

    assert (request.inputs["prompt"], request.inputs["mask_frame_id"]) == ("2026", 1)
    assert request.parameters == {"expand_ratio": 0.1, "size": "1280*720", "seed": 7}
    assert request.cap_yuan == 4.0


def test_a_name_given_twice_is_a_list(photo: Path) -> None:
    inputs = (
        "function=image_reference",
        "prompt=猫",
        f"ref_images_url={photo}",
        "ref_images_url=https://example.com/b.png",
    )
    wish = Wish("wanx2.1-vace-plus", inputs, ('obj_or_bg=["obj", "bg"]',))

    ready = generating.prepare(wish, "cat")

    assert ready.request.inputs["ref_images_url"] == ["requests/cat/ref_images_url-0.png", "https://example.com/b.png"]
    assert ready.request.parameters["obj_or_bg"] == ["obj", "bg"]


def test_an_instance_of_ones_own_is_named_by_its_model() -> None:
    wish = Wish("emo-v1", ("image_url=requests/a.png", "audio_url=requests/a.wav"), deployed=("emo-v1=our-emo",))

    assert [call.called for call in requests.calls(generating.prepare(wish, "cat").request)] == [
        "emo-detect-v1",
        "our-emo",
    ]


def test_a_local_file_that_will_not_do_is_refused_before_it_is_uploaded(speech: Path) -> None:
    with pytest.raises(Wrong) as caught:
        generating.prepare(Wish("wan2.2-i2v-plus", (f"img_url={speech}",)), "cat")

    assert [(one.code, one.fields["name"]) for one in caught.value.problems] == [("request.file", "input.img_url")]


@pytest.mark.parametrize(
    ("wish", "request_id", "code"),
    [
        (Wish("wan2.2-t2v"), "cat", "request.model"),
        (Wish("wan2.2-t2v-plus", ("prompt",)), "cat", "request.value"),
        (Wish("wan2.2-t2v-plus", ("=x",)), "cat", "request.value"),
        (Wish("wan2.2-t2v-plus", ("prompt=猫",), cap_yuan=1.0), "cat", "request.cap"),
        (Wish("wan2.2-t2v-plus", ("prompt=猫",)), "Cat", "key.hostile"),
    ],
)
def test_what_will_not_do_is_refused(wish: Wish, request_id: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        generating.prepare(wish, request_id)

    assert caught.value.code == code


def test_a_dry_run_shows_the_request_and_its_price_and_uploads_nothing() -> None:
    given = ["generate", "wan2.2-t2v-plus", "--input", "prompt=一只小猫", "--param", "size=832*480", "--dry-run"]
    ended = CliRunner().invoke(app, given)

    assert ended.exit_code == 0, ended.output
    first, _, rest = ended.output.partition("\n")
    assert first == "wan2.2-t2v-plus: 0.70 - 0.70 yuan"
    assert json.loads(rest)["parameters"] == {"size": "832*480"}


def test_a_wrong_request_ends_with_the_words_for_each_problem() -> None:
    given = ["generate", "wan2.2-t2v-plus", "--input", "prompt=猫", "--param", "fps=24", "--param", "duration=3"]
    ended = CliRunner().invoke(app, given)

    assert ended.exit_code == 2
    words = " ".join(ended.stderr.split())
    assert "no field parameters.fps" in words
    assert "parameters.duration cannot be 3: allowed is 5, nearest is 5" in words


def test_what_was_put_is_run_and_everything_of_it_is_brought_back(photo: Path, speech: Path, tmp_path: Path) -> None:
    stage = Stage()
    wish = Wish("emo-v1", (f"image_url={photo}", f"audio_url={speech}"))
    generating.put(stage.world, "cat", generating.prepare(wish, "cat"))
    stage.run()
    job = load_job(stage.world, keys.request_job("cat"))
    brought = generating.fetch(stage.world, "cat", tmp_path / "out")

    assert job is not None
    assert job.state is JobState.DONE
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in brought)
    assert found == ["evidence/calls.json", "evidence/request.json", "report.json", "result.mp4"]
    assert (tmp_path / "out" / "result.mp4").stat().st_size > 0
