"""Where a picture has the fine strokes that letters are made of: cheap, to save the dear look for text. Pure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.captions.frames import Grey

Strokes = NDArray[np.float32]

STROKE_PX = 7  # wider than any stroke of a letter, at half size
CONTRAST_MIN = 22
WINDOW = (24, 10)  # about two letters across and one down, at half size
DENSE = 0.3  # of a window that is strokes, where there are letters
CHANGED = 0.12


def halved(picture: Grey) -> Grey:
    """At half its size, which is enough to see strokes."""
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def strokes_of(half: Grey) -> Strokes:
    """1 where a picture of half the size has thin strokes brighter or darker than around them, else 0."""
    kernel = np.ones((STROKE_PX, STROKE_PX), np.uint8)
    bright = cv2.morphologyEx(half, cv2.MORPH_TOPHAT, kernel)
    dark = cv2.morphologyEx(half, cv2.MORPH_BLACKHAT, kernel)
    return (np.maximum(bright, dark) > CONTRAST_MIN).astype(np.float32)


def has_letters(strokes: Strokes) -> bool:
    """Whether strokes stand as close anywhere as those of letters do."""
    return bool(_dense(strokes).any())


def changed_share(strokes: Strokes, before: Strokes) -> float:
    """How much of the picture has other strokes than before, counting only where letters are or were."""
    changed = cv2.boxFilter(np.abs(strokes - before), -1, WINDOW) > CHANGED
    return float((changed & (_dense(strokes) | _dense(before))).mean())


def _dense(strokes: Strokes) -> NDArray[np.bool_]:
    dense: NDArray[np.bool_] = cv2.boxFilter(strokes, -1, WINDOW) > DENSE
    return dense
