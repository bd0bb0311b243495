"""How a caption looks, and whether it shows in a picture: told letter by letter, on any background. Pure.

Compared is what stands out from its surroundings (strokes and their edges), by correlation, which does not mind the
brightness of what is behind. In tiles of about a letter and a half, because the next caption may share most letters
with the last one in the same places.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.captions.boxes import Box

Patch = NDArray[np.float32]
Seen = NDArray[np.bool_]

SURROUNDINGS = 0.7  # of a line's height
STROKE_SHARE = 0.35  # of the strongest strokes; what stands out less is background
STROKE_MIN = 10.0
TILE = 1.5  # line heights across
ALIKE_MIN = 0.45  # correlation
# A film's coder leaves faint ghosts of text that has gone, alike in shape: below this strength nothing is shown.
FAINT = 0.12
WEAK_TILE = 0.3  # of the median; a tile with so little in it (a comma) says nothing


class Compared(NamedTuple):
    """For each tile whether a picture shows it (True for tiles that say nothing), and how strongly it shows the whole:
    1 as in what was learned, less while it fades.
    """

    seen: Seen
    strength: float


class Template:
    """Learned from patches that show the same lines in the same places."""

    def __init__(self, patches: Sequence[Patch], lines: Sequence[Box]) -> None:
        self._kernel = max(9, int(SURROUNDINGS * float(np.mean([line.height for line in lines]))) | 1)
        standing_out = self._standing_out(np.mean(patches, axis=0, dtype=np.float32))
        strength = np.abs(standing_out)
        floor = max(STROKE_MIN, STROKE_SHARE * float(np.percentile(strength, 97)))
        strokes = cv2.dilate((strength > floor).astype(np.uint8), np.ones((3, 3), np.uint8))
        tiles = _tiles(strokes.shape, lines)
        self.tiles = int(tiles.max()) + 1
        # Pixels in order of tiles, and rows of each tile: sums of neighbours are fast.
        rows, columns = np.nonzero((strokes > 0) & (tiles >= 0))
        order = np.lexsort((rows, tiles[rows, columns]))
        self._where = np.ravel_multi_index((rows[order], columns[order]), strokes.shape)
        tile = tiles.ravel()[self._where]
        self._filled, self._tile_starts = np.unique(tile, return_index=True)
        # Rows of each tile apart: that there is a line of text at all, dark edges and all, is true of any caption.
        _, self._row_starts, self._row_count = np.unique(
            tile * strokes.shape[0] + rows[order], return_index=True, return_counts=True
        )
        self._shape = self._centred(self._strokes(standing_out))
        self._energy = self._per_tile(self._shape**2)
        self._matters = self._energy >= WEAK_TILE * np.median(self._energy)

    def compared(self, patch: Patch) -> Compared:
        """With a picture of the same place."""
        found = self._centred(self._strokes(self._standing_out(patch)))
        product = self._per_tile(found * self._shape)
        alike = product / np.sqrt(self._energy * self._per_tile(found**2) + 1e-6)
        strength = product / (self._energy + 1e-6)
        seen = ((alike > ALIKE_MIN) & (strength > FAINT)) | ~self._matters
        return Compared(seen, float(np.median(strength[self._matters])))

    def _standing_out(self, patch: Patch) -> Patch:
        surroundings = cv2.boxFilter(patch, -1, (self._kernel, self._kernel))
        return (patch - surroundings).astype(np.float32, copy=False)

    def _strokes(self, standing_out: Patch) -> Patch:
        return standing_out.ravel()[self._where]

    def _per_tile(self, values: Patch) -> Patch:
        sums = np.zeros(self.tiles, np.float32)
        sums[self._filled] = np.add.reduceat(values, self._tile_starts)
        return sums

    def _centred(self, values: Patch) -> Patch:
        means = np.add.reduceat(values, self._row_starts) / self._row_count.astype(np.float32)
        return values - np.repeat(means, self._row_count)


def _tiles(shape: tuple[int, ...], lines: Sequence[Box]) -> NDArray[np.intp]:
    """The number of each pixel's tile, counted from 0; -1 outside the lines."""
    tiles = np.full(shape[:2], -1, np.intp)
    number = 0
    for line in lines:
        count = max(1, round(line.width / (TILE * line.height)))
        for left, right in itertools.pairwise(np.linspace(line.left, line.right, count + 1).astype(int)):
            tiles[line.top : line.bottom, left:right] = number
            number += 1
    return tiles
