"""Frames painted anew: in a style, in other colours, within a region, beyond their edges."""

from __future__ import annotations

import colorsys
import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.pictures.frames import Frame, Size, cover

MASKED = 127
"""A mask is white where the film is to change."""


def styled(frame: Frame, style: int) -> Frame:
    """The eight styles of video-style-transform, by their look: two comics, two cartoons, paper, drawing, ink."""
    if style == 6:
        return _posterised(_smooth(frame), 5)
    if style == 7:
        return _ink(frame)
    colours = {0: 10, 1: 6, 2: 12, 3: 24, 4: 8, 5: 4}[style]
    lively = {0: 1.1, 1: 1.5, 2: 1.2, 3: 1.3, 4: 1.6, 5: 0.8}[style]
    flat = _lively(_posterised(_smooth(frame), colours), lively)
    if style in {3, 5}:
        return flat
    lines = _lines(frame, 2 if style == 1 else 1)
    return np.asarray(cv2.bitwise_and(flat, flat, mask=lines), np.uint8)


def tint_of(words: str, reference: Frame | None) -> NDArray[np.float32]:
    """The colour (Lab) that a region is painted in: the reference's own, else one drawn from the words."""
    if reference is None:
        hue = hashlib.sha256(words.encode()).digest()[0] / 256
        red, green, blue = colorsys.hsv_to_rgb(hue, 0.65, 0.85)
        swatch = np.array([[[blue * 255, green * 255, red * 255]]], np.uint8)
    else:
        swatch = np.asarray(cv2.resize(reference, (1, 1), interpolation=cv2.INTER_AREA), np.uint8)
    lab: NDArray[np.float32] = np.asarray(cv2.cvtColor(swatch, cv2.COLOR_BGR2LAB), np.float32)[0, 0]
    return lab


def repainted(frame: Frame, tint: NDArray[np.float32], strength: float) -> Frame:
    """Composition and movement stay, surface and colours change."""
    base = _lively(_posterised(_smooth(frame), 8), 1.2)
    painted = _tinted(base, tint)
    return np.asarray(cv2.addWeighted(frame, 1 - 0.8 * strength, painted, 0.8 * strength, 0), np.uint8)


def edited(frame: Frame, mask: Frame, tint: NDArray[np.float32], reference: Frame | None, *, grow: float) -> Frame:
    """Within the mask (grown by a share of the frame) the reference, or the frame in the words' colour."""
    inside = (cv2.cvtColor(mask, cv2.COLOR_BGR2GRAY) > MASKED).astype(np.uint8)
    reach = max(1, round(grow * min(frame.shape[:2]) / 2))
    inside = np.asarray(cv2.dilate(inside, np.ones((reach, reach), np.uint8)), np.uint8)
    filling = _within(reference, inside, frame) if reference is not None else _tinted(_smooth(frame), tint)
    soft = np.asarray(cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 3), np.float32)[..., None]
    return np.asarray(frame * (1 - soft) + filling * soft, np.uint8)


def outpainted(frame: Frame, size: Size, corner: tuple[int, int]) -> Frame:
    """The frame in its place on a larger canvas; around it what is at its edges goes on, more and more blurred."""
    width, height = size
    left, top = corner
    right, bottom = width - left - frame.shape[1], height - top - frame.shape[0]
    around = cv2.copyMakeBorder(frame, top, bottom, left, right, cv2.BORDER_REFLECT_101)
    # Blurred small and drawn large: the same to the eye, and a hundred times quicker than a kernel of 200 pixels.
    small = cv2.resize(around, (max(2, width // 8), max(2, height // 8)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(width, height) / 480)
    soft = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    soft[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return soft


def _within(reference: Frame, inside: NDArray[np.uint8], frame: Frame) -> Frame:
    """The reference drawn as large as the region, so that all of it can be seen there."""
    left, top, width, height = cv2.boundingRect(inside)
    filled: Frame = frame.copy()
    if width and height:
        filled[top : top + height, left : left + width] = cover(reference, (width, height))
    return filled


def _tinted(frame: Frame, tint: NDArray[np.float32]) -> Frame:
    lab = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2LAB), np.float32)
    lab[..., 1] = 0.25 * lab[..., 1] + 0.75 * tint[1]
    lab[..., 2] = 0.25 * lab[..., 2] + 0.75 * tint[2]
    return np.asarray(cv2.cvtColor(lab.astype(np.uint8), cv2.COLOR_LAB2BGR), np.uint8)


def _smooth(frame: Frame) -> Frame:
    """Edges stay, grain goes; at a quarter of the pixels, or it would take a second a frame."""
    small = cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for _ in range(2):
        small = cv2.bilateralFilter(small, 7, 40, 7)
    return np.asarray(cv2.resize(small, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def _posterised(frame: Frame, steps: int) -> Frame:
    levels = (np.floor(np.arange(256) / 256 * steps) + 0.5) / steps * 255
    return np.asarray(cv2.LUT(frame, levels.astype(np.uint8)), np.uint8)


def _lively(frame: Frame, by: float) -> Frame:
    hsv = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV), np.float32)
    hsv[..., 1] = np.clip(hsv[..., 1] * by, 0, 255)
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR), np.uint8)


def _lines(frame: Frame, width: int) -> NDArray[np.uint8]:
    """Black lines on white where brightness changes."""
    grey = cv2.medianBlur(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), 5)
    found = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 4)
    return np.asarray(cv2.erode(found, np.ones((width, width), np.uint8)), np.uint8)


def _ink(frame: Frame) -> Frame:
    """Washed greys on paper, dark where the picture has edges."""
    grey = cv2.cvtColor(_posterised(_smooth(frame), 7), cv2.COLOR_BGR2GRAY)
    washed = np.minimum(np.clip(grey.astype(np.int32) + 50, 0, 245), 200 + _lines(frame, 1).astype(np.int32) // 5)
    paper = np.array([225, 238, 245], np.float32) / 255
    return np.asarray(washed[..., None].astype(np.float32) * paper, np.uint8)
