"""Keep the promise of a rate: 1.25 takes four fifths of the time, however the model rounds its phonemes."""

from __future__ import annotations

import math
from dataclasses import replace

from local.engines.voice import kokoro
from local.engines.voice.breaths import Breath

SPEED_MIN, SPEED_MAX = 0.4, 2.5  # beyond, the model stalls or slurs

_NEAR = 0.01
_TRIES = 7


def at_rate(breath: Breath, tone: kokoro.Tone, rate: float) -> kokoro.Tone:
    """The tone with the speed at which the words of this breath take 1/rate of their usual time.

    The model rounds each phoneme to whole frames, so its own `speed` jumps: 1.4 may give 1.6 (measured).
    """
    if rate == 1:
        return replace(tone, speed=1.0)
    wanted = frames(breath, replace(tone, speed=1.0)) / rate
    slow, fast = max(SPEED_MIN, rate * 0.7), min(SPEED_MAX, rate * 1.4)
    best, best_miss = tone, math.inf
    for _ in range(_TRIES):
        tried = replace(tone, speed=math.sqrt(slow * fast))
        took = frames(breath, tried)
        miss = abs(took / wanted - 1)
        if miss < best_miss:
            best, best_miss = tried, miss
        if miss < _NEAR:
            break
        slow, fast = (tried.speed, fast) if took > wanted else (slow, tried.speed)
    return best


def frames(breath: Breath, tone: kokoro.Tone) -> float:
    """From the first phoneme of the first word to the last of the last."""
    lengths = kokoro.lengths(list(breath.tokens), tone)
    return float(lengths[1 + breath.words[0].first : 2 + breath.words[-1].last].sum())
