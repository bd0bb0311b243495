"""Finds faces with BlazeFace (short range), which sees a face from about a tenth of its view upwards.

So the photo is looked at as a whole, then through two sizes of windows, the smallest only if nothing was found: that a
face is too small is a better answer than that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.portrait.photo import Image
from local.engines.portrait.weights import Array, run_network

NETWORK = "face_detection_short_range.onnx"
VIEW_PX = 128
WINDOWS = (0.6, 0.3)  # of the longer side
OVERLAP_MAX = 0.25  # of the areas' union; two boxes that share more are one face


@dataclass(frozen=True)
class Sighting:
    """A face seen: its box (x1, y1, x2, y2) and both eyes, the one on the left first, in pixels; score 0 to 1."""

    box: NDArray[np.float64]
    eyes: NDArray[np.float64]
    score: float

    @property
    def width(self) -> float:
        return float(self.box[2] - self.box[0])


def find_faces(image: Image, score_min: float = 0.6) -> list[Sighting]:
    """Every face in the picture, the surest first."""
    height, width = image.shape[:2]
    longer = max(height, width)
    whole = ((width - longer) / 2, (height - longer) / 2, float(longer))
    seen = _look(image, *whole, score_min)
    for share in WINDOWS:
        if share == WINDOWS[-1] and seen:
            break
        for window in _windows(width, height, longer * share):
            seen += _look(image, *window, score_min)
    return _apart(sorted(seen, key=lambda sighting: -sighting.score))


def _windows(width: int, height: int, size: float) -> Iterator[tuple[float, float, float]]:
    """Square windows that overlap by a good third, so that a face on an edge is whole in the next."""
    for y in _starts(height, size):
        for x in _starts(width, size):
            yield x, y, size


def _starts(length: int, size: float) -> NDArray[np.float64]:
    room = max(0.0, length - size)
    return np.linspace(0, room, 1 + int(np.ceil(room / (size * 0.65))))


def _look(image: Image, x: float, y: float, size: float, score_min: float) -> list[Sighting]:
    scale = VIEW_PX / size
    onto_view = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    view = cv2.warpAffine(image, onto_view, (VIEW_PX, VIEW_PX), flags=smooth, borderMode=cv2.BORDER_CONSTANT)
    numbers, logits = run_network(NETWORK, view[..., ::-1].astype(np.float32) / 127.5 - 1)
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -80, 80)))
    hits = np.nonzero(scores > score_min)[0]
    return [_sighting(numbers[0, hit], _ANCHORS[hit], float(scores[hit]), (x, y), size) for hit in hits]


def _sighting(
    numbers: Array, anchor: NDArray[np.float64], score: float, corner: tuple[float, float], size: float
) -> Sighting:
    """The network gives centre, size and six points (the eyes first), relative to the anchor in pixels of the view."""
    values = numbers.astype(np.float64) / VIEW_PX
    center = values[0:2] + anchor
    half = values[2:4] / 2
    box = np.concatenate([center - half, center + half]) * size + [*corner, *corner]
    eyes = (values[4:8].reshape(2, 2) + anchor) * size + corner
    return Sighting(box, eyes, score)


def _apart(seen: list[Sighting]) -> list[Sighting]:
    kept: list[Sighting] = []
    for sighting in seen:
        if all(_overlap(sighting.box, other.box) < OVERLAP_MAX for other in kept):
            kept.append(sighting)
    return kept


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Shared area over the area of both; a box that lies inside the other counts as shared."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (one, other)]
    return shared / max(1e-9, min(areas) if shared > 0.8 * min(areas) else sum(areas) - shared)


def _anchors() -> NDArray[np.float64]:
    """Centres of the network's grid: two for each of 16 x 16 cells, six for each of 8 x 8."""
    grids = []
    for cells, copies in ((16, 2), (8, 6)):
        y, x = np.mgrid[:cells, :cells]
        centers = np.stack([(x + 0.5) / cells, (y + 0.5) / cells], axis=-1).reshape(-1, 2)
        grids.append(np.repeat(centers, copies, axis=0))
    return np.concatenate(grids)


_ANCHORS = _anchors()
