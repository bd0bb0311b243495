"""Captions that keep the film's own voice are not read, and nothing is read over them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import script
from shared.domain.cast import cast, is_cast, runs, stretches
from shared.domain.cues import Cue, write_srt
from tests.unit.domain.cases import cues_in_order, film_ms_of

CUES = (
    Cue(1, 1000, 3000, "从前有一只小狐狸。"),
    Cue(2, 4000, 5000, "[原声] 你好！"),
    Cue(3, 5200, 6000, "【Original】: 你也好！"),
    Cue(4, 6300, 8000, "它笑了。"),
    Cue(5, 9000, 9900, "[原声]"),
)


def test_tagged_and_numbered_captions_keep_the_films_voice_and_lose_their_tags() -> None:
    found = cast(CUES, [4])

    assert found.originals == {2, 3, 4, 5}
    assert [cue.text for cue in found.cues] == [CUES[0].text, "你好！", "你也好！", "它笑了。", "[原声]"]


def test_what_lies_near_together_is_one_stretch() -> None:
    assert stretches(CUES, {2, 3, 5}) == ((4000, 6000), (9000, 9900))
    assert stretches(CUES, ()) == ()


def test_what_is_read_between_them_ends_before_the_next_one_begins() -> None:
    spoken = [CUES[0], CUES[3]]

    assert runs(spoken, [(4000, 6000), (9000, 9900)], 12_000) == [([CUES[0]], 4000), ([CUES[3]], 9000)]
    assert runs(spoken, [], 12_000) == [(spoken, 12_000)]
    assert runs([], [(1, 2)], 12_000) == []


@pytest.mark.parametrize("value", [{}, {"original": []}, {"original": [1, 5000]}])
def test_a_cast_is_taken(value: object) -> None:
    assert is_cast(value)


@pytest.mark.parametrize(
    "value", [[], None, {"father": [1]}, {"original": 3}, {"original": [0]}, {"original": [True]}, {"original": ["3"]}]
)
def test_what_names_nobody_is_not_taken(value: object) -> None:
    assert not is_cast(value)


def test_a_script_keeps_the_films_own_voice_and_survives_being_stored() -> None:
    draft = script.read(write_srt(CUES).encode(), language="zh", film_ms=12_000, originals=[1])
    found = script.plan(draft, limit_ms=58_000)

    assert found.own == ((1000, 3000), (4000, 6000), (9000, 9900))
    assert [[line.number for line in segment.lines] for segment in found.segments] == [[4]]
    assert script.load(script.dump(found)) == found
    assert script.first_line(draft).number == 4


@given(cues_in_order(least=1), st.sets(st.integers(1, 40)), st.sampled_from(["zh", "en"]), st.booleans())
def test_nothing_is_read_over_the_films_own_voice(
    cues: list[Cue], originals: set[int], language: str, cuts: bool
) -> None:
    film_ms = film_ms_of(cues)
    spoken = tuple(cue for cue in cues if cue.number not in originals)
    draft = script.Draft(language, film_ms, tuple(cues), spoken, (), stretches(cues, originals))
    found = script.plan(draft, limit_ms=20_000, pause_ms=900 if cuts else None)

    lines = [line for segment in found.segments for line in segment.lines]
    read = [number for line in lines for number in (line.number, *(join.number for join in line.joins))]
    assert read == [cue.number for cue in spoken]
    assert [segment.item for segment in found.segments] == [f"{n:04}" for n in range(1, len(found.segments) + 1)]
    ends = [0, *(line.slot.end_ms for line in lines)]
    assert all(end <= line.slot.start_ms for end, line in zip(ends, lines, strict=False))
    for line in lines:
        assert all(line.slot.end_ms <= start or line.slot.start_ms >= end for start, end in found.own)
