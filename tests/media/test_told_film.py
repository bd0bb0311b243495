"""The film that `make demo` makes, measured: nothing here listens to what the project says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pymediainfo import MediaInfo

from cli import clouds, telling
from local.cloud import LocalCloud
from local.engines import ffmpeg
from local.engines.voice.pitch import voiced_f0
from local.samples.demo import SAMPLES, sample_film
from shared.domain.job import JobState

pytestmark = [pytest.mark.media, pytest.mark.loopback]

RATE = 16_000
FPS = 5
Samples = NDArray[np.float32]
Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class Told:
    film: Path
    story: Path
    report: dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One story, through real functions, SDKs, loopback and engines."""
    folder = tmp_path_factory.mktemp("told")
    film = sample_film(folder / "sample")
    wanted = telling.Telling(film, SAMPLES / "mother.wav", SAMPLES / "portrait.png", consent="the sample's parent")
    with LocalCloud.open(folder / "home") as cloud:
        world = clouds.local_world(cloud.endpoint)
        telling.put(world, telling.uploads("told", wanted))
        ended = telling.watch(world, "told", lambda _state, _rows: None)
        telling.fetch(world, "told", folder / "out")
    assert ended.state is JobState.DONE, ended
    report = json.loads((folder / "out" / "report.json").read_text())
    return Told(film, folder / "out" / "story.mp4", report)


def test_it_is_an_mp4_of_h264_and_aac_as_long_as_the_film(told: Told) -> None:
    before, after = MediaInfo.parse(str(told.film)), MediaInfo.parse(str(told.story))

    assert after.general_tracks[0].format == "MPEG-4"
    assert (after.video_tracks[0].format, after.audio_tracks[0].format) == ("AVC", "AAC")
    assert abs(after.general_tracks[0].duration - before.general_tracks[0].duration) <= 200


def test_every_line_is_spoken_within_its_slot(told: Told) -> None:
    lines = told.report["lines"]

    assert len(lines) == told.report["captions"]["cues"]
    for line in lines:
        (slot_start, slot_end), (start, end) = line["slot"], line["spoken"]
        assert slot_start <= start < end <= slot_end + 50, line


def test_there_is_a_voice_in_every_line_and_the_narrators_is_gone(told: Told) -> None:
    """The narrator is a man and the parent a woman: the pitch of what is heard tells which of them speaks."""
    narration, after = sound_of(told.film.with_name("narration.wav")), sound_of(told.story)
    assert pitch_of(narration) < 150, "the sample's narrator should be a man"

    for line in told.report["lines"]:
        start, end = (int(ms * RATE / 1000) for ms in line["spoken"])
        heard, pitch = after[start:end], pitch_of(after[start:end])

        assert level_db(heard) > -35, line
        assert pitch > 150, f"{line['number']}: {pitch:.0f} Hz is not the mother"


def test_the_narration_cannot_be_found_in_the_story(told: Told) -> None:
    """The narration's shape is no more in the story than in what any stranger reads: two unrelated voices reach 0.1."""
    narration = sound_of(told.film.with_name("narration.wav"))
    before, after = sound_of(told.film), sound_of(told.story)
    for line in told.report["lines"]:
        start, end = (int(ms * RATE / 1000) for ms in line["spoken"])

        assert share_of(narration[start:end], before[start : end + RATE // 10]) > 0.5, "it is in the film"
        assert share_of(narration[start:end], after[start - RATE // 10 : end + RATE // 10]) < 0.15


def test_the_portrait_is_at_the_top_right_while_it_speaks(told: Told) -> None:
    before, after = pictures_of(told.film), pictures_of(told.story)
    height, width = before.shape[1:3]
    top_right = np.s_[: height // 3, 2 * width // 3 :]
    left = np.s_[height // 3 : height // 2, : width // 3]  # the opening label stands below
    for line in told.report["lines"]:
        frame = int(sum(line["spoken"]) / 2000 * FPS)

        assert difference(before[frame][top_right], after[frame][top_right]) > 15, line
        assert difference(before[frame][left], after[frame][left]) < 1.5, "the film itself is unchanged"


def test_the_portraits_mouth_moves(told: Told) -> None:
    after = pictures_of(told.story)
    height, width = after.shape[1:3]
    frames = [int(ms / 1000 * FPS) for line in told.report["lines"] for ms in within(*line["spoken"])]
    corner = after[frames, : height // 3, 2 * width // 3 :].astype(float)

    assert corner.std(axis=0).max() > 10


def within(start_ms: float, end_ms: float) -> list[float]:
    """Six moments of a line, not too near its ends."""
    return list(np.linspace(start_ms, end_ms, 8)[1:-1])


def sound_of(film: Path) -> Samples:
    raw = ffmpeg.run([*ffmpeg.Input(film).arguments(), "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "pipe:1"])
    return np.frombuffer(raw, "<f4")


def pictures_of(film: Path) -> Pictures:
    """A few frames a second, small and grey: frames x height x width."""
    asked = ["-an", "-vf", f"fps={FPS},scale=320:180,format=gray", "-f", "rawvideo", "pipe:1"]
    return np.frombuffer(ffmpeg.run([*ffmpeg.Input(film).arguments(), *asked]), np.uint8).reshape(-1, 180, 320)


def pitch_of(samples: Samples) -> float:
    return float(np.median(voiced_f0(samples)))


def level_db(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9))


def share_of(narration: Samples, heard: Samples) -> float:
    """How much of the narration's shape is in what is heard: the best normalised correlation over small shifts."""
    found = _correlated(heard, narration)
    sums = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    windows = np.sqrt(sums[len(narration) :] - sums[: -len(narration)]) * np.linalg.norm(narration)
    return float(np.max(np.abs(found) / (windows + 1e-9)))


def _correlated(heard: Samples, narration: Samples) -> Samples:
    size = 1 << (len(heard) + len(narration)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(narration, size))
    return np.fft.irfft(product, size)[: len(heard) - len(narration) + 1].astype(np.float32)


def difference(one: Pictures, other: Pictures) -> float:
    return float(np.mean(np.abs(one.astype(float) - other.astype(float))))
