"""Mel bands: how a spectrum is summed up for nets that listen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LINEAR_HZ = 200 / 3  # one mel, below
_LOG_FROM_MEL, _LOG_FROM_HZ = 15.0, 1000.0  # above, mels are logarithmic
_LOG_STEP = np.log(6.4) / 27


def mel_bands(count: int, fft: int, sample_rate: int) -> NDArray[np.float64]:
    """Triangles on Slaney's scale, each of equal area: bands x bins of a real transform of `fft` samples."""
    mels = np.linspace(0, _LOG_FROM_MEL + np.log(sample_rate / 2 / _LOG_FROM_HZ) / _LOG_STEP, count + 2)
    edges = np.where(mels < _LOG_FROM_MEL, mels * _LINEAR_HZ, _LOG_FROM_HZ * np.exp(_LOG_STEP * (mels - _LOG_FROM_MEL)))
    bins = np.linspace(0, sample_rate / 2, fft // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None])
