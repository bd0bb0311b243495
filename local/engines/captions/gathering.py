"""Many pictures of one caption become a few clean ones: what moves behind it is evened out. Pure, bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        if self._newer is not None and self._newer.count >= self._span:
            self._older, self._newer = self._newer, None
        one = _Sum(picture, picture, picture.astype(np.float32), 1)
        self._newer = one if self._newer is None else self._newer.joined(one)

    def composite(self) -> Composite | None:
        """None before the first picture."""
        if self._newer is None:
            return None
        whole = self._newer if self._older is None else self._older.joined(self._newer)
        return Composite(whole.darkest, np.rint(whole.total / whole.count).astype(np.uint8), whole.brightest)


@dataclass(frozen=True)
class _Sum:
    darkest: Colours
    brightest: Colours
    total: NDArray[np.float32]
    count: int

    def joined(self, other: _Sum) -> _Sum:
        return _Sum(
            np.minimum(self.darkest, other.darkest),
            np.maximum(self.brightest, other.brightest),
            self.total + other.total,
            self.count + other.count,
        )
