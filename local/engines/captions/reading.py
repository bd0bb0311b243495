"""Reads the lines of one caption out of the clean pictures gathered of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from local.engines.captions.boxes import Box, around
from local.engines.captions.followed import Sighting
from local.engines.captions.frames import Colours
from local.engines.captions.letters import Reading

FindText = Callable[[Colours, float], list[Box]]
ReadText = Callable[[Colours], Reading]

FIND_PX = 432.0  # short side of the film at which lines are found; reading them is done at full size
GOOD = 0.9  # a score that needs no second picture
SAME_ROW = 0.5  # of the lower one's rows
WORD_GAP, ROW_GAP = 4.0, 0.8  # in line heights: what stands further apart does not belong together
SIDE_ROOM = 0.3  # line heights beside a line: the finder cuts thin letters at its ends


@dataclass(frozen=True)
class Line:
    """One line as it stands on the screen; score 0..1."""

    text: str
    score: float
    box: Box


def read_lines(sighting: Sighting, short_side: int, find_text: FindText, read_text: ReadText) -> list[Line]:
    """The lines of a caption from the top; empty when nothing in it can be read. `short_side` is that of the film.

    It was found in the mean of a few pictures: what the mean of many does not show is no text.
    """
    best: list[Line] = []
    for picture in (sighting.strip.darkest, sighting.strip.mean, sighting.strip.brightest):
        lines = _read(picture, FIND_PX / short_side, sighting, find_text, read_text)
        if _score(lines) > _score(best):
            best = lines
        if _score(best) >= GOOD or (picture is sighting.strip.mean and not best):
            break
    return best


def _read(picture: Colours, scale: float, sighting: Sighting, find_text: FindText, read_text: ReadText) -> list[Line]:
    seen = [line.moved(0, -sighting.top) for line in sighting.lines]
    width = picture.shape[1]
    lines = []
    for row in _rows(_belonging(find_text(picture, scale), seen)):
        margin = int(SIDE_ROOM * row.height)
        left, right = max(0, row.left - margin), min(width, row.right + margin)
        reading = read_text(picture[row.top : row.bottom, left:right])
        if reading.text:
            lines.append(Line(reading.text, reading.score, row.moved(0, sighting.top)))
    return lines


def _score(lines: Sequence[Line]) -> float:
    if not lines:
        return 0.0
    return float(np.average([line.score for line in lines], weights=[len(line.text) for line in lines]))


def _belonging(boxes: Sequence[Box], seen: Sequence[Box]) -> list[Box]:
    """The boxes where the caption was seen, and those that continue its lines or stand right above or below."""
    kept = [box for box in boxes if any(box.rows_shared(line) > 0 and box.gap_across(line) < 0 for line in seen)]
    left = [box for box in boxes if box not in kept]
    while more := [box for box in left if any(_touch(box, other) for other in kept)]:
        kept += more
        left = [box for box in left if box not in more]
    return kept


def _touch(one: Box, other: Box) -> bool:
    height = min(one.height, other.height)
    across = one.gap_across(other)
    if one.rows_shared(other) > SAME_ROW:
        return across < WORD_GAP * height
    return across < 0 and one.gap_down(other) < ROW_GAP * height


def _rows(boxes: Sequence[Box]) -> list[Box]:
    """One box for each line, from the top. Lines found in pieces are read whole, with what was missed between."""
    rows: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        if rows and rows[-1].rows_shared(box) > SAME_ROW:
            rows[-1] = around([rows[-1], box])
        else:
            rows.append(box)
    return rows
