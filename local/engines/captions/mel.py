"""Sound as Whisper hears it: 80 mel bands, a hundred frames a second, thirty seconds. Pure.

Constants and order of steps: openai/whisper `audio.py` (MIT).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local.engines.sound.mel import mel_bands

RATE = 16_000
SECONDS = 30
BANDS, FFT, HOP = 80, 400, 160

_FLOOR, _RANGE = 1e-10, 8.0


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 x 80 x 3000 from up to thirty seconds of mono sound at 16 kHz, padded with silence."""
    whole = np.zeros(SECONDS * RATE, np.float32)
    whole[: len(samples)] = samples[: len(whole)]
    padded = np.pad(whole, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][:-1]
    power = np.abs(np.fft.rfft(frames * np.hanning(FFT + 1)[:-1], axis=1)) ** 2
    loud = np.log10(np.maximum(power @ mel_bands(BANDS, FFT, RATE).T, _FLOOR))
    scaled = (np.maximum(loud, loud.max() - _RANGE) + 4) / 4
    return np.ascontiguousarray(scaled.T[np.newaxis], np.float32)
