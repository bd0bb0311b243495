"""Painting with shapes: smooth outlines filled with colours, cut out as sprites and laid over each other.

Colours are blue, green, red from 0 to 255. Shapes are given in units of their sprite (0 to 1, down and to the right).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Mask = NDArray[np.floating[Any]]
Color = tuple[float, float, float]
Point = tuple[float, float]

FINER = 4  # shapes are filled at this multiple of their size and scaled down, for soft edges
CURVE_STEPS = 12


@dataclass
class Sprite:
    """A picture with transparency: `color` (height x width x 3) is already multiplied with `alpha` (0 to 1)."""

    color: NDArray[np.floating[Any]]
    alpha: Mask

    @classmethod
    def empty(cls, width: int, height: int) -> Sprite:
        return cls(np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32))

    @property
    def size(self) -> tuple[int, int]:
        return self.alpha.shape[1], self.alpha.shape[0]

    def fill(self, mask: Mask, top: Color, bottom: Color | None = None, opacity: float = 1.0) -> Sprite:
        """Paint the masked part in one colour, or in one that changes from the mask's top to its bottom."""
        opaque = mask * opacity
        self.color += (_shaded(mask, top, bottom or top) - self.color) * opaque[..., None]
        self.alpha += (1 - self.alpha) * opaque
        return self

    def over(self, other: Sprite) -> Sprite:
        """This sprite laid over another of the same size."""
        clear = 1 - self.alpha
        return Sprite(self.color + other.color * clear[..., None], self.alpha + other.alpha * clear)

    def lit(self, light: Color) -> Sprite:
        """The sprite in coloured light: 1, 1, 1 leaves it as it is."""
        return Sprite(self.color * floats(light), self.alpha)


def floats(values: object) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def curve(points: Sequence[Point], *, closed: bool = True) -> NDArray[np.floating[Any]]:
    """A smooth line through the points (Catmull-Rom)."""
    knots = np.asarray(points, np.float32)
    before, after = np.roll(knots, 1, axis=0), np.roll(knots, -1, axis=0)
    beyond = np.roll(knots, -2, axis=0)
    if not closed:
        before[0], after[-1], beyond[-1] = knots[0], knots[-1], knots[-1]
        beyond[-2] = knots[-1]
    share = np.linspace(0, 1, CURVE_STEPS, endpoint=False, dtype=np.float32)[:, None, None]
    line = 0.5 * (
        2 * knots
        + (after - before) * share
        + (2 * before - 5 * knots + 4 * after - beyond) * share**2
        + (3 * knots - before - 3 * after + beyond) * share**3
    )
    whole = line.transpose(1, 0, 2).reshape(-1, 2)
    return whole if closed else np.vstack([whole[: -CURVE_STEPS + 1], knots[-1:]]).astype(np.float32)


def area(size: tuple[int, int], *outlines: NDArray[np.floating[Any]], soft: float = 0.0) -> Mask:
    """The inside of outlines on a sprite of that size; `soft` blurs the edge by so many pixels."""
    width, height = size
    fine = np.zeros((height * FINER, width * FINER), np.uint8)
    scale = floats([width * FINER, height * FINER])
    cv2.fillPoly(fine, [np.round(outline * scale).astype(np.int32) for outline in outlines], 255)
    mask = cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return blurred(mask, soft)


def ellipse(size: tuple[int, int], center: Point, radii: Point, degrees: float = 0.0, soft: float = 0.0) -> Mask:
    """An ellipse in units of the sprite's width and height."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    turn = np.radians(degrees)
    x, y = radii[0] * np.cos(angle), radii[1] * np.sin(angle)
    outline = np.column_stack(
        [center[0] + x * np.cos(turn) - y * np.sin(turn), center[1] + x * np.sin(turn) + y * np.cos(turn)]
    )
    return area(size, outline.astype(np.float32), soft=soft)


def blurred(mask: Mask, pixels: float) -> Mask:
    return cv2.GaussianBlur(mask, (0, 0), pixels).astype(np.float32) if pixels > 0 else mask


def halo(size: int, color: Color, strength: float = 1.0, falloff: float = 2.2) -> Sprite:
    """A round shine that fades to nothing at the edge of its square."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    distance = np.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) / (size / 2)
    alpha = (np.clip(1 - distance, 0, 1) ** falloff * strength).astype(np.float32)
    return Sprite(alpha[..., None] * floats(color), alpha)


def glow(size: int, color: Color, strength: float = 1.0, falloff: float = 2.2) -> Frame:
    """The same as light on black, to be added."""
    return np.asarray(np.clip(halo(size, color, strength, falloff).color + 0.5, 0, 255), np.uint8)


def shine(frame: Frame, light: Frame, x: float, y: float, strength: float = 1.0) -> None:
    """Add light around (x, y)."""
    height, width = light.shape[:2]
    left, top = round(x - width / 2), round(y - height / 2)
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(frame.shape[1], left + width), min(frame.shape[0], top + height)
    if x1 < x2 and y1 < y2 and strength > 0:
        shown = cv2.convertScaleAbs(light[y1 - top : y2 - top, x1 - left : x2 - left], alpha=strength)
        frame[y1:y2, x1:x2] = cv2.add(frame[y1:y2, x1:x2], shown)


def lay(frame: Frame, sprite: Sprite, x: float, y: float) -> None:
    """Lay the sprite onto the frame with its top left at (x, y), to a fraction of a pixel."""
    left, top = int(np.floor(x)), int(np.floor(y))
    width, height = sprite.size
    color, alpha = sprite.color, sprite.alpha
    if (x, y) != (left, top):
        shift = floats([[1, 0, x - left], [0, 1, y - top]])
        color = cv2.warpAffine(color, shift, (width + 1, height + 1)).astype(np.float32)
        alpha = cv2.warpAffine(alpha, shift, (width + 1, height + 1)).astype(np.float32)
        width, height = width + 1, height + 1
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(frame.shape[1], left + width), min(frame.shape[0], top + height)
    if x1 < x2 and y1 < y2:
        part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
        laid = frame[y1:y2, x1:x2] * (1 - alpha[part])[..., None] + color[part]
        frame[y1:y2, x1:x2] = np.clip(laid + 0.5, 0, 255).astype(np.uint8)


def turned(sprite: Sprite, degrees: float, pivot: Point, scale: float = 1.0) -> Sprite:
    """The sprite turned about a point of itself (in its own units) and scaled; its size stays."""
    width, height = sprite.size
    matrix = cv2.getRotationMatrix2D((pivot[0] * width, pivot[1] * height), degrees, scale)
    return Sprite(
        cv2.warpAffine(sprite.color, matrix, (width, height)).astype(np.float32),
        cv2.warpAffine(sprite.alpha, matrix, (width, height)).astype(np.float32),
    )


def _shaded(mask: Mask, top: Color, bottom: Color) -> NDArray[np.floating[Any]]:
    rows = np.nonzero(mask.max(axis=1) > 0.01)[0]
    first, last = (rows[0], rows[-1]) if len(rows) else (0, 1)
    share = np.clip((np.arange(mask.shape[0]) - first) / max(1, last - first), 0, 1)[:, None, None]
    return floats(floats(top) * (1 - share) + floats(bottom) * share)
