"""Speech is fitted by asking for a speed first, and words are never cut; lateness only shrinks where there is room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.fitting import (
    EARLY_MS_MAX,
    HAN_MS,
    PACE_MAX,
    PACE_MIN,
    RATE_MAX,
    RATE_MIN,
    Placement,
    choose_rate,
    lacking_ms,
    learned,
    needed_rate,
    place,
    predict_ms,
    retake,
    spread,
    squeeze,
)
from shared.domain.segments import Slot

TEN = "从前有座山山里有座庙"  # ten characters
RATES = st.integers(90, 130).map(lambda hundredths: hundredths / 100)
SLOT = st.builds(
    lambda start, own, borrowed: Slot(start, start + own + borrowed, start + own),
    st.integers(0, 100_000),
    st.integers(100, 9000),
    st.integers(0, 2000),
)


@st.composite
def readings(draw: st.DrawFn, *, fitting: bool = False) -> list[tuple[Slot, int]]:
    """Slots in order, as `slots` gives them, each with the length of its reading."""
    found: list[tuple[Slot, int]] = []
    now_ms = 0
    for pause_ms, own_ms, borrowed_ms, spoken_ms in draw(
        st.lists(
            st.tuples(st.integers(0, 3000), st.integers(100, 6000), st.integers(0, 2000), st.integers(0, 9000)),
            max_size=30,
        )
    ):
        slot = Slot(now_ms + pause_ms, now_ms + pause_ms + own_ms + borrowed_ms, now_ms + pause_ms + own_ms)
        found.append((slot, min(spoken_ms, slot.room_ms) if fitting else spoken_ms))
        now_ms = slot.end_ms
    return found


def test_a_chinese_story_is_told_at_a_little_over_four_characters_a_second() -> None:
    assert predict_ms(TEN, "zh") == 10 * HAN_MS
    assert 4.2 < 10_000 / predict_ms(TEN, "zh") < 4.4


def test_an_english_story_is_told_at_about_170_words_a_minute() -> None:
    text = "The little rabbit jumps over the river and then she runs all the way home"

    assert 150 < 60_000 * len(text.split()) / predict_ms(text, "en") < 190


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("从前，有座山", "从前有座山"),
        ("从前。有座山", "从前，有座山"),
        ("从前！？有座山", "从前有座山"),
        ("a table", "a tale"),
        ("valley", "vale"),
        ("TV", "T"),
        ("35", "3"),
    ],
)
def test_pauses_syllables_letters_and_digits_take_their_time(longer: str, shorter: str) -> None:
    assert predict_ms(longer, "zh") > predict_ms(shorter, "zh")


def test_what_is_not_spoken_takes_no_time() -> None:
    assert [predict_ms(text, "zh") for text in ("", "……", "🐰", "。，")] == [0, 0, 0, 0]
    assert predict_ms("山 🐰 。", "zh") == HAN_MS


def test_a_digit_is_a_syllable_in_chinese_and_more_in_english() -> None:
    assert predict_ms("7", "zh") == HAN_MS < predict_ms("7", "en") == predict_ms("7", "xx")


@given(st.text(alphabet="山水，。a b7🐰", max_size=40), RATES)
def test_reading_faster_never_takes_longer(text: str, rate: float) -> None:
    assert 0 <= predict_ms(text, "zh", RATE_MAX) <= predict_ms(text, "zh", rate) <= predict_ms(text, "zh", RATE_MIN)


@pytest.mark.parametrize(
    ("slot", "rate"),
    [
        (Slot(0, 2330, 2330), 1.0),
        (Slot(0, 4330, 2330), 1.0),  # it fits its cue: the silence after it is left alone
        (Slot(0, 2400, 2000), 1.0),  # the silence is borrowed before anyone hurries
        (Slot(0, 2000, 2000), 1.17),
        (Slot(0, 1000, 1000), 1.3),
        (Slot(0, 2500, 2500), 0.94),
        (Slot(0, 9000, 9000), 0.9),
    ],
)
def test_the_rate_borrows_silence_first_and_hurries_last(slot: Slot, rate: float) -> None:
    assert choose_rate(TEN, slot, "zh") == rate


def test_a_voice_known_to_be_slow_is_asked_to_hurry() -> None:
    slot = Slot(0, 2330, 2330)

    assert choose_rate(TEN, slot, "zh", pace=1.2) == 1.2


@given(st.text(alphabet="山水，。a b7", max_size=60), SLOT, st.sampled_from(["zh", "en"]))
def test_a_chosen_rate_is_in_bounds_in_hundredths_and_fits_if_anything_does(
    text: str, slot: Slot, language: str
) -> None:
    rate = choose_rate(text, slot, language)

    assert RATE_MIN <= rate <= RATE_MAX
    assert round(rate, 2) == rate
    if rate < RATE_MAX:
        assert predict_ms(text, language, rate) <= slot.room_ms


@pytest.mark.parametrize(
    ("measured_ms", "rate", "slot", "better"),
    [
        (2500, 1.0, Slot(0, 2000, 2000), 1.25),
        (2050, 1.0, Slot(0, 2000, 2000), None),  # within tolerance
        (2080, 1.25, Slot(0, 2000, 2000), 1.3),
        (2200, 1.3, Slot(0, 2000, 2000), None),  # as good as it gets
        (1500, 1.2, Slot(0, 2000, 2000), 0.9),  # hurried for nothing
        (1990, 1.2, Slot(0, 2000, 2000), None),
        (900, 1.0, Slot(0, 2000, 2000), None),  # short, but never hurried
        (0, 1.2, Slot(0, 2000, 2000), 0.9),
    ],
)
def test_a_reading_is_taken_again_only_for_a_better_rate(
    measured_ms: int, rate: float, slot: Slot, better: float | None
) -> None:
    assert retake(measured_ms, rate, slot) == better


@given(st.integers(0, 20_000), RATES, SLOT)
def test_taking_again_ends_at_once_when_the_voice_keeps_its_pace(measured_ms: int, rate: float, slot: Slot) -> None:
    better = retake(measured_ms, rate, slot)

    if better is not None:
        assert RATE_MIN <= better <= RATE_MAX
        assert retake(int(measured_ms * rate / better), better, slot) is None


def test_a_voice_that_was_not_heard_has_the_usual_pace() -> None:
    assert learned([]) == 1.0


def test_a_pace_is_learned_from_all_that_was_heard_and_within_reason() -> None:
    assert learned([(3000, 3600), (2000, 2400)]) == pytest.approx(1.167, abs=0.001)
    assert learned([(10_000, 90_000)]) == PACE_MAX
    assert learned([(10_000, 100)]) == PACE_MIN


@given(st.floats(0.7, 1.6), st.lists(st.integers(800, 6000), min_size=6, max_size=20))
def test_the_more_is_heard_the_nearer_the_pace_is_to_the_voices_own(own: float, texts: list[int]) -> None:
    heard = [(text_ms, round(text_ms * own)) for text_ms in texts]

    assert abs(learned(heard) - own) <= abs(learned(heard[:1]) - own) + 0.01


def test_the_rate_that_a_text_would_need_has_no_bounds() -> None:
    assert needed_rate(TEN, Slot(0, 1165), "zh") == 2.0
    assert needed_rate(TEN, Slot(0, 0), "zh", 0.5) > 1000


@pytest.mark.parametrize(
    ("measured_ms", "rate", "factor"),
    [
        (2050, 1.3, 1.0),  # within tolerance
        (2100, 1.2, 1.05),
        (2100, 1.28, 1.3 / 1.28),  # never above the hard cap in all
        (2100, 1.3, 1.0),
        (9000, 1.0, 1.1),
    ],
)
def test_finished_sound_is_squeezed_mildly_and_never_above_the_cap(
    measured_ms: int, rate: float, factor: float
) -> None:
    assert squeeze(measured_ms, rate, Slot(0, 2000)) == pytest.approx(factor)


@given(st.integers(0, 20_000), RATES, SLOT)
def test_no_line_is_ever_faster_than_the_cap(measured_ms: int, rate: float, slot: Slot) -> None:
    assert 1.0 <= squeeze(measured_ms, rate, slot)
    assert rate * squeeze(measured_ms, rate, slot) <= RATE_MAX + 1e-9


def test_pauses_are_to_fill_what_a_slow_reading_leaves_of_its_cue() -> None:
    assert lacking_ms(1000, Slot(0, 4000, 3000)) == 1500
    assert lacking_ms(2800, Slot(0, 4000, 3000)) == 0


def test_the_parts_of_a_reading_begin_at_their_own_times_where_they_can() -> None:
    assert spread(1000, 5000, [(1000, 800), (2500, 900)]) == (1000, 2500)
    assert spread(1000, 5000, [(1000, 1900), (2500, 900)]) == (1000, 2900)
    assert spread(1000, 3000, [(1000, 800), (2500, 900)]) == (1000, 2100)
    assert spread(1000, 1500, [(1000, 800), (2500, 900)]) == (1000, 1800)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 3000)), min_size=1, max_size=4), st.integers(0, 20_000))
def test_the_parts_of_a_reading_never_overlap(parts: list[tuple[int, int]], until_ms: int) -> None:
    starts = spread(500, until_ms, parts)

    assert starts[0] == 500
    ends = [start + length for start, (_, length) in zip(starts, parts, strict=True)]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    if 500 + sum(length for _, length in parts) <= until_ms:
        assert ends[-1] <= until_ms


def test_readings_that_fit_begin_with_their_cues() -> None:
    assert place([(Slot(1000, 3000), 1500), (Slot(4000, 5000), 1000)]) == (
        Placement(1000, 2500, 0, 0),
        Placement(4000, 5000, 0, 0),
    )


def test_a_reading_that_runs_over_delays_the_next_until_a_pause_takes_it_up() -> None:
    placed = place([(Slot(0, 1000), 1600), (Slot(1000, 2000), 1000), (Slot(3000, 4000), 500)])

    assert placed == (Placement(0, 1600, 0, 600), Placement(1600, 2600, 600, 600), Placement(3000, 3500, 0, 0))


def test_the_last_words_move_forward_rather_than_fall_off_the_end_of_the_film() -> None:
    placed = place([(Slot(1000, 2000), 500), (Slot(4000, 5000), 1400)], until_ms=5000)

    assert placed == (Placement(1000, 1500, 0, 0), Placement(3600, 5000, -400, 0))


def test_words_move_forward_through_earlier_readings_but_not_over_them() -> None:
    placed = place([(Slot(0, 1000), 900), (Slot(1000, 2000), 1000), (Slot(2000, 3000), 1500)], until_ms=3000)

    assert placed[0].start_ms == 0
    assert [one.end_ms - one.start_ms for one in placed] == [900, 1000, 1500]
    assert placed[-1].overrun_ms == 400


def test_words_do_not_move_forward_out_of_their_segment() -> None:
    (placed,) = place([(Slot(4000, 5000), 1400)], until_ms=5000, from_ms=3800)

    assert placed == Placement(3800, 5200, -200, 200)


@given(readings(), st.none() | st.integers(0, 60_000))
def test_no_word_is_cut_and_no_two_readings_overlap(measured: list[tuple[Slot, int]], until_ms: int | None) -> None:
    placed = place(measured, until_ms)

    assert [one.end_ms - one.start_ms for one in placed] == [spoken_ms for _, spoken_ms in measured]
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(placed))
    for (slot, _), one in zip(measured, placed, strict=True):
        assert one.start_ms == slot.start_ms + one.late_ms >= 0
        assert one.overrun_ms == max(0, one.end_ms - slot.end_ms)
        assert one.late_ms >= -EARLY_MS_MAX


@given(readings())
def test_without_an_end_nothing_begins_early(measured: list[tuple[Slot, int]]) -> None:
    assert all(one.late_ms >= 0 for one in place(measured))


@given(readings())
def test_lateness_never_grows_over_a_reading_that_fits_its_slot(measured: list[tuple[Slot, int]]) -> None:
    placed = place(measured)

    for ((slot, spoken_ms), one), after in zip(zip(measured, placed, strict=True), placed[1:], strict=False):
        if spoken_ms <= slot.room_ms:
            assert after.late_ms <= one.late_ms


@given(readings(fitting=True))
def test_where_everything_fits_nothing_is_late(measured: list[tuple[Slot, int]]) -> None:
    assert all((one.late_ms, one.overrun_ms) == (0, 0) for one in place(measured))


@given(readings(fitting=True))
def test_an_end_changes_nothing_where_everything_fits(measured: list[tuple[Slot, int]]) -> None:
    until_ms = measured[-1][0].end_ms if measured else 0

    assert place(measured, until_ms) == place(measured)
