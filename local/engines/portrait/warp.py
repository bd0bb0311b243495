"""Moving pixels: typed wrappers of the few OpenCV calls the portrait is made of, and the smooth step they share."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.portrait.photo import Image

Array = NDArray[np.floating[Any]]

CELL_PX = 8  # of a coarse map, on the output


def smooth(value: Array) -> Array:
    """0 below 0, 1 above 1, with a soft start and end between."""
    clipped = np.clip(value, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), np.float32)


def between(value: Array, start: Array, end: Array) -> Array:
    """How far the value is on the way from start to end, softly; spans under a pixel count as one."""
    return smooth((value - start) / np.maximum(end - start, 1.0))


def padded(image: Image) -> Image:
    """The picture with a fourth channel that means nothing: OpenCV fetches such a pixel at once, of three channels it
    fetches one by one, which takes more than twice as long.
    """
    return cv2.cvtColor(image, cv2.COLOR_BGR2BGRA).astype(np.uint8, copy=False)


def remap(source: Image, x: Array, y: Array) -> Image:
    """The padded picture with each pixel fetched from (x, y), in three channels; beyond the edge the edge goes on."""
    fetched = cv2.remap(
        source,
        np.ascontiguousarray(x, np.float32),
        np.ascontiguousarray(y, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.cvtColor(fetched, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False)


def blur(image: Image | Array, sigma: float) -> Array:
    return cv2.GaussianBlur(image.astype(np.float32, copy=False), (0, 0), sigma).astype(np.float32, copy=False)


def blur_line(values: Array, sigma: float) -> Array:
    """A curve smoothed along its length, its ends held."""
    if sigma <= 0:
        return values
    pad = int(4 * sigma) + 1
    padded = np.pad(values, pad, mode="edge")[None].astype(np.float32)
    return cv2.GaussianBlur(padded, (0, 0), sigma)[0, pad:-pad].astype(np.float32, copy=False)


def line_through(points: Array, xs: Array, sigma: float) -> Array:
    """The height of a line of points over each column, smoothed."""
    order = np.argsort(points[:, 0])
    heights = np.interp(xs, points[order, 0], points[order, 1]).astype(np.float32)
    return blur_line(heights, sigma)


def cell_centers(pixels: int) -> Array:
    """Where the values of a coarse map lie along a side of so many pixels: one cell more than fits at either end."""
    return (np.arange(-1, pixels // CELL_PX + 1) + 0.5) * CELL_PX - 0.5


def enlarge(coarse: Array) -> Array:
    """A coarse map brought to full size, without its spare cells."""
    full = cv2.resize(coarse.astype(np.float32), None, fx=CELL_PX, fy=CELL_PX, interpolation=cv2.INTER_CUBIC)
    return full[CELL_PX:-CELL_PX, CELL_PX:-CELL_PX].astype(np.float32, copy=False)
