"""How loud a sound is to the ear, and a voice brought to one loudness without its peaks being cut.

Apart from `wave`, which knows bytes: this is ITU-R BS.1770-4 (K-weighting, gating in blocks of 400 ms) with the
standard library only. A long sound is judged by blocks spread over it; docs/telling.md says how near that comes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from operator import mul

from shared.domain import wave
from shared.domain.frozen import frozen

BLOCK_MS = 400
BLOCKS_MAX = 60
ABSOLUTE_GATE = -70.0
RELATIVE_GATE = -10.0
# Below full scale by so much that what lies between two samples stays under -1 dBTP after coding.
CEILING = 0.79
GAIN_MAX = 8.0
_WINDOW_MS = 5
_OFFSET = -0.691
_SILENCE = -120.0


@frozen
class _Filter:
    """A second-order filter, normalised."""

    b: tuple[float, float, float]
    a: tuple[float, float]


def loudness(blocks: Iterable[bytes], rate: int) -> float:
    """LUFS of one channel, of blocks of its pcm, gated as the standard has it; -120 for silence."""
    filters = _weighting(rate)
    powers = [_power(array("h", block), filters) for block in blocks if block]
    heard = [power for power in powers if _lufs(power) >= ABSOLUTE_GATE]
    if not heard:
        return _SILENCE
    gate = _lufs(sum(heard) / len(heard)) + RELATIVE_GATE
    loud = [power for power in heard if _lufs(power) >= gate]
    return _lufs(sum(loud) / len(loud))


def spread(pcm: bytes, rate: int) -> list[bytes]:
    """Blocks of a sound, all of them or as many as are enough, evenly over it."""
    size = 2 * (rate * BLOCK_MS // 1000)
    count = max(1, len(pcm) // size)
    step = max(1, -(-count // BLOCKS_MAX))
    return [pcm[place * size : (place + 1) * size] for place in range(0, count, step)]


def levelled(pcm: bytes, rate: int, lufs: float) -> bytes:
    """The sound at that loudness. What would pass the ceiling is turned down for a moment, not cut."""
    measured = loudness(spread(pcm, rate), rate)
    if measured == _SILENCE:
        return pcm
    gain = min(GAIN_MAX, math.pow(10, (lufs - measured) / 20))
    samples = array("h", pcm)
    size = max(1, rate * _WINDOW_MS // 1000)
    starts = range(0, len(samples), size)
    tops = [max(map(abs, samples[at : at + size])) * gain / wave.PEAK for at in starts]
    holds = _held([min(1.0, CEILING / top) if top > CEILING else 1.0 for top in tops])
    made = array("h")
    for at, before, after in zip(starts, holds, [*holds[1:], 1.0], strict=True):
        made.extend(_turned(samples[at : at + size], gain * before, gain * after))
    return made.tobytes()


def _held(holds: Sequence[float]) -> list[float]:
    """At the edge of two windows the lower of both, so that the line between two edges keeps below either."""
    return [min(pair) for pair in zip([1.0, *holds[:-1]], holds, strict=True)]


def _turned(window: array[int], before: float, after: float) -> list[int]:
    if before == after:
        return [round(sample * before) for sample in window]
    step = (after - before) / len(window)
    return [round(sample * (before + step * place)) for place, sample in enumerate(window)]


def _weighting(rate: int) -> tuple[_Filter, _Filter]:
    """The head's shelf and the low cut, for any rate (the formulas behind the standard's table for 48 kHz)."""
    turn = math.tan(math.pi * 1681.974450955533 / rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    mid = high**0.4996667741545416
    base = 1 + turn / q + turn * turn
    tail = (2 * (turn * turn - 1) / base, (1 - turn / q + turn * turn) / base)
    head = ((high + mid * turn / q + turn * turn), 2 * (turn * turn - high), (high - mid * turn / q + turn * turn))
    shelf = _Filter((head[0] / base, head[1] / base, head[2] / base), tail)
    turn = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    base = 1 + turn / q + turn * turn
    cut = _Filter((1.0, -2.0, 1.0), (2 * (turn * turn - 1) / base, (1 - turn / q + turn * turn) / base))
    return shelf, cut


def _power(block: Sequence[int], filters: tuple[_Filter, _Filter]) -> float:
    values: Sequence[float] = [sample / (wave.PEAK + 1) for sample in block]
    for each in filters:
        values = _filtered(values, each)
    return math.fsum(map(mul, values, values)) / len(values)


def _filtered(values: Sequence[float], by: _Filter) -> list[float]:
    (b0, b1, b2), (a1, a2) = by.b, by.a
    one = two = 0.0
    made: list[float] = []
    for value in values:
        out = b0 * value + one
        one = b1 * value - a1 * out + two
        two = b2 * value - a2 * out
        made.append(out)
    return made


def _lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power) if power > 0 else _SILENCE
