"""Small turns and nods of the head: the flat photo is moved as if the head were round.

The moves are found on a coarse grid and enlarged, which makes a frame as cheap as one remapping.
"""

from __future__ import annotations

import numpy as np

from local.engines.portrait.landmarks import (
    BROW_LEFT,
    BROW_RIGHT,
    CHEEK_LEFT,
    CHEEK_RIGHT,
    CHIN,
    FOREHEAD_TOP,
    NOSE_TIP,
)
from local.engines.portrait.photo import Image
from local.engines.portrait.pose import Turn
from local.engines.portrait.sitting import Sitting
from local.engines.portrait.warp import Array, blur, cell_centers, enlarge, remap, smooth

YAW_REACH, PITCH_REACH = 0.62, 0.50  # depth of the head, in widths and heights of the face
BROW_REACH = 0.022  # of the face's height


class HeadMotion:
    """Shows the upright picture of a sitting in the photo's own tilt, turned a little, at `shape` (width, height)."""

    def __init__(self, sitting: Sitting, shape: tuple[int, int]) -> None:
        self._face_width, self._face_height = sitting.face_width, sitting.face_height
        self._x, self._y = _grid(sitting, shape)
        points = sitting.points
        chin = float(points[CHIN, 1])
        self._neck = (float(points[CHEEK_LEFT, 0] + points[CHEEK_RIGHT, 0]) / 2, chin + 0.25 * self._face_height)
        self._moved, self._depth = self._head(sitting)
        brows = float(points[BROW_LEFT, 1] + points[BROW_RIGHT, 1]) / 2
        across = (self._x - self._neck[0]) / (0.55 * self._face_width)
        self._browed = np.exp(-(((self._y - brows) / (0.10 * self._face_height)) ** 2) - across**4)

    def show(self, picture: Image, turn: Turn) -> Image:
        """The padded picture at its final size, with the head turned."""
        angle = np.radians(turn.roll)
        x, y = self._x - self._neck[0], self._y - self._neck[1]
        right = (np.cos(angle) - 1) * x - np.sin(angle) * y + turn.right * self._face_width
        right = right + np.sin(np.radians(turn.yaw)) * self._depth * self._face_width * YAW_REACH
        down = np.sin(angle) * x + (np.cos(angle) - 1) * y + turn.down * self._face_width
        down = down + np.sin(np.radians(turn.pitch)) * self._depth * self._face_height * PITCH_REACH
        lifted = turn.brow * BROW_REACH * self._face_height * self._browed
        from_x = self._x - self._moved * right
        from_y = self._y - self._moved * down + lifted
        return remap(picture, enlarge(from_x), enlarge(from_y))

    def _head(self, sitting: Sitting) -> tuple[Array, Array]:
        """How much each place goes with the head (1 on it, 0 on the shoulders) and how near to the camera it is."""
        points = sitting.points
        chin, top = float(points[CHIN, 1]), float(points[FOREHEAD_TOP, 1]) - 0.32 * self._face_height
        x = (self._x - self._neck[0]) / (self._face_width * 0.80)
        y = (self._y - (top + chin) / 2) / ((chin - top) / 2 * 1.06)
        moved = 1 - smooth((np.hypot(x, y) - 0.86) / 0.75)
        shoulders = smooth((self._y - (chin + 0.02 * self._face_height)) / (0.55 * self._face_height))
        round_ = np.sqrt(np.clip(1 - (x / 1.02) ** 2 - (y / 1.02) ** 2, 0, 1))
        nose_x = (self._x - points[NOSE_TIP, 0]) / (0.16 * self._face_width)
        nose_y = (self._y - points[NOSE_TIP, 1]) / (0.16 * self._face_height)
        depth = blur((round_ + 0.18 * np.exp(-(nose_x**2 + nose_y**2))).astype(np.float32), 1.2)
        return np.asarray(moved * (1 - shoulders), np.float32), depth


def _grid(sitting: Sitting, shape: tuple[int, int]) -> tuple[Array, Array]:
    """For a coarse grid over the output, the place in the upright picture each point shows."""
    width, height = sitting.size
    across, down = cell_centers(shape[0]) + 0.5, cell_centers(shape[1]) + 0.5
    x, y = np.meshgrid(across * width / shape[0] - 0.5, down * height / shape[1] - 0.5)
    middle_y, middle_x = sitting.picture.shape[0] / 2, sitting.picture.shape[1] / 2
    x, y = x + sitting.margin - middle_x, y + sitting.margin - middle_y
    cos, sin = np.cos(-sitting.roll), np.sin(-sitting.roll)
    return (cos * x - sin * y + middle_x).astype(np.float32), (sin * x + cos * y + middle_y).astype(np.float32)
