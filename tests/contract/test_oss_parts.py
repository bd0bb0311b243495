"""What a patched copy is put together of: nothing lost, nothing twice, no part that OSS would refuse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.clients.oss_parts import COPIED_MAX, PART_MIN, Span, parts

MB = 1024 * 1024
SIZES = st.integers(4 * MB, 8 * 1024 * MB)


@given(SIZES, st.data())
def test_the_parts_are_the_source_with_the_patch_in_its_place(size: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, size))
    removed = data.draw(st.integers(0, size - at))
    body = bytes(data.draw(st.integers(0, 300_000)))
    pieces = [piece for part in parts(size, at, removed, body) for piece in part]
    spans = [piece for piece in pieces if isinstance(piece, Span) and piece.length]
    wanted = [Span(0, at), Span(at + removed, size)]

    assert _joined(spans) == _joined([span for span in wanted if span.length])
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == body


@given(SIZES, st.data())
def test_no_part_but_the_last_is_too_small_and_none_too_large(size: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, size))
    body = bytes(data.draw(st.integers(0, 300_000)))
    lengths = [
        sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in part)
        for part in parts(size, at, 0, body)
    ]

    assert all(length >= PART_MIN for length in lengths[:-1])
    assert all(0 < length <= COPIED_MAX for length in lengths)


def test_little_of_a_film_passes_through_the_memory() -> None:
    film = parts(900 * MB, 32, 1_000_000, bytes(1_000_100))
    ours = [part for part in film if not (len(part) == 1 and isinstance(part[0], Span))]

    assert [sum(len(p) if isinstance(p, bytes) else p.length for p in part) for part in ours] == [1_000_132]


def _joined(spans: list[Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for span in spans:
        if joined and joined[-1][1] == span.start:
            joined[-1] = (joined[-1][0], span.end)
        else:
            joined.append((span.start, span.end))
    return joined
