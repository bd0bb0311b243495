"""Cues become as few segments as the engine's limit allows, cut where the narrator pauses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cues import Cue
from shared.domain.errors import Refused
from shared.domain.segments import (
    BORROW_MS_MAX,
    GUARD_MS,
    LEAD_MS,
    Segment,
    Slot,
    plan_segments,
    slots,
)
from tests.unit.domain.cases import cues_in_order, film_ms_of


def cues_at(*spans: tuple[int, int]) -> list[Cue]:
    return [Cue(number, start_ms, end_ms, "x") for number, (start_ms, end_ms) in enumerate(spans, 1)]


def sizes(segments: tuple[Segment, ...]) -> list[int]:
    return [len(segment.cues) for segment in segments]


def fewest(cues: list[Cue], limit_ms: int, film_ms: int) -> int:
    """Greedy: as many cues as fit, then the next segment; the least possible for consecutive pieces."""
    room = slots(cues, film_ms)
    count, begin_ms, floor_ms = 0, None, 0
    for slot in room:
        if begin_ms is None or slot.end_ms - begin_ms > limit_ms:
            begin_ms = max(slot.start_ms - LEAD_MS, floor_ms)
            count += 1
        floor_ms = slot.end_ms
    return count


def test_a_cue_may_borrow_the_silence_up_to_a_guard_before_the_next() -> None:
    (first, _) = slots(cues_at((1000, 2000), (3000, 4000)), 10_000)

    assert first == Slot(1000, 3000 - GUARD_MS, 2000)
    assert (first.cue_ms, first.room_ms) == (1000, 2000 - GUARD_MS)


def test_not_more_silence_is_borrowed_than_is_worth_a_silent_face() -> None:
    (only,) = slots(cues_at((1000, 2000)), 60_000)

    assert only.end_ms == 2000 + BORROW_MS_MAX


def test_a_cue_right_before_the_next_keeps_its_own_time_and_nothing_else() -> None:
    (first, _) = slots(cues_at((1000, 2950), (3000, 4000)), 10_000)

    assert first == Slot(1000, 2950, 2950)


def test_no_slot_passes_the_end_of_the_film() -> None:
    (only,) = slots(cues_at((1000, 9000)), 5000)

    assert only == Slot(1000, 5000, 5000)


def test_a_slot_without_borrowed_time_is_all_the_cues_own() -> None:
    assert Slot(1000, 3000).cue_ms == Slot(1000, 3000).room_ms == 2000


def test_captions_of_another_longer_film_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        slots(cues_at((1000, 2000), (5000, 6000)), 5000)

    assert caught.value.code == "captions.outside"


def test_no_cues_make_no_slots_and_no_segments() -> None:
    assert slots([], 1000) == ()
    assert plan_segments([], limit_ms=60_000, film_ms=1000) == ()


def test_what_fits_one_clip_is_one_segment_with_a_moment_before_it() -> None:
    cues = cues_at((1000, 4000), (5000, 9000))

    (segment,) = plan_segments(cues, limit_ms=60_000, film_ms=20_000)

    assert segment == Segment("0001", tuple(cues), slots(cues, 20_000), 1000 - LEAD_MS, 9000 + BORROW_MS_MAX)


def test_the_cut_lies_in_the_longest_pause_the_limit_leaves_a_choice_of() -> None:
    cues = cues_at((0, 4000), (4500, 8000), (9500, 12_000), (12_300, 16_000))

    assert sizes(plan_segments(cues, limit_ms=13_000, film_ms=16_000)) == [2, 2]


def test_one_segment_more_is_taken_rather_than_a_cut_without_a_pause() -> None:
    cues = cues_at((0, 4000), (5000, 9000), (9000, 13_000), (14_000, 18_000))

    assert sizes(plan_segments(cues, limit_ms=9300, film_ms=18_000)) == [1, 2, 1]


def test_a_cut_without_a_pause_stays_when_one_segment_more_does_not_help() -> None:
    cues = cues_at((0, 4000), (4000, 8000), (8000, 12_000), (12_000, 16_000))

    assert sizes(plan_segments(cues, limit_ms=9000, film_ms=16_000)) == [2, 2]


def test_a_long_enough_pause_is_always_cut_when_asked() -> None:
    cues = cues_at((1000, 2000), (3000, 4000), (12_000, 13_000))

    assert sizes(plan_segments(cues, limit_ms=60_000, film_ms=20_000)) == [3]
    assert sizes(plan_segments(cues, limit_ms=60_000, film_ms=20_000, pause_ms=8000)) == [2, 1]


def test_a_cue_longer_than_the_limit_stands_alone_and_its_slot_ends_there() -> None:
    cues = cues_at((1000, 3000), (4000, 34_000), (35_000, 36_000))

    first, long, last = plan_segments(cues, limit_ms=19_000, film_ms=40_000)

    assert [first.cues, long.cues, last.cues] == [(cue,) for cue in cues]
    assert long.end_ms - long.start_ms == 19_000
    assert long.slots == (Slot(4000, long.end_ms, long.end_ms),)


@given(cues_in_order(least=1), st.integers(5000, 60_000), st.none() | st.integers(3000, 9000))
def test_segments_hold_every_cue_once_in_order_and_within_the_limit(
    cues: list[Cue], limit_ms: int, pause_ms: int | None
) -> None:
    film_ms = film_ms_of(cues)

    segments = plan_segments(cues, limit_ms=limit_ms, film_ms=film_ms, pause_ms=pause_ms)

    assert [cue for segment in segments for cue in segment.cues] == cues
    assert [segment.item for segment in segments] == [f"{number:04}" for number in range(1, len(segments) + 1)]
    assert all(0 <= segment.start_ms < segment.end_ms <= film_ms for segment in segments)
    assert all(segment.end_ms - segment.start_ms <= limit_ms for segment in segments)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(segments))


@given(cues_in_order(least=1), st.integers(5000, 60_000))
def test_segments_are_the_fewest_or_one_more(cues: list[Cue], limit_ms: int) -> None:
    segments = plan_segments(cues, limit_ms=limit_ms, film_ms=film_ms_of(cues))

    assert len(segments) - fewest(cues, limit_ms, film_ms_of(cues)) in {0, 1}


@given(cues_in_order(least=1), st.integers(5000, 60_000))
def test_slots_keep_to_their_cues_and_apart(cues: list[Cue], limit_ms: int) -> None:
    film_ms = film_ms_of(cues)

    room = slots(cues, film_ms)
    planned = [slot for segment in plan_segments(cues, limit_ms=limit_ms, film_ms=film_ms) for slot in segment.slots]

    assert [slot.start_ms for slot in room] == [cue.start_ms for cue in cues]
    assert all(slot.cue_ms > 0 and slot.cue_ms <= slot.room_ms for slot in [*room, *planned])
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(room))
    assert all(short.end_ms <= whole.end_ms for short, whole in zip(planned, room, strict=True))


@given(cues_in_order(least=1, most=20), st.integers(5000, 60_000))
def test_the_same_cues_always_make_the_same_segments(cues: list[Cue], limit_ms: int) -> None:
    film_ms = film_ms_of(cues)

    assert plan_segments(cues, limit_ms=limit_ms, film_ms=film_ms) == plan_segments(
        tuple(cues), limit_ms=limit_ms, film_ms=film_ms
    )
