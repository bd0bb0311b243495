"""The pitch of a voice, by the YIN method (de Cheveigné and Kawahara 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16000
LOWEST_HZ, HIGHEST_HZ = 60.0, 450.0

_HOP = 160
_WINDOW = 640
_DIP = 0.15  # how nearly a frame must repeat itself to count as voiced; YIN's authors use 0.1 to 0.15
_QUIET = 0.05  # frames this much weaker than the loudest tell nothing


def voiced_f0(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Hz for each voiced 10 ms of 16 kHz samples; empty when nothing in them sounds like a voice."""
    shortest, longest = int(SAMPLE_RATE / HIGHEST_HZ), int(SAMPLE_RATE / LOWEST_HZ)
    if len(samples) < _WINDOW + longest:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _WINDOW + longest)[::_HOP]
    energy = np.sqrt((frames**2).mean(axis=1))
    frames = frames[energy > max(_QUIET * energy.max(), 1e-4)]
    if not len(frames):
        return np.zeros(0)
    differences = _normalised_differences(frames, longest)[:, shortest:]
    is_dip = differences < _DIP
    first = np.argmax(is_dip, axis=1)
    lags = np.arange(differences.shape[1])
    # The bottom of the first dip, not of a deeper one an octave below.
    near = (lags >= first[:, None]) & (lags + shortest < (first[:, None] + shortest) * 1.3)
    best = np.where(near, differences, np.inf).argmin(axis=1)
    voiced = is_dip.any(axis=1) & (best > 0) & (best < len(lags) - 1)
    return np.asarray(SAMPLE_RATE / (shortest + _between_lags(differences[voiced], best[voiced])))


def _normalised_differences(frames: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """YIN's cumulative mean normalised difference for the lags 0 to `longest`."""
    size = 1 << (frames.shape[1] - 1).bit_length() + 1
    start = np.fft.rfft(frames[:, :_WINDOW], size)
    correlation = np.fft.irfft(np.fft.rfft(frames, size) * start.conj(), size)[:, : longest + 1]
    summed = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    powers = summed[:, _WINDOW : _WINDOW + longest + 1] - summed[:, : longest + 1]
    differences = np.maximum(powers[:, :1] + powers - 2 * correlation, 0)
    means = np.cumsum(differences[:, 1:], axis=1) / np.arange(1, longest + 1)
    return np.concatenate([np.ones((len(frames), 1)), differences[:, 1:] / np.maximum(means, 1e-12)], axis=1)


def _between_lags(differences: NDArray[np.float64], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """The lowest point of a parabola through each minimum and its two neighbours."""
    row = np.arange(len(best))
    left, middle, right = (differences[row, best + step] for step in (-1, 0, 1))
    return np.asarray(best + (left - right) / np.maximum(2 * (left - 2 * middle + right), 1e-9))
