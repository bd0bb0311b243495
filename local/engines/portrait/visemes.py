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
from scipy.ndimage import convolve1d, gaussian_filter1d, maximum_filter1d, minimum_filter1d

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
SHUT_BELOW = 0.10  # an opening this small within a frame is a p, b or m, and must be seen
# The network is timid both ways: what it holds for open is opened further, and where it dips this low together with the
# sound the lips shut. Of 40 b, p and m within speech they do for nine of ten; of 54 d, t, n, l, g and k for three of
# four, which a mouth nearly shuts for too.
DIP_MAX = 0.13
DIP_OF = 0.4  # of the widest around: a dip, and no narrow vowel
LIFT, LIFT_OVER = 0.2, 0.12  # by so much, on so short a way from DIP_MAX on
AROUND = 37  # hundredths of a second
FALL_MIN = 1.5  # of the sound from the loudest around, on the network's scale
SOUND_BANDS = slice(8, None)  # above the murmur of an m
HISS_MAX, HISS_BANDS = 0.3, slice(24, None)  # what hisses above 2 kHz passes between parted lips
SHUT_FOR = (2, 4)  # hundredths of a second to either side: wholly shut, and until it has passed; a frame takes four


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
    normal = _normal(mels)
    opening, width = _network(_in_context(normal)).T
    opening += LIFT * smooth((opening - DIP_MAX) / LIFT_OVER) * np.clip(1.3 - opening, 0, 1)
    opening = opening * (1 - _closures(opening, normal))
    speaking = np.clip(gaussian_filter1d((loudness > 0.15).astype(np.float32), 4) * 1.5, 0, 1)
    opening = np.clip(opening, 0, 1.1) * np.clip(0.45 + 0.75 * loudness, 0, 1.12) * speaking
    opening = gaussian_filter1d(opening, 1.2)
    width = gaussian_filter1d(np.clip(width, -1, 1) * speaking, 2.5)
    times = (np.arange(frames) + 0.5) / fps * STEPS_PER_S + 1
    return Visemes(_opening_at(times, opening), _at(times, width), _at(times, loudness))


def _closures(opening: Array, mels: Array) -> Array:
    """1 where the lips are to be shut for a consonant, 0 where not, with short ways between."""
    sound = gaussian_filter1d(mels[:, SOUND_BANDS].mean(axis=1), 1.0)
    whole, passing = SHUT_FOR
    is_dip = opening <= minimum_filter1d(opening, 2 * passing + 1)
    is_dip &= (opening < DIP_MAX) & (opening < DIP_OF * maximum_filter1d(opening, AROUND))
    is_dip &= maximum_filter1d(sound, AROUND) - minimum_filter1d(sound, 2 * passing - 1) > FALL_MIN
    is_dip &= mels[:, HISS_BANDS].mean(axis=1) < HISS_MAX
    shape = np.clip((passing - np.abs(np.arange(-passing, passing + 1))) / (passing - whole), 0, 1)
    shut = convolve1d(is_dip.astype(np.float32), shape, mode="constant")
    return np.asarray(np.clip(shut, 0, 1), np.float32)


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
    """The opening at each frame, or its smallest value around when the lips shut between two frames."""
    shut = _at(times, minimum_filter1d(opening, 3))
    return np.where(shut < SHUT_BELOW, shut, _at(times, opening)).astype(np.float32)


def _at(times: Array, values: Array) -> Array:
    return np.interp(times, np.arange(len(values)), values).astype(np.float32)
