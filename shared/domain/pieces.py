"""Speech that was planned for one engine, cut into pieces for another that takes less of it at once.

Apart from `segments`, which plans a story before a word of it is spoken: here the words have their times, and nothing
is spoken again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from shared.domain.frozen import frozen


@frozen
class Piece:
    """A stretch of the film, in ms."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def sound_of(piece: Piece, whole: Piece, pcm: bytes, rate: int) -> bytes:
    """What is heard of the whole's sound (mono, 16 bit) in a piece of it."""
    start, end = ((at_ms - whole.start_ms) * rate // 1000 for at_ms in (piece.start_ms, piece.end_ms))
    return pcm[2 * start : 2 * end]


def cut(whole: Piece, spoken: Sequence[tuple[int, int]], limit_ms: int) -> tuple[Piece, ...]:
    """Pieces of at most `limit_ms` that follow each other without a gap, as few as a cut in the last pause that the
    limit reaches makes them. `spoken` are the times of the lines, in order; a line longer than the limit is cut.
    """
    pauses = [(before + after) // 2 for (_, before), (after, _) in pairwise(spoken)]
    found: list[Piece] = []
    at_ms = whole.start_ms
    while whole.end_ms - at_ms > limit_ms:
        reached = [pause for pause in pauses if at_ms < pause <= at_ms + limit_ms]
        then_ms = reached[-1] if reached else at_ms + limit_ms
        found.append(Piece(at_ms, then_ms))
        at_ms = then_ms
    return (*found, Piece(at_ms, whole.end_ms))
