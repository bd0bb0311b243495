"""A cheap answer to: could there be letters, and are they new ones?"""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.captions.frames import grey
from local.engines.captions.strokes import Strokes, changed_share, halved, has_letters, strokes_of
from tests.engines.captions.screens import background, picture_of, with_words


def strokes(words: str, *, level: int = 90) -> Strokes:
    shown = background(level=level)
    return strokes_of(halved(grey(picture_of(with_words(shown, words) if words else shown))))


@pytest.mark.parametrize("level", [40, 120, 220])
def test_words_have_strokes_and_soft_pictures_have_none(level: int) -> None:
    assert has_letters(strokes("once upon a time", level=level))
    assert not has_letters(strokes("", level=level))


def test_a_thin_line_is_no_letter() -> None:
    picture = np.full((96, 480), 60, np.uint8)
    picture[40:42] = 200

    assert not has_letters(strokes_of(halved(picture)))


def test_the_same_words_are_no_change() -> None:
    assert changed_share(strokes("the fox"), strokes("the fox")) == 0


def test_words_that_come_go_or_become_others_are_a_change_of_a_part() -> None:
    for after, before in (("the fox", ""), ("", "the fox"), ("the fox", "the sky")):
        assert 0 < changed_share(strokes(after), strokes(before)) < 0.5
