"""The photo set up for animation: cropped to the part that moves, scaled, and turned until the eyes are level.

All parts of the puppet draw into this upright picture; the head motion turns it back when it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from local.engines.contract import Box
from local.engines.portrait.landmarks import BRIGHT_SKIN, CHIN, FOREHEAD_TOP, Landmarks
from local.engines.portrait.photo import Image
from local.engines.portrait.warp import Array, blur

WORK_PX = 640  # width of the crop while it is worked on: a quarter more than what is shown
MARGIN = 0.10  # of the width on each side, so that turning does not uncover an edge
SHARPEN_FROM = 1.3  # enlargement
NORMAL_SKIN = 170.0  # mean level of well-lit skin, to which the colours of mouth and teeth are relative


@dataclass(frozen=True)
class Sitting:
    """`picture` is upright, `points` (468 x 3) are its landmarks; `size` is the crop's without the margin; `onto`
    (2 x 3) leads from the photo's pixels to the picture's.
    """

    picture: Image
    points: Array
    size: tuple[int, int]
    margin: int
    roll: float
    onto: Array

    @property
    def face_width(self) -> float:
        return float(np.ptp(self.points[:, 0]))

    @property
    def face_height(self) -> float:
        return float(self.points[CHIN, 1] - self.points[FOREHEAD_TOP, 1])

    @property
    def light(self) -> float:
        """How bright the skin is, 1 for a well-lit one."""
        spots = self.points[list(BRIGHT_SKIN), :2].astype(int)
        levels = [self.picture[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].mean() for x, y in spots]
        return float(np.mean(levels)) / NORMAL_SKIN


def sit(photo: Image, face: Landmarks, crop: Box, shape: tuple[int, int], work_px: int = WORK_PX) -> Sitting:
    """Set the photo up for an output of `shape` (width, height); a crop of other proportions loses its edges."""
    width, height = work_px, round(work_px * shape[1] / shape[0])
    scale = max(width / (crop[2] - crop[0]), height / (crop[3] - crop[1]))
    margin = int(work_px * MARGIN)
    whole = (width + 2 * margin, height + 2 * margin)
    onto = _onto_sitting(crop, scale, face.roll, whole)
    picture = cv2.warpAffine(
        photo,
        onto,
        whole,
        flags=cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_AREA,
        borderMode=cv2.BORDER_REFLECT_101,
    ).astype(np.uint8, copy=False)
    points = np.column_stack([face.points[:, :2] @ onto[:, :2].T + onto[:, 2], face.points[:, 2] * scale])
    return Sitting(_sharpened(picture, scale), points.astype(np.float32), (width, height), margin, face.roll, onto)


def _onto_sitting(crop: Box, scale: float, roll: float, whole: tuple[int, int]) -> np.ndarray[tuple[int, int]]:
    center = np.array([(crop[0] + crop[2]) / 2, (crop[1] + crop[3]) / 2])
    cos, sin = np.cos(-roll) * scale, np.sin(-roll) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, np.array([whole[0] / 2, whole[1] / 2]) - turn @ center])


def _sharpened(picture: Image, scale: float) -> Image:
    """A small face enlarged looks soft; give its edges back."""
    if scale <= SHARPEN_FROM:
        return picture
    sharp = picture.astype(np.float32) * 1.35 - blur(picture, 1.1 * scale / 1.6) * 0.35
    return np.clip(sharp + 0.5, 0, 255).astype(np.uint8)
