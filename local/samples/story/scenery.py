"""Places: skies, mountains, forests, meadows, water. Everything is drawn from shapes and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from local.samples.story.brush import Color, Frame, Sprite, area, blurred, curve, ellipse, floats, glow, halo, shine

Size = tuple[int, int]

MOONLIGHT: Color = (232, 246, 255)


@dataclass(frozen=True)
class Layer:
    """A sprite as large as the view, kept as bytes, because it is laid over every frame."""

    top: int
    color: Frame
    clear: Frame

    @classmethod
    def of(cls, sprite: Sprite) -> Layer:
        """From its first row that shows anything."""
        top = int(np.argmax(sprite.alpha.max(axis=1) > 0.002))
        clear = np.clip((1 - sprite.alpha[top:]) * 255 + 0.5, 0, 255).astype(np.uint8)
        color = np.clip(sprite.color[top:] + 0.5, 0, 255).astype(np.uint8)
        return cls(top, color, np.repeat(clear[..., None], 3, axis=2))

    def lay(self, frame: Frame, x: float) -> None:
        """Over the frame, which shows the layer from column `x` on."""
        width = frame.shape[1]
        under = cv2.multiply(frame[self.top :], seen_from(self.clear, x, width), scale=1 / 255)
        frame[self.top :] = cv2.add(under, seen_from(self.color, x, width))


def seen_from(picture: Frame, x: float, width: int) -> Frame:
    """The part of a wide picture that begins at column `x`, to a fraction of a pixel."""
    left = int(x)
    here, beside = picture[:, left : left + width], picture[:, left + 1 : left + 1 + width]
    return cv2.addWeighted(here, 1 - (x - left), beside, x - left, 0).astype(np.uint8, copy=False)


def sky(size: Size, stops: Sequence[tuple[float, Color]], chance: np.random.Generator) -> Frame:
    """A sky that changes colour from top to bottom, with the faint band of the Milky Way."""
    width, height = size
    rows = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    bands = [np.interp(rows, places, [color[channel] for _, color in stops]) for channel in range(3)]
    picture = floats(np.repeat(np.stack(bands, axis=-1)[:, None], width, axis=1))
    picture = picture + _milky_way(size, chance)[..., None] * np.array([30.0, 24.0, 20.0])
    # without a little noise a smooth sky shows its steps once it is compressed
    picture = picture + chance.normal(0, 0.8, (height, width, 1))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _milky_way(size: Size, chance: np.random.Generator) -> NDArray[np.float64]:
    width, height = size
    y, x = np.mgrid[:height, :width] / height
    band = np.exp(-(((y - 0.62 + 0.36 * x) / 0.13) ** 2))
    clouds = np.zeros((height, width))
    for cells in (4, 9, 20):
        coarse = floats(chance.random((cells, cells * 2)))
        clouds += floats(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)) / cells**0.5
    return np.asarray(band * np.clip(clouds - 0.35, 0, 1))


def starfield(size: Size, count: int, horizon: float, chance: np.random.Generator) -> Frame:
    """Small lights on black, to be added to a sky of that size; it ends at the horizon (a share of the height)."""
    width, height = size
    field = np.zeros((int(height * horizon), width, 3), np.uint8)
    for _ in range(count):
        radius = height / 720 * chance.choice([0.9, 1.2, 1.7], p=[0.6, 0.3, 0.1])
        tint = chance.choice([(255, 236, 214), (240, 248, 255), (214, 232, 255)])
        center = (chance.uniform(0, width), chance.uniform(0, horizon * height) * chance.uniform(0.3, 1))
        level = chance.uniform(0.4, 1)
        light = glow(max(5, int(radius * 7)), tuple(tint * level), 1.0, 3.2)
        shine(field, light, *center)
    return field


def moon(size: int) -> Sprite:
    """A full moon with its seas and its halo, in a square of that size; the disc is a third of it."""
    square = (size, size)
    disc = ellipse(square, (0.5, 0.5), (0.165, 0.165))
    sprite = Sprite.empty(*square).fill(disc, (236, 250, 255), (206, 232, 248))
    for x, y, radius in ((0.45, 0.44, 0.040), (0.56, 0.50, 0.052), (0.47, 0.57, 0.030), (0.55, 0.40, 0.022)):
        sprite.fill(
            ellipse(square, (x, y), (radius, radius * 0.9), soft=size * 0.004) * disc, (196, 222, 238), opacity=0.7
        )
    return sprite.over(halo(size, MOONLIGHT, 0.42, 2.6))


def ridge(
    chance: np.random.Generator, base: float, height: float, roughness: float = 0.55
) -> NDArray[np.floating[Any]]:
    """A mountain's skyline from left to right (0 to 1), by midpoint displacement."""
    heights = chance.uniform(-1, 1, 5)
    step = 1.0
    while len(heights) < 257:
        step *= roughness
        middles = (heights[:-1] + heights[1:]) / 2 + chance.uniform(-step, step, len(heights) - 1)
        merged = np.empty(len(heights) * 2 - 1)
        merged[0::2], merged[1::2] = heights, middles
        heights = merged
    return np.column_stack([np.linspace(-0.01, 1.01, len(heights)), base + height * heights]).astype(np.float32)


