"""EMO's check of a photo: both boxes, or the vendor's refusal a parent can act on.

The codes and messages are those of the EMO API reference. What its models judge by is not published; the limits here
were set on some thirty photos and distorted copies of them. A blurred face has no code of its own and is answered with
the one that asks for a clearer image.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from local.engines.contract import Box, Face, RejectionError
from local.engines.portrait.cover import is_covered
from local.engines.portrait.detector import Sighting, find_faces
from local.engines.portrait.landmarks import (
    CHEEK_LEFT,
    CHEEK_RIGHT,
    CHIN,
    FOREHEAD_TOP,
    Landmarks,
    Points,
    read_landmarks,
)
from local.engines.portrait.photo import Image, load_photo

RATIOS = {"1:1": (1, 1), "3:4": (3, 4)}

CONFIDENCE_MIN = 0.5
RIVAL_WIDTH = 0.45  # of the largest face; smaller ones are people in the background
FACE_PX_MIN = 64
FACE_SHARE_MIN, FACE_SHARE_MAX = 0.10, 0.80  # of the photo's shorter side; of either side
OUTSIDE_MAX = 0.02  # of the landmarks
LUMA_MIN = 40.0
SHARPNESS_MIN = 0.06
BURNT_LEVEL, BURNT_MAX = 250, 0.30  # of the face's pixels, in all three colours
FAINT_MIN = 0.002  # confidence; below it there is no reason to think of a face
# As the landmarks tell them, whose depth is shallow: a head really turned by 40 degrees reads as about 28.
PROFILE_DEG = 45.0
YAW_DEG_MAX, PITCH_DEG_MAX, ROLL_DEG_MAX = 28.0, 28.0, 25.0
DOUBTFUL_SCORE = 0.85  # below it a face may be one that stands on its head

# As EMO draws them: its example has a dynamic area of 2.5 faces whose centre lies 0.15 of a face above the face's.
AREA_FACES = 2.5
AREA_RAISED = 0.15

NO_HUMAN = ("InvalidFile.Content", "The input image has no human body. Please upload other image with single person.")
MANY_HUMANS = (
    "InvalidFile.Content",
    "The input image has multi human bodies. Please upload other image with single person.",
)
PROPORTION = (
    "InvalidFile.BodyProportion",
    "The proportion of the detected person in the picture is too large or too small, please upload other image.",
)
UNCLEAR = ("InvalidFile.Value", "The value of the image is invalid, please upload other clearer image.")
NOT_FRONTAL = (
    "InvalidFile.FrontBody",
    "The pose of the detected person is invalid, please upload other image with the front view.",
)
NOT_WHOLE = (
    "InvalidFile.FullFace",
    "The pose of the detected face is invalid, please upload other image with whole face.",
)
TURNED = (
    "InvalidFile.FacePose",
    "The pose of the detected face is invalid, please upload other image with the expected orientation.",
)
BAD_RATIO = (
    "InvalidParameter",
    "The request is missing required parameters or in a wrong format, please check the parameters that you send.",
)


def detect(photo: Path, ratio: str) -> Face:
    """Both boxes for the ratio `1:1` or `3:4`; RejectionError with EMO's code when the photo will not do."""
    if ratio not in RATIOS:
        raise RejectionError(*BAD_RATIO)
    image = load_photo(photo)
    sighting, face = find_person(image)
    _check_size(image, face)
    _check_light(image, face)
    _check_pose(image, sighting, face)
    if is_covered(image, face):
        raise RejectionError(*NOT_WHOLE)
    return Face(_inside(face.box, image), dynamic_area(image, face, RATIOS[ratio]))


def find_person(image: Image) -> tuple[Sighting, Landmarks]:
    """The one face in the picture; RejectionError for none and for several of similar size."""
    seen = [(sighting, read_landmarks(image, sighting)) for sighting in find_faces(image)]
    faces = [(sighting, face) for sighting, face in seen if face.confidence > CONFIDENCE_MIN]
    if not faces:
        raise RejectionError(*_why_nobody(image, seen))
    widest = max(_width(face) for _, face in faces)
    rivals = [pair for pair in faces if _width(pair[1]) > RIVAL_WIDTH * widest]
    if len(rivals) > 1:
        raise RejectionError(*MANY_HUMANS)
    return rivals[0]


