"""Still water: the picture above it, upside down, darker, gently rippled, with glints on the ripples."""

from __future__ import annotations

import cv2
import numpy as np

from local.samples.story.brush import Color, Frame, floats

MIRRORED = 0.92  # of the height above the shore, seen under it
GLINT: Color = (235, 224, 200)  # at its brightest a tenth of this is added
GLINT_FINER = 4  # glints are found on every fourth column only


class Water:
    """Everything below row `shore` of pictures of one size."""

    def __init__(self, size: tuple[int, int], shore: int, tint: Color) -> None:
        width, height = size
        self._shore = shore
        self._rows = floats(np.arange(height - shore))[:, None]
        self._near = self._rows / (height - shore)
        self._x = floats(np.arange(width))[None]
        self._y = np.repeat(np.maximum(0, shore - 1 - self._rows * MIRRORED), width, axis=1)
        self._reach = (0.6 + 5.0 * self._near) * height / 720
        share = np.broadcast_to((0.42 + 0.30 * self._near)[..., None], (height - shore, width, 3))
        self._seen = np.asarray((1 - share) * MIRRORED * 255, np.uint8)
        self._own = np.asarray(share * floats(tint), np.uint8)

    def cover(self, frame: Frame, seconds: float) -> None:
        """Turn the lower part of the frame into water."""
        wave = np.sin(self._rows * 0.55 / (0.35 + self._near) + seconds * 2.1)
        wave = wave + 0.6 * np.sin(self._rows * 0.21 + seconds * 1.3)
        x = floats(self._x + wave * self._reach)
        mirrored = cv2.remap(frame, x, self._y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        water = cv2.add(cv2.multiply(mirrored, self._seen, scale=1 / 255), self._own)
        frame[self._shore :] = cv2.add(water, self._glints(seconds))

    def _glints(self, seconds: float) -> Frame:
        columns = self._x[:, ::GLINT_FINER]
        wave = np.sin(self._rows * 0.9 / (0.25 + self._near) + seconds * 1.7 + columns * 0.011)
        level = np.clip(wave - 0.965, 0, 1) * 2.4 * (1 - 0.6 * self._near)
        light = np.asarray(np.clip(level[..., None] * floats(GLINT), 0, 255), np.uint8)
        size = (self._x.shape[1], len(self._rows))
        return cv2.resize(light, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
