"""Watches a film for captions: cheap at every frame, dear looks for text only where new letters may have come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from local.engines.captions.boxes import Box
from local.engines.captions.followed import Followed, Sighting
from local.engines.captions.frames import Band, Colours, Picture, colours, grey
from local.engines.captions.recent import Recent
from local.engines.captions.strokes import changed_share, halved, has_letters, strokes_of

FindText = Callable[[Colours, float], list[Box]]

REMEMBERED_S = 2.4  # a caption found that late still gets its first frame
GLANCE_S = 0.2
BLEND_S = 0.32  # long enough for a moving background to grow faint
BLEND_OF = 5
# Between two looks: while nothing is found the pauses grow; beside a caption there is seldom another.
REST_S = (0.3, 0.4, 0.5, 0.6)
REST_BESIDE_S = 1.2
TYPED_S = 1.5  # text may still be growing sideways so long after it was found
YOUNG_S = 8.0  # what stands longer may be a sign, beside which captions come and go
# Found nothing where little of the picture changed: text that was still faint, or among busy lines. Look once more; but
# beside a caption that has just come, where a second one is not found now it is when the first goes.
AGAIN_S = 0.5
LITTLE = 0.1
# By how much more of the picture changed since the last glance when letters are just coming.
COMING = 0.02
FOLLOWED_MAX = 20
# Short side of the film at which it is looked at.
LOOK_PX, CLOSE_LOOK_PX = 384.0, 480.0
# Of the film's short side; and of a line's height.
HEIGHT_MIN, HEIGHT_MAX = 0.018, 0.2
WIDTH_MIN = 0.6
LINE_GAP, ROW_GAP = 0.8, 2.0


def sightings(pictures: Iterable[Picture], band: Band, find_text: FindText) -> Iterator[Sighting]:
    """Everything that looks like a caption, as it goes."""
    watch = _Watch(band, find_text)
    for picture in pictures:
        yield from watch.step(picture)
    yield from watch.rest()


class _Watch:
    def __init__(self, band: Band, find_text: FindText) -> None:
        self._band = band
        self._find_text = find_text
        self._recent = Recent(band.lasting(REMEMBERED_S))
        self._followed: list[Followed] = []
        self._known = np.zeros(0, np.float32)  # strokes when last looked
        self._look_at = -1
        self._is_close = False
        self._rest_until = 0
        self._in_vain = 0
        self._has_waited = False  # for the newest letters to fill the blend
        self._changed = 0.0  # at the last glance

    def step(self, picture: Picture) -> Iterator[Sighting]:
        self._recent.add(picture)
        newest = self._recent.newest
        for caption in self._followed:
            caption.step()
        if any(caption.end is not None for caption in self._followed):
            # The next one may have come in its place; wait until the last is out of the blend.
            self._look_at, self._is_close = newest + self._band.lasting(BLEND_S), False
            self._rest_until = self._look_at
            yield from self._let_go()
        if newest == self._look_at or newest % self._band.lasting(GLANCE_S) == 0:
            self._glance()

    def rest(self) -> Iterator[Sighting]:
        """What still shows when the film ends."""
        yield from filter(None, (caption.sighting() for caption in self._followed))

    def _let_go(self) -> Iterator[Sighting]:
        gone = [caption for caption in self._followed if caption.end is not None]
        self._followed = [caption for caption in self._followed if caption.end is None]
        yield from filter(None, (caption.sighting() for caption in gone))

    def _glance(self) -> None:
        newest = self._recent.newest
        span = self._recent.last(self._band.lasting(BLEND_S) + 1)
        blended = span[:: max(1, len(span) // (BLEND_OF - 1))]
        strokes = strokes_of(self._recent.blend(blended, lambda picture: halved(grey(picture))))
        if self._known.shape != strokes.shape:
            self._known = np.zeros_like(strokes)
        changed = changed_share(strokes, self._known)
        is_due = newest == self._look_at
        if not has_letters(strokes):
            self._known = strokes
        elif is_due and self._is_close and changed > self._changed + COMING:
            self._look_at = newest + self._band.lasting(BLEND_S)  # of letters half there only pieces would be found
        elif is_due or (changed > 0 and newest >= self._rest_until and self._has_waited):
            self._known = strokes
            self._look(self._recent.blend(blended), is_last_try=is_due and self._is_close, changed=changed)
        self._has_waited = changed > 0
        self._changed = changed

    def _look(self, blend: Picture, *, is_last_try: bool, changed: float) -> None:
        newest = self._recent.newest
        side = CLOSE_LOOK_PX if is_last_try else LOOK_PX
        boxes = self._find_text(colours(blend), min(1.0, side / self._band.short_side))
        blocks = _blocks(box for box in boxes if self._is_line(box) and not self._is_followed(box))
        room = FOLLOWED_MAX - len(self._followed)
        self._followed += [Followed(block, self._recent, self._band) for block in blocks[:room]]
        young = [caption for caption in self._followed if newest - caption.found < self._band.lasting(YOUNG_S)]
        self._in_vain = 0 if young else min(len(REST_S) - 1, self._in_vain + 1)
        self._rest_until = newest + self._band.lasting(REST_BESIDE_S if young else REST_S[self._in_vain])
        if not blocks and not is_last_try and not young and changed < LITTLE:
            self._look_at, self._is_close = newest + self._band.lasting(AGAIN_S), True

    def _is_line(self, box: Box) -> bool:
        high = box.height / self._band.short_side
        return HEIGHT_MIN <= high <= HEIGHT_MAX and box.width >= WIDTH_MIN * box.height

    def _is_followed(self, box: Box) -> bool:
        """Whether it belongs to a caption that is there. What was found of a young one may have been only a part."""
        typed = self._recent.newest - self._band.lasting(TYPED_S)
        return any(
            line.rows_shared(box) > 0.5 and -line.gap_across(box) > (-line.height if young else box.width / 2)
            for caption in self._followed
            for young in (caption.found > typed,)
            for line in caption.lines
        )


def _blocks(boxes: Iterable[Box]) -> list[list[Box]]:
    """Lines that stand together, each block from the top."""
    blocks: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.top):
        near = [block for block in blocks if any(_stand_together(box, other) for other in block)]
        blocks = [block for block in blocks if block not in near]
        blocks.append([*(line for block in near for line in block), box])
    return blocks


def _stand_together(one: Box, other: Box) -> bool:
    height = min(one.height, other.height)
    return one.gap_down(other) < LINE_GAP * height and one.gap_across(other) < ROW_GAP * height
