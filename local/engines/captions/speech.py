"""When somebody speaks: Silero VAD over the sound, as regions of seconds.

The package faster-whisper is used for this one model. Windows of 512 samples at 16 kHz, each preceded by the last 64
samples of the one before (as its author runs it: github.com/snakers4/silero-vad).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.engines.weights import Model, Once, WeightsError, packaged

Samples = NDArray[np.float32]

RATE = 16_000
WINDOW, CONTEXT = 512, 64
BATCH = 4096  # windows, about two minutes

PACKAGE, INSIDE = "faster-whisper", "faster_whisper/assets/silero_vad_v6.onnx"
SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"

SPEECH_MIN, SILENCE_MAX = 0.5, 0.35  # likelihood at which speech begins, and below which it may end
PAUSE_S = 0.3  # a shorter pause does not part two sentences
SHORTEST_S = 0.2
PAD_S = 0.06
LONGEST_S = 28.0  # what the recogniser hears at once


@dataclass(frozen=True)
class Region:
    start_s: float
    end_s: float


def ready() -> None:
    """Load the model; WeightsError when it is not installed."""
    _model()


def speech_regions(samples: Samples) -> list[Region]:
    """Stretches of speech in mono sound at 16 kHz; WeightsError when the model is not installed."""
    return regions(_likelihood(samples), len(samples) / RATE)


def regions(likely: Sequence[float] | NDArray[np.floating], length_s: float) -> list[Region]:
    """Stretches of speech from its likelihood in each window. Those too long are cut where speech is least likely."""
    window_s = WINDOW / RATE
    found: list[tuple[int, int]] = []
    start = end = -1  # windows: speech since, silent since
    for number, likelihood in enumerate([*likely, *[0.0] * (int(PAUSE_S / window_s) + 2)]):
        if likelihood >= SPEECH_MIN:
            start, end = (number if start < 0 else start), -1
        elif likelihood < SILENCE_MAX and start >= 0:
            end = number if end < 0 else end
            if (number - end) * window_s >= PAUSE_S:
                found.append((start, end))
                start = end = -1
    spoken = [(first, last) for first, last in found if (last - first) * window_s >= SHORTEST_S]
    short = [part for first, last in spoken for part in _cut(np.asarray(likely), first, last)]
    return _padded([Region(first * window_s, last * window_s) for first, last in short], length_s)


def _cut(likely: NDArray[np.floating], first: int, last: int) -> list[tuple[int, int]]:
    longest = int(LONGEST_S * RATE / WINDOW)
    if last - first <= longest:
        return [(first, last)]
    earliest = first + longest // 2
    at = earliest + int(likely[earliest : first + longest].argmin())
    return [(first, at), *_cut(likely, at, last)]


def _padded(found: list[Region], length_s: float) -> list[Region]:
    """A little longer at both ends, but never into the next one."""
    if not found:
        return []
    befores = [0.0, *(region.end_s for region in found[:-1])]
    afters = [*(region.start_s for region in found[1:]), length_s]
    return [
        Region(
            max(region.start_s - PAD_S, (before + region.start_s) / 2),
            min(region.end_s + PAD_S, (region.end_s + after) / 2),
        )
        for before, region, after in zip(befores, found, afters, strict=True)
    ]


def _likelihood(samples: Samples) -> NDArray[np.float32]:
    whole = np.pad(samples, (CONTEXT, -len(samples) % WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(whole, CONTEXT + WINDOW)[::WINDOW]
    state = [np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)]
    heard = [np.zeros(0, np.float32)]
    for first in range(0, len(windows), BATCH):
        inputs = {"input": np.ascontiguousarray(windows[first : first + BATCH]), "h": state[0], "c": state[1]}
        likely, *state = _model().run(["speech_probs", "hn", "cn"], inputs)
        heard.append(likely)
    return np.concatenate(heard)


def _load() -> Model:
    path = packaged(PACKAGE, INSIDE)
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise WeightsError(f"the package {PACKAGE}: not the weights expected (sha256 of {path.name} differs)")
    return Model(path)


_model = Once(_load)