def rolling(chance: np.random.Generator, base: float, height: float, waves: int = 5) -> NDArray[np.floating[Any]]:
    """A hill's soft skyline."""
    x = np.linspace(-0.01, 1.01, 200)
    y = sum(
        np.sin(2 * np.pi * (wave * 0.55 * x + chance.random())) / wave * chance.uniform(0.6, 1)
        for wave in range(1, waves)
    )
    return np.column_stack([x, base + height * y]).astype(np.float32)


def ground(size: Size, skyline: NDArray[np.floating[Any]], top: Color, bottom: Color) -> Sprite:
    """Everything below a skyline."""
    down = floats([[1.01, 1.01], [-0.01, 1.01]])
    return Sprite.empty(*size).fill(area(size, np.vstack([skyline, down])), top, bottom)


def mist(sprite: Sprite, color: Color, start: float, end: float, strength: float) -> Sprite:
    """Mist that thickens downwards between two heights, over what the sprite shows."""
    rows = np.linspace(0, 1, sprite.size[1], dtype=np.float32)
    share = np.clip((rows - start) / (end - start), 0, 1)[:, None] * strength * sprite.alpha
    sprite.color += (floats(color) * sprite.alpha[..., None] - sprite.color) * share[..., None]
    return sprite


def height_at(skyline: NDArray[np.floating[Any]], x: float) -> float:
    return float(np.interp(x, skyline[:, 0], skyline[:, 1]))


def pine(height: int, chance: np.random.Generator, needles: tuple[Color, Color], snow: float = 0.0) -> Sprite:
    """A fir of so many pixels, its boughs hanging a little unevenly."""
    size = (max(8, int(height * 0.62)), height)
    sprite = Sprite.empty(*size)
    sprite.fill(area(size, floats([[0.465, 0.80], [0.535, 0.80], [0.55, 1.0], [0.45, 1.0]])), (34, 40, 58))
    tiers = 5
    for tier in reversed(range(tiers)):
        top, bottom = 0.02 + tier * 0.145, 0.24 + tier * 0.160
        reach = 0.13 + tier * 0.078
        points = [(0.5, top)]
        points += [
            (0.5 + reach * share, bottom - 0.05 * (1 - share) + chance.uniform(-0.012, 0.012)) for share in (0.55, 1.0)
        ]
        points += [(0.5 + reach * 0.5, bottom - 0.018), (0.5, bottom + 0.01), (0.5 - reach * 0.5, bottom - 0.018)]
        points += [
            (0.5 - reach * share, bottom - 0.05 * (1 - share) + chance.uniform(-0.012, 0.012)) for share in (1.0, 0.55)
        ]
        bough = area(size, floats(points))
        sprite.fill(bough, needles[0], needles[1])
        if snow:
            cap = area(
                size,
                floats(
                    [
                        (0.5, top),
                        (0.5 + reach * 0.62, bottom - 0.07),
                        (0.5, bottom - 0.10),
                        (0.5 - reach * 0.62, bottom - 0.07),
                    ]
                ),
            )
            sprite.fill(cap * bough, (250, 244, 236), (236, 220, 200), opacity=snow)
    return sprite


