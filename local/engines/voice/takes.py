"""Stretches of sound with the words in them, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.engines.contract import Word
from local.engines.voice.kokoro import SAMPLE_RATE

_AUDIBLE = 0.02  # of the peak
_MARGIN_S = 0.03  # kept around what is audible

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """A stretch of sound at the model's rate, and the words in it."""

    samples: Samples
    words: tuple[Word, ...] = ()


def pause(seconds: float) -> Take:
    return Take(np.zeros(round(seconds * SAMPLE_RATE), np.float32))


def audible(samples: Samples) -> tuple[int, int]:
    """Where the sound begins and ends, a little more than can be heard."""
    loud = np.flatnonzero(np.abs(samples) > _AUDIBLE * np.abs(samples).max())
    if not len(loud):
        return 0, len(samples)
    margin = round(_MARGIN_S * SAMPLE_RATE)
    return max(0, int(loud[0]) - margin), min(len(samples), int(loud[-1]) + margin)


def joined(takes: Sequence[Take]) -> Take:
    """One after the other."""
    words: list[Word] = []
    at = 0
    for take in takes:
        offset_s = at / SAMPLE_RATE
        words += [Word(word.text, _ms(word.start_s + offset_s), _ms(word.end_s + offset_s)) for word in take.words]
        at += len(take.samples)
    return Take(np.concatenate([take.samples for take in takes]), tuple(words))


def _ms(seconds: float) -> float:
    """Whole milliseconds, rounded down so that no word outlasts the sound."""
    return int(seconds * 1000) / 1000
