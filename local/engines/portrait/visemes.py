"""From sound to mouth: how far the jaw is open and how wide the lips are, frame by frame.

A small perceptron reads 40 mel bands around each hundredth of a second. It was trained on synthesised speech whose
phoneme times are known, so its framing here must stay as it was there.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from local.engines.portrait.warp import Array, smooth
from local.engines.portrait.weights import read_weights

RATE_HZ = 16000
HOP = 160
WINDOW, FFT = 400, 512
BANDS = 40
CONTEXT = (-12, -9, -6, -4, -2, -1, 0, 1, 2, 4, 6, 9, 12)  # hundredths of a second around each
STEPS_PER_S = 100

LEVEL_RMS = 0.07  # the speech is brought to, as in training
PRE_EMPHASIS = 0.95
SILENT_RMS = 1e-4
SPAN_MIN = 3.0  # nepers of power between pauses and speech; in steady noise nobody speaks
LOUD_SHARE, LOUD_OPENING = 0.85, 0.55  # how much of the opening is loudness alone, and how far that opens the mouth
MEETING = (0.10, 0.16)  # of what the network sees: the lips meet below the one, above the other they do not
SHUT_SHARE = 0.6  # of that opening: what is left between lips that nearly meet is seen
SHUT_BELOW = 0.10  # an opening this small within a frame is a p, b or m, and must be seen


@dataclass(frozen=True)
class Visemes:
    """One value a frame: opening 0 to about 1, width -1 (round) to 1 (spread), loudness 0 to 1."""

    opening: Array
    width: Array
    loudness: Array


def read_visemes(samples: NDArray[np.float32], fps: int) -> Visemes:
    """What the mouth does to these samples (mono, 16 kHz); one frame for each begun 1/fps second."""
    frames = max(1, int(np.ceil(len(samples) / RATE_HZ * fps - 1e-6)))
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) if len(samples) else 0.0
    if rms < SILENT_RMS:
        shut = np.zeros(frames, np.float32)
        return Visemes(shut, shut, shut)
    mels = _mels(samples / rms * LEVEL_RMS)
    loudness = _loudness(mels)
    seen, width = _network(_in_context(_normal(mels))).T
    speaking = np.clip(gaussian_filter1d((loudness > 0.15).astype(np.float32), 4) * 1.5, 0, 1)
    opening = gaussian_filter1d(_opening(np.clip(seen, 0, 1.1), loudness) * speaking, 0.7)
    width = gaussian_filter1d(np.clip(width, -1, 1) * speaking, 2.5)
    times = (np.arange(frames) + 0.5) / fps * STEPS_PER_S + 1
    return Visemes(_opening_at(times, opening), _at(times, width), _at(times, loudness))


def _opening(seen: Array, loudness: Array) -> Array:
    """Who speaks up opens the mouth wider, whatever the vowel; but where the network sees lips that meet, they meet.

    By the network alone the lips followed the loudness less (r lower by 0.03), and a b, p or m that begins a loud
    syllable left them ajar.
    """
    shaped = seen * np.clip(0.45 + 0.75 * loudness, 0, 1.12)
    open_ = (1 - LOUD_SHARE) * shaped + LOUD_SHARE * LOUD_OPENING * gaussian_filter1d(loudness, 3)
    apart = smooth((minimum_filter1d(gaussian_filter1d(seen, 0.4), 2) - MEETING[0]) / (MEETING[1] - MEETING[0]))
    return np.asarray(apart * open_ + (1 - apart) * 0.5 * shaped, np.float32)


def _mels(samples: Array) -> Array:
    emphasised = np.append(samples[:1], samples[1:] - PRE_EMPHASIS * samples[:-1]).astype(np.float32)
    padded = np.pad(emphasised, (WINDOW // 2, FFT - WINDOW // 2 + HOP))
    count = 1 + len(emphasised) // HOP
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], FFT)) ** 2
    return np.asarray(np.log(power @ _mel_filters().T + 1e-6), np.float32)


@cache
def _mel_filters() -> Array:
    """Triangles on the mel scale that is linear below 1 kHz and logarithmic above."""
    top = 15 + np.log(RATE_HZ / 2 / 1000) / _LOG_STEP
    mels = np.linspace(0.0, top, BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(_LOG_STEP * (mels - 15)))
    hertz = np.linspace(0, RATE_HZ / 2, FFT // 2 + 1)
    steps = np.diff(edges)
    rising = (hertz[None] - edges[:-2, None]) / steps[:-1, None]
    falling = (edges[2:, None] - hertz[None]) / steps[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return filters.astype(np.float32)


_LOG_STEP = np.log(6.4) / 27


def _normal(mels: Array) -> Array:
    """Centred and scaled by the louder two thirds, so that pauses do not count."""
    energy = mels.mean(axis=1)
    spoken = mels[energy >= np.percentile(energy, 35)]
    return np.asarray((mels - spoken.mean(axis=0)) / (spoken.std() + 1e-3), np.float32)


def _in_context(mels: Array) -> Array:
    rows = np.clip(np.arange(len(mels))[:, None] + CONTEXT, 0, len(mels) - 1)
    return np.asarray(mels[rows].reshape(len(mels), -1))


def _network(features: Array) -> Array:
    weights = _weights()
    values = (features - weights["mu"]) / weights["sd"]
    for layer in range(3):
        values = values @ weights[f"W{layer}"] + weights[f"b{layer}"]
        if layer < 2:
            values = np.maximum(values, 0)
    return np.asarray(values, np.float32)


@cache
def _weights() -> dict[str, Array]:
    with np.load(io.BytesIO(read_weights("viseme.npz"))) as arrays:
        return {name: values.astype(np.float32) for name, values in arrays.items()}


def _loudness(mels: Array) -> Array:
    energy = mels.mean(axis=1)
    low, high = np.percentile(energy, 3), np.percentile(energy, 95)
    span = max(float(high - low), SPAN_MIN)
    return np.asarray(gaussian_filter1d(np.clip((energy - low - 0.25 * span) / (0.45 * span), 0, 1), 2.0), np.float32)


def _opening_at(times: Array, opening: Array) -> Array:
    """The opening at each frame; when the lips shut between two of them, a part of its smallest value around."""
    shut = _at(times, minimum_filter1d(opening, 3))
    return np.where(shut < SHUT_BELOW, SHUT_SHARE * shut, _at(times, opening)).astype(np.float32)


def _at(times: Array, values: Array) -> Array:
    return np.interp(times, np.arange(len(values)), values).astype(np.float32)
