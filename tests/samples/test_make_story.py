"""The whole sample film, small."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.captions import read_captions
from local.engines.captions.srt import parse_srt
from local.engines.film.fonts import find_font
from local.samples.story import StoryPaths, make_story

FONT = find_font()
needs_chinese = pytest.mark.skipif(FONT is None or not FONT.has_chinese, reason="no Chinese font on this machine")


def hum(text: str) -> tuple[NDArray[np.float32], int]:
    """A narrator who hums for as long as the line is."""
    times = np.arange(int(16000 * 0.22 * len(text))) / 16000
    return np.asarray(0.3 * np.sin(2 * np.pi * 180 * times), np.float32), 16000


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> StoryPaths:
    return make_story(tmp_path_factory.mktemp("made") / "story", hum, width=320, height=180)


def at(film: Path, seconds: float) -> NDArray[np.uint8]:
    raw = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"]
    frame = ffmpeg.run([*ffmpeg.Input(film, ("-ss", f"{seconds}")).arguments(), *raw])
    return np.frombuffer(frame, np.uint8).reshape(180, 320, 3)


@pytest.mark.media
def test_the_film_is_as_long_and_as_large_as_it_says(story: StoryPaths) -> None:
    media = ffmpeg.probe(story.film)

    assert (media.width, media.height, media.fps, media.channels) == (320, 180, 25.0, 2)
    assert 35 <= story.length_s <= 45
    assert media.duration_s == pytest.approx(story.length_s, abs=0.04)


@pytest.mark.media
def test_its_captions_are_in_the_film_and_beside_it(story: StoryPaths) -> None:
    assert len(story.cues) == 8
    assert parse_srt(story.captions.read_text(encoding="utf-8")) == list(story.cues)
    assert [caption.text for caption in read_captions(story.film)] == [cue.text for cue in story.cues]
    for read, cue in zip(read_captions(story.film), story.cues, strict=True):
        assert read.start_s == pytest.approx(cue.start_s, abs=0.002)
        assert read.end_s == pytest.approx(cue.end_s, abs=0.002)


@pytest.mark.media
def test_each_line_is_heard_in_its_caption_and_nowhere_else(story: StoryPaths) -> None:
    with wave.open(str(story.narration)) as file:
        voice = np.abs(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    heard = np.zeros(len(voice), bool)
    for cue in story.cues:
        start, end = int(cue.start_s * 44100), int((cue.end_s - 0.3) * 44100)
        assert voice[start:end].mean() > 5000
        heard[start - 100 : end + 4410] = True

    assert voice[~heard].max() < 50


@pytest.mark.media
def test_film_music_and_narration_belong_together(story: StoryPaths) -> None:
    raw = ffmpeg.run([*ffmpeg.Input(story.film).arguments(), "-ac", "1", "-ar", "44100", "-f", "f32le", "pipe:1"])
    sound = np.frombuffer(raw, np.float32)
    parts = []
    for path in (story.narration, story.music):
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        parts.append(samples.mean(axis=1)[: len(sound)] / 32768)

    assert np.corrcoef(sound[: len(parts[0])], parts[0] + 0.24 * parts[1])[0, 1] > 0.99


@pytest.mark.media
def test_pictures_change_from_line_to_line(story: StoryPaths) -> None:
    frames = [at(story.film, (cue.start_s + cue.end_s) / 2).astype(int) for cue in story.cues]

    assert all(np.abs(one - other).mean() > 3 for one, other in pairwise(frames))


@pytest.mark.media
@needs_chinese
def test_captions_are_drawn_into_the_picture_when_asked(story: StoryPaths, tmp_path: Path) -> None:
    burned = make_story(tmp_path, hum, width=320, height=180, burn_captions=True)

    in_caption, in_pause = (story.cues[2].start_s + 0.8, story.cues[2].end_s + 0.2)
    for seconds, is_drawn in ((in_caption, True), (in_pause, False)):
        drawn, plain = at(burned.film, seconds)[140:], at(story.film, seconds)[140:]
        assert bool(np.abs(drawn.astype(int) - plain).max() > 80) is is_drawn
