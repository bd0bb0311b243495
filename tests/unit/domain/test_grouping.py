"""Cues of one sentence are read together only where one of them would have to be hurried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import fitting
from shared.domain.cues import Cue
from shared.domain.grouping import COMFORT, CUES_MAX, Group, group
from shared.domain.segments import slots
from tests.unit.domain.cases import cues_in_order, film_ms_of

HURRIED = Cue(1, 0, 1800, "小狐狸划着树叶船从湖的那边")  # 13 characters: 3.0 s in 1.8
SPARE = Cue(2, 1900, 5000, "回来了。")
TEXTS = st.sampled_from(
    [
        "从前有座山",
        "山里有座庙，庙里有个老和尚在讲故事",
        "好的！",
        "Once upon a time there was",
        "a fox.",
        "“别怕。”",
        "3 只",
    ]
)


def grouped(*cues: Cue, language: str = "zh", limit_ms: int = 58_000, pace: float = 1.0) -> list[tuple[int, ...]]:
    found = group(cues, language=language, film_ms=20_000, limit_ms=limit_ms, pace=pace)
    return [(one.cue.number, *(join.number for join in one.joins)) for one in found]


def test_a_hurried_cue_is_read_together_with_the_rest_of_its_sentence() -> None:
    (one,) = group((HURRIED, SPARE), language="zh", film_ms=20_000, limit_ms=58_000, pace=1.0)

    assert one.cue == Cue(1, 0, 5000, "小狐狸划着树叶船从湖的那边，回来了。")
    assert [(join.number, join.text, join.start_ms) for join in one.joins] == [(2, "回来了。", 1900)]
    assert 0.7 < one.joins[0].share < 0.9


def test_english_words_are_joined_with_a_space() -> None:
    hurried, rest = Cue(1, 0, 1000, "The little fox rowed over the"), Cue(2, 1100, 6000, "lake.")
    (one,) = group((hurried, rest), language="en", film_ms=20_000, limit_ms=58_000, pace=1.0)

    assert one.cue.text == "The little fox rowed over the lake."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Cue(1, 0, 4000, HURRIED.text), Cue(2, 4100, 6000, "回来了。")),  # nobody is hurried
        (Cue(1, 0, 1800, f"{HURRIED.text}。"), SPARE),  # the sentence is over
        (Cue(1, 0, 1800, f"“{HURRIED.text}！”"), SPARE),
        (HURRIED, Cue(2, 3000, 6000, "回来了。")),  # a pause lies between
    ],
)
def test_cues_stay_apart(first: Cue, second: Cue) -> None:
    assert grouped(first, second) == [(1,), (2,)]


def test_cues_stay_apart_that_somebody_else_reads_or_that_no_clip_could_hold() -> None:
    assert grouped(HURRIED, SPARE, limit_ms=4000) == [(1,), (2,)]
    for number in (1, 2):
        found = group((HURRIED, SPARE), language="zh", film_ms=20_000, limit_ms=58_000, pace=1.0, apart=[number])
        assert [len(one.joins) for one in found] == [0, 0]


def test_a_slow_voice_needs_company_sooner() -> None:
    cues = (Cue(1, 0, 3000, HURRIED.text), Cue(2, 3100, 8000, "回来了。"))

    assert grouped(*cues) == [(1,), (2,)]
    assert grouped(*cues, pace=1.3) == [(1, 2)]


@given(cues_in_order(texts=TEXTS), st.sampled_from(["zh", "en"]), st.floats(0.7, 1.5))
def test_every_cue_is_in_one_group_and_groups_slow_readings_down(cues: list[Cue], language: str, pace: float) -> None:
    film_ms = film_ms_of(cues)
    found = group(cues, language=language, film_ms=film_ms, limit_ms=58_000, pace=pace)

    members = [(one.cue.number, *(join.number for join in one.joins)) for one in found]
    assert [number for one in members for number in one] == [cue.number for cue in cues]
    room = dict(zip((cue.number for cue in cues), slots(cues, film_ms), strict=True))
    texts = {cue.number: cue.text for cue in cues}
    for one, slot in zip(found, slots([one.cue for one in found], film_ms), strict=True):
        _is_sound(one, len(one.joins) + 1)
        if one.joins:
            numbers = (one.cue.number, *(join.number for join in one.joins))
            alone = [fitting.needed_rate(texts[number], room[number], language, pace) for number in numbers]
            assert max(alone) > COMFORT > 0
            assert fitting.needed_rate(one.cue.text, slot, language, pace) < max(alone)


def _is_sound(one: Group, size: int) -> None:
    assert size <= CUES_MAX
    shares = [join.share for join in one.joins]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
