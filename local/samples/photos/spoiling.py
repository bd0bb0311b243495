"""What light, lens, distance and editing do to a photo. Every function takes and gives a whole picture."""

from __future__ import annotations

import cv2
import numpy as np

from local.samples.photos.portrait import Image


def dimmed(image: Image, gain: float) -> Image:
    return np.asarray(image * gain).astype(np.uint8)


def overexposed(image: Image, gain: float = 4.0) -> Image:
    """Burnt out: the skin has lost its lines."""
    burnt: Image = np.clip(image * gain, 0, 255).astype(np.uint8)
    return burnt


def blurred(image: Image, sigma_px: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma_px).astype(np.uint8)


def shaken(image: Image, length_px: int) -> Image:
    """The camera moved sideways."""
    kernel = np.full((1, length_px), 1 / length_px, np.float32)
    return cv2.filter2D(image, -1, kernel).astype(np.uint8)


def gray(image: Image) -> Image:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def mirrored(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def tilted(image: Image, degrees: float, about: tuple[float, float]) -> Image:
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D(about, degrees, 1)
    return cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)


def far_away(image: Image, side_px: int) -> Image:
    """The whole picture, small, on a wall."""
    wall = np.full((side_px, side_px, 3), 128, np.uint8)
    top, left = (side_px - image.shape[0]) // 2, (side_px - image.shape[1]) // 2
    wall[top : top + image.shape[0], left : left + image.shape[1]] = image
    return wall


def scaled(image: Image, factor: float) -> Image:
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=smooth).astype(np.uint8)


def collage(image: Image) -> Image:
    """The same person four times."""
    return np.tile(image, (2, 2, 1))


def side_by_side(image: Image) -> Image:
    return np.hstack([image, mirrored(image)])
