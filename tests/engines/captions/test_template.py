"""A caption is known again on any background, and never taken for another."""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.captions.boxes import Box
from local.engines.captions.template import Template
from tests.engines.captions.screens import background, box_of, grey_patch, with_words

WORDS = "the little fox"
REGION = box_of(WORDS).grown(4, 480, 96)
LINE = box_of(WORDS).moved(-REGION.left, -REGION.top)


def learned(*, moving: int = 0, level: int = 90) -> Template:
    shown = [with_words(background(moving * frame, level), WORDS) for frame in range(8)]
    return Template([grey_patch(picture, REGION) for picture in shown], [LINE])


def is_seen(template: Template, words: str, *, strength: float = 1.0, moved: int = 0, level: int = 90) -> bool:
    shown = background(moved, level)
    if words:
        shown = with_words(shown, words, strength)
    return bool(template.compared(grey_patch(shown, REGION)).seen.all())


@pytest.mark.parametrize(("moving", "level"), [(0, 90), (5, 90), (5, 200), (3, 30)])
def test_it_is_seen_while_it_shows_and_not_when_it_has_gone(moving: int, level: int) -> None:
    template = learned(moving=moving, level=level)

    assert is_seen(template, WORDS, moved=moving * 20, level=level)
    assert not template.compared(grey_patch(background(moving * 20, level), REGION)).seen.any()


def test_it_is_seen_over_a_scene_that_is_brighter_than_where_it_was_learned() -> None:
    assert is_seen(learned(level=60), WORDS, level=190, moved=300)


def test_it_is_seen_while_it_fades_but_a_faint_ghost_of_it_is_not() -> None:
    template = learned()

    assert is_seen(template, WORDS, strength=0.3)
    assert not is_seen(template, WORDS, strength=0.05)


def test_other_words_in_its_place_are_not_it() -> None:
    assert not is_seen(learned(), "a big grey wolf")


def test_words_that_differ_by_one_letter_are_not_it() -> None:
    assert not is_seen(learned(), "the little box")


def test_a_bright_bar_with_dark_edges_in_its_place_is_nothing_like_it() -> None:
    bar = background()
    bar[34:64] = 20
    bar[38:60] = 240

    assert learned().compared(grey_patch(bar, REGION)).strength == pytest.approx(0, abs=0.02)


def test_strength_is_one_in_full_and_less_in_a_fade() -> None:
    template = learned()

    assert template.compared(grey_patch(with_words(background(), WORDS), REGION)).strength == pytest.approx(1, abs=0.05)
    assert template.compared(grey_patch(with_words(background(), WORDS, 0.5), REGION)).strength == pytest.approx(
        0.5, abs=0.1
    )


def test_two_lines_are_told_apart_tile_by_tile() -> None:
    lines = [Box(4, 4, 124, 34), Box(4, 40, 64, 70)]
    rng = np.random.default_rng(2)
    patch = rng.choice([20.0, 230.0], (74, 130)).astype(np.float32)
    template = Template([patch], lines)
    without_second = patch.copy()
    without_second[36:] = 90

    assert template.compared(patch).seen.all()
    seen = template.compared(without_second).seen
    assert seen[:2].all()
    assert not seen[-1]


def test_a_patch_without_any_strokes_is_no_template_that_sees_everything() -> None:
    template = Template([np.full((40, 200), 90, np.float32)], [Box(4, 4, 196, 36)])

    assert not template.compared(np.full((40, 200), 90, np.float32)).seen.any()
