"""Loudness as broadcasters measure it; signals of EBU Tech 3341."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.sound.decode import decode
from local.engines.sound.loudness import SILENT_LUFS, Meter, integrated

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"


def tone(seconds: float, dbfs: float, rate: int = 48000, channels: int = 2) -> NDArray[np.float32]:
    moments = np.arange(round(seconds * rate)) / rate
    one = 10 ** (dbfs / 20) * np.sin(2 * np.pi * 1000 * moments)
    return np.stack([one] * channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
def test_a_stereo_tone_is_as_loud_as_its_level(dbfs: float) -> None:
    assert integrated(tone(20, dbfs), 48000) == pytest.approx(dbfs, abs=0.1)


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 44100])
def test_the_sample_rate_does_not_matter(rate: int) -> None:
    assert integrated(tone(5, -23, rate), rate) == pytest.approx(-23, abs=0.1)


def test_one_channel_counts_half_of_two() -> None:
    assert integrated(tone(5, -20, channels=1), 48000) == pytest.approx(-23, abs=0.1)


def test_samples_are_one_channel() -> None:
    assert integrated(tone(5, -20, channels=1).ravel(), 48000) == pytest.approx(-23, abs=0.1)


def test_quiet_passages_are_gated_out() -> None:
    programme = [tone(10, -72), tone(10, -36), tone(60, -23), tone(10, -36), tone(10, -72)]

    assert integrated(np.concatenate(programme), 48000) == pytest.approx(-23, abs=0.1)


def test_a_sound_of_a_tenth_of_a_second_has_a_loudness() -> None:
    assert integrated(tone(0.1, -23), 48000) == pytest.approx(-23, abs=0.3)


@pytest.mark.parametrize("samples", [0, 100, 48000])
def test_silence_has_the_loudness_of_the_gate(samples: int) -> None:
    assert integrated(np.zeros((samples, 2), np.float32), 48000) == SILENT_LUFS


@pytest.mark.parametrize("block", [777, 48000, 100_000])
def test_hearing_in_pieces_gives_the_same_loudness(block: int) -> None:
    heard = np.random.default_rng(1).normal(0, 0.05, (200_000, 2)).astype(np.float32)
    meter = Meter(44100)
    for start in range(0, len(heard), block):
        meter.hear(heard[start : start + block])

    assert meter.integrated() == pytest.approx(integrated(heard, 44100), abs=0.001)


@pytest.mark.parametrize("name", ["mother.wav", "father.wav"])
def test_speech_is_as_loud_as_ffmpeg_says(name: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-nostdin", "-i", str(SAMPLES / name)]
    shown = subprocess.run(  # noqa: S603 - an argument list of our own
        [*command, "-af", "ebur128", "-f", "null", "-"], capture_output=True, text=True, check=True
    ).stderr
    theirs = float(re.findall(r"I: +(-[\d.]+) LUFS", shown)[-1])

    ours = integrated(np.concatenate(list(decode(SAMPLES / name, 48000, channels=1))), 48000)

    assert ours == pytest.approx(theirs, abs=0.15)
