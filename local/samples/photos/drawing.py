"""Pictures without a photographed face: a child's drawing, an animal, a wall, noise."""

from __future__ import annotations

import cv2
import numpy as np

from local.samples.photos.portrait import Image

SIDE_PX = 640
PAPER, INK = (235, 245, 250), (40, 40, 60)


def child_drawing() -> Image:
    """A round face of a few strokes, with hair and a smile."""
    paper = np.full((SIDE_PX, SIDE_PX, 3), PAPER, np.uint8)
    cv2.circle(paper, (320, 320), 200, INK, 6, cv2.LINE_AA)
    for x in (250, 390):
        cv2.circle(paper, (x, 270), 16, INK, -1, cv2.LINE_AA)
    cv2.line(paper, (320, 300), (312, 350), INK, 5, cv2.LINE_AA)
    cv2.ellipse(paper, (320, 370), (95, 70), 0, 20, 160, (60, 60, 200), 7, cv2.LINE_AA)
    for x in range(150, 500, 22):
        cv2.line(paper, (x, 190), (x + 12, 110), (30, 90, 150), 5, cv2.LINE_AA)
    return paper


def robot() -> Image:
    """A face of boxes."""
    wall = np.full((SIDE_PX, SIDE_PX, 3), (180, 170, 160), np.uint8)
    cv2.rectangle(wall, (180, 160), (460, 500), (120, 120, 125), -1)
    for x in (230, 370):
        cv2.rectangle(wall, (x, 240), (x + 60, 290), (240, 230, 90), -1)
    cv2.rectangle(wall, (240, 400), (400, 440), (60, 60, 60), -1)
    return wall


def blank() -> Image:
    return np.full((SIDE_PX, SIDE_PX, 3), 200, np.uint8)


def noise() -> Image:
    coarse = np.random.default_rng(1).integers(0, 255, (SIDE_PX // 8, SIDE_PX // 8, 3), np.uint8)
    return cv2.resize(coarse, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
