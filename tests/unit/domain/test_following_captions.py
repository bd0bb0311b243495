"""Captions that follow the new speech."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cues import Cue
from shared.domain.following import SHOWN_MS_MIN, followed

CUES = (Cue(1, 1000, 3000, "one"), Cue(2, 4000, 6000, "two"), Cue(3, 8000, 9000, "three"))


def times(cues: tuple[Cue, ...]) -> list[tuple[int, int, int]]:
    return [(cue.number, cue.start_ms, cue.end_ms) for cue in cues]


def test_a_caption_is_shown_while_its_line_is_spoken() -> None:
    shown = followed(CUES, {1: (1100, 3500), 2: (4200, 7000), 3: (8000, 10_000)}, 12_000)

    assert times(shown) == [(1, 1100, 3500), (2, 4200, 7000), (3, 8000, 10_000)]


def test_what_nobody_speaks_stays_where_it_was() -> None:
    assert times(followed(CUES, {1: (1100, 3500)}, 12_000))[1:] == [(2, 4000, 6000), (3, 8000, 9200)]


def test_a_short_line_is_shown_long_enough_to_be_read() -> None:
    shown = followed(CUES, {1: (1000, 1300)}, 12_000)

    assert times(shown)[0] == (1, 1000, 1000 + SHOWN_MS_MIN)


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 5000)), max_size=20), st.data())
def test_captions_never_overlap_never_pass_the_film_and_none_appears_twice(
    spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    cues = tuple(Cue(number, start, start + length, "x") for number, (start, length) in enumerate(sorted(spans), 1))
    spoken = {
        cue.number: (start, start + data.draw(st.integers(0, 4000)))
        for cue in cues
        if (start := data.draw(st.integers(0, 70_000)))
    }
    shown = followed(cues, spoken, 60_000)

    assert all(0 <= cue.start_ms < cue.end_ms <= 60_000 for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))
    assert len({cue.number for cue in shown}) == len(shown)
