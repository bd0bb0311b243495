"""Bring a recording to a loudness, its peaks held below a ceiling between samples too (EBU R128, true peak)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local.engines.sound.loudness import SILENT_LUFS, integrated

TRUE_PEAK_MAX_DB = -1.0

_OVERSAMPLING = 4  # BS.1770-4, annex 2
_HEADROOM_DB = 0.2  # a limiter on samples lets the curve between them rise a little again
_LOOK_S = 0.005  # the gain falls before a peak and recovers behind it over this time
_ROUNDS, _NEAR_LU = 4, 0.05

Frames = NDArray[np.float32]


def levelled(
    frames: Frames, sample_rate: int, target_lufs: float, ceiling_db: float = TRUE_PEAK_MAX_DB
) -> NDArray[np.float32]:
    """Samples, or frames x channels, at the target. Only peaks above the ceiling are touched; silence stays silence.

    What is nothing but peaks cannot be that loud, and stays below the target.
    """
    before = integrated(frames, sample_rate)
    if before <= SILENT_LUFS:
        return frames.astype(np.float32)
    gain_db = target_lufs - before
    made = frames
    for _ in range(_ROUNDS):
        made = limited(frames * 10 ** (gain_db / 20), sample_rate, ceiling_db)
        short_by = target_lufs - integrated(made, sample_rate)  # what the limiter took away
        if abs(short_by) < _NEAR_LU:
            break
        gain_db += short_by
    return np.asarray(made, np.float32)


def limited(frames: Frames, sample_rate: int, ceiling_db: float = TRUE_PEAK_MAX_DB) -> NDArray[np.float32]:
    """The same sound with no true peak above the ceiling; every channel is lowered alike, so nothing moves sideways."""
    ceiling = 10 ** ((ceiling_db - _HEADROOM_DB) / 20)
    peaks = _peaks(frames)
    if not len(peaks) or peaks.max() <= ceiling:
        return frames.astype(np.float32)
    wanted = np.minimum(1, ceiling / np.maximum(peaks, 1e-9))
    reach = round(_LOOK_S * sample_rate)
    held = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, reach, mode="edge"), 2 * reach + 1).min(axis=1)
    smooth = np.hanning(2 * reach + 3)[1:-1]
    gains = np.convolve(np.pad(held, reach, mode="edge"), smooth / smooth.sum(), "valid")
    return np.asarray(frames * (gains if frames.ndim == 1 else gains[:, None]), np.float32)


def true_peak_db(frames: Frames) -> float:
    """The highest peak of any channel, between samples too, in dBTP; that of nothing is -inf."""
    peaks = _peaks(frames)
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(peaks.max())) if len(peaks) else -np.inf


def _peaks(frames: Frames) -> NDArray[np.float64]:
    """For each sample the highest that any channel's curve reaches from it to the next."""
    if not len(frames):
        return np.zeros(0)
    channels = frames[:, None] if frames.ndim == 1 else frames
    return np.asarray(np.max([_oversampled_peaks(channel) for channel in channels.T], axis=0))


def _oversampled_peaks(samples: Frames) -> NDArray[np.float64]:
    padded = np.pad(samples.astype(np.float64), (0, len(samples) % 2 + 64))  # the transform wraps around
    spectrum = np.fft.rfft(padded)
    fine = np.fft.irfft(spectrum, len(padded) * _OVERSAMPLING) * _OVERSAMPLING
    return np.asarray(np.abs(fine).reshape(-1, _OVERSAMPLING).max(axis=1)[: len(samples)])
