"""Things before a face: masks, hands, scarves, glasses - and a beard and clear glasses, which cover nothing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from local.engines.portrait.landmarks import EYE_LEFT, EYE_RIGHT, LOWER_LIP_OUTER, UPPER_LIP_OUTER
from local.samples.photos.portrait import Image, Points, Portrait

JAW = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
MASK_TOP = (280, 195, 50)  # over the cheeks and the bridge of the nose
BEARD_TOP = (426, 327, 2, 98, 206)
RIGHT_HALF = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 17, 4, 6)
EYE_CORNERS = ((33, 133), (362, 263))
MOUTH, CHIN = (13,), (17, 152)
EYES = (EYE_LEFT, EYE_RIGHT)
LENS = (0.20, 0.15)  # half axes, in widths of the face
MASK_BLUE, WHITE, BLACK = (225, 205, 180), (240, 240, 240), (25, 25, 25)
SCARF_GREEN = (70, 110, 60)
BEARD_BROWN = (35, 42, 52)


def mask(portrait: Portrait, color: ArrayLike = MASK_BLUE) -> Image:
    """A surgical mask with pleats, from the bridge of the nose to the chin."""
    points = portrait.points[:, :2]
    image = _painted(portrait.image, [points[[*JAW, *MASK_TOP]]], color)
    fold = np.asarray(color, np.float64) * 0.85
    for share in (0.3, 0.5, 0.7):
        left, right = (points[top] * (1 - share) + points[jaw] * share for top, jaw in ((50, 136), (280, 365)))
        cv2.line(image, _spot(left), _spot(right), fold.tolist(), max(1, int(0.01 * portrait.face_width)), cv2.LINE_AA)
    return image


def skin_mask(portrait: Portrait) -> Image:
    """A mask of the very colour of the face."""
    return mask(portrait, portrait.skin)


def hand(portrait: Portrait, over: tuple[int, ...] = MOUTH) -> Image:
    """Four fingers across, in the colour of the face, shaded along their edges."""
    width, middle = portrait.face_width, portrait.points[list(over), :2].mean(axis=0)
    image = portrait.image.astype(np.float64)
    rows = np.arange(image.shape[0])[:, None]
    for finger in range(4):
        y = middle[1] + (finger - 1.5) * 0.11 * width
        shape = np.zeros(image.shape[:2], np.float32)
        half = (int(0.40 * width), int(0.065 * width))
        cv2.ellipse(shape, _spot((middle[0] + 0.05 * width, y)), half, 0, 0, 360, 1.0, -1)
        light = 0.92 - 0.32 * np.clip(np.abs(rows - y) / half[1], 0, 1) ** 3
        image = _blend(image, portrait.skin * light[..., None], _soft(shape, 1.2))
    return image.astype(np.uint8)


def strip(portrait: Portrait, over: tuple[int, ...], color: ArrayLike = BLACK, half_height: float = 0.14) -> Image:
    """A straight band across the face, level with its eyes; the height is in widths of the face."""
    points, width = portrait.points[:, :2], portrait.face_width
    along = points[EYE_RIGHT] - points[EYE_LEFT]
    along = along / np.hypot(*along) * 0.62 * width
    down = np.array([-along[1], along[0]]) / 0.62 * half_height
    middle = points[list(over)].mean(axis=0)
    corners = [middle - along - down, middle + along - down, middle + along + down, middle - along + down]
    return _painted(portrait.image, [np.array(corners)], color)


def half(portrait: Portrait) -> Image:
    """A book held before one half of the face."""
    return _painted(portrait.image, [portrait.points[list(RIGHT_HALF), :2]], (120, 60, 40))


def sunglasses(portrait: Portrait) -> Image:
    shape = np.zeros(portrait.image.shape[:2], np.float32)
    for middle, half_axes, tilt in _lenses(portrait):
        cv2.ellipse(shape, middle, half_axes, tilt, 0, 360, 1.0, -1)
    _bridge(shape, portrait, 1.0)
    return _blend(portrait.image, np.array([22.0, 20.0, 20.0]), _soft(shape, 1.2)).astype(np.uint8)


def clear_glasses(portrait: Portrait) -> Image:
    """Rims around eyes that stay in sight."""
    shape = np.zeros(portrait.image.shape[:2], np.float32)
    rim = max(2, int(0.022 * portrait.face_width))
    for middle, half_axes, tilt in _lenses(portrait):
        cv2.ellipse(shape, middle, half_axes, tilt, 0, 360, 1.0, rim)
    _bridge(shape, portrait, 1.0)
    return _blend(portrait.image, np.array([25.0, 25.0, 25.0]), _soft(shape, 0.8)).astype(np.uint8)


def beard(portrait: Portrait) -> Image:
    """A full dark beard around lips that stay in sight."""
    points, width = portrait.points[:, :2], portrait.face_width
    shape = np.zeros(portrait.image.shape[:2], np.float32)
    cv2.fillPoly(shape, [_whole(points[[*JAW, *BEARD_TOP]])], 1.0)
    cv2.fillPoly(shape, [_whole(points[[*UPPER_LIP_OUTER, *LOWER_LIP_OUTER[::-1]]])], 0.0)
    hair = np.random.default_rng(0).normal(0, 1, shape.shape).astype(np.float32)
    hair = cv2.GaussianBlur(hair, (0, 0), max(0.8, 0.006 * width)).astype(np.float32)
    color = np.asarray(BEARD_BROWN) + (hair * 12 / hair.std())[..., None]
    return np.clip(_blend(portrait.image, color, _soft(shape, 0.02 * width) * 0.85), 0, 255).astype(np.uint8)


def _lenses(portrait: Portrait) -> list[tuple[tuple[int, int], tuple[int, int], float]]:
    """Middle, half axes and tilt in degrees of both lenses."""
    points, width = portrait.points[:, :2], portrait.face_width
    lenses = []
    for outer, inner in EYE_CORNERS:
        across = points[inner] - points[outer]
        middle = (points[outer] + points[inner]) / 2 + [0, 0.02 * width]
        tilt = float(np.degrees(np.arctan2(across[1], across[0])))
        lenses.append((_spot(middle), (int(LENS[0] * width), int(LENS[1] * width)), tilt))
    return lenses


def _bridge(shape: NDArray[np.float32], portrait: Portrait, value: float) -> None:
    (_, left), (right, _) = EYE_CORNERS
    thick = max(2, int(0.03 * portrait.face_width))
    cv2.line(shape, _spot(portrait.points[left, :2]), _spot(portrait.points[right, :2]), value, thick)


def _painted(image: Image, outlines: list[Points], color: ArrayLike) -> Image:
    shape = np.zeros(image.shape[:2], np.float32)
    cv2.fillPoly(shape, [_whole(outline) for outline in outlines], 1.0)
    return _blend(image, np.asarray(color, np.float64), _soft(shape, 1.5)).astype(np.uint8)


def _blend(image: NDArray[np.generic], color: NDArray[np.float64], share: NDArray[np.float32]) -> NDArray[np.float64]:
    under = image.astype(np.float64)
    return np.asarray(under + (color - under) * share[..., None])


def _soft(shape: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return cv2.GaussianBlur(shape, (0, 0), max(sigma, 0.3)).astype(np.float32)


def _whole(outline: Points) -> NDArray[np.int32]:
    return np.round(outline).astype(np.int32)


def _spot(point: ArrayLike) -> tuple[int, int]:
    x, y = np.round(np.asarray(point, np.float64)).astype(int)
    return int(x), int(y)
