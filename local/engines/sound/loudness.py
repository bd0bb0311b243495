"""Integrated loudness as ITU-R BS.1770-4 defines it: K-weighted, gated, in LUFS."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SILENT_LUFS = -70.0  # the absolute gate; also the answer when nothing passes it

_HOP_S = 0.1  # 400 ms blocks overlap by three quarters
_LEAD_S = 0.5  # heard before a block so that the filters have settled
_RELATIVE_GATE_LU = -10.0

Frames = NDArray[np.float32]


class Meter:
    """Loudness of a recording heard piece by piece. All channels count alike, as left and right do."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._hop = round(sample_rate * _HOP_S)
        self._lead = round(sample_rate * _LEAD_S)
        self._heard: Frames | None = None
        self._waiting = 0
        self._powers: list[NDArray[np.float64]] = []

    def hear(self, frames: Frames) -> None:
        """Samples, or frames x channels."""
        frames = frames[:, None] if frames.ndim == 1 else frames
        before = np.zeros((self._lead, frames.shape[1]), np.float32) if self._heard is None else self._heard
        self._heard = np.concatenate([before, frames])
        self._waiting += len(frames)
        if self._waiting >= 10 * self._hop:
            self._measure()

    def integrated(self) -> float:
        """LUFS so far. Sound of less than one 400 ms block is taken as one block."""
        if self._heard is None:
            return SILENT_LUFS
        self._measure()
        hops = np.concatenate(self._powers) if self._powers else np.zeros(0)
        if len(hops) < 4:
            weighted = k_weighted(self._heard, self._rate)[-max(self._waiting, 1) :]
            rest = (weighted**2).sum(axis=1)
            blocks = np.array([(hops.sum() * self._hop + rest.sum()) / (len(hops) * self._hop + max(1, len(rest)))])
        else:
            blocks = np.convolve(hops, np.full(4, 0.25), "valid")
        return _gated(blocks)

    def _measure(self) -> None:
        """Take the power of all whole hops that wait, and keep what the filters need before the next ones."""
        if self._heard is None or self._waiting < self._hop:
            return
        hops = self._waiting // self._hop
        start = len(self._heard) - self._waiting
        stop = start + hops * self._hop
        weighted = k_weighted(self._heard[:stop], self._rate)[start:]
        self._powers.append((weighted**2).sum(axis=1).reshape(hops, self._hop).mean(axis=1))
        self._waiting -= hops * self._hop
        self._heard = self._heard[stop - self._lead :]


def integrated(frames: Frames, sample_rate: int) -> float:
    """LUFS of samples, or of frames x channels."""
    meter = Meter(sample_rate)
    meter.hear(frames)
    return meter.integrated()


def k_weighted(frames: Frames, sample_rate: int) -> NDArray[np.float64]:
    """Frames x channels through both filters, applied in the spectrum; they ring for less than `_LEAD_S`."""
    size = len(frames) + round(sample_rate * _LEAD_S)
    size += size % 2
    response = _response(size, sample_rate)
    spectrum = np.fft.rfft(frames, size, axis=0) * response[:, None]
    return np.asarray(np.fft.irfft(spectrum, size, axis=0)[: len(frames)])


def _gated(blocks: NDArray[np.float64]) -> float:
    loud = blocks[_lufs(blocks) > SILENT_LUFS]
    if not len(loud):
        return SILENT_LUFS
    gate = _lufs(loud.mean()) + _RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _response(size: int, sample_rate: int) -> NDArray[np.complex128]:
    """The shelf for the head and the high pass of BS.1770 at any sample rate, as the standard's two biquads."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    # The standard prints coefficients for 48 kHz only; these analogue parameters give them back exactly.
    k = math.tan(math.pi * 1681.974450955533 / sample_rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    shelf = _biquad(z, (high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k), _poles(k, q))
    k, q = math.tan(math.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return shelf * _biquad(z, (a0, -2 * a0, a0), _poles(k, q))


def _poles(k: float, q: float) -> tuple[float, float, float]:
    return 1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k


def _biquad(
    z: NDArray[np.complex128], zeros: tuple[float, float, float], poles: tuple[float, float, float]
) -> NDArray[np.complex128]:
    numerator = zeros[0] + zeros[1] * z + zeros[2] * z * z
    return np.asarray(numerator / (poles[0] + poles[1] * z + poles[2] * z * z))
