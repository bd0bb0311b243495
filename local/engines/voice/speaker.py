"""Who is speaking: a GE2E embedding (the encoder of Resemblyzer, run by onnxruntime)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.engines import weights
from local.engines.sound.mel import mel_bands
from local.engines.weights import Model, Once

SAMPLE_RATE = 16000

_FFT, _HOP, _MELS = 400, 160, 40
_WINDOW_FRAMES = 160  # the encoder hears 1.6 s at a time
_STEP_FRAMES = 62
_LEVEL_DBFS = -24.0  # about that of a recording, see `_levelled`

Samples = NDArray[np.float32]
Embedding = NDArray[np.float32]


def embedding(samples: Samples) -> Embedding:
    """256 numbers of length 1 for 16 kHz samples; the product of two tells how alike the speakers are.

    How loud they speak does not count.
    """
    heard = _levelled(_without_pauses(samples))
    least = _WINDOW_FRAMES * _HOP + _FFT
    if len(heard) < least:
        heard = np.resize(heard, least)
    mel = _mel(heard)
    starts = range(0, max(1, len(mel) - _WINDOW_FRAMES + 1), _STEP_FRAMES)
    mean = _encoded(np.stack([mel[start : start + _WINDOW_FRAMES] for start in starts])).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _levelled(samples: Samples) -> Samples:
    """At one level, pauses apart. The encoder hears powers, not decibels: speech 6 dB louder than the recording of its
    speaker came out 0.02 less like it.
    """
    off_db = _LEVEL_DBFS - 10 * np.log10(np.mean(samples**2) + 1e-12)
    return np.asarray(samples * 10 ** (float(off_db) / 20), np.float32)


def _without_pauses(samples: Samples) -> Samples:
    frames = samples[: len(samples) // 480 * 480].reshape(-1, 480)
    if not len(frames):
        return samples
    level = np.sqrt((frames**2).mean(axis=1))
    active = np.convolve(level > max(level.max() * 0.03, 1e-4), np.ones(8), "same") > 1
    return frames[active].ravel() if active.any() else samples


def _mel(samples: Samples) -> NDArray[np.float32]:
    padded = np.pad(samples, _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
    window = np.hanning(_FFT + 1)[:-1]
    return np.asarray((np.abs(np.fft.rfft(frames * window)) ** 2) @ mel_bands(_MELS, _FFT, SAMPLE_RATE).T, np.float32)


def _encoded(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Three LSTM layers over each window, then the projection of the last state."""
    (projected,) = _encoder().run(["projected"], {"sequence": np.ascontiguousarray(windows.transpose(1, 0, 2))})
    return np.asarray(projected / np.linalg.norm(projected, axis=1, keepdims=True))


def _load_encoder() -> Model:
    return Model(weights.cached(f"ge2e-{weights.SMALL_SHA256['ge2e.npz'][:8]}-1.onnx", _build))


def _build(path: Path) -> None:
    from local.engines.voice.speaker_graph import write  # noqa: PLC0415 - only for an empty cache

    with np.load(weights.small("ge2e.npz"), allow_pickle=False) as packed:
        write({name: packed[name].astype(np.float32) for name in packed.files}, path)


_encoder = Once(_load_encoder)
