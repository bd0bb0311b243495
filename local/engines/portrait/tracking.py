"""The points of one face through a film, steady from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from scipy.ndimage import gaussian_filter1d

from local.engines.portrait.detector import Sighting, find_faces
from local.engines.portrait.landmarks import EYE_LEFT, EYE_RIGHT, Landmarks, read_landmarks
from local.engines.portrait.photo import Image

CONFIDENCE_MIN = 0.5
STEADY_FRAMES = 1.2  # sigma of the smoothing over time: the landmarks tremble by half a pixel, heads move slower


class Tracker:
    """Follows the largest face: from where it was, and by a look at the whole picture when it is lost."""

    def __init__(self) -> None:
        self._last: Landmarks | None = None

    def see(self, frame: Image) -> Landmarks | None:
        """The face in the next frame; None where there is none."""
        face = read_landmarks(frame, _where(self._last)) if self._last else None
        if face is None or face.confidence < CONFIDENCE_MIN:
            face = _largest(frame)
        self._last = face
        return face


def steadied(track: Sequence[Landmarks | None]) -> list[Landmarks | None]:
    """The same track without its trembling; gaps stay gaps, and nothing is carried over them."""
    steady: list[Landmarks | None] = []
    for _, run in groupby(track, key=lambda face: face is None):
        seen = list(run)
        faces = [face for face in seen if face is not None]
        if not faces:
            steady += seen
            continue
        points = gaussian_filter1d(np.array([face.points for face in faces]), STEADY_FRAMES, axis=0, mode="nearest")
        steady += [Landmarks(each, face.confidence) for each, face in zip(points, faces, strict=True)]
    return steady


def _where(face: Landmarks) -> Sighting:
    return Sighting(np.array(face.box), face.points[[EYE_LEFT, EYE_RIGHT], :2], face.confidence)


def _largest(frame: Image) -> Landmarks | None:
    faces = [read_landmarks(frame, sighting) for sighting in find_faces(frame)]
    sure = [face for face in faces if face.confidence >= CONFIDENCE_MIN]
    return max(sure, key=lambda face: face.box[2] - face.box[0], default=None)
