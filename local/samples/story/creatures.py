"""The little fox and the little star, drawn once in parts and put together for each moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from local.samples.story.brush import Color, Mask, Point, Sprite, area, curve, ellipse, halo, turned

FUR: Color = (62, 132, 244)
FUR_DEEP: Color = (42, 92, 208)
CREAM: Color = (222, 240, 253)
CREAM_DEEP: Color = (190, 216, 238)
DARK: Color = (52, 44, 62)
BLUSH: Color = (120, 128, 250)
GOLD: Color = (110, 218, 255)
GOLD_PALE: Color = (190, 244, 255)


class Arms(Enum):
    DOWN = "down"
    UP = "up"
    HUG = "hug"


@dataclass(frozen=True)
class Gesture:
    """Degrees for tail and head; `gaze` -1 (left) to 1 (right) and `up` 0 to 1."""

    tail: float = 0.0
    head: float = 0.0
    gaze: float = 0.0
    up: float = 0.0
    eyes_shut: bool = False
    arms: Arms = Arms.DOWN


class Fox:
    """A fox that sits facing us, `size` pixels high and wide."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tail = _tail((size, size))
        self._body = _body((size, size))
        self._arms = {arms: _arms((size, size), arms) for arms in Arms}
        self._head = _head((size, size))
        self._faces: dict[tuple[int, int, bool], Sprite] = {}

    def posed(self, gesture: Gesture) -> Sprite:
        head = self._face(gesture).over(self._head)
        if gesture.head:
            head = turned(head, gesture.head, (0.5, 0.56))
        tail = turned(self._tail, gesture.tail, (0.60, 0.90))
        arms, body = self._arms[gesture.arms], self._body.over(tail)
        return arms.over(head.over(body)) if gesture.arms is Arms.UP else head.over(arms.over(body))

    def _face(self, gesture: Gesture) -> Sprite:
        key = (round(gesture.gaze * 6), round(gesture.up * 6), gesture.eyes_shut)
        if key not in self._faces:
            self._faces[key] = _face((self.size, self.size), (key[0] / 6, key[1] / 6), is_shut=key[2])
        return self._faces[key]


