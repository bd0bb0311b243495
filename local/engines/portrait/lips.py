"""The mouth of the photo, measured: the lines of the lips over each column, and whether it is open or shows teeth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from local.engines.portrait.landmarks import (
    CHIN,
    CHIN_LINE,
    INNER_MOUTH_LEFT,
    INNER_MOUTH_RIGHT,
    LOWER_LIP_INNER,
    LOWER_LIP_OUTER,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    UNDER_NOSE,
    UPPER_LIP_INNER,
    UPPER_LIP_OUTER,
)
from local.engines.portrait.photo import Image
from local.engines.portrait.sitting import Sitting
from local.engines.portrait.warp import Array, blur, blur_line, line_through, smooth

SIDE = 60  # columns beyond the region, so that a line can be asked for a shifted column
GAP_MIN = 0.03  # of the mouth's width, between the inner lips of an open mouth
GAPING_FROM = 0.22  # of the mouth's width; a broad smile stays under it
GAPING_UPPER, GAPING_LOWER, GAPING_CORNERS = 0.65, 0.36, 0.50  # of what exceeds it
OVERBITE = 0.34  # where the lips meet, from the upper inner lip to the lower one


@dataclass(frozen=True)
class Lips:
    """Heights over the columns `xs`, in pixels of the sitting; `across` is -1 to 1 from corner to corner of the mouth,
    `inner` the same for the inner corners. `region` (x1, y1, x2, y2) is the part of the picture that moves.
    """

    xs: Array
    across: Array
    inner: Array
    nose: float
    upper_outer: Array
    upper_inner: Array
    lower_inner: Array
    lower_outer: Array
    chin: Array
    width: float
    region: tuple[int, int, int, int]
    has_teeth: bool

    @property
    def gap(self) -> Array:
        return self.lower_inner - self.upper_inner


@dataclass(frozen=True)
class Lines:
    """The lips at rest in the columns of the region after the corners of the mouth have moved: where a column's skin
    comes from is `source_x`.
    """

    upper_outer: Array
    upper_inner: Array
    lower_inner: Array
    lower_outer: Array
    chin: Array
    gap: Array
    inner: Array
    across: Array
    source_x: Array


def measure_lips(sitting: Sitting) -> Lips:
    """Read the mouth off the landmarks, and off the picture where that is surer."""
    points = sitting.points
    left, right = points[MOUTH_LEFT, :2], points[MOUTH_RIGHT, :2]
    width = float(np.hypot(*(right - left)))
    region = _region(sitting, width, float(left[0] + right[0]) / 2)
    xs = np.arange(region[0] - SIDE, region[2] + SIDE, dtype=np.float32)
    across = ((xs - (left[0] + right[0]) / 2) / (width / 2)).astype(np.float32)
    inner_left, inner_right = points[INNER_MOUTH_LEFT, 0], points[INNER_MOUTH_RIGHT, 0]
    inner = ((xs - (inner_left + inner_right) / 2) / ((inner_right - inner_left) / 2)).astype(np.float32)
    lines = (UPPER_LIP_OUTER, UPPER_LIP_INNER, LOWER_LIP_INNER, LOWER_LIP_OUTER)
    upper_outer, upper_inner, lower_inner, lower_outer = (
        line_through(points[list(line), :2], xs, 0.03 * width) for line in lines
    )
    lower_inner = np.maximum(lower_inner, upper_inner + 0.01)
    has_teeth, is_open = _look_inside(sitting.picture, xs, inner, (upper_inner, lower_inner, lower_outer), width)
    if is_open:
        upper_inner, lower_inner = _clear_of_teeth((upper_outer, upper_inner, lower_inner, lower_outer), inner, width)
    else:
        upper_inner = _seam_of(sitting.picture, xs, inner, (upper_inner + lower_inner) / 2, width)
        lower_inner = upper_inner + 0.01
        lip = 0.02 * width * (np.abs(inner) < 1)
        upper_outer = np.minimum(upper_outer, upper_inner - lip)
        lower_outer = np.maximum(lower_outer, lower_inner + lip)
    chin = line_through(points[list(CHIN_LINE), :2], xs, 0.06 * width)
    nose = float(points[UNDER_NOSE, 1])
    return Lips(
        xs, across, inner, nose, upper_outer, upper_inner, lower_inner, lower_outer, chin, width, region, has_teeth
    )


def _region(sitting: Sitting, width: float, middle: float) -> tuple[int, int, int, int]:
    """From the nose to half a face below the chin, one and a half mouths to either side."""
    height, whole = sitting.picture.shape[:2]
    points = sitting.points
    top = int(points[UNDER_NOSE, 1] - 0.05 * width)
    bottom = int(points[CHIN, 1] + 0.55 * sitting.face_height)
    left, right = int(middle - 1.45 * width), int(middle + 1.45 * width)
    return max(0, left), max(0, top), min(whole, right), min(height, bottom)


def _look_inside(
    picture: Image, xs: Array, inner: Array, lines: tuple[Array, Array, Array], width: float
) -> tuple[bool, bool]:
    """Whether teeth show, and whether the mouth is open at all: teeth are paler than the lips, the hollow is darker."""
    upper_inner, lower_inner, lower_outer = lines
    columns = np.nonzero(np.abs(inner) < 0.6)[0]
    gap = lower_inner - upper_inner
    if float(gap[columns].mean()) <= GAP_MIN * width:
        return False, False
    between_lips = _strip(picture, xs, columns, upper_inner + 0.20 * gap, lower_inner - 0.15 * gap)
    lip = lower_outer - lower_inner
    lower_lip = _strip(picture, xs, columns, lower_inner + 0.2 * lip, lower_outer - 0.2 * lip)
    is_pale = _redness(between_lips) < 0.65 * np.median(_redness(lower_lip))
    is_bright = between_lips.mean(axis=1) > 0.75 * lower_lip.mean()
    has_teeth = float((is_pale & is_bright).mean()) > 0.25
    is_hollow = float(between_lips.mean()) < 0.6 * float(lower_lip.mean())
    return has_teeth, has_teeth or is_hollow


def _clear_of_teeth(lines: tuple[Array, Array, Array, Array], inner: Array, width: float) -> tuple[Array, Array]:
    """The inner lips of an open mouth. Of one wide open the landmarks lie on the teeth, and in its corners beside the
    hollow; what is left of those at the lip would never be covered.
    """
    upper_outer, upper_inner, lower_inner, lower_outer = lines
    gaping = np.clip((lower_inner - upper_inner) / width - GAPING_FROM, 0, 1) * width
    corners = GAPING_CORNERS * float(gaping.max()) * np.exp(-(((np.abs(inner) - 1.0) / 0.17) ** 2))
    upper = upper_inner - np.minimum(GAPING_UPPER * gaping + corners, 0.7 * (upper_inner - upper_outer))
    lower = lower_inner + np.minimum(GAPING_LOWER * gaping + corners, 0.5 * (lower_outer - lower_inner))
    return np.minimum(upper, upper_inner).astype(np.float32), np.maximum(lower, lower_inner).astype(np.float32)


def _strip(picture: Image, xs: Array, columns: np.ndarray[tuple[int]], top: Array, bottom: Array) -> Array:
    """The pixels of some columns between two lines; at least one of each column."""
    pieces = [
        picture[int(top[column]) : max(int(top[column]) + 1, int(bottom[column])), int(xs[column])]
        for column in columns
    ]
    return np.concatenate(pieces).astype(np.float32)


def _redness(pixels: Array) -> Array:
    blue_green = (pixels[:, 0] + pixels[:, 1]) / 2
    return np.asarray((pixels[:, 2] - blue_green) / (pixels.sum(axis=1) + 1), np.float32)


def _seam_of(picture: Image, xs: Array, inner: Array, middle: Array, width: float) -> Array:
    """The darkest line near the middle of a shut mouth: landmarks are off it by a few pixels, and that would show."""
    gray = blur(picture.mean(axis=2).astype(np.float32), 0.012 * width)
    reach = int(max(3.0, 0.075 * width))
    offsets = np.arange(-reach, reach + 1, dtype=np.float32)
    columns = np.clip(xs.astype(int), 0, picture.shape[1] - 1)
    rows = np.clip(middle[:, None] + offsets[None], 0, picture.shape[0] - 1).astype(int)
    cost = gray[rows, columns[:, None]] + 0.0025 * width * np.abs(offsets)[None]
    along = cv2.GaussianBlur(cost.astype(np.float32), (0, 0), sigmaX=0.01, sigmaY=0.03 * width)
    shift = (np.argmin(along, axis=1) - reach) * smooth((1.05 - np.abs(inner)) / 0.1)
    return np.asarray(middle + blur_line(shift.astype(np.float32), 0.04 * width), np.float32)
