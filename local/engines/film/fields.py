"""Reads one JSON object field by field, and refuses by name what is wrong, unknown or not supported here.

IMS drops unknown fields without a word, and a film comes out wrong an hour later. A stand-in does better to complain.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import Enum
from typing import NoReturn, TypeVar

from local.engines.contract import RejectionError
from local.engines.film.timeline import Measure

TIMELINE_ERROR = "TimelineFormatError"
PARAMETER_ERROR = "InvalidParameter"
_COLOR = re.compile(r"#?([0-9a-fA-F]{6})")

Choice = TypeVar("Choice", bound=Enum)


class Fields:
    """The fields of one object at a path such as `VideoTracks[0].VideoTrackClips[2]`; null counts as not given."""

    def __init__(self, value: object, at: str, code: str = TIMELINE_ERROR) -> None:
        self.at = at
        self.code = code
        if not isinstance(value, dict):
            raise RejectionError(code, f"{at or 'The timeline'} must be a JSON object.")
        self._fields: dict[str, object] = {name: field for name, field in value.items() if field is not None}
        self._read: set[str] = set()

    def refuse(self, name: str, why: str) -> NoReturn:
        at = self._path(name).encode("utf-8", "replace").decode()  # JSON can name a field by half a surrogate pair
        raise RejectionError(self.code, f"{at} {why}.")

    def done(self) -> None:
        """Every field that nobody read is one this renderer does not know."""
        for name in self._fields:
            if name not in self._read:
                self.refuse(name, "is not supported")

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str) -> str | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.refuse(name, "must be a string that is not empty")
        return value

    def needed_text(self, name: str) -> str:
        return self.text(name) or self.refuse(name, "is missing")

    def number(self, name: str, low: float, high: float = float("inf")) -> float | None:
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124  NaN
            self.refuse(name, "must be a number")
        if abs(value) > sys.float_info.max:
            self.refuse(name, "must be a number that is not so large")
        if not low <= value <= high:
            limit = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
            self.refuse(name, f"must be {limit}")
        return float(value)

    def whole(self, name: str, low: int, high: int) -> int | None:
        value = self.number(name, low, high)
        if value is not None and not value.is_integer():
            self.refuse(name, "must be a whole number")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.refuse(name, "must be true or false")
        return value

    def choice(self, name: str, default: Choice) -> Choice:
        value = self.text(name)
        if value is None:
            return default
        names = [option.value for option in type(default)]
        if value not in names:
            self.refuse(name, f"must be one of {', '.join(names)}")
        return type(default)(value)

    def one_of(self, name: str, options: Sequence[str], default: str) -> str:
        value = self.text(name) or default
        if value not in options:
            self.refuse(name, f"must be one of {', '.join(options)}")
        return value

    def color(self, name: str, default: str) -> str:
        value = self.text(name)
        if value is None:
            return default
        match = _COLOR.fullmatch(value)
        return match.group(1).upper() if match else self.refuse(name, "must be a colour such as #FFFFFF")

    def position(self, name: str) -> Measure | None:
        """X or Y: 0 to 0.9999 is a fraction of the canvas, 2 and above are whole pixels."""
        value = self.number(name, 0)
        if value is None or value < 1:
            return None if value is None else Measure(value, is_fraction=True)
        return self._pixels(name, value)

    def size(self, name: str) -> Measure | None:
        """Width or Height: as a position, and 1 is the whole canvas."""
        value = self.number(name, 0)
        if value == 0:
            self.refuse(name, "must be more than 0")
        if value is None or value <= 1:
            return None if value is None else Measure(value, is_fraction=True)
        return self._pixels(name, value)

    def objects(self, name: str, limit: int) -> list[Fields]:
        value = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(name, "must be a list")
        if len(value) > limit:
            self.refuse(name, f"must not hold more than {limit}")
        return [Fields(item, f"{self._path(name)}[{number}]", self.code) for number, item in enumerate(value)]

    def nested(self, name: str) -> Fields:
        """The object of that name; one without fields when it is not given."""
        value = self._take(name)
        return Fields({} if value is None else value, self._path(name), self.code)

    def ignored(self, *names: str) -> None:
        """Fields that are documented to change nothing."""
        self._read.update(names)

    def _pixels(self, name: str, value: float) -> Measure:
        if value < 2 or not value.is_integer():
            self.refuse(name, "must be a fraction from 0 to 0.9999 or a whole number of pixels from 2")
        return Measure(value, is_fraction=False)

    def _take(self, name: str) -> object:
        self._read.add(name)
        return self._fields.get(name)

    def _path(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name
