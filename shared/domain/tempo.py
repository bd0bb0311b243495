"""A reading made a little shorter or longer: the last means, after the voice itself was asked for another speed.

Shorter by overlapping what is alike (WSOLA), so that pitch and words stay; longer in its pauses only. Sound is `pcm` as
`wave` has it. With the standard library only, because it runs inside a function (docs/telling.md has its cost).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise
from operator import sub

from shared.domain import wave

SHORTER_MAX = 1.1
# A pause is at most doubled, and by no more than this: longer, a listener thinks that the line is over.
PAUSE_ADDED_MS_MAX = 400
# Shorter silences lie within words.
PAUSE_MS_MIN = 120

_HOP_MS = 10
_SEEK_MS = 7
# Likeness is looked for on every fourth sample first, then around the best place on every one.
_COARSE = 4
# How far from its foreseen place, as a share of the whole reading, a pause may lie to be the one that was meant.
_NEAR = 0.2

Samples = Sequence[int]


def shorter(pcm: bytes, rate: int, factor: float) -> bytes:
    """The reading in `1 / factor` of its time, factor 1 to SHORTER_MAX; the same pitch, all words."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    hop = rate * _HOP_MS // 1000
    seek = rate * _SEEK_MS // 1000
    factor = min(max(factor, 1.0), SHORTER_MAX)
    if factor == 1.0 or len(samples) < 4 * (hop + seek):
        return pcm
    made = samples[:hop]
    at = 0  # where the piece that was written last began
    number = 1
    while True:
        wanted = round(number * hop * factor)
        if wanted + seek + 2 * hop > len(samples):
            break
        begin = _most_alike(samples, at + hop, max(0, wanted - seek), wanted + seek, hop)
        made.extend(_faded(samples[at + hop : at + 2 * hop], samples[begin : begin + hop]))
        at, number = begin, number + 1
    made.extend(samples[at + hop :])
    return made.tobytes() if len(made) < len(samples) else pcm  # of a single sound there may be nothing to gain


def longer(pcm: bytes, rate: int, by_ms: int) -> bytes:
    """The reading with its pauses lengthened, by `by_ms` in all or as far as they allow; words stay as they are."""
    pauses = wave.silences(pcm, rate, PAUSE_MS_MIN)
    allowed = [min(end - start, PAUSE_ADDED_MS_MAX) for start, end in pauses]
    total = sum(allowed)
    if by_ms <= 0 or total == 0:
        return pcm
    share = min(1.0, by_ms / total)
    made, done = bytearray(), 0
    for (start_ms, end_ms), most_ms in zip(pauses, allowed, strict=True):
        middle = 2 * ((start_ms + end_ms) * rate // 2000)
        made += pcm[done:middle] + bytes(2 * (int(most_ms * share) * rate // 1000))
        done = middle
    return bytes(made + pcm[done:])


def split(pcm: bytes, rate: int, shares: Sequence[float]) -> list[bytes] | None:
    """The reading in parts, cut at the ends of the pauses nearest to `shares` of it (ascending, between 0 and 1).

    None when there is no pause near one of them: a word is never cut.
    """
    length_ms = wave.duration_ms(pcm, rate)
    pauses = [max(start, end - wave.KEPT_BEFORE_MS) for start, end in wave.silences(pcm, rate, PAUSE_MS_MIN // 2)]
    cuts: list[int] = []
    for share in shares:
        near = [at for at in pauses if abs(at - share * length_ms) <= _NEAR * length_ms and at > (cuts or [0])[-1]]
        if not near:
            return None
        cuts.append(min(near, key=lambda at: abs(at - share * length_ms)))
    edges = [0, *(2 * (cut * rate // 1000) for cut in cuts), len(pcm)]
    return [pcm[begin:end] for begin, end in pairwise(edges)]


def _most_alike(samples: Samples, of: int, first: int, last: int, size: int) -> int:
    """Where, from `first` to `last`, the sound is most like that at `of`."""
    model = samples[of : of + size : _COARSE]
    coarse = min(range(first, last, _COARSE), key=lambda begin: _apart(model, samples[begin : begin + size : _COARSE]))
    model = samples[of : of + size]
    around = range(max(first, coarse - _COARSE + 1), min(last, coarse + _COARSE))
    return min(around, key=lambda begin: _apart(model, samples[begin : begin + size]))


def _apart(one: Samples, other: Samples) -> int:
    return sum(map(abs, map(sub, one, other)))


def _faded(out: Samples, into: Samples) -> list[int]:
    """From one sound over to another, in a straight line."""
    size = len(out)
    return [
        (old * (size - place) + new * place) // size for place, (old, new) in enumerate(zip(out, into, strict=True))
    ]
