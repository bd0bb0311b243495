"""How a large object is put together on the server of pieces of another one and a few bytes of ours: which parts an
upload in parts has. Pure.

Facts: a part has 100 KB to 5 GB, the last one may be smaller; 10,000 parts at most (OSS, "multipart upload").
CopyObject takes objects up to 1 GB.
"""

from __future__ import annotations

from itertools import pairwise

from shared.domain.frozen import frozen

PART_MIN = 100 * 1024
COPIED_MAX = 1024 * 1024 * 1024
"""Of a part, and of a plain copy: OSS takes parts five times as large, and answers for them late."""

SMALL_MAX = 4 * 1024 * 1024
"""A smaller object is read and written whole."""


@frozen
class Span:
    """Bytes of the source, from `start` up to but not including `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


Part = tuple[Span | bytes, ...]
"""What one part is made of; one span alone is copied by the server, all else passes through our memory."""


def parts(size: int, at: int, removed: int, body: bytes) -> list[Part]:
    """A source of `size` bytes with those from `at` on, `removed` of them, replaced by `body`.

    What is too small for a part of its own is joined to the one before or takes from the one behind.
    """
    head, tail = Span(0, at), Span(at + removed, size)
    ours: Part = (body,)
    if 0 < head.length < PART_MIN:
        ours, head = (head, *ours), Span(0, 0)
    taken = sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in ours)
    if tail.length and taken < PART_MIN:
        borrowed = min(tail.length, PART_MIN - taken)
        ours, tail = (*ours, Span(tail.start, tail.start + borrowed)), Span(tail.start + borrowed, tail.end)
    return [*_copied(head), *([ours] if taken or len(ours) > 1 else []), *_copied(tail)]


def _copied(span: Span) -> list[Part]:
    """As equal as can be, so that none is too small."""
    count = -(-span.length // COPIED_MAX)
    edges = [span.start + span.length * number // count for number in range(count)] + [span.end] if count else []
    return [(Span(start, end),) for start, end in pairwise(edges)]
