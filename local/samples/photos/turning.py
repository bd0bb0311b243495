"""Turns the head of a portrait out of the picture's plane, as if it had been photographed from the side or from below.

The head is taken for half an ellipsoid with the face's own depth in front, every pixel is moved to where it would be
seen, and the nearest one wins. What the portrait does not show stays as the wall behind.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

from local.engines.portrait.landmarks import CHIN, FOREHEAD_TOP
from local.samples.photos.portrait import Image, Portrait

FINE = 3  # pixels of the source for each of the result, so that stretched skin has no holes
HEAD = (0.72, 0.86)  # half axes of the head, in widths and heights of the face
WALL = 150


def turned(portrait: Portrait, *, yaw_deg: float = 0.0, pitch_deg: float = 0.0, side_px: int = 640) -> Image:
    """The head alone, filling about half of a square photo; positive yaw looks to the viewer's right."""
    points = portrait.points
    width, height = portrait.face_width, float(points[CHIN, 1] - points[FOREHEAD_TOP, 1])
    middle = points[:, :2].mean(axis=0) - [0, 0.12 * height]
    reach = np.array([HEAD[0] * width, HEAD[1] * height])
    scale = side_px * 0.36 / width
    steps = (np.arange(int(2 * reach[axis] * scale * FINE)) / (scale * FINE) - reach[axis] for axis in (0, 1))
    x, y = np.meshgrid(*steps)
    depth = _depth(portrait, x + middle[0], y + middle[1], (x / reach[0], y / reach[1]))
    inside = np.isfinite(depth)
    seen = _turn(np.stack([x[inside], y[inside], depth[inside]]), yaw_deg, pitch_deg)
    at = (x + middle[0]).astype(np.float32), (y + middle[1]).astype(np.float32)
    colors = cv2.remap(portrait.image, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[inside]
    return _shown(seen * scale + side_px / 2, colors.astype(np.uint8), side_px)


def _depth(
    portrait: Portrait, x: NDArray[np.float64], y: NDArray[np.float64], head: tuple[NDArray[np.float64], ...]
) -> NDArray[np.float64]:
    """Smaller is nearer; not a number off the head."""
    face = LinearNDInterpolator(portrait.points[:, :2], portrait.points[:, 2])(x, y)
    off_center = head[0] ** 2 + head[1] ** 2
    skull = portrait.points[:, 2].max() * np.ones_like(x) - 0.35 * portrait.face_width * np.sqrt(
        np.clip(1 - off_center, 0, 1)
    )
    depth = np.where(np.isfinite(face), np.minimum(face, skull), skull)
    depth = cv2.GaussianBlur(depth, (0, 0), 0.01 * depth.shape[1])
    return np.where(off_center < 1, depth - float(portrait.points[:, 2].max()), np.nan)


def _turn(places: NDArray[np.float64], yaw_deg: float, pitch_deg: float) -> NDArray[np.float64]:
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return np.asarray(about_x @ about_y @ places)


def _shown(places: NDArray[np.float64], colors: Image, side_px: int) -> Image:
    columns, rows = np.round(places[0]).astype(int), np.round(places[1]).astype(int)
    farthest_first = np.argsort(-places[2])
    within = (columns >= 0) & (columns < side_px) & (rows >= 0) & (rows < side_px)
    order = farthest_first[within[farthest_first]]
    picture = np.full((side_px, side_px, 3), WALL, np.uint8)
    picture[rows[order], columns[order]] = colors[order]
    return cv2.medianBlur(picture, 3).astype(np.uint8)
