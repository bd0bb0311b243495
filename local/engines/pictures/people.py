"""A picture of a person that moves: swaying and bouncing as somebody in a film does, or pulling a face."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import cv2
import numpy as np

from local.engines.contract import Box, Movement
from local.engines.pictures.frames import Frame, Size, cover, shifted

TURN_MAX = 0.10


def dancing(image: Frame, size: Size, movement: Movement, fps: int, count: int) -> Iterator[Frame]:
    """The feet stay, the head swings: a shear that grows upwards, and the bounce of the whole."""
    shown = cover(image, size)
    width, height = size
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    lever = (1.0 - down / height) * width
    for at in range(count):
        phase = 2 * math.pi * movement.beats * at / fps
        swing = min(TURN_MAX, 0.02 + movement.sway) * math.sin(phase)
        lift = min(TURN_MAX, movement.bounce) * abs(math.sin(phase)) * height
        drawn = cv2.remap(
            shown,
            across - np.float32(swing) * lever,
            down + np.float32(lift),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        yield np.asarray(drawn, np.uint8)


def grimacing(image: Frame, size: Size, box: Box, driven_id: str, count: int) -> Iterator[Frame]:
    """The face is drawn out and pressed together, at a pace and in a direction that its template has."""
    kind = hashlib.sha256(driven_id.encode()).digest()
    turns, squash, nod = 1 + kind[0] % 3, 0.12 + kind[1] / 255 * 0.15, (kind[2] / 255 - 0.5) * 0.06
    left, top, right, bottom = box
    centre = ((left + right) / 2, (top + bottom) / 2)
    reach = max(right - left, bottom - top) * 0.9
    height, width = image.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    away = np.exp(-(((across - centre[0]) ** 2 + (down - centre[1]) ** 2) / (2 * (reach / 2) ** 2)))
    for at in range(count):
        phase = math.sin(2 * math.pi * turns * at / count)
        from_x = across - away * (across - centre[0]) * np.float32(squash * phase)
        from_y = down + away * (down - centre[1]) * np.float32(squash * phase)
        pulled = cv2.remap(image, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        yield shifted(np.asarray(pulled, np.uint8), size, scale=1.0, right=0.0, down=nod * phase)
