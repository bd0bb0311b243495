"""From speech to poses: the mouth follows the sound, the head nods with its stress, the eyes blink now and then.

The same speech gives the same poses: all chance comes from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from local.engines.portrait.pose import Pose, Turn
from local.engines.portrait.visemes import read_visemes
from local.engines.portrait.warp import Array

# How much the head moves for EMO's three styles.
LIVELINESS = {"calm": 0.55, "normal": 1.0, "active": 1.6}

BLINK = (0.35, 0.9, 1.0, 0.75, 0.4, 0.12)  # lids over six frames of 1/25 s
BLINK_FIRST_S = (0.8, 2.0)
BLINK_EVERY_S = (2.2, 4.8)
BLINK_TWICE = 0.12  # chance of a second one right after
SETTLE_FRAMES = 8  # clips of one story are shown one after the other: each starts and ends in the photo's own pose


@dataclass(frozen=True)
class Manner:
    """How somebody speaks: 1 is usual for each. `head` and `mouth` are how far they move, `blinks` is how often
    the eyes close.
    """

    head: float = 1.0
    mouth: float = 1.0
    blinks: float = 1.0


USUAL = Manner()


def drive(samples: NDArray[np.float32], fps: int, style: str, seed: int = 0, manner: Manner = USUAL) -> list[Pose]:
    """One pose a frame for mono samples at 16 kHz; style `calm`, `normal` or `active`."""
    visemes = read_visemes(samples, fps)
    count = len(visemes.opening)
    chance = np.random.default_rng(seed)
    turns = _turns(visemes.loudness, fps, LIVELINESS[style] * manner.head, chance)
    blinks = _blinks(count, fps, manner.blinks, chance)
    settle = _settle(count)
    return [
        Pose(
            opening=float(min(1.0, visemes.opening[frame] * 0.95 * manner.mouth)),
            width=float(np.clip(visemes.width[frame] * 0.85 * manner.mouth, -1, 1)),
            blink=float(blinks[frame]),
            turn=Turn(*(float(turn[frame] * settle[frame]) for turn in turns)),
        )
        for frame in range(count)
    ]


def _turns(loudness: Array, fps: int, liveliness: float, chance: np.random.Generator) -> list[Array]:
    """Yaw, pitch, roll, right, down, brow. Slow swings that never repeat, and nods where the voice swells."""
    times = np.arange(len(loudness)) / fps

    def swing(*hertz: float) -> Array:
        waves = [
            np.sin(2 * np.pi * rate * times + chance.uniform(0, 2 * np.pi)) / order
            for order, rate in enumerate(hertz, start=1)
        ]
        return np.asarray(np.sum(waves, axis=0) / 1.6)

    talk = gaussian_filter1d(loudness, 9)
    stress = gaussian_filter1d(loudness, 2.2) - gaussian_filter1d(loudness, 10)
    yaw = liveliness * 2.6 * swing(0.11, 0.23, 0.41) * (0.6 + 0.6 * talk)
    pitch = liveliness * (1.4 * swing(0.13, 0.29, 0.53) + 3.2 * stress)
    roll = liveliness * 1.2 * swing(0.09, 0.21, 0.37)
    right = liveliness * 0.010 * swing(0.10, 0.24)
    down = liveliness * (0.008 * swing(0.15, 0.30) + 0.010 * stress)
    lifted = 0.35 * swing(0.12, 0.31) + liveliness * 1.1 * gaussian_filter1d(np.clip(stress, 0, 1), 3)
    return [yaw, pitch, roll, right, down, np.clip(lifted, -0.25, 1)]


def _blinks(count: int, fps: int, often: float, chance: np.random.Generator) -> Array:
    lids = np.zeros(count)
    if often <= 0:
        return lids
    frame = int(chance.uniform(*BLINK_FIRST_S) / often * fps)
    while frame < count - len(BLINK):
        lids[frame : frame + len(BLINK)] = np.maximum(lids[frame : frame + len(BLINK)], BLINK)
        is_double = chance.random() < BLINK_TWICE
        frame += len(BLINK) + 3 if is_double else int(chance.uniform(*BLINK_EVERY_S) / often * fps)
    return lids


def _settle(count: int) -> Array:
    """0 at both ends of the clip, 1 between."""
    frames = np.arange(count)
    return np.clip(np.minimum(frames, count - 1 - frames) / SETTLE_FRAMES, 0, 1)
