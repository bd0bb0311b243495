"""Short-time Fourier transform of stereo sound, and the way back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 4096
HOP = 1024
OVERLAP = WINDOW - HOP  # samples that belong to frames on both sides of a cut

Frames = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_GAIN = 1.5  # squares of Hann windows a quarter apart add up to this everywhere


def forward(samples: Frames) -> Spectrum:
    """Samples x channels to channels x frames x bins, in plain sums (not scaled by the window)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW, axis=0)[::HOP]
    return np.asarray(np.fft.rfft(windows.transpose(1, 0, 2) * _HANN), np.complex64)


def backward(spectrum: Spectrum) -> Frames:
    """Channels x frames x bins to samples x channels; the first and last OVERLAP samples lack their other frames."""
    channels, frames, _ = spectrum.shape
    windows = np.fft.irfft(spectrum, WINDOW).astype(np.float32) * _HANN / _GAIN
    samples = np.zeros((channels, (frames - 1) * HOP + WINDOW), np.float32)
    quarters = windows.reshape(channels, frames, WINDOW // HOP, HOP)
    for quarter in range(WINDOW // HOP):
        stretch = samples[:, quarter * HOP : quarter * HOP + frames * HOP]
        stretch += quarters[:, :, quarter].reshape(channels, -1)
    return np.ascontiguousarray(samples.T, np.float32)
