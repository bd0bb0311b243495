"""Finds lines of text in a picture and reads them: PP-OCRv6 small, Chinese and English, through onnxruntime.

The package rapidocr is used for its two models only. Its own code offers no way to set a session's options (threads
that sleep while they wait), brings six more packages, and fetches a model it misses from the network; this does not.
Pictures go in as the models were trained: blue, green, red, from -1 to 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from local.engines.captions.boxes import Box
from local.engines.captions.frames import Colours
from local.engines.weights import Model, Once, WeightsError, packaged

PACKAGE = "rapidocr"
FINDER = ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f")
READER = ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884")
OUTPUT = "fetch_name_0"

# The finder: PaddleOCR's post-processing for level lines.
LIKELY_MIN = 0.3  # of a pixel, to belong to a line
SURE_MIN = 0.5  # of a line, on the mean of its pixels
UNCLIP = 1.6  # the finder marks only the core of a line; this much of its area over its edge stands around it
CORE_PX_MIN = 3
GRID_PX = 32  # sides of what it is given are multiples of this

# The reader.
LINE_PX = 48
LINE_WIDTH_MIN = 320
SPACE_MIN = 0.3  # it is shy of spaces between letters with thick edges


@dataclass(frozen=True)
class Reading:
    """What a line says; `score` is the mean probability of its characters, 0 for no text."""

    text: str
    score: float


def find_text(picture: Colours, scale: float) -> list[Box]:
    """Boxes around the lines of text in the picture, found at that scale of it."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (_on_grid(width * scale), _on_grid(height * scale)), interpolation=cv2.INTER_AREA)
    likely = _finder().run([OUTPUT], {"x": _as_input(small)})[0][0, 0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((likely > LIKELY_MIN).astype(np.uint8))
    across, down = width / small.shape[1], height / small.shape[0]
    found = []
    for label in range(1, len(stats)):
        left, top, wide, high, _ = (int(value) for value in stats[label])
        core = np.s_[top : top + high, left : left + wide]
        if min(wide, high) < CORE_PX_MIN or likely[core][labels[core] == label].mean() < SURE_MIN:
            continue
        margin = wide * high * UNCLIP / (2 * (wide + high))
        found.append(
            Box(
                max(0, int((left - margin) * across)),
                max(0, int((top - margin) * down)),
                min(width, int((left + wide + margin) * across) + 1),
                min(height, int((top + high + margin) * down) + 1),
            )
        )
    return found


def read_text(line: Colours) -> Reading:
    """The text of a picture that shows one line of it."""
    wide = max(LINE_PX // 3, round(line.shape[1] * LINE_PX / line.shape[0]))
    field = np.full((LINE_PX, max(wide, LINE_WIDTH_MIN), 3), 127, np.uint8)
    field[:, :wide] = cv2.resize(line, (wide, LINE_PX), interpolation=cv2.INTER_CUBIC)
    model, characters = _reader()
    return decode(model.run([OUTPUT], {"x": _as_input(field)})[0][0], characters)


def decode(likely: NDArray[Any], characters: list[str]) -> Reading:
    """The text behind probabilities of each character (the first none, the last a space) at steps along the line."""
    best = likely.argmax(axis=1)
    blank, space = 0, len(characters) - 1
    steps = [step for step in range(len(best)) if best[step] != blank and (step == 0 or best[step] != best[step - 1])]
    text, scores = "", []
    before = 0
    for step in steps:
        if best[step] == space:
            text += " "
            continue
        between = likely[before : step + 1, space].max() if text else 0.0
        if between > SPACE_MIN and not text.endswith(" ") and text[-1].isascii() and characters[best[step]].isascii():
            text += " "
        text += characters[best[step]]
        scores.append(float(likely[step].max()))
        before = step
    return Reading(" ".join(text.split()), float(np.mean(scores)) if scores else 0.0)


def _on_grid(pixels: float) -> int:
    return max(GRID_PX, round(pixels / GRID_PX) * GRID_PX)


def _as_input(picture: NDArray[Any]) -> NDArray[np.float32]:
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis], np.float32)
    return planes / 127.5 - 1


def _checked(name: str, sha256: str) -> Path:
    path = packaged(PACKAGE, f"rapidocr/models/{name}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise WeightsError(f"the package {PACKAGE}: not the weights expected (sha256 of {name} differs)")
    return path


def _load_reader() -> tuple[Model, list[str]]:
    path = _checked(*READER)
    known = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    return Model(path), ["", *known["character"].splitlines(), " "]


_finder = Once(lambda: Model(_checked(*FINDER)))
_reader = Once(_load_reader)
