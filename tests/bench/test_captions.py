"""Captions read are held against those drawn without mercy."""

from __future__ import annotations

import itertools

from bench.media.captioned import cues_of
from bench.media.captions import compared
from local.engines.contract import Caption

DRAWN = [Caption(1.0, 2.0, "树洞里\nIn the tree"), Caption(2.0, 3.0, "等等我！\nWait!")]


def test_what_was_read_as_it_was_drawn_has_no_errors() -> None:
    found = compared(DRAWN, DRAWN)

    assert (found.share, found.starts_off, found.invented) == (0, [0, 0], 0)


def test_marks_spaces_and_letters_count_and_so_do_frames() -> None:
    found = compared([Caption(1.08, 2.0, "树洞里\nInthe tree"), Caption(2.0, 3.0, "等等我\nWait!")], DRAWN)

    assert (found.wrong, found.drawn) == ({"zh": 1, "en": 1}, {"zh": 7, "en": 16})
    assert [round(frames, 3) for frames in found.starts_off] == [2, 0]


def test_a_caption_that_was_not_read_has_all_its_characters_wrong() -> None:
    assert compared(DRAWN[:1], DRAWN).wrong == {"zh": 4, "en": 5}


def test_a_caption_read_twice_or_where_none_was_is_invented() -> None:
    assert compared([*DRAWN, Caption(1.5, 2.0, "树洞里"), Caption(7, 8, "xyz")], DRAWN).invented == 2


def test_the_films_captions_come_and_go_on_whole_frames_and_never_together() -> None:
    cues = cues_of("zh+en", 16)

    assert all(round(cue.start_s * 25, 6) % 1 == round(cue.end_s * 25, 6) % 1 == 0 for cue in cues)
    assert all(one.end_s <= after.start_s for one, after in itertools.pairwise(cues))
