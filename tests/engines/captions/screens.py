"""Small pictures with words on them, drawn so fast that unit tests can watch many."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.captions.boxes import Box
from local.engines.captions.frames import Band, Colours, Picture

WIDTH, HEIGHT, FPS = 480, 96, 25.0
PLACE = (60, 60)


def band(frames: int = 0) -> Band:
    return Band(WIDTH, HEIGHT, 216, FPS, frames)


def background(moving: int = 0, level: int = 90, contrast: int = 30) -> Colours:
    """Soft blots that shift with `moving`; 0 leaves them where they are."""
    rng = np.random.default_rng(1)
    blots = cv2.resize(
        rng.normal(level, contrast, (4, 64)).astype(np.float32), (1920, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    grey = np.clip(np.roll(blots, -moving, axis=1)[:, :WIDTH], 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def with_words(picture: Colours, words: str, strength: float = 1.0, place: tuple[int, int] = PLACE) -> Colours:
    """White words with a dark edge on the picture; a strength below 1 is a fade."""
    letters = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(letters, words, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255,), 2)
    drawn = picture.copy()
    drawn[cv2.dilate(letters, np.ones((5, 5), np.uint8)) > 127] = 20
    drawn[letters > 127] = 240
    return np.asarray(cv2.addWeighted(drawn, strength, picture, 1 - strength, 0), np.uint8)


def box_of(words: str, place: tuple[int, int] = PLACE) -> Box:
    (width, height), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
    return Box(place[0] - 3, place[1] - height - 4, place[0] + width + 3, place[1] + below)


def picture_of(colours: Colours) -> Picture:
    """As a film's coder would hand it over."""
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2YUV_I420), np.uint8)


def film(*parts: tuple[int, str], moving: int = 0, fade: int = 0, level: int = 90) -> Iterator[Picture]:
    """So many frames with these words, one part after the other; a fade lasts so many frames at both ends of a part."""
    number = 0
    for frames, words in parts:
        for at in range(frames):
            shown = background(moving * number, level)
            if words:
                strength = min(1.0, (at + 1) / (fade + 1), (frames - at) / (fade + 1))
                shown = with_words(shown, words, strength)
            yield picture_of(shown)
            number += 1


def grey_patch(colours: Colours, box: Box) -> NDArray[np.float32]:
    grey = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    return grey[box.top : box.bottom, box.left : box.right].astype(np.float32)
