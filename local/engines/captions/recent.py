"""The last few seconds of a film, by frame number."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from local.engines.captions.frames import Picture


class Recent:
    """Holds the last `kept` frames; `newest` is -1 before the first one."""

    def __init__(self, kept: int) -> None:
        self._pictures: deque[Picture] = deque(maxlen=kept)
        self.newest = -1

    @property
    def oldest(self) -> int:
        return self.newest - len(self._pictures) + 1

    def add(self, picture: Picture) -> None:
        self._pictures.append(picture)
        self.newest += 1

    def __getitem__(self, frame: int) -> Picture:
        return self._pictures[frame - self.oldest]

    def last(self, count: int) -> range:
        """The numbers of that many newest frames, fewer when there are not as many."""
        return range(max(self.oldest, self.newest - count + 1), self.newest + 1)

    def blend(self, frames: Sequence[int], seen_as: Callable[[Picture], Picture] = lambda picture: picture) -> Picture:
        """The mean of these frames, each as `seen_as` shows it: what moves grows faint in it, what stands still does
        not.
        """
        first, *others = (seen_as(self[frame]) for frame in frames)
        blended = first.astype(np.float32)
        for one in others:
            cv2.accumulate(one, blended)
        return (blended / len(frames)).astype(np.uint8)
