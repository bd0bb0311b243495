"""A portrait with the points of its face, from which other photos are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.engines.portrait.detector import find_faces
from local.engines.portrait.landmarks import BRIGHT_SKIN, read_landmarks

Image = NDArray[np.uint8]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Portrait:
    """A picture in BGR, and where its face's points are (468 x 3, pixels)."""

    image: Image
    points: Points

    @property
    def face_width(self) -> float:
        return float(np.ptp(self.points[:, 0]))

    @property
    def skin(self) -> NDArray[np.float64]:
        """The colour of forehead and cheeks."""
        reach = max(1, int(0.03 * self.face_width))
        spots = [
            self.image[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)
            for x, y in self.points[list(BRIGHT_SKIN), :2].astype(int)
        ]
        return np.asarray(np.median(np.concatenate(spots), axis=0), np.float64)


def look_at(image: Image) -> Portrait:
    """The picture with its surest face; ValueError when nobody is in it."""
    faces = find_faces(image)
    if not faces:
        raise ValueError("there is no face in the picture")
    return Portrait(image, read_landmarks(image, faces[0]).points)
