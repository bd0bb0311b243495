"""The same functions, each in a process of its own, on the vendors' real SDKs, against the stand-ins on loopback."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import clouds
from cli.app import app
from cli.refusals import DONE, REFUSED
from local.cloud import LocalCloud
from local.home import running_endpoint
from local.standins.work import Pace
from shared.domain import keys
from shared.ports import Bucket, Place
from tests.stage import CAPTIONS
from tests.toys import ToyEngines, asked_in, toy_film, toy_png, toy_wav

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("home")
    with LocalCloud.open(folder, engines=ToyEngines(), pace=Pace(voice_deploying_s=0.5)) as cloud:
        yield cloud


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "film.mp4").write_bytes(toy_film(10.0, CAPTIONS))
    (tmp_path / "voice.wav").write_bytes(toy_wav(12.0))
    (tmp_path / "photo.png").write_bytes(toy_png())
    return tmp_path


def echobot(cloud: LocalCloud, *arguments: str) -> tuple[int, str]:
    """The command line, with the running local cloud as its own."""
    environment = {"ECHOBOT_HOME": str(cloud.folder), "ECHOBOT_ENDPOINT": "", "ECHOBOT_ACCOUNT_ID": ""}
    result = CliRunner().invoke(app, list(arguments), env=environment)
    return result.exit_code, result.output + result.stderr


def tell(cloud: LocalCloud, shelf: Path, job: str, *more: str, consent: str = "Mama") -> tuple[int, str]:
    files = [str(shelf / "film.mp4"), "--voice", str(shelf / "voice.wav"), "--photo", str(shelf / "photo.png")]
    return echobot(cloud, "tell", *files, "--consent", consent, "--job", job, "-o", str(shelf / "out"), *more)


def test_a_story_is_told_from_the_command_line(cloud: LocalCloud, shelf: Path) -> None:
    code, output = tell(cloud, shelf, "first")

    assert code == DONE, output
    folder = shelf / "out" / "first"
    assert {path.name for path in folder.iterdir()} == {
        *("story.mp4", "captions.srt", "cover.jpg"),
        *("quote.json", "report.json", "report.html"),
    }
    timeline = asked_in((folder / "story.mp4").read_bytes())["timeline"]
    film = timeline["VideoTracks"][0]["VideoTrackClips"][0]
    assert film["Effects"] == [{"Type": "Volume", "Gain": 0}]
    assert json.loads((folder / "report.json").read_text())["portrait"]["engine"] == "emo"


def test_status_and_explain_tell_what_happened(cloud: LocalCloud, shelf: Path) -> None:
    tell(cloud, shelf, "second")

    code, status = echobot(cloud, "status", "second")
    assert (code, "done" in status) == (DONE, True)
    code, history = echobot(cloud, "explain", "second")
    assert code == DONE
    for word in ("opened with", "animate/0001", "voice", "sent", "0.45 yuan", "published"):
        assert word in history


def test_bad_input_ends_with_two_and_words_in_both_languages(cloud: LocalCloud, shelf: Path) -> None:
    (shelf / "voice.wav").write_bytes(toy_wav(1.0))
    code, output = tell(cloud, shelf, "third")

    assert code == REFUSED
    assert "录音只有" in output
    assert "The recording is only" in output
    assert (shelf / "out" / "third" / "error.json").exists()


def test_a_missing_consent_is_refused(cloud: LocalCloud, shelf: Path) -> None:
    code, output = tell(cloud, shelf, "fourth", consent="")

    assert code == REFUSED
    assert "consent.json is missing" in output


def test_an_unknown_job_is_refused_by_name(cloud: LocalCloud) -> None:
    code, output = echobot(cloud, "explain", "nobody")

    assert code == REFUSED
    assert "There is no job called nobody" in output


def test_the_speech_of_a_segment_is_a_wav_that_anything_reads(cloud: LocalCloud, shelf: Path) -> None:
    """Through the real OSS client, with the CRC checked on the way."""
    world = clouds.local_world(cloud.endpoint)
    place = Place(Bucket.WORK, keys.job_speech("probe", "0001"))
    world.objects.write(place, toy_wav(1.0), "audio/wav")
    (shelf / "back.wav").write_bytes(world.objects.read(place))

    with wave.open(str(shelf / "back.wav")) as sound:
        assert sound.getnframes() == 16_000


def test_the_cloud_says_where_it_is_while_it_is_up(cloud: LocalCloud) -> None:
    assert running_endpoint(cloud.folder) == cloud.endpoint
    assert cloud.endpoint.startswith("http://127.0.0.1:")
