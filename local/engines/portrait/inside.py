"""What shows between the lips: the hollow, the tongue, and teeth.

Teeth the photo shows are fixed to the skull: the lips slide over them. For a mouth shut in the photo a plain row is
drawn, darker to the sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from local.engines.portrait.lips import OVERBITE, Lines, Lips
from local.engines.portrait.photo import Image
from local.engines.portrait.warp import Array, remap, smooth

# Blue, green, red in good light.
HOLLOW = np.array([34, 28, 66], np.float32)
TONGUE = np.array([92, 84, 168], np.float32)
ENAMEL = np.array([182, 206, 222], np.float32)
ENAMEL_LIGHT_MAX = 1.04  # as a whole: a limit for each colour would turn it blue
TEETH_HEIGHT = 0.098  # of the mouth's width
TOOTH_WIDTH = 0.30  # of half the inner mouth
GAP_PX_MIN = 0.7  # less is a shut mouth


@dataclass(frozen=True)
class _Window:
    """The columns and rows where the mouth is open. `down` is 0 at the upper lip and 1 at the lower one."""

    columns: slice
    rows: slice
    y: Array
    upper: Array
    lower: Array
    inner: Array
    down: Array


class Inside:
    """The inside of one mouth."""

    def __init__(self, source: Image, lips: Lips, light: float) -> None:
        self._source = source
        self._lips = lips
        self._light = light

    def draw(self, image: Image, y: Array, opened: tuple[Array, Array], lines: Lines, opening: float) -> None:
        """Draw into `image` (the lips' region, whose rows are `y`) between the inner lips' new heights."""
        window = _window(y, opened, lines.inner)
        if window is None:
            return
        within = np.clip(window.y - window.upper + 0.8, 0, 1) * np.clip(window.lower - window.y + 0.8, 0, 1)
        height = window.lower - window.upper
        opacity = within * np.clip((height - 0.5) / 3, 0, 1)
        # The lip throws a shadow, and the corners are dark.
        shade = 0.62 + 0.38 * smooth((window.y - window.upper) / (0.07 * self._lips.width))
        shade = shade * (1 - 0.42 * np.clip(np.abs(window.inner), 0, 1) ** 4)
        color = self._hollow(window, opening) * shade[..., None]
        teeth, is_tooth, depth = self._teeth(window, lines)
        lit = teeth * (1 - (1 - shade) * depth)[..., None]
        color += (lit - color) * is_tooth[..., None]
        under = image[window.rows, window.columns].astype(np.float32)
        under += (color - under) * opacity[..., None]
        image[window.rows, window.columns] = np.clip(under, 0, 255).astype(np.uint8)

    def _hollow(self, window: _Window, opening: float) -> Array:
        """Dark, a little lighter below, with the tongue in the lower middle when the mouth is well open."""
        color = HOLLOW * self._light * (0.72 + 0.55 * window.down)[..., None]
        shown = float(smooth(np.float32((opening - 0.15) / 0.35)[None])[0]) * 0.9
        tongue = smooth((window.down - 0.50) / 0.42) * smooth((0.80 - np.abs(window.inner)) / 0.40) * shown
        return np.asarray(color + (TONGUE * self._light - color) * tongue[..., None], np.float32)

    def _teeth(self, window: _Window, lines: Lines) -> tuple[Array, Array, float]:
        """Colour of the teeth, where they are (0 to 1), and how much of the mouth's shade falls on them."""
        columns = window.columns
        # A raised upper lip takes the gums with it.
        raised = np.maximum(0, lines.upper_inner[columns] - window.upper)
        seen = replace(window, y=window.y + raised)
        if self._lips.has_teeth:
            return *self._own_teeth(seen, lines), 0.8
        return *self._plain_teeth(seen, lines), 0.55

    def _own_teeth(self, window: _Window, lines: Lines) -> tuple[Array, Array]:
        columns = window.columns
        upper, lower = lines.upper_inner[None, columns], lines.lower_inner[None, columns]
        x = np.broadcast_to(lines.source_x[None, columns], window.y.shape)
        color = remap(self._source, x.astype(np.float32), window.y.astype(np.float32)).astype(np.float32)
        shown = np.clip((window.y - upper + 0.6) / 1.2, 0, 1) * np.clip((lower - 1.0 - window.y) / 2.0, 0, 1)
        brightness = np.asarray(cv2.blur(color.max(axis=2), (3, 3)), np.float32)
        level = 55 * self._light
        return color, np.asarray(shown * smooth((brightness - level) / level), np.float32)

    def _plain_teeth(self, window: _Window, lines: Lines) -> tuple[Array, Array]:
        columns, inner, size = window.columns, window.inner, self._lips.width
        seam = (lines.upper_inner + OVERBITE * lines.gap)[None, columns]
        edge = seam + TEETH_HEIGHT * size * (1 - 0.30 * inner * inner)
        shown = smooth((edge - window.y) / (0.020 * size)) * smooth((1.0 - np.abs(inner)) / 0.25) * 0.92
        off_center = np.abs(np.mod(inner / TOOTH_WIDTH, 1) - 0.5) * 2
        groove = 1 - 0.16 * np.exp(-(((1 - off_center) / 0.12) ** 2))
        level = 0.95 * groove * (1 - 0.38 * inner * inner)
        color = ENAMEL * min(self._light, ENAMEL_LIGHT_MAX) * level[..., None]
        return np.broadcast_to(color, (*shown.shape, 3)).astype(np.float32), np.asarray(shown, np.float32)


def _window(y: Array, opened: tuple[Array, Array], inner: Array) -> _Window | None:
    upper, lower = opened
    is_open = np.nonzero((lower - upper > GAP_PX_MIN) & (np.abs(inner) < 1.1))[0]
    if len(is_open) <= 3:
        return None
    columns = slice(int(is_open[0]), int(is_open[-1]) + 1)
    upper, lower = upper[columns], np.maximum(lower[columns], upper[columns] + 1)
    top = float(y[0, 0])
    rows = slice(max(0, int(upper.min()) - 2 - int(top)), min(len(y), int(lower.max()) + 3 - int(top)))
    down = (y[rows] - upper) / (lower - upper)
    return _Window(columns, rows, y[rows], upper[None], lower[None], inner[None, columns], down.astype(np.float32))
