"""How a person moves in a film: the drift of the picture's middle from frame to frame, in three numbers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from local.engines.contract import Movement, RejectionError
from local.engines.pictures import frames

LOOK_SIZE = (96, 96)
LOOK_FPS = 12.0
SEEN_S_MAX = 60.0
STILL = 0.002
"""Less drift than this share of the picture is noise of the camera."""

NOBODY = RejectionError("InvalidFile.Content", "The input video has no human body. Please upload other video.")


def movement(film: Path) -> Movement:
    """RejectionError when nothing in the film moves: there is nobody to imitate."""
    source = frames.film(film)
    drifts = _drifts(source)
    if len(drifts) < 2 or float(np.abs(drifts).max()) < STILL:
        raise NOBODY
    path = np.cumsum(drifts, axis=0)
    path -= path.mean(axis=0)
    sway, bounce = (float(np.clip(np.abs(path[:, axis]).max(), 0.0, 0.2)) for axis in (0, 1))
    livelier = path[:, 0] if sway >= bounce else path[:, 1]
    turns = int(np.count_nonzero(np.diff(np.sign(livelier))))
    return Movement(source.seconds, sway, bounce, max(0.2, turns / 2 / source.seconds))


def _drifts(source: frames.Film) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Drift of each frame against the one before, as shares of the picture."""
    found = []
    before = None
    for number, frame in enumerate(frames.frames_of(source, LOOK_SIZE, LOOK_FPS)):
        if number > SEEN_S_MAX * LOOK_FPS:
            break
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if before is not None:
            (right, down), _ = cv2.phaseCorrelate(before, grey)
            found.append((right / LOOK_SIZE[0], down / LOOK_SIZE[1]))
        before = grey
    return np.array(found, np.float64).reshape(-1, 2)
