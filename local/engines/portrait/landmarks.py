"""468 points of a face with FaceMesh, and the names of those this package uses.

"Left" and "right" are the viewer's. Depth grows away from the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.portrait.detector import Sighting
from local.engines.portrait.photo import Image
from local.engines.portrait.weights import run_network

NETWORK = "face_landmark.onnx"
VIEW_PX = 192
MARGIN = 1.5  # of the face, as the network was trained
ROUNDS = 3  # each round centres and turns the view by the points of the one before

UPPER_LIP_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
UPPER_LIP_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LOWER_LIP_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
CHIN_LINE = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
LEFT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
LEFT_BROW = (46, 53, 52, 65, 55)
RIGHT_BROW = (285, 295, 282, 283, 276)
BRIGHT_SKIN = (50, 280, 205, 425, 151)  # cheeks and forehead
LEFT_UNDER_EYE, RIGHT_UNDER_EYE = (230, 231, 229, 119), (450, 451, 449, 348)
LEFT_CHEEK, RIGHT_CHEEK = (50, 205, 101), (280, 425, 330)
LIPS = tuple(sorted({*UPPER_LIP_OUTER, *UPPER_LIP_INNER, *LOWER_LIP_INNER, *LOWER_LIP_OUTER}))
EYES = tuple(sorted({*LEFT_UPPER_LID, *LEFT_LOWER_LID, *RIGHT_UPPER_LID, *RIGHT_LOWER_LID}))

MOUTH_LEFT, MOUTH_RIGHT = 61, 291
INNER_MOUTH_LEFT, INNER_MOUTH_RIGHT = 78, 308
UNDER_NOSE, NOSE_TIP = 2, 1
CHIN, FOREHEAD_TOP = 152, 10
CHEEK_LEFT, CHEEK_RIGHT = 234, 454
EYE_LEFT, EYE_RIGHT = 33, 263
BROW_LEFT, BROW_RIGHT = 105, 334

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Landmarks:
    """Points (468 x 3, pixels of the photo, depth in the same unit) and how sure the network is of a face, 0 to 1."""

    points: Points
    confidence: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        low, high = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def roll(self) -> float:
        """Radians; positive when the head leans to the viewer's right."""
        return _angle(self.points[EYE_LEFT, :2], self.points[EYE_RIGHT, :2])


def read_landmarks(image: Image, sighting: Sighting) -> Landmarks:
    """The points of the face seen."""
    angle = _angle(sighting.eyes[0], sighting.eyes[1])
    center = (sighting.box[:2] + sighting.box[2:]) / 2
    size = float((sighting.box[2:] - sighting.box[:2]).max()) * MARGIN
    points, logit = np.zeros((468, 3)), 0.0
    for _ in range(ROUNDS):
        points, logit = look(image, center, size, angle)
        angle = _angle(points[EYE_LEFT, :2], points[EYE_RIGHT, :2])
        center, size = _upright_box(points[:, :2], angle)
    return Landmarks(points, float(1 / (1 + np.exp(-np.clip(logit, -80, 80)))))


def look(image: Image, center: NDArray[np.float64], size: float, angle: float) -> tuple[Points, float]:
    """The points as seen in one square view (its centre and side in pixels, turned by radians), and the logit of a
    face being there.
    """
    onto_photo = _view(center, size, angle)
    view = cv2.warpAffine(
        image,
        onto_photo,
        (VIEW_PX, VIEW_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    raw, logits = run_network(NETWORK, view[..., ::-1].astype(np.float32) / 255)
    seen = raw.reshape(468, 3).astype(np.float64)
    points = np.column_stack([seen[:, :2] @ onto_photo[:, :2].T + onto_photo[:, 2], seen[:, 2] * size / VIEW_PX])
    return points, float(logits.ravel()[0])


def _view(center: NDArray[np.float64], size: float, angle: float) -> NDArray[np.float64]:
    """Pixels of the network's view onto pixels of the photo."""
    cos, sin = np.cos(angle) * size / VIEW_PX, np.sin(angle) * size / VIEW_PX
    turn = np.array([[cos, -sin], [sin, cos]])
    middle = turn @ np.full(2, VIEW_PX / 2)
    return np.column_stack([turn, center - middle])


def _upright_box(points: NDArray[np.float64], angle: float) -> tuple[NDArray[np.float64], float]:
    """Centre and size of the square around the points in a frame turned by the angle."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    upright = points @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    return turn.T @ ((low + high) / 2), float((high - low).max()) * MARGIN


def _angle(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    across, down = right - left
    return float(np.arctan2(down, across))
