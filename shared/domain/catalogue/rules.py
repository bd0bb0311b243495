"""What a field of a request may be: a test, words for a person, and the allowed value nearest to a wrong one.

Apart, because the vendor accepts wrong values at submission and fails the task minutes later: what is allowed must be
known here, and said so well that the next try is right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from shared.domain.frozen import frozen

Plain = str | int | float | bool


class Rule(Protocol):
    """One field's rule. `words` need no language: numbers, values, type names."""

    @property
    def words(self) -> str: ...

    def admits(self, value: object) -> bool: ...

    def nearest(self, value: object) -> str:
        """The allowed value closest to a wrong one, as it would be written in JSON; empty when nothing is close."""


@frozen
class Choice:
    """One of a few values. `meant` maps wrong values that people are known to write to what they mean."""

    values: tuple[Plain, ...]
    meant: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return " | ".join(str(value) for value in self.values)

    def admits(self, value: object) -> bool:
        return any(type(value) is type(one) and value == one for one in self.values)

    def nearest(self, value: object) -> str:
        if str(value) in self.meant:
            return str(self.meant[str(value)])
        measured = [(_distance(value, one), str(one)) for one in self.values]
        close = [(far, one) for far, one in measured if far < math.inf]
        if close:
            return min(close, key=lambda pair: pair[0])[1]
        return most_alike(str(value), [str(one) for one in self.values], cutoff=0.5) or str(self.values[0])


@frozen
class Whole:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"{self.low} - {self.high}"

    def admits(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def nearest(self, value: object) -> str:
        number = _number(value)
        return "" if number is None else str(round(min(self.high, max(self.low, number))))


@frozen
class Number:
    """A number from `low` to `high`, both included."""

    low: float
    high: float

    @property
    def words(self) -> str:
        return f"{self.low:g} - {self.high:g}"

    def admits(self, value: object) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and self.low <= value <= self.high

    def nearest(self, value: object) -> str:
        number = _number(value)
        return "" if number is None else f"{min(self.high, max(self.low, number)):g}"


@frozen
class Flag:
    @property
    def words(self) -> str:
        return "true | false"

    def admits(self, value: object) -> bool:
        return isinstance(value, bool)

    def nearest(self, value: object) -> str:
        return "true" if str(value).lower() in {"true", "1", "yes", "on"} else "false"


@frozen
class Text:
    """1 to `characters_max` characters."""

    characters_max: int

    @property
    def words(self) -> str:
        return f"text, 1 - {self.characters_max}"

    def admits(self, value: object) -> bool:
        return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= self.characters_max

    def nearest(self, value: object) -> str:
        too_long = isinstance(value, str) and len(value) > self.characters_max
        return f"{str(value)[:20]}… ({self.characters_max})" if too_long else ""


@frozen
class Several:
    """A list of `least` to `most` values, each under the rule `of`."""

    of: Rule
    least: int
    most: int

    @property
    def words(self) -> str:
        return f"[{self.of.words}] x {self.least} - {self.most}"

    def admits(self, value: object) -> bool:
        return isinstance(value, list) and self.least <= len(value) <= self.most and all(map(self.of.admits, value))

    def nearest(self, value: object) -> str:
        if not isinstance(value, list):
            return f"[{value}]" if self.of.admits(value) else ""
        kept = [str(one) if self.of.admits(one) else self.of.nearest(one) for one in value[: self.most]]
        return f"[{', '.join(kept)}]" if kept and all(kept) else ""


@frozen
class Box:
    """A region of a picture in whole pixels, `[x1, y1, x2, y2]`; it comes from a detection and is never guessed.

    `ratios` are the allowed shapes, width to height, where only some are.
    """

    ratios: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return "[x1, y1, x2, y2]" + (f" {' | '.join(self.ratios)}" if self.ratios else "")

    def admits(self, value: object) -> bool:
        if not isinstance(value, (list, tuple)) or len(value) != 4 or not all(type(edge) is int for edge in value):
            return False
        left, top, right, bottom = value
        return 0 <= left < right and 0 <= top < bottom and (not self.ratios or bool(shape_of(value, self.ratios)))

    def nearest(self, value: object) -> str:
        del value
        return ""


RATIO_TOLERANCE = 0.02
"""Boxes are whole pixels: a region of 3:4 is rarely exactly that."""


def shape_of(box: Sequence[int], ratios: Sequence[str]) -> str:
    """Which of the ratios (`3:4`) a box has; empty when none."""
    left, top, right, bottom = box
    for ratio in ratios:
        wide, high = (int(part) for part in ratio.split(":"))
        wanted = wide / high
        if abs((right - left) / (bottom - top) - wanted) <= RATIO_TOLERANCE * wanted:
            return ratio
    return ""


_SIZE = re.compile(r"([1-9]\d{1,4})\s*[*xX×]\s*([1-9]\d{1,4})", re.ASCII)
_LINES = re.compile(r"([1-9]\d{2,3})\s*[pP]?", re.ASCII)


def _number(value: object) -> float | None:
    """A number, also one written as text; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _distance(wrong: object, right: Plain) -> float:
    """How far a wrong value is from an allowed one: numbers by difference, sizes and line counts by proportion."""
    number = _number(wrong)
    if number is not None and isinstance(right, (int, float)) and not isinstance(right, bool):
        return abs(number - right)
    size, allowed = _SIZE.fullmatch(str(wrong)), _SIZE.fullmatch(str(right))
    if size and allowed:
        return _size_distance(*map(int, size.groups()), *map(int, allowed.groups()))
    lines, allowed_lines = _lines(str(wrong)), _LINES.fullmatch(str(right))
    if lines and allowed_lines:
        return round(abs(math.log(lines / int(allowed_lines.group(1)))), 6)
    return math.inf


def _size_distance(width: int, height: int, wide: int, high: int) -> float:
    """Whoever asks for an upright film minds its shape more than its size."""
    area = math.log((width * height) / (wide * high))
    shape = math.log((width / height) / (wide / high))
    return abs(area) + 4 * abs(shape)


def _lines(text: str) -> int:
    """Lines of `720P`, or the short side of `720*1280`; 0 for neither."""
    size, lines = _SIZE.fullmatch(text), _LINES.fullmatch(text)
    if size:
        return min(int(side) for side in size.groups())
    return int(lines.group(1)) if lines else 0


def most_alike(given: str, known: Sequence[str], *, cutoff: float) -> str:
    """The most similar of the known words; empty when none is similar enough (0 to 1)."""
    import difflib  # noqa: PLC0415  only a wrong request needs it, every function imports this

    return next(iter(difflib.get_close_matches(given, known, n=1, cutoff=cutoff)), "")
