"""The five places the story plays at, each in layers that the camera moves over at different speeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from local.samples.story.brush import Color, Frame, Sprite, area, ellipse, floats, lay
from local.samples.story.scenery import (
    Layer,
    Size,
    flowers,
    grass,
    ground,
    height_at,
    leaves,
    mist,
    pine,
    plant,
    ridge,
    rolling,
    sky,
    starfield,
)

Stops = tuple[tuple[float, Color], ...]

DUSK: Stops = ((0.0, (70, 30, 26)), (0.45, (122, 70, 72)), (0.75, (150, 126, 178)), (1.0, (160, 170, 224)))
NIGHT: Stops = ((0.0, (48, 20, 12)), (0.5, (98, 54, 30)), (0.8, (136, 98, 62)), (1.0, (150, 120, 84)))
HIGH: Stops = ((0.0, (56, 18, 20)), (0.5, (118, 52, 54)), (0.8, (176, 120, 104)), (1.0, (212, 176, 150)))

NEEDLES: tuple[Color, Color] = ((74, 92, 44), (58, 66, 30))
NEEDLES_FAR: tuple[Color, Color] = ((96, 90, 58), (104, 92, 66))
NEEDLES_SHORE: tuple[Color, Color] = ((82, 84, 48), (66, 66, 36))
NEEDLES_SNOW: tuple[Color, Color] = ((110, 92, 58), (84, 66, 40))

SUMMIT = (
    *((0.02, 1.02), (0.14, 0.93), (0.24, 0.865), (0.31, 0.80), (0.355, 0.772), (0.42, 0.762)),
    *((0.50, 0.772), (0.56, 0.81), (0.66, 0.88), (0.80, 0.96), (0.92, 1.02)),
)


@dataclass(frozen=True)
class Place:
    """The far picture, its stars in two moods, the near layer, and what frames it in front; each as wide as `wide`."""

    far: Frame
    stars: tuple[Frame, Frame]
    near: Layer | None
    front: Layer | None


def meadow(wide: Size, chance: np.random.Generator, colors: Stops) -> Place:
    """The edge of the forest: firs on both sides, flowers, hills behind."""
    unit, haze = wide[1], colors[-1][1]
    far = sky(wide, colors, chance)
    lay(far, mist(ground(wide, ridge(chance, 0.62, 0.10), (132, 94, 92), haze), haze, 0.55, 0.85, 0.8), 0, 0)
    hills = ground(wide, rolling(chance, 0.68, 0.035), (118, 92, 66), (90, 74, 44))
    _forest(hills, rolling(chance, 0.70, 0.03), chance, 60, (0.08, 0.14), NEEDLES_FAR)
    lay(far, mist(hills, haze, 0.60, 0.95, 0.45), 0, 0)
    lay(far, ground(wide, rolling(chance, 0.765, 0.022), (92, 96, 58), (60, 72, 36)), 0, 0)
    trees = Sprite.empty(*wide)
    edge = rolling(chance, 0.80, 0.016)
    for side in (0.0, 1.0):
        for _ in range(9):
            x = abs(side - chance.uniform(0.0, 0.20))
            tree = pine(int(unit * chance.uniform(0.34, 0.60)), chance, NEEDLES)
            plant(trees, tree, x * wide[0], (height_at(edge, x) + 0.03) * unit)
    skyline = rolling(chance, 0.835, 0.018)
    land = ground(wide, skyline, (72, 104, 62), (34, 50, 26))
    grass(land, skyline, chance, 900, (84, 124, 70))
    flowers(land, skyline, chance, 46)
    return Place(far, _stars(wide, chance, 0.62), Layer.of(land.over(trees)), _front(wide, chance))


def lake(wide: Size, chance: np.random.Generator) -> Place:
    """The far shore of a lake; the water mirrors whatever is above it and is made for each frame."""
    haze = NIGHT[-1][1]
    far = sky(wide, NIGHT, chance)
    lay(far, mist(ground(wide, ridge(chance, 0.46, 0.13), (122, 84, 62), haze), haze, 0.36, 0.66, 0.75), 0, 0)
    bank = ground(wide, rolling(chance, 0.565, 0.008), (84, 78, 48), (60, 60, 34))
    _forest(bank, rolling(chance, 0.575, 0.006), chance, 90, (0.07, 0.17), NEEDLES_SHORE)
    lay(far, mist(bank, haze, 0.40, 0.75, 0.35), 0, 0)
    return Place(far, _stars(wide, chance, 0.45), None, _front(wide, chance))


def snowfield(wide: Size, chance: np.random.Generator) -> Place:
    """A slope that rises to the right, with snow on the firs."""
    far = sky(wide, HIGH, chance)
    peaks = ground(wide, ridge(chance, 0.50, 0.16, 0.52), (200, 168, 152), (216, 186, 164))
    lay(far, _flanks(peaks, chance), 0, 0)
    trees = Sprite.empty(*wide)
    for _ in range(16):
        x = chance.uniform(0, 1)
        foot = slope(x) - 0.01 + chance.uniform(0, 0.02)
        tree = pine(int(wide[1] * chance.uniform(0.16, 0.34)), chance, NEEDLES_SNOW, snow=0.9)
        plant(trees, tree, x * wide[0], foot * wide[1])
    columns = np.linspace(-0.01, 1.01, 160)
    line = np.column_stack([columns, np.array([slope(float(x)) for x in columns])])
    snow = ground(wide, line, (250, 240, 228), (206, 172, 142))
    return Place(far, _stars(wide, chance, 0.45), Layer.of(snow.over(trees)), None)


def slope(x: float) -> float:
    """The height of the snowfield, from left to right."""
    return float(0.90 - 0.24 * x - 0.025 * np.sin(x * 7.0))


def summit(wide: Size, chance: np.random.Generator) -> Place:
    """The highest peak, above all others."""
    far = sky(wide, HIGH, chance)
    others: tuple[tuple[float, float, Color], ...] = ((0.80, 0.10, (176, 134, 122)), (0.90, 0.09, (196, 160, 142)))
    for base, height, top in others:
        peaks = ground(wide, ridge(chance, base, height, 0.52), top, (214, 184, 160))
        lay(far, _flanks(peaks, chance), 0, 0)
    near = Sprite.empty(*wide).fill(area(wide, floats(SUMMIT)), (252, 244, 236), (196, 158, 130))
    for _ in range(26):
        x, y = chance.uniform(0.12, 0.80), chance.uniform(0.86, 1.0)
        shade = ellipse(wide, (x, y), (chance.uniform(0.02, 0.05), 0.006), chance.uniform(-20, 20), soft=3)
        near.fill(shade * near.alpha, (182, 146, 120), opacity=0.35)
    return Place(far, _stars(wide, chance, 0.75), Layer.of(near), None)


def _forest(
    land: Sprite,
    skyline: NDArray[np.floating[Any]],
    chance: np.random.Generator,
    count: int,
    heights: tuple[float, float],
    needles: tuple[Color, Color],
) -> None:
    width, unit = land.size
    for x in np.sort(chance.random(count)):
        tree = pine(int(unit * chance.uniform(*heights)), chance, needles)
        plant(land, tree, x * width, (height_at(skyline, x) + 0.012) * unit)


def _stars(wide: Size, chance: np.random.Generator, horizon: float) -> tuple[Frame, Frame]:
    return starfield(wide, 130, horizon, chance), starfield(wide, 130, horizon, chance)


def _front(wide: Size, chance: np.random.Generator) -> Layer:
    """Nearer than near, so it moves faster and must be wider."""
    return Layer.of(leaves((int(wide[0] * 1.05), wide[1]), chance, (30, 34, 18)))


def _flanks(peaks: Sprite, chance: np.random.Generator) -> Sprite:
    """Shadows that fall off every ridge to one side."""
    width, height = peaks.size
    noise = cv2.resize(floats(chance.random((14, 30))), (width, height), interpolation=cv2.INTER_CUBIC)
    slanted = floats([[1, 0.9, -0.45 * height], [0, 1, 0]])
    noise = cv2.warpAffine(noise, slanted, (width, height), borderMode=cv2.BORDER_REFLECT)
    shade = np.clip((noise - 0.52) * 3.0, 0, 1) * 0.30
    peaks.color += (floats((168, 122, 104)) * peaks.alpha[..., None] - peaks.color) * shade[..., None]
    return peaks
