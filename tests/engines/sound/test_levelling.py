"""A recording is brought to a loudness, and its peaks stay below the ceiling."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from local.engines.sound.decode import decode
from local.engines.sound.levelling import levelled, limited, true_peak_db
from local.engines.sound.loudness import integrated

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"
RATE = 48000


def sine(hz: float, seconds: float = 1.0, phase: float = 0.0, amplitude: float = 1.0) -> NDArray[np.float32]:
    moments = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * hz * moments + phase), np.float32)


def mother() -> NDArray[np.float32]:
    return np.concatenate(list(decode(SAMPLES / "mother.wav", RATE, channels=1)))


def ffmpegs_view(recording: Path) -> tuple[float, float]:
    """Integrated loudness and true peak as ffmpeg's meter has them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-nostdin", "-i", str(recording)]
    shown = subprocess.run(  # noqa: S603 - an argument list of our own
        [*command, "-af", "ebur128=peak=true", "-f", "null", "-"], capture_output=True, text=True, check=True
    ).stderr
    return float(re.findall(r"I: +(-[\d.]+) LUFS", shown)[-1]), float(re.findall(r"Peak: +(-?[\d.]+) dBFS", shown)[-1])


def test_a_peak_between_two_samples_is_seen() -> None:
    quarter = sine(12000, phase=np.pi / 4)  # its samples are all at 0.707

    assert np.abs(quarter).max() == pytest.approx(0.707, abs=0.001)
    assert true_peak_db(quarter[100:-100]) == pytest.approx(0, abs=0.3)


def test_nothing_has_no_peak() -> None:
    assert true_peak_db(np.zeros(0, np.float32)) == -np.inf
    assert true_peak_db(np.zeros(100, np.float32)) == -np.inf


@pytest.mark.parametrize("target_lufs", [-16.0, -23.0])
def test_speech_comes_to_the_target_by_ffmpegs_meter_too(tmp_path: Path, target_lufs: float) -> None:
    made = levelled(mother(), RATE, target_lufs)

    soundfile.write(tmp_path / "made.wav", made, RATE, subtype="FLOAT")
    loudness, peak = ffmpegs_view(tmp_path / "made.wav")
    assert loudness == pytest.approx(target_lufs, abs=0.2)
    assert peak <= -1.0


def test_a_recording_that_stays_below_the_ceiling_is_only_made_louder() -> None:
    quiet = mother() * np.float32(0.01)

    made = levelled(quiet, RATE, -30.0)

    assert np.allclose(made, quiet * (made[RATE] / quiet[RATE]), atol=1e-6)


def test_a_single_knock_does_not_keep_the_rest_quiet() -> None:
    knocked = mother()
    knocked[RATE : RATE + 20] = 0.99

    made = levelled(knocked, RATE, -16.0)

    assert integrated(made, RATE) == pytest.approx(-16, abs=0.2)
    assert true_peak_db(made) <= -1.0


def test_both_channels_are_lowered_together() -> None:
    loud_left = np.stack([sine(440, amplitude=1.5), sine(440, amplitude=0.5)], axis=1)

    made = limited(loud_left, RATE)

    assert true_peak_db(made) <= -1.0
    assert np.allclose(made[:, 0], 3 * made[:, 1], atol=1e-5)


def test_silence_stays_silence() -> None:
    silence = np.zeros((RATE, 2), np.float32)

    assert not levelled(silence, RATE, -16.0).any()
    assert levelled(np.zeros(0, np.float32), RATE, -16.0).shape == (0,)


def test_a_click_that_cannot_be_that_loud_stays_below_the_ceiling() -> None:
    click = np.zeros(RATE, np.float32)
    click[100] = 0.5

    assert true_peak_db(levelled(click, RATE, -16.0)) <= -1.0
