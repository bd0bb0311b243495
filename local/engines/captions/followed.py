"""One caption on the screen, followed from frame to frame until it goes, and back to when it came. Pure.

A caption is found some time after it came, in a picture that may not show it fully yet. So it is followed with a first
template, and once it has stood for a while learned anew and traced back through the frames that are still there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.engines.captions.boxes import Box, around
from local.engines.captions.frames import Band, Picture, colours, grey
from local.engines.captions.gathering import Composite, Gathering
from local.engines.captions.recent import Recent
from local.engines.captions.template import Patch, Seen, Template

SETTLED_S = 0.4
LOST_S = 0.1  # gone for as long, it is gone; a flash is shorter
SHORTEST_S = 0.3
GATHERED_S = 1.0
EDGE_PX = 4  # around the lines, to see what they stand out from
LEARNED = 8  # frames
FULL_STRENGTH = 0.85
# Rows to gather beyond the lines, in line heights: the finder may have missed the second of two lines.
ROOM, ROOM_LONELY = 0.5, 1.5


@dataclass(frozen=True)
class Sighting:
    """A caption from its first frame up to, and without, `end`. `strip` shows its rows, from `top` of the band down."""

    start: int
    end: int
    lines: tuple[Box, ...]
    strip: Composite
    top: int


class Followed:
    """Made from the lines found in the newest of the recent frames."""

    def __init__(self, lines: Sequence[Box], recent: Recent, band: Band) -> None:
        self.lines = tuple(lines)
        self.found = recent.newest
        self.end: int | None = None
        self._band = band
        self._recent = recent
        self._lost = max(2, band.lasting(LOST_S))
        self._counted_to = self.found
        self._region = around(lines).grown(EDGE_PX, band.width, band.height)
        self._inside = [line.moved(-self._region.left, -self._region.top) for line in lines]
        high = max(line.height for line in lines)
        room = int(high * (ROOM_LONELY if len(lines) == 1 else ROOM))
        self._top, self._bottom = max(0, self._region.top - room), min(band.height, self._region.bottom + room)
        self._gathering = Gathering(max(1, band.lasting(GATHERED_S) // self._lost))
        self._start: int | None = None
        self._gone = np.zeros(0, np.intp)  # for how many frames each tile has not been seen
        self._learn([self._patch(recent[frame]) for frame in recent.last(4)])

    @property
    def is_shown(self) -> bool:
        """Whether the newest frame shows all of it."""
        return self.end is None and not self._gone.any()

    def step(self) -> None:
        """Take in the newest frame; `end` is set when it shows that the caption has gone."""
        newest = self._recent.newest
        # Whole now and as many frames ago as make it lost, it was not lost between: the frames between tell nothing.
        if not self._gone.any() and (newest - self.found) % self._lost:
            return
        patch = self._patch(self._recent[newest])
        seen, strength = self._template.compared(patch)
        self._count(newest, seen)
        if self._gone.max() >= self._lost:
            self.end = newest - self._lost + 1
        elif self.is_shown and self._start is None:
            if newest - self.found >= self._band.lasting(SETTLED_S):
                self._settle(newest)
        elif self.is_shown and strength > FULL_STRENGTH:
            self._gather(newest)

    def sighting(self) -> Sighting | None:
        """What was seen of it up to its end, or so far; None when it was too short to be a caption."""
        end = self._recent.newest + 1 if self.end is None else self.end
        if self._start is None:
            self._settle(end - 1)
        composite = self._gathering.composite()
        if composite is None or self._start is None or end - self._start < self._band.lasting(SHORTEST_S):
            return None
        return Sighting(self._start, end, self.lines, composite, self._top)

    def _settle(self, last: int) -> None:
        """Learn it from frames up to `last` that show it, then trace it back."""
        earliest = max(self._recent.oldest, self.found - LEARNED)
        shown = list(itertools.islice(filter(self._shows, range(last, earliest - 1, -1)), LEARNED))
        if not shown:
            return
        self._learn([self._patch(self._recent[frame]) for frame in reversed(shown)])
        self._start = start = self._traced(shown[0])
        for frame in range(start, last + 1, self._lost):
            if self._template.compared(self._patch(self._recent[frame])).strength > FULL_STRENGTH:
                self._gather(frame)

    def _traced(self, frame: int) -> int:
        """The first frame that shows it, going back from one that does."""
        gone = np.zeros(self._template.tiles, np.intp)
        while frame >= self._recent.oldest and gone.max() < self._lost:
            gone = self._counted(gone, frame, self._seen(frame), back=True)
            frame -= 1
        return frame + 1 + int(gone.max())

    def _count(self, newest: int, seen: Seen) -> None:
        """Count on to the newest frame, in which `seen` was seen."""
        if not seen.all():
            for frame in range(self._counted_to + 1, newest):
                self._gone = self._counted(self._gone, frame, self._seen(frame), back=False)
        self._gone = self._counted(self._gone, newest, seen, back=False)
        self._counted_to = newest

    def _counted(self, gone: NDArray[np.intp], frame: int, seen: Seen, *, back: bool) -> NDArray[np.intp]:
        """For how many frames up to this one each tile has not been seen, counting forward or back in time.

        A tile that seems lost is looked for once more in the mean of those frames: what moves behind it may have hidden
        it in each of them.
        """
        gone = np.where(seen, 0, gone + 1)
        if gone.max() >= self._lost:
            first, last = (frame, frame + self._lost) if back else (frame - self._lost + 1, frame + 1)
            frames = range(max(self._recent.oldest, first), min(self._recent.newest + 1, last))
            mean: Patch = np.stack([self._patch(self._recent[one]) for one in frames]).mean(axis=0, dtype=np.float32)
            gone = np.where(self._template.compared(mean).seen, 0, gone)
        return gone

    def _gather(self, frame: int) -> None:
        self._gathering.add(colours(self._recent[frame])[self._top : self._bottom])

    def _learn(self, patches: Sequence[Patch]) -> None:
        self._template = Template(patches, self._inside)
        self._gone = np.zeros(self._template.tiles, np.intp)

    def _seen(self, frame: int) -> Seen:
        return self._template.compared(self._patch(self._recent[frame])).seen

    def _shows(self, frame: int) -> bool:
        return bool(self._seen(frame).all())

    def _patch(self, picture: Picture) -> Patch:
        region = self._region
        return grey(picture)[region.top : region.bottom, region.left : region.right].astype(np.float32)
