"""The table of models, and requests for EMO that are checked, priced and never made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import responses
from typer.testing import CliRunner

from cli import catalogue
from cli.app import app
from cli.catalogue import EmoRequest
from shared.domain import requests
from shared.domain.catalogue import CATALOGUE
from shared.domain.errors import Refused
from shared.domain.requests import Wrong
from shared.ports import Face

IMAGE, AUDIO = "https://example.com/portrait.png", "https://example.com/speech.mp3"
FACE, AREA = "302,286,610,593", "71,9,840,778"
BOXES = {"face_bbox": [302, 286, 610, 593], "ext_bbox": [71, 9, 840, 778]}
GIVEN = ["emo", "prepare", "--image", IMAGE, "--audio", AUDIO]
DETECTION = "http://127.0.0.1:9/api/v1/services/aigc/image2video/face-detect"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without keys, and no settings but an endpoint where nobody listens."""
    for name in ("DASHSCOPE_API_KEY", "OUTPUT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ECHOBOT_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(home: Path, *more: str, code: int = 0) -> tuple[dict[str, object], dict[str, object]]:
    """The request and the evidence that a command wrote."""
    ended = CliRunner().invoke(app, [*GIVEN, *more])
    assert ended.exit_code == code, ended.output
    folder = home / "out" / "emo"
    found = [json.loads((folder / name).read_text("utf-8")) for name in ("request.json", "evidence.json")]
    return found[0], found[1]


def refused(*arguments: str) -> str:
    ended = CliRunner().invoke(app, list(arguments))
    assert ended.exit_code == 2
    return " ".join(ended.stderr.split())


def test_every_model_has_a_row_with_its_price_and_its_state() -> None:
    rows = {row[0]: row[1:] for row in catalogue.rows()}

    assert rows.keys() == CATALOGUE.keys()
    assert rows["wan2.2-t2v-plus"] == ["a film from words", "480P 0.14/s, 1080P 0.70/s", "50 s", "2 / 2", "living"]
    assert rows["emo-detect-v1"][1:] == ["0.0040/picture", "200 picture", "5 / -", "announced off 2026-10-10"]
    assert rows["animate-anyone"][1:] == ["by the hour", "-", "5 / 1", "deployed only"]
    assert rows["wan2.7-i2v"][1] == "720P 0.60/s (one source), 1080P 1.00/s (a guess)"


def test_models_are_found_by_name_or_purpose() -> None:
    assert [row[0] for row in catalogue.rows("FROM WORDS")] == [
        "wan2.2-t2v-plus",
        "wanx2.1-t2v-turbo",
        "wanx2.1-t2v-plus",
    ]
    printed = CliRunner().invoke(app, ["models", "videoretalk"])
    assert printed.exit_code == 0
    assert "videoretalk" in printed.output
    assert "emo-v1" not in printed.output


def test_models_are_told_to_scripts() -> None:
    told = json.loads(CliRunner().invoke(app, ["models", "--json"]).stdout)
    by_name = {one["model"]: one for one in told}

    assert by_name.keys() == CATALOGUE.keys()
    assert by_name["wan2.2-t2v-plus"]["yuan"]["832*480"] == {"yuan": "0.14", "per": "s", "is_estimate": False}
    assert by_name["animate-anyone"]["yuan"] == {}
    assert (by_name["emo-v1"]["state"], by_name["emo-v1"]["off_on"]) == ("announced off", "2026-10-10")
    assert (by_name["emo-detect-v1"]["at_once"], by_name["emo-v1"]["at_once"]) == (None, 1)


def test_a_request_without_boxes_leaves_them_to_its_own_detection(home: Path) -> None:
    request, evidence = written(home, "--style", "active", "--ratio", "3:4")

    assert request == {
        "model": "emo-v1",
        "input": {"image_url": IMAGE, "audio_url": AUDIO},
        "parameters": {"style_level": "active", "ratio": "3:4"},
        "family": "family",
    }
    assert evidence["boxes"] == "left to the request"
    assert evidence["calls"] == ["emo-detect-v1", "emo-v1"]
    assert (evidence["face_bbox"], evidence["yuan"]) == (None, ["0.0040", "9.60"])
    assert requests.read(json.dumps(request).encode()).model.name == "emo-v1"


def test_given_boxes_are_taken_as_they_are(home: Path) -> None:
    request, evidence = written(home, "--face-bbox", FACE, "--ext-bbox", f"[{AREA}]", "--model", "our-emo")

    assert request["input"] == {"image_url": IMAGE, "audio_url": AUDIO, **BOXES}
    assert request["deployed"] == {"emo-v1": "our-emo"}
    assert evidence["boxes"] == "given"
    assert (evidence["model"], evidence["calls"]) == ("our-emo", ["our-emo"])
    assert {name: evidence[name] for name in BOXES} == BOXES


def test_output_dir_moves_the_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTPUT_DIR", str(home / "elsewhere"))

    assert CliRunner().invoke(app, GIVEN).exit_code == 0
    assert (home / "elsewhere" / "emo" / "request.json").is_file()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--style", "subtle"], "parameters.style_level cannot be subtle"),
        (["--style", "subtle"], "nearest is calm"),
        (["--face-bbox", FACE], "input.face_bbox, input.ext_bbox"),
        (["--face-bbox", "1,2,3"], "face_bbox cannot be 1,2,3"),
        (["--face-bbox", "1,2,3,x", "--ext-bbox", AREA], "face_bbox cannot be 1,2,3,x"),
        (["--face-bbox", FACE, "--ext-bbox", "0,0,400,300"], "input.ext_bbox"),
        (["--model", "our emo"], "deployed.emo-v1"),
        (["--detect"], "DASHSCOPE_API_KEY"),
    ],
)
def test_what_will_not_do_is_refused_in_words(home: Path, more: list[str], words: str) -> None:
    assert words in refused(*GIVEN, *more)
    assert not (home / "out").exists()


