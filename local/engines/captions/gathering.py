"""Many pictures of one caption become a few clean ones: what moves behind it is evened out. Pure, bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from local.engines.captions.frames import Colours


@dataclass(frozen=True)
class Composite:
    """Of each pixel the darkest, the mean and the brightest it was while the caption showed.

    Bright letters stand best in the darkest picture, where everything that was ever darker behind them is dark; dark
    ones in the brightest; those of middle brightness in the mean.
    """

    darkest: Colours
    mean: Colours
    brightest: Colours


class Gathering:
    """Takes pictures one by one and keeps about the last `span` of them, so that text still being typed is whole."""

    def __init__(self, span: int) -> None:
        self._span = span
        self._older: _Sum | None = None
        self._newer: _Sum | None = None

    def add(self, picture: Colours) -> None:
        if self._newer is None or self._newer.count >= self._span:
            self._older, self._newer = self._newer, _Sum(picture)
        else:
            self._newer.take(picture)

    def composite(self) -> Composite | None:
        """None before the first picture."""
        if self._newer is None:
            return None
        parts = [self._newer] if self._older is None else [self._older, self._newer]
        total, count = sum(part.total for part in parts), sum(part.count for part in parts)
        return Composite(
            np.minimum.reduce([part.darkest for part in parts]),
            np.rint(total / count).astype(np.uint8),
            np.maximum.reduce([part.brightest for part in parts]),
        )


class _Sum:
    """Of pictures taken in one by one, in place: they are many and large."""

    def __init__(self, first: Colours) -> None:
        self.darkest, self.brightest = first.copy(), first.copy()
        self.total = first.astype(np.float32)
        self.count = 1

    def take(self, picture: Colours) -> None:
        cv2.min(self.darkest, picture, self.darkest)
        cv2.max(self.brightest, picture, self.brightest)
        cv2.accumulate(picture, self.total)
        self.count += 1
