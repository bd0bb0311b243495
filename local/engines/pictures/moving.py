"""Frames of pictures that move: a still with a slow camera, one picture becoming another, several together, a clip
that goes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from local.engines.pictures.frames import Film, Frame, Size, cover, frames_of, shifted

ZOOM = 0.12
DRIFT = 0.03


def still(image: Frame, size: Size, count: int) -> Iterator[Frame]:
    """A slow camera: closer and a little to the side. The first frame is the picture itself, filled to the size."""
    for at in range(count):
        share = _eased(at / max(1, count - 1))
        yield shifted(image, size, scale=1 + ZOOM * share, right=DRIFT * share, down=-DRIFT * share / 2)


def morph(first: Frame, last: Frame, count: int) -> Iterator[Frame]:
    """From one picture to the other: each moves towards where the other's parts are while they blend."""
    size = (first.shape[1], first.shape[0])
    flow = _flow(first, last)
    back = _flow(last, first)
    for at in range(count):
        share = _eased(at / max(1, count - 1))
        one, other = _carried(first, flow, share), _carried(last, back, 1 - share)
        yield np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8).reshape(size[1], size[0], 3)


def gathered(pictures: Sequence[Frame], size: Size, count: int) -> Iterator[Frame]:
    """The last picture is the place, the others come into it, one after the other, and stay."""
    place = pictures[-1]
    figures = [_figure(image, size) for image in pictures[:-1]]
    for at, frame in enumerate(still(place, size, count)):
        drawn = frame
        for number, figure in enumerate(figures):
            share = _eased(min(1.0, max(0.0, 2.0 * at / count - 0.4 * number)))
            drawn = _placed(drawn, figure, (number + 1) / (len(figures) + 1), share)
        yield drawn


def extended(
    films: Mapping[str, Film], pictures: Mapping[str, Frame], size: Size, fps: float, count: int
) -> Iterator[Frame]:
    """What is given stands where it belongs, and the time between is filled: on from the first, up to the last."""
    start = list(frames_of(films["first_film"], size, fps)) if "first_film" in films else []
    end = list(frames_of(films["last_film"], size, fps)) if "last_film" in films else []
    start = start or ([cover(pictures["first"], size)] if "first" in pictures else [])
    end = end or ([cover(pictures["last"], size)] if "last" in pictures else [])
    start, end = start[: count // 2 if end else count], end[: count // 2 if start else count]
    left = max(0, count - len(start) - len(end))
    yield from start
    if start and end:
        yield from morph(start[-1], end[0], left)
    elif start:
        yield from still(start[-1], size, left)
    elif end:
        yield from reversed(list(still(end[0], size, left)))
    yield from end


def _figure(image: Frame, size: Size) -> Frame:
    height = int(size[1] * 0.6)
    return np.asarray(cv2.resize(image, (max(2, round(image.shape[1] * height / image.shape[0])), height)), np.uint8)


def _placed(frame: Frame, figure: Frame, across: float, share: float) -> Frame:
    """A figure with soft edges; it comes from below."""
    drawn: Frame = frame.copy()
    height, width = drawn.shape[:2]
    left = int(across * width - figure.shape[1] / 2)
    top = int(height - figure.shape[0] * share)
    low, high = max(0, -left), min(figure.shape[1], width - left)
    rows = min(figure.shape[0], height - top)
    if rows <= 0 or high <= low:
        return drawn
    mask = np.zeros(figure.shape[:2], np.float32)
    soft = max(1, figure.shape[1] // 20)
    mask[soft:, soft:-soft] = 1.0
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft / 2), np.float32)[:rows, low:high, None]
    region = drawn[top : top + rows, left + low : left + high].astype(np.float32)
    blended = region * (1 - mask) + figure[:rows, low:high].astype(np.float32) * mask
    drawn[top : top + rows, left + low : left + high] = blended.astype(np.uint8)
    return drawn


def _flow(one: Frame, other: Frame) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Where the parts of a picture are in the other one; looked for small, since pictures may have little in common."""
    small = (160, max(2, round(160 * one.shape[0] / one.shape[1])))
    greys = [cv2.cvtColor(cv2.resize(image, small), cv2.COLOR_BGR2GRAY) for image in (one, other)]
    found = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(
        greys[0], greys[1], np.zeros((small[1], small[0], 2), np.float32)
    )
    scale = one.shape[1] / small[0]
    grown = cv2.resize(found, (one.shape[1], one.shape[0]), interpolation=cv2.INTER_LINEAR) * scale
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 8), np.float32)


def _carried(image: Frame, flow: np.ndarray[tuple[int, ...], np.dtype[np.float32]], share: float) -> Frame:
    height, width = image.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    from_x, from_y = across - share * flow[..., 0], down - share * flow[..., 1]
    drawn = cv2.remap(image, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn, np.uint8)


def _eased(share: float) -> float:
    return (1 - math.cos(math.pi * share)) / 2
