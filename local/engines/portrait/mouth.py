"""Opens, shuts, rounds and spreads the mouth of the photo.

Column by column the skin between nose and neck is stretched and squeezed along smooth ramps between the lines of the
lips; what comes to light between the lips is drawn: the hollow, the tongue, and the photo's own teeth or a plain row.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from local.engines.portrait.inside import Inside
from local.engines.portrait.lips import OVERBITE, SIDE, Lines, measure_lips
from local.engines.portrait.photo import Image
from local.engines.portrait.sitting import Sitting
from local.engines.portrait.warp import Array, between, padded, remap, smooth

OPEN_MAX = 0.36  # height of a mouth wide open, in widths of the mouth
SPREAD, ROUND = 0.075, 0.145  # how far the corners go at the extremes, in widths of the mouth
JAW = 0.62  # how far the chin follows the lower lip


class Mouth:
    """The mouth of one sitting. Of a film the own teeth are not shown: they come and go with its words."""

    def __init__(self, sitting: Sitting, *, own_teeth: bool = True) -> None:
        self._source = padded(sitting.picture)
        lips = measure_lips(sitting)
        self._lips = lips = lips if own_teeth else replace(lips, has_teeth=False)
        self._inside = Inside(self._source, lips, sitting.light)
        x1, y1, x2, y2 = lips.region
        self._x = np.arange(x1, x2, dtype=np.float32)[None]
        self._y = np.arange(y1, y2, dtype=np.float32)[:, None]
        self._index = np.arange(len(lips.xs), dtype=np.float32)
        self._neck = np.full(x2 - x1, float(lips.chin.max()) + 0.45 * sitting.face_height, np.float32)
        # The corners pull their surroundings along, less with distance, nothing at the edge of the region.
        self._pull = (lips.across * np.exp(-((np.abs(lips.across) / 1.42) ** 4))).astype(np.float32)
        middle = float((lips.upper_inner + lips.lower_inner)[len(lips.xs) // 2]) / 2
        near = np.exp(-(((self._y - middle) / (0.50 * lips.width)) ** 2)).astype(np.float32)
        self._near = near * smooth((self._y - y1) / (0.14 * lips.width))
        edge = 0.22 * lips.width
        self._fade = smooth((self._x - x1) / edge) * smooth((x2 - 1 - self._x) / edge)
        self._gap_at_rest = float(np.interp(0.0, lips.across, lips.gap))

    def draw(self, frame: Image, opening: float, width: float) -> None:
        """Draw the mouth into the frame; opening 0 to 1, width -1 (round) to 1 (spread)."""
        x1, y1, x2, y2 = self._lips.region
        corner = width * (SPREAD if width > 0 else ROUND) * self._lips.width
        lines = self._shifted(corner)
        image, upper, lower = self._open(lines, opening, width, corner)
        self._inside.draw(image, self._y, (upper, lower), lines, opening)
        frame[y1:y2, x1:x2] = image

    def _shifted(self, corner: float) -> Lines:
        lips = self._lips
        columns = self._index - corner * self._pull

        def at(line: Array) -> Array:
            return np.interp(columns, self._index, line)[SIDE:-SIDE].astype(np.float32)

        return Lines(
            upper_outer=at(lips.upper_outer),
            upper_inner=at(lips.upper_inner),
            lower_inner=at(lips.lower_inner),
            lower_outer=at(lips.lower_outer),
            chin=at(lips.chin),
            gap=at(lips.gap),
            inner=at(lips.inner),
            across=at(lips.across),
            source_x=at(lips.xs),
        )

    def _open(self, lines: Lines, opening: float, width: float, corner: float) -> tuple[Image, Array, Array]:
        """The skin around the mouth as it moves, and where the two inner lips are now."""
        upper, lower = self._moves(lines, opening, width)
        x1, _, x2, _ = self._lips.region
        still = np.zeros(x2 - x1, np.float32)
        nose = np.full(x2 - x1, self._lips.nose, np.float32)
        upper_to = _moved([nose, lines.upper_outer, lines.upper_inner], upper)
        lower = [*lower, still]
        lower_to = _moved([lines.lower_inner, lines.lower_outer, lines.chin, self._neck], lower)
        middle = (upper_to[-1] + lower_to[0]) / 2
        move = np.where(self._y < middle, _along(self._y, upper_to, upper), _along(self._y, lower_to, lower))
        x = self._x - corner * self._pull[None, SIDE:-SIDE] * self._near * self._fade
        image = remap(self._source, np.broadcast_to(x, move.shape), self._y - move * self._fade)
        return image, upper_to[-1], lower_to[0]

    def _moves(self, lines: Lines, opening: float, width: float) -> tuple[list[Array], list[Array]]:
        """How far each line goes down: (nose, upper outer, upper inner) and (lower inner, lower outer, chin)."""
        size, at_rest = self._lips.width, self._gap_at_rest
        rounded = max(0.0, -width)
        height = OPEN_MAX * size * opening * (1 - 0.10 * rounded)
        profile = np.clip(1 - np.abs(lines.inner) ** 2.2, 0, 1)
        wanted = height * profile
        kept = np.minimum(wanted, lines.gap)
        more = wanted - kept
        within = smooth((1.26 - np.abs(lines.inner)) / 0.18)
        seam = lines.upper_inner + OVERBITE * lines.gap
        # The upper lip hardly moves; the lower one does the work.
        upper_inner = (seam - OVERBITE * kept - 0.07 * more - lines.upper_inner) * within
        lower_inner = (seam + (1 - OVERBITE) * kept + 0.93 * more - lines.lower_inner) * within
        pout = rounded * 0.030 * size * profile * within
        jaw = JAW * max(0.0, height - 0.3 * at_rest) - 0.16 * at_rest * max(0.0, 1 - opening * 2.5)
        chin = jaw * np.exp(-((np.abs(lines.across) / 1.75) ** 4))
        still = np.zeros_like(upper_inner)
        return [still, upper_inner * 0.85 - pout, upper_inner], [lower_inner, lower_inner * 0.96 + pout, chin]


def _moved(lines: list[Array], moves: list[Array]) -> list[Array]:
    return [line + move for line, move in zip(lines, moves, strict=True)]


def _along(y: Array, knots: list[Array], moves: list[Array]) -> Array:
    """The move at each height: that of the knots, softly changing between them. `y` goes down by one a row."""
    total: Array = np.broadcast_to(moves[0], (len(y), len(knots[0]))).astype(np.float32)
    top = float(y[0, 0])
    for (start, end), (before, after) in zip(pairwise(knots), pairwise(moves), strict=True):
        # Above all starts nothing of this change is there, below all ends the whole of it.
        first = int(np.clip(start.min() - top, 0, len(y)))
        last = int(np.clip(np.maximum(end, start + 1).max() - top + 2, first, len(y)))
        total[first:last] += between(y[first:last], start, end) * (after - before)
        total[last:] += after - before
    return total
