"""A vendor's reply, which is JSON of any shape: what is missing, or not what it should be, reads as nothing.

Apart, because each client needs it and none may trust it: nesting beyond what the reader takes, numbers without end,
NaN, and half a surrogate pair are all valid JSON to Python, and break a row or a reader later.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

TEXT_CHARS_MAX = 8192
"""Longer than any id, message or url that a vendor gives."""


def loaded(body: bytes | str) -> object:
    """The JSON value; ValueError when there is none that can be read."""
    try:
        value: object = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def part(reply: object, name: str) -> Mapping[str, Any]:
    """The object under a name, else an empty one."""
    found = reply.get(name) if isinstance(reply, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(reply: object, name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under a name, else none."""
    found = reply.get(name) if isinstance(reply, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(value: object) -> str:
    """Text as a row and a log take it; empty for anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    told = value if isinstance(value, str) else str(number(value) or 0)
    return told[:TEXT_CHARS_MAX].encode("utf-8", "replace").decode()


def number(value: object) -> float | None:
    """A finite number, also one that was told as text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
