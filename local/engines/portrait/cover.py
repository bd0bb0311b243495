"""Whether something hides part of a face: a mask, a hand, a scarf, dark glasses, hair over the eyes.

The landmarks are always complete; the network guesses what it cannot see. A guess gives itself away: shown the same
face in views a little shifted, turned and scaled, points that rest on skin stay where they are, and those that rest on
nothing wander. Dark glasses have edges of their own to rest on, so those are told by their darkness.

Set on five portraits of three people in 13 harmless variants (grey, dim, bright, tinted, in side light, bearded, with
clear glasses ...) and 14 with a cover. The harmless ones reach 0.88 (eyes), 1.08 (lips) and 1.04 (whole face)
hundredths of the face's width and all pass; most covers reach 1.3 to 2.5. A narrow strip of the
face's own colour may pass.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.portrait.landmarks import (
    EYES,
    LEFT_CHEEK,
    LEFT_UNDER_EYE,
    LIPS,
    MARGIN,
    RIGHT_CHEEK,
    RIGHT_UNDER_EYE,
    Landmarks,
    Points,
    look,
)
from local.engines.portrait.photo import Image

# Of the face's width.
EYES_WANDER_MAX, LIPS_WANDER_MAX, FACE_WANDER_MAX = 0.0095, 0.0115, 0.0112
GLASSES_LEVEL = 0.40  # skin under the eyes is hardly ever this dark against the cheeks; lenses measured 0.10 to 0.18
SPOT = 0.02  # half the side of a spot of skin, in widths of the face

VIEWS = 12
_chance = np.random.default_rng(0)  # the same views for every photo
_TURNS = _chance.normal(0, 0.12, VIEWS)
_SCALES = _chance.uniform(0.87, 1.16, VIEWS)
_SHIFTS = _chance.normal(0, 0.05, (VIEWS, 2))


def is_covered(image: Image, face: Landmarks) -> bool:
    """Mouth, eyes or a half of the face cannot be seen."""
    wander = _wander(image, face)
    return bool(
        wander[list(EYES)].mean() > EYES_WANDER_MAX
        or wander[list(LIPS)].mean() > LIPS_WANDER_MAX
        or wander.mean() > FACE_WANDER_MAX
        or _has_dark_glasses(image, face)
    )


def _wander(image: Image, face: Landmarks) -> NDArray[np.float64]:
    """How far each point strays over the views, in widths of the face; what all points do together does not count."""
    flat = face.points[:, :2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    width = float(high[0] - low[0])
    side = MARGIN * float((high - low).max())
    seen = np.array(
        [
            look(image, (low + high) / 2 + shift * width, side * scale, face.roll + turn)[0][:, :2]
            for turn, scale, shift in zip(_TURNS, _SCALES, _SHIFTS, strict=True)
        ]
    )
    seen -= seen.mean(axis=1, keepdims=True)
    strayed = ((seen - seen.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)
    return np.asarray(np.sqrt(strayed) / width)


def _has_dark_glasses(image: Image, face: Landmarks) -> bool:
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    reach = max(1, int(SPOT * float(np.ptp(face.points[:, 0]))))
    pairs = ((LEFT_UNDER_EYE, LEFT_CHEEK), (RIGHT_UNDER_EYE, RIGHT_CHEEK))
    return all(
        _level(gray, face.points, under, reach) < GLASSES_LEVEL * _level(gray, face.points, cheek, reach)
        for under, cheek in pairs
    )


def _level(gray: NDArray[np.uint8], points: Points, names: tuple[int, ...], reach: int) -> float:
    """The median brightness of some spots of the face; those outside the photo do not count."""
    spots = [
        gray[max(0, y - reach) : max(0, y + reach + 1), max(0, x - reach) : max(0, x + reach + 1)].ravel()
        for x, y in points[list(names), :2].astype(int)
    ]
    pixels = np.concatenate(spots)
    return float(np.median(pixels)) if len(pixels) else 0.0
