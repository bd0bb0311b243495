"""Captions are followed from their first frame to their last, with few of the dear looks for text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from local.engines.captions.boxes import Box
from local.engines.captions.followed import Sighting
from local.engines.captions.frames import Colours, Picture
from local.engines.captions.template import Template
from local.engines.captions.watch import FindText, sightings
from tests.engines.captions.screens import (
    HEIGHT,
    WIDTH,
    background,
    band,
    box_of,
    film,
    grey_patch,
    picture_of,
    with_words,
)


class Finder:
    """Knows some words and finds them where they are plain to see. `blind_for` looks it finds nothing."""

    def __init__(self, *known: str, blind_for: int = 0, share: float = 1.0) -> None:
        self.looks = 0
        self._blind_for = blind_for
        self._known = [self._learn(words, share) for words in known]

    def __call__(self, picture: Colours, scale: float) -> list[Box]:
        self.looks += 1
        if self.looks <= self._blind_for:
            return []
        return [
            box
            for region, template, box in self._known
            for found in (template.compared(grey_patch(picture, region)),)
            if found.seen.all() and found.strength > 0.5
        ]

    @staticmethod
    def _learn(words: str, share: float) -> tuple[Box, Template, Box]:
        whole = box_of(words)
        region = whole.grown(4, WIDTH, HEIGHT)
        template = Template(
            [grey_patch(with_words(background(), words), region)], [whole.moved(-region.left, -region.top)]
        )
        return region, template, Box(whole.left, whole.top, whole.left + int(whole.width * share), whole.bottom)


def seen(pictures: Iterator[Picture], finder: FindText) -> list[Sighting]:
    return list(sightings(pictures, band(), finder))


def times(found: list[Sighting]) -> list[tuple[int, int]]:
    return [(sighting.start, sighting.end) for sighting in found]


@pytest.mark.parametrize("moving", [0, 1, 6])
def test_a_caption_has_the_times_of_its_frames(moving: int) -> None:
    found = seen(film((31, ""), (44, "the little fox"), (20, ""), moving=moving), Finder("the little fox"))

    assert times(found) == [(31, 75)]
    assert found[0].lines == (box_of("the little fox"),)


def test_captions_that_follow_each_other_without_a_gap_are_told_apart() -> None:
    words = ("the first little pig", "the third little pig", "built a house")
    found = seen(film((20, ""), *((40, line) for line in words), moving=2), Finder(*words))

    assert times(found) == [(20, 60), (60, 100), (100, 140)]


def test_a_caption_from_the_first_frame_to_the_last_is_seen_whole() -> None:
    assert times(seen(film((60, "good night")), Finder("good night"))) == [(0, 60)]


def test_a_caption_found_late_still_has_its_first_frame() -> None:
    finder = Finder("the moon", blind_for=1)

    assert times(seen(film((25, ""), (60, "the moon"), (10, "")), finder)) == [(25, 85)]
    assert finder.looks > 1


@pytest.mark.parametrize("coming", range(14, 21))
def test_letters_that_are_just_coming_are_waited_for(coming: int) -> None:
    region = box_of("the moon").grown(4, WIDTH, HEIGHT)
    template = Template([grey_patch(with_words(background(), "the moon"), region)], [Box(4, 4, region.width - 4, 32)])
    shown: list[float] = []

    def finder(picture: Colours, scale: float) -> list[Box]:
        shown.append(template.compared(grey_patch(picture, region)).strength)
        return [box_of("the moon")] if shown[-1] > 0.5 else []

    before = [picture_of(with_words(background(), "sign", place=(330, 40))) for _ in range(coming)]
    after = [picture_of(with_words(background(), "the moon")) for _ in range(40)]
    found = seen(iter([*before, *after]), finder)

    assert (coming, coming + 40) in times(found)
    assert not [share for share in shown if 0.05 < share < 0.3]


def test_a_line_of_which_only_a_part_was_found_is_one_caption() -> None:
    found = seen(film((10, ""), (60, "over the hills"), (10, "")), Finder("over the hills", share=0.5))

    assert times(found) == [(10, 70)]


def test_a_fade_belongs_to_the_caption() -> None:
    (found,) = seen(film((20, ""), (60, "slowly"), (20, ""), fade=6, moving=2), Finder("slowly"))

    assert 20 <= found.start <= 22
    assert 78 <= found.end <= 80


def test_words_hidden_in_each_frame_but_plain_in_their_mean_have_not_gone() -> None:
    rng = np.random.default_rng(0)
    pictures = list(film((20, ""), (60, "the little fox"), (20, "")))
    noisy = [np.clip(one + rng.normal(0, 150, one.shape), 0, 255).astype(np.uint8) for one in pictures[45:57]]

    found = seen(iter([*pictures[:45], *noisy, *pictures[57:]]), Finder("the little fox"))

    assert times(found) == [(20, 80)]


def test_what_flashes_by_is_no_caption() -> None:
    assert seen(film((20, ""), (5, "flash"), (20, "")), Finder("flash")) == []


def test_a_film_without_strokes_is_never_looked_at() -> None:
    finder = Finder("nothing")

    assert seen(film((100, ""), moving=3), finder) == []
    assert finder.looks == 0


def test_words_that_just_stand_there_are_looked_at_seldom() -> None:
    finder = Finder("once upon a time")

    assert times(seen(film((250, "once upon a time")), finder)) == [(0, 250)]
    assert finder.looks <= 3


def test_the_strip_shows_the_caption_and_not_what_moved_behind_it() -> None:
    (found,) = seen(film((10, ""), (60, "a star"), (10, ""), moving=9, level=120), Finder("a star"))
    box = box_of("a star")
    strip = found.strip.darkest[box.top - found.top : box.bottom - found.top]

    assert strip[:, box.left : box.right].max() > 220
    assert strip[:, box.right + 20 :].mean() < 110


def test_a_box_too_tall_too_small_or_too_narrow_is_no_line_of_a_caption() -> None:
    def finder(picture: Colours, scale: float) -> list[Box]:
        return [Box(10, 10, 200, 90), Box(10, 10, 60, 12), Box(10, 10, 20, 50)]

    assert list(sightings(film((60, "the moon")), band(), finder)) == []
