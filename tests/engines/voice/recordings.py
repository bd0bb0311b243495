"""Made-up recordings for the checks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"


def hum(seconds: float, rate: int = 24000, hz: float = 180.0, level: float = 0.2) -> NDArray[np.float32]:
    """A voice-like sound: harmonics of a pitch that wavers, in syllables of a quarter second."""
    moments = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * hz * (moments + 0.002 * np.sin(2 * np.pi * 3 * moments))
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    syllables = 0.6 + 0.4 * np.cos(2 * np.pi * 4 * moments)
    return np.asarray(level * syllables * tone / np.abs(tone).max(), np.float32)


def silence(seconds: float, rate: int = 24000) -> NDArray[np.float32]:
    return np.zeros(round(seconds * rate), np.float32)


def saved(path: Path, *parts: NDArray[np.float32], rate: int = 24000) -> Path:
    soundfile.write(path, np.concatenate(parts), rate)
    return path


def encoded(source: Path, path: Path, *options: str) -> Path:
    """The same sound as another kind of file, by its suffix."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(source), *options, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - an argument list of our own
    return path
