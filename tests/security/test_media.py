"""Media come from strangers: what a file refers to stays closed, and what it would unpack to is known before."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pymediainfo import MediaInfo

from local.engines import ffmpeg
from local.engines.contract import RejectionError
from local.engines.portrait import photo
from local.engines.sound.decode import DecodeError, decode
from local.engines.sound.decode import probe as sound_probe
from shared.clients.probe import MediaInfoProbe
from shared.clients.untrusted import Guarded
from shared.domain import cues, manifest
from shared.domain.catalogue.files import FileFacts
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.options import OPTIONS_BYTES_MAX
from shared.ports import Bucket, MediaFacts, Place
from tests.engine.given import Call, interpose
from tests.security.canary import Canary, listening
from tests.security.hostile_media import a_recording, referring
from tests.stage import Stage
from tests.toys import toy_film, toy_png

SECRET_FILE = "secret.wav"
KINDS = sorted(referring("http://127.0.0.1", Path("/secret.wav")))


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with listening() as canary:
        yield canary


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where relative names would lead: to a file that can be read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / SECRET_FILE).write_bytes(a_recording())
    return tmp_path


def hostile(kind: str, canary: Canary, folder: Path) -> bytes:
    canary.calls.clear()
    return referring(canary.url, folder / SECRET_FILE)[kind]


def test_mediainfo_by_itself_opens_what_a_file_refers_to(canary: Canary, folder: Path) -> None:
    """Else the tests below would show nothing: this is what `Guarded` is for."""
    MediaInfo.parse(io.BytesIO(hostile("HLS media play list", canary, folder)))
    found = MediaInfo.parse(io.BytesIO(hostile("film whose sound is another file", canary, folder)))

    assert any("secret.wav" in str(track.source) for track in found.tracks)


@pytest.mark.parametrize("kind", KINDS)
def test_the_door_opens_nothing_that_an_upload_refers_to(kind: str, canary: Canary, folder: Path) -> None:
    stage = Stage()
    place = Place(Bucket.INPUT, "inbox/story/story.mp4")
    stage.world.objects.write(place, hostile(kind, canary, folder), "video/mp4")
    facts = MediaInfoProbe(stage.world.objects).facts(place)

    assert canary.calls == []
    assert (facts.sample_rate, facts.audio_codec) != (8000, "pcm")
    assert facts == MediaFacts("") or facts.container == "mp4"


@pytest.mark.parametrize("kind", KINDS)
def test_the_engines_open_nothing_that_a_film_refers_to(kind: str, canary: Canary, folder: Path) -> None:
    film = folder / "story.mp4"
    film.write_bytes(hostile(kind, canary, folder))
    with pytest.raises(ffmpeg.FfmpegError):
        ffmpeg.run([*ffmpeg.Input(film).arguments(), "-f", "f32le", "pipe:1"])
    with pytest.raises(DecodeError):
        list(decode(film, 8000, channels=1))
    with suppress(DecodeError):
        assert sound_probe(film).sample_rate != 8000
    with suppress(ffmpeg.FfmpegError):
        assert ffmpeg.probe(film).channels != 1

    assert canary.calls == []


def test_a_guarded_film_is_the_film_but_for_its_references() -> None:
    film = toy_film() + b"dre" + b"f" * 3 + b"d"
    guarded = Guarded(io.BytesIO(film))
    read = b"".join(iter(lambda: guarded.read(61), b""))

    assert read == film.replace(b"dref", b"free")


def test_no_program_is_started_through_a_shell_and_ffmpeg_in_two_places_only() -> None:
    root = Path(ffmpeg.__file__).parents[2]
    starting = re.compile(r"shell=True|os\.system|os\.popen|subprocess\.\w+|create_subprocess|get_ffmpeg_exe")
    found = {
        (str(path.relative_to(root)), start)
        for folder in ("shared", "functions", "local", "cli")
        for path in (root / folder).rglob("*.py")
        for start in starting.findall(path.read_text("utf-8"))
    }

    assert not [each for each in found if each[1] in {"shell=True", "os.system", "os.popen", "create_subprocess"}]
    assert not [each for each in found if each[0].startswith(("shared/", "functions/"))]
    assert {path for path, start in found if start == "get_ffmpeg_exe"} == {
        "local/engines/ffmpeg.py",
        "local/engines/sound/decode.py",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and sets the limits of another process")
def test_ffmpeg_has_an_end_in_time_memory_and_what_it_writes() -> None:
    endless = ["-f", "lavfi", "-i", "sine=440", "-f", "f32le", "pipe:1"]
    with suppress(ffmpeg.FfmpegError), ffmpeg._running(endless, 30.0, reads_stdin=False) as process:
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        process.kill()

    told = dict(re.findall(r"^(Max [a-z ]+?)  +(\S+)", limits, re.MULTILINE))
    assert told["Max cpu time"] == str(30 * (os.cpu_count() or 1))
    assert told["Max address space"] == str(ffmpeg.ADDRESS_BYTES_MAX)
    assert told["Max file size"] == str(ffmpeg.WRITTEN_BYTES_MAX)
    assert told["Max core file size"] == "0"


# --- bombs: small files that unpack to much


def a_bomb(ending: str) -> bytes:
    """A picture of 81 million pixels in a few hundred kilobytes."""
    sides = 9000
    done, body = cv2.imencode(f".{ending}", np.zeros((sides, sides), np.uint8))
    assert done
    return body.tobytes()


def absurd_png(width: int, height: int) -> bytes:
    """A header alone."""
    small = bytearray(toy_png())
    small[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(small)


@pytest.mark.parametrize("sides", [(7001, 500), (500, 7001), (2**31 - 1, 2**31 - 1), (60_000, 60_000)])
def test_a_photo_of_too_many_pixels_is_refused_by_its_header(sides: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage()
    stage.tell(photo=absurd_png(*sides))
    stage.run()
    file = tmp_path / "photo.png"
    file.write_bytes(absurd_png(*sides))

    assert stage.job().state is JobState.REFUSED
    assert stage.error()["problems"][0]["code"] in {"photo.resolution", "photo.format"}
    with pytest.raises(RejectionError):
        photo.load_photo(file)


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_ffmpeg_refuses_a_picture_that_unpacks_to_more_than_a_photo(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"photo.{ending}"
    file.write_bytes(a_bomb(ending))

    assert file.stat().st_size < 1_000_000
    with pytest.raises(ffmpeg.FfmpegError):
        ffmpeg.run([*ffmpeg.Input(file).arguments(), "-f", "null", "-"])


@pytest.mark.parametrize(
    ("name", "body", "code", "read_max"),
    [
        ("options", b'{"a":"' + b"x" * 3_000_000 + b'"}', "options.too_large", OPTIONS_BYTES_MAX),
        ("consent", b'{"a":"' + b"x" * 3_000_000 + b'"}', "consent.incomplete", OPTIONS_BYTES_MAX),
        ("captions", b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n" * 100_000, "captions.too_large", cues.FILE_BYTES_MAX),
        ("voice", a_recording() + bytes(12_000_000), "voice.too_large", 1_048_576),
    ],
)
def test_a_file_beyond_its_limit_is_not_even_read(name: str, body: bytes, code: str, read_max: int) -> None:
    stage = Stage()
    longest: dict[str, int] = {}

    def note(call: Call) -> object:
        read: bytes = call()
        key = call.args[0].key
        longest[key] = max(longest.get(key, 0), len(read))
        return read

    interpose(stage, "objects.read", note)
    stage.tell(**{name: body})
    stage.run()

    assert [problem["code"] for problem in stage.error()["problems"]] == [code]
    assert max((size for key, size in longest.items() if name in key or "job.json" in key), default=0) <= read_max + 1


@pytest.mark.parametrize(
    "changes",
    [{"width": 4097}, {"height": 4097}, {"width": 4096, "height": 2161}, {"seconds": 1801.0}, {"size": 2049 * 2**20}],
)
def test_a_film_is_measured_by_its_header_before_anything_decodes_it(changes: dict[str, Any]) -> None:
    film = FileFacts("mp4", 1000, 60.0, 1280, 720, 25.0, "avc")
    with pytest.raises(Refused) as refusal:
        manifest.check_film(replace(film, **changes), has_audio=True)

    assert refusal.value.code in {"film.resolution", "film.too_long", "film.too_large"}
