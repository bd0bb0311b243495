"""What fuzzing means here: one parser, inputs that nobody wished for, and the two outcomes that are allowed.

A parser gives a value, or it raises an error of the tree that may stand in a row, in a log and before a family.
Whatever else it does (another exception, a NaN, half a surrogate pair that no file and no row takes) is a bug.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from hypothesis.strategies import SearchStrategy

from shared.domain.errors import EchobotError

DETAIL_CHARS_MAX = 2000


def nothing_more(given: Any, value: Any) -> None:
    """That the value is sound is all that is asked of it."""


@dataclass(frozen=True)
class Harness:
    """`parse` is the parser; `holds` asserts what must be true of an input and its value (that writing it gives the
    input back, say). `refuses` are errors by which this parser alone may turn an input down, beside those of the tree.
    """

    name: str
    inputs: SearchStrategy[Any]
    parse: Callable[[Any], Any]
    holds: Callable[[Any, Any], None] = nothing_more
    refuses: tuple[type[Exception], ...] = ()


def survive(harness: Harness, value: object) -> None:
    """One input, one of the two outcomes."""
    try:
        result = harness.parse(value)
    except EchobotError as error:
        check_error(error)
    except harness.refuses as refusal:
        str(refusal).encode()
    else:
        check_sound(result)
        harness.holds(value, result)


def check_error(error: EchobotError) -> None:
    """It can be written to a row and told to a person."""
    assert len(error.detail) <= DETAIL_CHARS_MAX, f"{len(error.detail)} characters of detail"
    check_sound(error.detail)
    check_sound(
        {name: value if isinstance(value, (int, float)) else str(value) for name, value in error.fields.items()}
    )
    check_sound([error.sentence.zh, error.sentence.en])


def check_sound(value: object) -> None:
    """Text that UTF-8 holds and numbers that are numbers, all the way down."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float):
        assert math.isfinite(value), f"{value} came through"
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            check_sound(getattr(value, field.name))
    elif isinstance(value, EchobotError):
        check_error(value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            check_sound(name)
            check_sound(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            check_sound(inner)
    else:
        assert value is None or isinstance(value, (int, bytes, Enum)), f"a {type(value).__name__} came through"
