"""Captions that follow the new speech."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cues import Cue, Reading, numbered, read_srt, read_written, write_srt
from shared.domain.following import SHOWN_MS_MIN, followed, times_of

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


def test_a_cue_that_was_joined_to_another_appears_when_its_own_words_begin() -> None:
    lines: list[dict[str, Any]] = [
        {"number": 1, "spoken": [1500, 7000], "late_ms": 500},
        {"number": 2, "late_ms": 900, "joined_to": 1},
        {"number": 3, "spoken": [8000, 9500], "late_ms": 0},
    ]
    shown = followed(CUES, times_of(CUES, lines), 12_000)

    assert times(shown) == [(1, 1500, 4900), (2, 4900, 7000), (3, 8000, 9500)]


def test_a_late_line_that_meets_a_song_is_shown_beside_it_under_its_own_number() -> None:
    shown = followed(CUES, {1: (1000, 3000), 2: (8020, 9000)}, 12_000)

    assert [cue.number for cue in shown] == [1, 3, 2]
    assert len(read_srt(write_srt(shown).encode()).cues) == 3


def test_a_line_said_twice_without_a_pause_stays_two_lines() -> None:
    cues = (Cue(1, 1000, 3000, "la la"), Cue(2, 3500, 6000, "la la"))
    shown = followed(cues, {1: (1000, 3500), 2: (3500, 6000)}, 12_000)

    assert read_srt(write_srt(shown).encode()) == Reading(shown, ())


@given(
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 5000), st.sampled_from(["x", "y"])), max_size=20),
    st.data(),
)
def test_captions_never_overlap_never_pass_the_film_and_read_back_line_for_line(
    spans: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    cues = numbered(Cue(0, start, start + length, text) for start, length, text in sorted(spans))
    spoken = {
        cue.number: (start, start + data.draw(st.integers(0, 4000)))
        for cue in cues
        if (start := data.draw(st.integers(0, 70_000)))
    }
    shown = followed(cues, spoken, 60_000)
    written = write_srt(shown).encode()

    assert all(0 <= cue.start_ms < cue.end_ms <= 60_000 for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))
    assert len({cue.number for cue in shown}) == len(shown)
    assert read_written(written) == shown
    assert not shown or read_srt(written).cues == numbered(shown)