def plant(sprite: Sprite, tree: Sprite, x: float, foot: float) -> None:
    """Put a tree onto a wide sprite: its foot at `x`, `foot` in pixels, behind nothing."""
    width, height = tree.size
    left, top = int(x - width / 2), int(foot - height)
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(sprite.size[0], left + width), min(sprite.size[1], top + height)
    if x1 >= x2 or y1 >= y2:
        return
    part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    clear = 1 - tree.alpha[part]
    sprite.color[y1:y2, x1:x2] = sprite.color[y1:y2, x1:x2] * clear[..., None] + tree.color[part]
    sprite.alpha[y1:y2, x1:x2] = sprite.alpha[y1:y2, x1:x2] * clear + tree.alpha[part]


def grass(
    sprite: Sprite, skyline: NDArray[np.floating[Any]], chance: np.random.Generator, count: int, color: Color
) -> None:
    """Blades along a skyline, bent by the wind of a moment."""
    width, height = sprite.size
    blades = []
    for _ in range(count):
        x = chance.uniform(0, 1)
        y = height_at(skyline, x) + chance.uniform(0.0, 0.012)
        tall, lean = chance.uniform(0.010, 0.030), chance.normal(0, 0.006)
        thin = 0.0016
        blades.append(floats([[x - thin, y + 0.004], [x + lean, y - tall], [x + thin, y + 0.004]]))
    sprite.fill(area((width, height), *blades), color)


def flowers(sprite: Sprite, skyline: NDArray[np.floating[Any]], chance: np.random.Generator, count: int) -> None:
    """Small night flowers on a meadow, below its skyline."""
    width, height = sprite.size
    for _ in range(count):
        x = chance.uniform(0, 1)
        y = height_at(skyline, x) + chance.uniform(0.02, 0.13)
        radius = int(height * chance.uniform(0.004, 0.008)) + 2
        tint = [(255, 214, 226), (214, 232, 255), (250, 220, 190)][int(chance.integers(3))]
        dot = Sprite.empty(radius * 4, radius * 4)
        for angle in np.arange(5) * 2 * np.pi / 5:
            petal = ellipse(dot.size, (0.5 + 0.2 * np.cos(angle), 0.5 + 0.2 * np.sin(angle)), (0.17, 0.17))
            dot.fill(petal, tint, opacity=0.85)
        dot.fill(ellipse(dot.size, (0.5, 0.5), (0.12, 0.12)), (120, 210, 250))
        plant(sprite, dot, x * width, y * height + radius * 2)


def leaves(size: Size, chance: np.random.Generator, color: Color) -> Sprite:
    """Dark leaves close to the eye, out of focus, framing the lower corners."""
    width, height = size
    shapes = []
    for corner in (0.0, 1.0):
        for _ in range(13):
            x = corner + (1 - 2 * corner) * chance.uniform(-0.03, 0.16)
            angle = -np.pi / 2 + (0.5 - corner) * chance.uniform(0.1, 1.5)
            length, wide = chance.uniform(0.12, 0.30), chance.uniform(0.018, 0.034)
            along = np.array([np.cos(angle) * height / width, np.sin(angle)]) * length
            across = np.array([-np.sin(angle) * height / width, np.cos(angle)]) * wide
            foot = np.array([x, 1.04])
            outline = [foot, foot + along * 0.5 + across, foot + along, foot + along * 0.5 - across]
            shapes.append(curve([(float(point[0]), float(point[1])) for point in outline]))
    mask = blurred(area(size, *shapes[: len(shapes) // 2]), height * 0.006)
    mask = np.maximum(mask, blurred(area(size, *shapes[len(shapes) // 2 :]), height * 0.006))
    return Sprite.empty(*size).fill(mask, color, opacity=0.94)
