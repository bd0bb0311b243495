"""Blinks: the upper lid slides down over an eye that stays where it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from local.engines.portrait.landmarks import (
    LEFT_BROW,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_BROW,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
)
from local.engines.portrait.photo import Image
from local.engines.portrait.sitting import Sitting
from local.engines.portrait.warp import Array, blur, line_through, padded, remap, smooth

CLOSED_MIN = 0.02  # less is an open eye
LID_LEVEL = 0.75  # of the skin below the eye, at least


@dataclass(frozen=True)
class _Eye:
    """One eye in its part of the picture; `lid` and `crease` are heights over its columns, `gap` how far it is open."""

    rows: slice
    columns: slice
    x: Array
    y: Array
    lid: Array
    crease: Array
    gap: Array
    width: float
    skin: Array


class Eyes:
    """Both eyes of one sitting."""

    def __init__(self, sitting: Sitting) -> None:
        self._source = padded(sitting.picture)
        self._eyes = (
            _measure(sitting, LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_BROW),
            _measure(sitting, RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_BROW),
        )

    def draw(self, frame: Image, closed: float) -> None:
        """Draw both eyes into the frame, closed 0 to 1."""
        if closed > CLOSED_MIN:
            for eye in self._eyes:
                self._draw_one(frame, eye, min(1.0, closed))

    def _draw_one(self, frame: Image, eye: _Eye, closed: float) -> None:
        is_eye = eye.gap > 1
        drop = closed * eye.gap + closed * 0.02 * eye.width * is_eye
        edge = eye.lid + drop
        share = np.clip((eye.y - eye.crease) / np.maximum(edge - eye.crease, 1), 0, 1)
        stretched = drop[None] * (0.75 * share + 0.25 * smooth(share))
        source_y = np.where(eye.y <= edge + 1.5, eye.y - stretched, eye.y).astype(np.float32)
        lid = remap(self._source, eye.x, source_y).astype(np.float32)
        # The skin that comes down was the dark fold under the brow: even it out, and let it not stay too dark.
        at_ends = smooth(eye.gap / max(float(eye.gap.max()), 1e-3) / 0.6)
        evened = smooth((edge - 0.035 * eye.width - eye.y) / (0.05 * eye.width))
        evened = evened * smooth((eye.y - eye.crease) / (0.22 * eye.width)) * (closed * 0.75) * at_ends
        # Not down to the very brow, whose hair would bleed into it.
        skin = np.maximum(blur(lid, 0.10 * eye.width) * 1.02, eye.skin * LID_LEVEL)
        lid += (skin - lid) * evened[..., None]
        lash = (0.55 * closed * np.exp(-(((eye.y - edge) / (0.022 * eye.width)) ** 2)) * at_ends)[..., None]
        lid *= 1 - lash
        is_lid = np.clip(edge + 0.9 - eye.y, 0, 1)[..., None]
        below = np.exp(-np.clip(eye.y - edge, 0, None) / (0.06 * eye.width))
        shadow = (1 - 0.30 * below * is_eye * min(1.0, closed * 2))[..., None] * (1 - lash)
        under = frame[eye.rows, eye.columns].astype(np.float32)
        drawn = lid * is_lid + under * shadow * (1 - is_lid)
        frame[eye.rows, eye.columns] = np.clip(drawn, 0, 255).astype(np.uint8)


def _measure(sitting: Sitting, upper: tuple[int, ...], lower: tuple[int, ...], brow: tuple[int, ...]) -> _Eye:
    points = sitting.points
    height, whole = sitting.picture.shape[:2]
    left, right = float(points[list(upper), 0].min()), float(points[list(upper), 0].max())
    width = right - left
    columns = slice(max(0, int(left - 0.25 * width)), min(whole, int(right + 0.25 * width)))
    xs = np.arange(columns.start, columns.stop, dtype=np.float32)
    lid = line_through(points[list(upper), :2], xs, 0.03 * width)
    under = np.maximum(line_through(points[list(lower), :2], xs, 0.03 * width), lid)
    brow_line = line_through(points[list(brow), :2], xs, 0.1 * width)
    top = int(min(brow_line.min(), lid.min()) - 4)
    rows = slice(max(0, top), min(height, int(under.max() + 0.35 * width)))
    x, y = np.meshgrid(xs, np.arange(rows.start, rows.stop, dtype=np.float32))
    across = (xs - (left + right) / 2) / (width / 2)
    gap = (under - lid) * smooth((1.05 - np.abs(across)) / 0.2)
    crease = brow_line + (lid - brow_line) * 0.22
    return _Eye(rows, columns, x, y, lid, crease, gap, width, _skin_below(sitting, columns, float(under.max()), width))


def _skin_below(sitting: Sitting, columns: slice, bottom: float, width: float) -> Array:
    """The colour of the skin under the eye."""
    rows = slice(int(bottom + 0.15 * width), int(bottom + 0.35 * width) + 1)
    return np.asarray(np.median(sitting.picture[rows, columns].reshape(-1, 3), axis=0), np.float32)
