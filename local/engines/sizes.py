"""How large a film is of which only the number of pixels is known."""

from __future__ import annotations

import math

STEP_PX = 16  # what generating models make their sides of


def of_pixels(shape: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Width and height of about so many pixels, as near to the shape (width, height) as whole steps allow."""
    scale = math.sqrt(pixels / (shape[0] * shape[1])) / STEP_PX
    width, height = (max(1, round(side * scale)) * STEP_PX for side in shape)
    return width, height