def test_a_picture_that_is_no_https_address_cannot_be_detected_now(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-test")
    assert "--image" in refused("emo", "prepare", "--image", "inbox/a/photo.png", "--audio", AUDIO, "--detect")


@pytest.mark.parametrize("place", ["environment", "file"])
def test_boxes_can_be_detected_now_with_the_key_that_is_found(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "environment":
        monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-one")
    else:
        (home / ".alibabacloud").mkdir()
        (home / ".alibabacloud" / "credentials").write_text('[default]\ndashscope_api_key = "sk-one"\n', "utf-8")
    with responses.RequestsMock() as web:
        answer = {"output": {"check_pass": True, **BOXES}, "usage": {"image_count": 1}, "request_id": "1"}
        web.post(DETECTION, json=answer, match=[responses.matchers.header_matcher({"Authorization": "Bearer sk-one"})])
        request, evidence = written(home, "--detect")

    assert request["input"] == {"image_url": IMAGE, "audio_url": AUDIO, **BOXES}
    assert evidence["boxes"] == "detected"


def test_a_refused_portrait_is_said_in_words_and_nothing_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-one")
    with responses.RequestsMock() as web:
        web.post(DETECTION, json={"output": {"check_pass": False, "code": "", "message": ""}, "request_id": "1"})
        assert "photo did not pass" in refused(*GIVEN, "--detect")

    assert not (home / "out").exists()


def test_a_detector_is_not_asked_when_the_boxes_are_given() -> None:
    def never(image: str, ratio: str) -> Face:
        raise AssertionError((image, ratio))

    assert catalogue.prepare(EmoRequest(IMAGE, AUDIO, FACE, AREA), never).boxes == "given"


def test_a_wrong_request_says_all_that_is_wrong() -> None:
    with pytest.raises(Wrong) as caught:
        catalogue.prepare(EmoRequest("http://a/b.png", AUDIO, style="wild"))
    assert [problem.fields["name"] for problem in caught.value.problems] == [
        "input.image_url",
        "parameters.style_level",
    ]

    with pytest.raises(Refused):
        catalogue.box_of("face_bbox", "")


@pytest.mark.parametrize("text", ["", "dashscope_api_key\n", "other = 1\n"])
def test_a_file_without_the_key_gives_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".alibabacloud").mkdir()
    (tmp_path / ".alibabacloud" / "credentials").write_text(text, "utf-8")

    assert catalogue.api_key({}, tmp_path) == ""
    assert catalogue.api_key({}, tmp_path / "nobody") == ""
