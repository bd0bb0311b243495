"""Rectangles around text, in pixels of the band."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """From the left and top edge up to, and without, the right and bottom one."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.top + self.bottom) / 2

    def rows_shared(self, other: Box) -> float:
        """The share of the lower one's rows that both stand on."""
        rows = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, rows / max(1, min(self.height, other.height)))

    def gap_across(self, other: Box) -> int:
        """Pixels between them from side to side; negative when one stands over the other."""
        return max(self.left, other.left) - min(self.right, other.right)

    def gap_down(self, other: Box) -> int:
        return max(self.top, other.top) - min(self.bottom, other.bottom)

    def grown(self, by: int, width: int, height: int) -> Box:
        """Larger by that on every side, within a picture of that size."""
        return Box(
            max(0, self.left - by), max(0, self.top - by), min(width, self.right + by), min(height, self.bottom + by)
        )

    def moved(self, across: int, down: int) -> Box:
        return Box(self.left + across, self.top + down, self.right + across, self.bottom + down)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds them all; there must be one."""
    held = list(boxes)
    return Box(
        min(box.left for box in held),
        min(box.top for box in held),
        max(box.right for box in held),
        max(box.bottom for box in held),
    )