def _why_nobody(image: Image, seen: list[tuple[Sighting, Landmarks]]) -> tuple[str, str]:
    """Somebody may be there after all: too dark or blurred to make out, or lying on the side."""
    if any(face.confidence > FAINT_MIN and _is_unclear(image, face) for _, face in seen):
        return UNCLEAR
    for way in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180):
        turned = cv2.rotate(image, way).astype(np.uint8, copy=False)
        if any(read_landmarks(turned, sighting).confidence > CONFIDENCE_MIN for sighting in find_faces(turned, 0.8)):
            return TURNED
    return NO_HUMAN


def _check_size(image: Image, face: Landmarks) -> None:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box
    share = max((x2 - x1) / width, (y2 - y1) / height)
    if _is_cut_off(image, face.points):
        raise RejectionError(*NOT_WHOLE)
    if x2 - x1 < FACE_PX_MIN or (x2 - x1) / min(height, width) < FACE_SHARE_MIN or share > FACE_SHARE_MAX:
        raise RejectionError(*PROPORTION)


def _check_light(image: Image, face: Landmarks) -> None:
    if _is_unclear(image, face):
        raise RejectionError(*UNCLEAR)


def _check_pose(image: Image, sighting: Sighting, face: Landmarks) -> None:
    yaw, pitch, roll = _pose_deg(face)
    if abs(yaw) > PROFILE_DEG:
        raise RejectionError(*NOT_FRONTAL)
    is_turned = abs(yaw) > YAW_DEG_MAX or abs(pitch) > PITCH_DEG_MAX or abs(roll) > ROLL_DEG_MAX
    if is_turned or _is_upside_down(image, sighting):
        raise RejectionError(*TURNED)


def _pose_deg(face: Landmarks) -> tuple[float, float, float]:
    """Yaw and pitch as if the eyes were level, and how far they are from it."""
    cos, sin = np.cos(face.roll), np.sin(face.roll)
    points = face.points @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    across = points[CHEEK_RIGHT] - points[CHEEK_LEFT]
    down = points[CHIN] - points[FOREHEAD_TOP]
    yaw, pitch = np.arctan2(across[2], across[0]), np.arctan2(down[2], down[1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(face.roll))


def _is_upside_down(image: Image, sighting: Sighting) -> bool:
    """The networks fit an upright face into one that stands on its head, but like it better the right way up."""
    if sighting.score > DOUBTFUL_SCORE:
        return False
    turned = cv2.rotate(image, cv2.ROTATE_180).astype(np.uint8, copy=False)
    return any(other.score > sighting.score + 0.1 for other in find_faces(turned))


def _is_cut_off(image: Image, points: Points) -> bool:
    height, width = image.shape[:2]
    outside = (points[:, :2] < 0).any(axis=1) | (points[:, 0] >= width) | (points[:, 1] >= height)
    return float(outside.mean()) > OUTSIDE_MAX


def _is_unclear(image: Image, face: Landmarks) -> bool:
    """Too dark, burnt out, or without the fine contrast that a face of this size has."""
    x1, y1, x2, y2 = _inside(face.box, image)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return False
    burnt = (image[y1:y2, x1:x2] >= BURNT_LEVEL).all(axis=2).mean()
    crop = cv2.cvtColor(image[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    sharpness = float(cv2.Laplacian(small, cv2.CV_32F).var() / (small.var() + 1))
    return float(burnt) > BURNT_MAX or float(small.mean()) < LUMA_MIN or sharpness < SHARPNESS_MIN


def dynamic_area(image: Image, face: Landmarks, ratio: tuple[int, int]) -> Box:
    """The part of the photo that will move: exactly of the ratio, within the photo, around the whole face."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box
    size = max(x2 - x1, y2 - y1)
    # A higher area reaches further down, to the shoulders; its top stays where that of the square is.
    unit = int(min(AREA_FACES * size / ratio[0], width / ratio[0], height / ratio[1]))
    area = (unit * ratio[0], unit * ratio[1])
    left = (x1 + x2 - area[0]) / 2
    top = (y1 + y2) / 2 - AREA_RAISED * size - area[0] / 2
    left, top = np.clip(round(left), 0, width - area[0]), np.clip(round(top), 0, height - area[1])
    box = (int(left), int(top), int(left) + area[0], int(top) + area[1])
    if x1 < box[0] or y1 < box[1] or x2 > box[2] or y2 > box[3]:
        raise RejectionError(*PROPORTION)
    return box


def _inside(box: tuple[float, float, float, float], image: Image) -> Box:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = box
    return max(0, int(x1)), max(0, int(y1)), min(width, int(x2)), min(height, int(y2))


def _width(face: Landmarks) -> float:
    x1, _, x2, _ = face.box
    return x2 - x1
