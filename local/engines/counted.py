"""Progress that says what it counts."""

from __future__ import annotations


class Counted(float):
    """A fraction that knows its parts: `Counted(120, 800, "frames")` is 0.15. Engines report it where they count."""

    done: int
    total: int
    unit: str

    def __new__(cls, done: int, total: int, unit: str) -> Counted:  # noqa: PYI034  Self is not in Python 3.10
        counted = super().__new__(cls, min(1.0, done / total) if total else 1.0)
        counted.done, counted.total, counted.unit = done, total, unit
        return counted
