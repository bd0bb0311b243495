"""The stage of the story: camera, light, weather and actors' places, for one size of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from local.samples.story.brush import Color, Frame, Point, Sprite, glow, lay, shine
from local.samples.story.creatures import GOLD, GOLD_PALE, Fox, Gesture, Star
from local.samples.story.places import Place
from local.samples.story.scenery import Size, moon, seen_from

ROOM = 1.16  # layers are wider than the view by this, for the camera to move over
FAR, STARS, MOON, FRONT = 0.35, 0.12, 0.10, 1.3  # their speeds, that of the near layer being 1


@dataclass(frozen=True)
class Moment:
    """`share` runs from 0 to 1 over the scene, `seconds` over the film."""

    share: float
    seconds: float

    def swing(self, rate: float, phase: float = 0.0) -> float:
        return float(np.sin(self.seconds * rate + phase))


class Stage:
    """Places are given as fractions of the picture, lengths in `unit`s of its height."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.width, self.unit = size
        self.wide = (int(size[0] * ROOM), size[1])
        self.fox, self.small_fox, self.big_fox = (Fox(int(share * self.unit)) for share in (0.40, 0.27, 0.74))
        self.star, self.big_star = (Star(int(share * self.unit)) for share in (0.26, 0.46))
        self.spark = glow(int(0.05 * self.unit), GOLD, 1.0, 2.0)
        self.warmth = glow(int(1.2 * self.unit), (90, 170, 255), 0.42, 2.0)
        self._moon = moon(int(0.62 * self.unit))
        chance = np.random.default_rng(20)
        self._flakes, self._motes = chance.random((90, 3)), chance.random((26, 4))
        self._vignette = _vignette(size)

    def open(self, frame: Frame, place: Place, moment: Moment, moon_at: Point | None = None) -> None:
        """The sky with its stars twinkling in turn, the moon, and the land."""
        frame[:] = seen_from(place.far, self.pan(moment, FAR), self.width)
        for number, stars in enumerate(place.stars):
            level = 0.62 + 0.38 * moment.swing(1.3 + 0.5 * number, number * 2.1)
            shown = seen_from(stars, self.pan(moment, STARS), self.width)
            frame[: len(stars)] = cv2.add(frame[: len(stars)], cv2.convertScaleAbs(shown, alpha=level))
        if moon_at:
            lay(frame, self._moon, moon_at[0] * self.width - self.pan(moment, MOON), moon_at[1] * self.unit)
        if place.near:
            place.near.lay(frame, self.pan(moment, 1.0))

    def close(self, frame: Frame, place: Place, moment: Moment) -> Frame:
        """What frames the scene in front, and darker corners."""
        if place.front:
            place.front.lay(frame, self.pan(moment, FRONT))
        return cv2.multiply(frame, self._vignette, scale=1 / 255).astype(np.uint8, copy=False)

    def pan(self, moment: Moment, speed: float) -> float:
        """How far the camera has gone, in pixels of a layer that moves at that speed."""
        return (self.wide[0] - self.width) * 0.70 * moment.share * speed

    def idle(self, moment: Moment) -> tuple[float, float]:
        """Tail and head of a fox that does nothing in particular."""
        return moment.swing(2.2) * 6, moment.swing(0.9) * 2.5

    def sit(self, frame: Frame, fox: Fox, corner: Point, gesture: Gesture, light: Color) -> None:
        """A fox with its sprite's top left at the corner."""
        lay(frame, fox.posed(gesture).lit(light), round(corner[0] * self.width), round(corner[1] * self.unit * 2) / 2)

    def hang(self, frame: Frame, sprite: Sprite, center: Point) -> None:
        """A sprite around a place in pixels."""
        lay(frame, sprite, center[0] - sprite.size[0] / 2, center[1] - sprite.size[1] / 2)

    def float_(self, frame: Frame, sprite: Sprite, center: Point, surface: float) -> None:
        """A sprite in the water: below the surface only a shimmer of it shows."""
        rows = np.arange(sprite.size[1])[:, None] + center[1] - sprite.size[1] / 2
        shown = np.where(rows < surface, 1.0, 0.30).astype(np.float32)
        self.hang(frame, Sprite(sprite.color * shown[..., None], sprite.alpha * shown), center)

    def rings(self, frame: Frame, center: Point, moment: Moment, scale: float = 1.0) -> None:
        """Circles that spread on the water."""
        place = (int(center[0]), int(center[1]))
        for ring in range(3):
            age = (moment.seconds * 0.45 + ring / 3) % 1
            axes = (int(self.unit * (0.05 + 0.20 * age) * scale), int(self.unit * (0.012 + 0.045 * age) * scale))
            over = frame.copy()
            cv2.ellipse(over, place, axes, 0, 0, 360, (235, 235, 220), max(1, self.unit // 500), cv2.LINE_AA)
            frame[:] = cv2.addWeighted(over, 0.45 * (1 - age), frame, 1 - 0.45 * (1 - age), 0)

    def trail(self, frame: Frame, places: list[Point], strength: float) -> None:
        """Sparks that fade, the first one brightest."""
        for number, (x, y) in enumerate(places):
            shine(frame, self.spark, x, y, strength * (1 - number / len(places)))

    def fireflies(self, frame: Frame, moment: Moment, count: int) -> None:
        for x, y, phase, speed in self._motes[:count]:
            angle = moment.seconds * (0.4 + speed) + phase * 6.3
            place = (x + 0.02 * np.sin(angle), 0.52 + 0.40 * y + 0.02 * np.cos(angle * 1.3))
            level = max(0.0, moment.swing(1 + speed, phase * 9))
            shine(frame, self.spark, place[0] * self.width, place[1] * self.unit, level * 0.8)

    def snowfall(self, frame: Frame, moment: Moment, share: float = 1.0) -> None:
        for x, y, depth in self._flakes[: int(len(self._flakes) * share)]:
            fall = (y + moment.seconds * (0.05 + 0.09 * depth)) % 1.05
            drift = x + 0.02 * moment.swing(0.8, depth * 9) - moment.seconds * 0.008
            center = (int(drift % 1 * self.width * 8), int(fall * self.unit * 8))
            radius = int(self.unit * (0.0014 + 0.0026 * depth) * 8)
            cv2.circle(frame, center, radius, (250, 246, 240), -1, cv2.LINE_AA, 3)

    def rays(self, frame: Frame, center: Point, length: float, degrees: float) -> None:
        """Four long and four short beams of light."""
        over = np.zeros_like(frame)
        middle = np.array(center)
        for beam in range(8):
            angle = np.radians(degrees + beam * 45)
            ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
            tip = middle + ahead * length * (1.0 if beam % 2 == 0 else 0.55)
            corners = np.array([middle + aside * length * 0.035, tip, middle - aside * length * 0.035])
            cv2.fillPoly(over, [corners.astype(np.int32)], GOLD_PALE, cv2.LINE_AA)
        soft = cv2.GaussianBlur(over, (0, 0), max(1.0, length * 0.02))
        frame[:] = cv2.addWeighted(frame, 1.0, soft, 0.45, 0)


def _vignette(size: Size) -> Frame:
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    level = 1 - 0.30 * np.clip(np.hypot(x * 0.85, y * 0.8) - 0.45, 0, 1) ** 1.6
    return np.repeat((level * 255).astype(np.uint8)[..., None], 3, axis=2)
