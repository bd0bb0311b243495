"""When words begin in a recording that has nothing but speech in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 0.005
QUIET_S = 0.04
"""So long it must have been quiet before words, or else their beginning cannot be told."""
BELOW_LOUD_DB = 35.0
NEAR_S = 1.5

Samples = NDArray[np.float32]


def onsets(samples: Samples, rate: int) -> list[float]:
    """Seconds where sound begins after at least QUIET_S of quiet."""
    size = round(rate * WINDOW_S)
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    level = 20 * np.log10(np.sqrt((whole.astype(np.float64) ** 2).mean(axis=1)) + 1e-9)
    is_loud = level >= np.percentile(level[level > -80], 95) - BELOW_LOUD_DB if (level > -80).any() else level > 0
    quiet = round(QUIET_S / WINDOW_S)
    return [at * WINDOW_S for at in np.flatnonzero(is_loud) if not is_loud[max(0, at - quiet) : at].any()]


def errors_s(found: list[float], wanted: list[float]) -> list[float | None]:
    """For each wanted beginning how much later (or earlier, below 0) the nearest one is; None when none is near."""
    nearest = [min(found, key=lambda at, goal=goal: abs(at - goal), default=None) for goal in wanted]  # type: ignore[misc]
    return [
        None if at is None or abs(at - goal) > NEAR_S else at - goal for at, goal in zip(nearest, wanted, strict=True)
    ]
