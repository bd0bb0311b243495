"""A scene from words: colours and hills drawn from the words, with the words below, as a picture book has it."""

from __future__ import annotations

import colorsys
import hashlib
import tempfile
from pathlib import Path

import cv2
import numpy as np

from local.engines import ffmpeg
from local.engines.film.fonts import find_font
from local.engines.pictures.frames import Frame, Size

WORDS_MAX = 60
NIGHT = (*"夜月星暗黑睡", "night", "moon", "star", "dark", "sleep")


def painted(words: str, seed: int, size: Size) -> Frame:
    """The same words and seed give the same scene."""
    width, height = size
    randomness = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed} {words}".encode()).digest()[:8], "big"))
    is_night = any(mark in words.lower() for mark in NIGHT)
    hue = float(randomness.random())
    top, bottom = (
        _colour(hue, 0.6, 0.15 if is_night else 0.75),
        _colour(hue + 0.1, 0.35, 0.35 if is_night else 0.97),
    )
    rise = np.linspace(0.0, 1.0, height)[:, None, None]
    image = np.ascontiguousarray(np.broadcast_to(top * (1 - rise) + bottom * rise, (height, width, 3)).astype(np.uint8))
    light = (int(width * randomness.uniform(0.2, 0.8)), int(height * randomness.uniform(0.15, 0.35)))
    cv2.circle(image, light, height // 12, (235, 245, 255), -1, cv2.LINE_AA)
    if is_night:
        for x, y in randomness.uniform(0, 1, (60, 2)):
            cv2.circle(
                image, (int(x * width), int(y * height * 0.6)), 1 + height // 500, (255, 255, 255), -1, cv2.LINE_AA
            )
    for layer in range(3):
        _hill(image, randomness, 0.55 + 0.13 * layer, _colour(hue + 0.3 + 0.08 * layer, 0.5, 0.55 - 0.14 * layer))
    return _lettered(image, words)


def _hill(
    image: Frame,
    randomness: np.random.Generator,
    level: float,
    colour: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> None:
    height, width = image.shape[:2]
    across = np.linspace(0, 2 * np.pi, 64)
    line = level + sum(0.06 / turn * np.sin(turn * across + randomness.uniform(0, 2 * np.pi)) for turn in (1, 2, 3))
    edge = np.stack([across / (2 * np.pi) * width, line * height], axis=1)
    outline = np.vstack([edge, [[width, height], [0, height]]]).astype(np.int32)
    cv2.fillPoly(image, [outline], [float(part) for part in colour], cv2.LINE_AA)


def _colour(hue: float, saturation: float, value: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Blue, green, red."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return np.array([blue, green, red]) * 255


def _lettered(image: Frame, words: str) -> Frame:
    """The words as a caption; without a font that has their letters, none."""
    font = find_font()
    told = " ".join(words[:WORDS_MAX].split())
    if font is None or not told or not font.can_draw(told):
        return image
    height, width = image.shape[:2]
    size = max(12, min(height // 14, int(width * 0.9 / len(told))))
    look = f"fontsize={size}:fontcolor=white:borderw={max(1, size // 12)}:x=(w-text_w)/2:y=h*0.92-text_h/2"
    with tempfile.TemporaryDirectory(prefix="scene-") as folder:
        # The words reach ffmpeg in a file of their own: nothing in them is a command to its filters.
        Path(folder, "words.txt").write_text(told, "utf-8")
        Path(folder, "font").symlink_to(font.path)
        cv2.imwrite(str(Path(folder, "scene.png")), image)
        drawing = f"drawtext=fontfile=font:textfile=words.txt:expansion=none:{look},format=bgr24"
        taking = ffmpeg.Input("scene.png").arguments()
        drawn = ffmpeg.run([*taking, "-vf", drawing, "-f", "rawvideo", "pipe:1"], folder=Path(folder))
    return np.frombuffer(drawn, np.uint8).reshape(height, width, 3)
