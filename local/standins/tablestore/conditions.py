"""Conditions on rows: what a write may demand before it happens, and what a read may filter by."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from local.standins.tablestore.values import Value

Versions = Callable[[str], Sequence[Value]]
"""The values of a column, newest first; empty when the row does not have it."""


class RowExistence(Enum):
    IGNORE = "IGNORE"
    EXPECT_EXIST = "EXPECT_EXIST"
    EXPECT_NOT_EXIST = "EXPECT_NOT_EXIST"


class Comparator(Enum):
    EQUAL = "EQUAL"
    NOT_EQUAL = "NOT_EQUAL"
    GREATER_THAN = "GREATER_THAN"
    GREATER_EQUAL = "GREATER_EQUAL"
    LESS_THAN = "LESS_THAN"
    LESS_EQUAL = "LESS_EQUAL"
    EXIST = "EXIST"
    NOT_EXIST = "NOT_EXIST"


class Logic(Enum):
    NOT = "NOT"
    AND = "AND"
    OR = "OR"


@dataclass(frozen=True)
class Extraction:
    """Compare not the text itself but what `pattern` finds in it (its first group), as int, float or str."""

    pattern: str
    cast: type[int | float | str] = str


class ColumnIs(NamedTuple):
    """One column against a constant. `pass_if_missing` is True by default in the vendor's SDK, and never here."""

    column: str
    comparator: Comparator
    value: Value = 0
    pass_if_missing: bool = False
    latest_version_only: bool = True
    extraction: Extraction | None = None


@dataclass(frozen=True)
class Combined:
    """NOT has one part, AND and OR have two or more."""

    logic: Logic
    parts: tuple[ColumnIs | Combined, ...]


ColumnTest = ColumnIs | Combined


class Condition(NamedTuple):
    existence: RowExistence = RowExistence.IGNORE
    columns: ColumnTest | None = None


ANY_ROW = Condition()
EXISTING_ROW = Condition(RowExistence.EXPECT_EXIST)
NEW_ROW = Condition(RowExistence.EXPECT_NOT_EXIST)

_COMPARE: dict[Comparator, Callable[[Any, Any], bool]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.GREATER_THAN: operator.gt,
    Comparator.GREATER_EQUAL: operator.ge,
    Comparator.LESS_THAN: operator.lt,
    Comparator.LESS_EQUAL: operator.le,
}


def equals(column: str, value: Value) -> ColumnIs:
    """The commonest test: the column is there and holds exactly this."""
    return ColumnIs(column, Comparator.EQUAL, value)


def absent(column: str) -> ColumnIs:
    """The column is not there."""
    return ColumnIs(column, Comparator.NOT_EXIST)


def all_of(*parts: ColumnTest) -> ColumnTest:
    return parts[0] if len(parts) == 1 else Combined(Logic.AND, parts)


def holds(test: ColumnTest, versions: Versions) -> bool:
    """Whether a row, given by the values of its columns, passes."""
    if isinstance(test, ColumnIs):
        return _column_holds(test, versions(test.column))
    passed = (holds(part, versions) for part in test.parts)
    if test.logic is Logic.NOT:
        return not next(passed)
    return all(passed) if test.logic is Logic.AND else any(passed)


def leaves(test: ColumnTest) -> list[ColumnIs]:
    """All single-column tests in it."""
    return [test] if isinstance(test, ColumnIs) else [leaf for part in test.parts for leaf in leaves(part)]


def nodes(test: ColumnTest) -> int:
    """How many conditions and combinations it is made of."""
    return 1 if isinstance(test, ColumnIs) else 1 + sum(nodes(part) for part in test.parts)


def _column_holds(test: ColumnIs, values: Sequence[Value]) -> bool:
    if test.comparator is Comparator.EXIST:
        return bool(values)
    if test.comparator is Comparator.NOT_EXIST:
        return not values
    if not values:
        return test.pass_if_missing
    considered = values[:1] if test.latest_version_only else values
    return any(_compares(test, value) for value in considered)


def _compares(test: ColumnIs, value: Value) -> bool:
    seen: Value | None = value if test.extraction is None else _extract(test.extraction, value)
    if seen is None:
        return False
    if type(seen) is not type(test.value):
        # Values of different types are never ordered; that they are at least unequal is not written anywhere.
        return test.comparator is Comparator.NOT_EQUAL
    return _COMPARE[test.comparator](seen, test.value)


def _extract(extraction: Extraction, value: Value) -> Value | None:
    found = re.search(extraction.pattern, value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return extraction.cast(found.group(1) if found.re.groups else found.group())
    except ValueError:
        return None
