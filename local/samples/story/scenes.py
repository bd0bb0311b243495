"""The eight pictures of the story, one for each line."""

from __future__ import annotations

import numpy as np

from local.samples.story.brush import Color, Frame, Point, Sprite, area, curve, shine, turned
from local.samples.story.creatures import Arms, Gesture
from local.samples.story.places import DUSK, NIGHT, lake, meadow, slope, snowfield, summit
from local.samples.story.scenery import Size
from local.samples.story.stage import Moment, Stage
from local.samples.story.water import Water

BY_DUSK: Color = (0.96, 0.90, 0.92)
BY_NIGHT: Color = (0.92, 0.84, 0.80)
BY_STAR: Color = (0.94, 0.92, 0.96)
BY_SNOW: Color = (0.98, 0.92, 0.90)
WATER: Color = (96, 60, 34)
SHORE = 0.60  # of the height
LAKE_MOON: Point = (0.06, 0.0)


class Scenes:
    """All scenes at one size; `paint(number, moment)` gives a frame."""

    def __init__(self, size: Size) -> None:
        self._stage = stage = Stage(size)
        self._meadow = meadow(stage.wide, np.random.default_rng(3), DUSK)
        self._clearing = meadow(stage.wide, np.random.default_rng(8), NIGHT)
        self._lake = lake(stage.wide, np.random.default_rng(5))
        self._snow = snowfield(stage.wide, np.random.default_rng(11))
        self._summit = summit(stage.wide, np.random.default_rng(12))
        self._water = Water(size, int(SHORE * stage.unit), WATER)
        self._boat = _boat((int(0.46 * stage.unit), int(0.16 * stage.unit)))
        self._painters = (
            self._forest_edge,
            self._falling_star,
            self._star_in_the_lake,
            self._leaf_boat,
            self._promise,
            self._over_the_snow,
            self._leap,
            self._ever_since,
        )

    def paint(self, number: int, moment: Moment) -> Frame:
        width, height = self._stage.size
        return self._painters[number](np.zeros((height, width, 3), np.uint8), moment)

    def _forest_edge(self, frame: Frame, moment: Moment) -> Frame:
        stage = self._stage
        stage.open(frame, self._meadow, moment, (0.44, 0.0))
        stage.fireflies(frame, moment, 12)
        stage.sit(frame, stage.fox, (0.36, 0.49), Gesture(*stage.idle(moment), gaze=0.8, up=0.8), BY_DUSK)
        return stage.close(frame, self._meadow, moment)

    def _falling_star(self, frame: Frame, moment: Moment) -> Frame:
        stage = self._stage
        stage.open(frame, self._meadow, moment, (0.02, 0.03))
        fall = min(1.0, moment.share * 1.25)

        def at(share: float) -> Point:
            return stage.width * (0.68 - 0.16 * share), stage.unit * (-0.12 + 0.72 * share**1.25)

        if fall < 1:
            stage.trail(frame, [at(max(0.0, fall - step * 0.016)) for step in range(1, 22)], 0.75)
            stage.hang(frame, stage.star.posed(fall * 300), at(fall))
        else:
            shine(frame, stage.warmth, *at(fall), max(0.0, 1 - (moment.share - 0.8) * 5))
        gesture = Gesture(*stage.idle(moment), gaze=1 - 0.6 * fall, up=1 - fall)
        stage.sit(frame, stage.fox, (0.20, 0.49), gesture, BY_DUSK)
        return stage.close(frame, self._meadow, moment)

    def _star_in_the_lake(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._lake, moment, LAKE_MOON)
        self._water.cover(frame, moment.seconds)
        shiver = moment.swing(31) * 0.0022
        x, y = stage.width * 0.56 + shiver * unit, (0.735 + moment.swing(1.9) * 0.006) * unit
        stage.rings(frame, (x, y + 0.055 * unit), moment)
        shine(frame, stage.warmth, x, y, 0.55 + 0.08 * moment.swing(2.3))
        stage.float_(frame, stage.big_star.posed(moment.swing(23) * 2.2, 1.15), (x, y), y + 0.065 * unit)
        return stage.close(frame, self._lake, moment)

    def _leaf_boat(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._lake, moment, LAKE_MOON)
        self._water.cover(frame, moment.seconds)
        bob = moment.swing(1.9) * 0.008 * unit
        near, lifted = _ease(moment.share * 1.7), _ease((moment.share - 0.58) / 0.34)
        x, y = stage.width * (0.12 + 0.29 * near), 0.76 * unit + bob
        afloat, held = (stage.width * 0.56, 0.735 * unit + bob), (x + 0.005 * unit, 0.50 * unit + bob)
        star = _between(afloat, held, lifted)
        stage.rings(frame, (x, y + 0.06 * unit), moment, 1.5)
        shine(frame, stage.warmth, *star, 0.6)
        if lifted == 0:
            stage.float_(frame, stage.star.posed(moment.swing(20) * 3), star, 0.765 * unit)
        arms = Arms.UP if moment.share > 0.55 else Arms.DOWN
        gesture = Gesture(*stage.idle(moment), gaze=1 - lifted, up=lifted, arms=arms)
        corner = ((x - 0.135 * unit) / stage.width, y / unit - 0.215)
        stage.sit(frame, stage.small_fox, corner, gesture, BY_NIGHT)
        stage.hang(frame, turned(self._boat, moment.swing(1.9, 0.6) * 2, (0.5, 0.5)), (x, y + 0.045 * unit))
        if lifted > 0:
            stage.hang(frame, stage.star.posed(lifted * 20), star)
        return stage.close(frame, self._lake, moment)

    def _promise(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._clearing, moment, (0.04, -0.05))
        x, y = stage.width * 0.5, (0.745 + moment.swing(2.0) * 0.006) * unit
        shine(frame, stage.warmth, x, y, 0.7)
        stage.fireflies(frame, moment, 26)
        gesture = Gesture(*stage.idle(moment), eyes_shut=0.72 < moment.share < 0.80, arms=Arms.HUG)
        stage.sit(frame, stage.big_fox, (0.5 - 0.37 * unit / stage.width, 0.215), gesture, BY_STAR)
        stage.hang(frame, stage.big_star.posed(moment.swing(1.6) * 5, 1.1), (x, y))
        return stage.close(frame, self._clearing, moment)

    def _over_the_snow(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._snow, moment, (0.48, -0.03))
        step = moment.swing(5.2)
        x = 0.12 + 0.46 * moment.share
        foot = slope((x * stage.width + stage.pan(moment, 1.0)) / stage.wide[0])
        y = foot - 0.255 - abs(step) * 0.018
        star = (x * stage.width + 0.135 * unit, (y - 0.025) * unit)
        shine(frame, stage.warmth, *star, 0.5)
        stage.sit(frame, stage.small_fox, (x, y), Gesture(step * 9, step * 4, gaze=0.9, up=0.7), BY_SNOW)
        stage.hang(frame, stage.star.posed(step * 7), star)
        stage.snowfall(frame, moment)
        return stage.close(frame, self._snow, moment)

    def _leap(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._summit, moment)
        crouch = max(0.0, 0.16 - abs(moment.share - 0.16)) * 0.25
        rise = _ease((moment.share - 0.22) / 0.62)

        def at(share: float) -> Point:
            x, y = _between((0.445, 0.385), (0.62, 0.16), share)
            return x * stage.width, (y - 0.09 * np.sin(np.pi * share) + crouch) * unit

        arms = Arms.UP if rise < 0.15 else Arms.DOWN
        gesture = Gesture(*stage.idle(moment), gaze=rise, up=1, arms=arms)
        stage.sit(frame, stage.fox, (0.445 - 0.20 * unit / stage.width, 0.405), gesture, BY_SNOW)
        if rise > 0:
            stage.trail(frame, [at(max(0.0, rise - step * 0.022)) for step in range(1, 26)], 0.8)
        arrived = _ease((moment.share - 0.80) / 0.2)
        shine(frame, stage.warmth, *at(rise), 0.35 + 0.45 * arrived)
        stage.hang(frame, stage.star.posed(rise * 360, 1 + 0.5 * arrived), at(rise))
        stage.snowfall(frame, moment, 0.5)
        return stage.close(frame, self._summit, moment)

    def _ever_since(self, frame: Frame, moment: Moment) -> Frame:
        stage, unit = self._stage, self._stage.unit
        stage.open(frame, self._meadow, moment)
        pulse = 0.5 + 0.5 * moment.swing(2.4)
        star = (stage.width * 0.60, 0.22 * unit)
        shine(frame, stage.warmth, *star, 0.45 + 0.30 * pulse)
        stage.rays(frame, star, unit * (0.20 + 0.05 * pulse), moment.seconds * 3)
        stage.hang(frame, stage.star.posed(moment.swing(1.0) * 6, 1.1 + 0.3 * pulse), star)
        gesture = Gesture(*stage.idle(moment), gaze=0.9, up=1, eyes_shut=moment.share > 0.62)
        stage.fireflies(frame, moment, 20)
        stage.sit(frame, stage.fox, (0.34, 0.49), gesture, BY_DUSK)
        return stage.close(frame, self._meadow, moment)


def _ease(share: float) -> float:
    """From 0 to 1 with a soft start and end."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _boat(size: Size) -> Sprite:
    """A curled leaf to sail in."""
    upper = ((0.01, 0.20), (0.20, 0.42), (0.50, 0.50), (0.78, 0.42), (0.99, 0.08))
    lower = ((0.92, 0.48), (0.74, 0.78), (0.50, 0.88), (0.24, 0.78), (0.08, 0.50))
    leaf = area(size, curve([*upper, *lower]))
    rib = (
        (0.03, 0.26),
        (0.26, 0.54),
        (0.52, 0.62),
        (0.80, 0.50),
        (0.97, 0.14),
        (0.80, 0.53),
        (0.52, 0.655),
        (0.26, 0.575),
    )
    vein = area(size, curve(rib))
    return Sprite.empty(*size).fill(leaf, (98, 190, 132), (52, 118, 70)).fill(vein * leaf, (150, 224, 178))
