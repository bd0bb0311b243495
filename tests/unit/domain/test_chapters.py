"""Chapters: where the story takes a breath, neither too short nor too long, without a gap."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import chapters
from shared.domain.cues import Cue


def cue(start_s: float, text: str = "从前。", length_s: float = 2.0) -> Cue:
    return Cue(1, round(start_s * 1000), round((start_s + length_s) * 1000), text)


def test_a_breath_begins_a_chapter_that_is_named_by_its_first_line() -> None:
    found = chapters.of([cue(3, "从前。"), cue(27), cue(40, "第二天，\n小狐狸醒了。")])

    assert [(one.start_ms, one.end_ms, one.title) for one in found] == [
        (0, 40_000, "从前。"),
        (40_000, 42_000, "第二天， 小狐狸醒了。"),
    ]


def test_without_a_breath_a_chapter_ends_after_two_minutes() -> None:
    found = chapters.of([cue(at) for at in range(0, 260, 2)])

    assert [one.start_ms for one in found] == [0, 120_000, 240_000]


def test_a_breath_too_early_begins_none() -> None:
    assert chapters.of([cue(0), cue(20)]) == []


def test_a_story_of_one_chapter_or_of_none_has_no_list() -> None:
    assert chapters.of([cue(0)]) == []
    assert chapters.of([]) == []


def test_a_long_line_is_cut_for_its_title() -> None:
    (first, _) = chapters.of([cue(0, "很" * 40), cue(60)])

    assert len(first.title) == chapters.TITLE_CHARACTERS_MAX
    assert first.title.endswith("…")


@given(st.lists(st.integers(0, 900), max_size=60, unique=True))
def test_chapters_follow_each_other_without_a_gap(starts: list[int]) -> None:
    found = chapters.of([cue(at, length_s=0.5) for at in sorted(starts)])

    assert all(before.end_ms == after.start_ms for before, after in pairwise(found))
    assert len(found) != 1