class Star:
    """A little star with a face, `size` pixels high and wide, its glow included."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._light = halo(size, GOLD, 0.75, 2.4)
        self._star = _star((size, size))

    def posed(self, degrees: float = 0.0, brightness: float = 1.0) -> Sprite:
        star = turned(self._star, degrees, (0.5, 0.5)) if degrees else self._star
        light = Sprite(self._light.color * brightness, self._light.alpha * brightness * 0.55)
        return star.over(light)


def _mirrored(points: list[Point]) -> list[Point]:
    """The right half of an outline from top to bottom, completed on the left."""
    return points + [(1 - x, y) for x, y in reversed(points) if abs(x - 0.5) > 1e-6]


def _body(size: tuple[int, int]) -> Sprite:
    sprite = Sprite.empty(*size)
    outline = curve(_mirrored([(0.50, 0.50), (0.60, 0.54), (0.67, 0.66), (0.71, 0.80), (0.67, 0.93), (0.50, 0.955)]))
    body = area(size, outline)
    sprite.fill(body, FUR, FUR_DEEP)
    chest = area(size, curve(_mirrored([(0.50, 0.55), (0.565, 0.60), (0.595, 0.72), (0.565, 0.84), (0.50, 0.88)])))
    sprite.fill(chest * body, CREAM, CREAM_DEEP)
    for x in (0.395, 0.605):
        sprite.fill(ellipse(size, (x, 0.935), (0.088, 0.036)), FUR_DEEP, DARK)
    return sprite


# Outline of the right arm, centre of its paw, tilt of the paw; from the middle of the body.
_ARMS: dict[Arms, tuple[tuple[Point, ...], Point, float]] = {
    Arms.DOWN: (
        ((0.10, 0.60), (0.175, 0.66), (0.16, 0.84), (0.10, 0.90), (0.055, 0.86), (0.075, 0.72)),
        (0.098, 0.885),
        0.0,
    ),
    Arms.UP: (((0.17, 0.66), (0.20, 0.58), (0.135, 0.52), (0.09, 0.55), (0.11, 0.64)), (0.115, 0.535), -30.0),
    Arms.HUG: (
        ((0.13, 0.60), (0.20, 0.68), (0.19, 0.77), (0.12, 0.79), (0.11, 0.73), (0.10, 0.66)),
        (0.13, 0.765),
        20.0,
    ),
}


def _arms(size: tuple[int, int], arms: Arms) -> Sprite:
    sprite = Sprite.empty(*size)
    outline, paw, tilt = _ARMS[arms]
    for side in (-1, 1):
        sprite.fill(area(size, curve([(0.5 + side * x, y) for x, y in outline])), FUR, FUR_DEEP)
        sprite.fill(ellipse(size, (0.5 + side * paw[0], paw[1]), (0.050, 0.034), side * tilt), DARK)
    return sprite


def _tail(size: tuple[int, int]) -> Sprite:
    sprite = Sprite.empty(*size)
    outline = curve(
        [
            (0.56, 0.94),
            (0.66, 0.84),
            (0.78, 0.74),
            (0.85, 0.60),
            (0.94, 0.50),
            (0.985, 0.62),
            (0.97, 0.78),
            (0.88, 0.90),
            (0.72, 0.965),
        ]
    )
    tail = area(size, outline)
    sprite.fill(tail, FUR, FUR_DEEP)
    tip = area(
        size, curve([(0.83, 0.62), (0.94, 0.47), (1.0, 0.58), (0.99, 0.70), (0.94, 0.66), (0.90, 0.70), (0.87, 0.65)])
    )
    sprite.fill(tip * tail, CREAM)
    return sprite


def _head(size: tuple[int, int]) -> Sprite:
    sprite = Sprite.empty(*size)
    for side in (-1, 1):
        ear = curve(
            [
                (0.5 + side * x, y)
                for x, y in ((0.07, 0.235), (0.15, 0.11), (0.235, 0.035), (0.262, 0.13), (0.262, 0.30), (0.16, 0.33))
            ]
        )
        sprite.fill(area(size, ear), FUR, FUR_DEEP)
        inner = curve(
            [(0.5 + side * x, y) for x, y in ((0.135, 0.22), (0.18, 0.145), (0.218, 0.10), (0.23, 0.18), (0.225, 0.28))]
        )
        sprite.fill(area(size, inner), DARK, (86, 84, 150))
    outline = _mirrored(
        [
            (0.50, 0.185),
            (0.62, 0.20),
            (0.72, 0.275),
            (0.765, 0.385),
            (0.81, 0.455),
            (0.735, 0.49),
            (0.66, 0.545),
            (0.57, 0.60),
            (0.50, 0.612),
        ]
    )
    head = area(size, curve(outline))
    sprite.fill(head, FUR, (54, 116, 232))
    cheek = _mirrored(
        [
            (0.50, 0.43),
            (0.545, 0.46),
            (0.62, 0.43),
            (0.72, 0.41),
            (0.83, 0.455),
            (0.74, 0.50),
            (0.66, 0.56),
            (0.57, 0.615),
            (0.50, 0.63),
        ]
    )
    sprite.fill(area(size, curve(cheek)) * head, CREAM, CREAM_DEEP)
    for x in (0.315, 0.685):
        sprite.fill(ellipse(size, (x, 0.475), (0.048, 0.026), soft=0.012 * size[0]), BLUSH, opacity=0.75)
    return sprite


def _face(size: tuple[int, int], gaze: Point, *, is_shut: bool) -> Sprite:
    sprite = Sprite.empty(*size)
    for side in (-1, 1):
        x, y = 0.5 + side * 0.118, 0.392
        if is_shut:
            sprite.fill(_arc(size, (x, y), 0.044), DARK)
            continue
        sprite.fill(ellipse(size, (x, y), (0.036, 0.050)), DARK)
        shine = (x + 0.012 + gaze[0] * 0.010, y - 0.018 - gaze[1] * 0.012)
        sprite.fill(ellipse(size, shine, (0.0135, 0.017)), (255, 255, 255))
        sprite.fill(
            ellipse(size, (x - 0.012 + gaze[0] * 0.010, y + 0.022 - gaze[1] * 0.008), (0.007, 0.009)),
            CREAM,
            opacity=0.8,
        )
    nose = curve([(0.465, 0.487), (0.50, 0.478), (0.535, 0.487), (0.52, 0.512), (0.50, 0.524), (0.48, 0.512)])
    sprite.fill(area(size, nose), DARK)
    sprite.fill(ellipse(size, (0.491, 0.491), (0.010, 0.005)), CREAM, opacity=0.7)
    for side in (-1, 1):
        sprite.fill(_arc(size, (0.5 + side * 0.024, 0.535), 0.026), DARK)
    return sprite


def _arc(size: tuple[int, int], center: Point, radius: float) -> Mask:
    """A smile, or the lashes of a closed eye."""
    angle = np.linspace(0.12 * np.pi, 0.88 * np.pi, 16)
    outer = np.column_stack([center[0] + radius * np.cos(angle), center[1] + 0.75 * radius * np.sin(angle)])
    inner = np.column_stack([center[0] + radius * np.cos(angle), center[1] + (0.75 * radius - 0.010) * np.sin(angle)])
    return area(size, np.vstack([outer, inner[::-1]]).astype(np.float32))


def _star(size: tuple[int, int]) -> Sprite:
    sprite = Sprite.empty(*size)
    corner = np.arange(10)
    radius = np.where(corner % 2 == 0, 0.27, 0.150)
    angle = -np.pi / 2 + corner * np.pi / 5
    points = [(float(0.5 + r * np.cos(a)), float(0.5 + r * np.sin(a))) for r, a in zip(radius, angle, strict=True)]
    outline = curve(points)
    sprite.fill(area(size, outline, soft=0.02 * size[0]), GOLD, opacity=0.8)
    sprite.fill(area(size, outline), GOLD_PALE, GOLD)
    for side in (-1, 1):
        sprite.fill(ellipse(size, (0.5 + side * 0.058, 0.485), (0.018, 0.026)), DARK)
        sprite.fill(ellipse(size, (0.5 + side * 0.058 + 0.006, 0.477), (0.006, 0.008)), (255, 255, 255))
        sprite.fill(
            ellipse(size, (0.5 + side * 0.092, 0.525), (0.022, 0.013), soft=0.006 * size[0]), BLUSH, opacity=0.7
        )
    sprite.fill(_arc(size, (0.5, 0.515), 0.028), DARK)
    return sprite
