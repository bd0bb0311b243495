"""The lines of a caption are put together from what the finder and the reader of letters say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from local.engines.captions.boxes import Box
from local.engines.captions.followed import Sighting
from local.engines.captions.frames import Colours
from local.engines.captions.gathering import Composite
from local.engines.captions.letters import Reading
from local.engines.captions.reading import read_lines

SEEN = Box(100, 40, 300, 70)
DARK, MEAN, BRIGHT = 10, 20, 30


def sighting(*lines: Box, top: int = 20) -> Sighting:
    pictures = [np.full((90, 480, 3), shade, np.uint8) for shade in (DARK, MEAN, BRIGHT)]
    return Sighting(0, 50, lines or (SEEN,), Composite(*pictures), top)


def finder(*boxes: Box) -> Callable[[Colours, float], list[Box]]:
    """Finds these boxes, given as they stand in the band, in a strip from row 20."""
    return lambda picture, scale: [box.moved(0, -20) for box in boxes]


def reader(**by_shade: Reading) -> Callable[[Colours], Reading]:
    names = {DARK: "dark", MEAN: "mean", BRIGHT: "bright"}
    return lambda picture: by_shade.get(names[int(picture[0, 0, 0])], Reading("", 0.0))


def by_width(picture: Colours) -> Reading:
    return Reading(f"{picture.shape[1]} wide", 1.0)


def test_a_line_is_read_where_it_was_seen_and_placed_in_the_band() -> None:
    (line,) = read_lines(sighting(), 720, finder(SEEN), reader(dark=Reading("月亮", 0.99)))

    assert (line.text, line.box) == ("月亮", SEEN)


def test_a_line_found_in_pieces_is_read_whole_with_some_room_at_its_sides() -> None:
    lines = read_lines(sighting(), 720, finder(Box(100, 40, 180, 70), Box(190, 42, 300, 68)), by_width)

    assert [line.text for line in lines] == ["218 wide"]


def test_what_continues_a_line_or_stands_below_it_belongs_to_it() -> None:
    lines = read_lines(sighting(), 720, finder(SEEN, Box(320, 40, 360, 70), Box(150, 75, 250, 95)), by_width)

    assert [line.box for line in lines] == [Box(100, 40, 360, 70), Box(150, 75, 250, 95)]


def test_text_far_beside_or_where_nothing_was_seen_does_not_belong() -> None:
    assert read_lines(sighting(), 720, finder(Box(430, 40, 478, 70)), by_width) == []
    (line,) = read_lines(
        sighting(Box(20, 40, 120, 70)), 720, finder(Box(20, 40, 120, 70), Box(400, 40, 470, 70)), by_width
    )

    assert line.box == Box(20, 40, 120, 70)


def test_a_sure_reading_of_the_darkest_picture_needs_no_other() -> None:
    asked: list[int] = []

    def read(picture: Colours) -> Reading:
        asked.append(int(picture[0, 0, 0]))
        return Reading("sure", 0.95)

    read_lines(sighting(), 720, finder(SEEN), read)

    assert asked == [DARK]


def test_dark_letters_are_read_from_the_picture_that_shows_them_best() -> None:
    readings = reader(dark=Reading("il", 0.4), mean=Reading("milk", 0.7), bright=Reading("milk!", 0.85))

    assert [line.text for line in read_lines(sighting(), 720, finder(SEEN), readings)] == ["milk!"]


def test_what_the_mean_does_not_show_is_not_looked_for_any_more() -> None:
    asked: list[int] = []

    def find(picture: Colours, scale: float) -> list[Box]:
        asked.append(int(picture[0, 0, 0]))
        return []

    assert read_lines(sighting(), 720, find, by_width) == []
    assert asked == [DARK, MEAN]


def test_what_cannot_be_read_has_no_lines() -> None:
    assert read_lines(sighting(), 720, finder(SEEN), reader()) == []
