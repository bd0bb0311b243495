"""The stand-in against a plain dict, over random histories with restarts in between."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, rule

from local.standins.account import Account
from local.standins.store import FolderStore
from local.standins.tablestore.conditions import (
    ANY_ROW,
    EXISTING_ROW,
    NEW_ROW,
    ColumnIs,
    Comparator,
    Condition,
    RowExistence,
    absent,
    equals,
)
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.values import Key, Value
from local.standins.timing import VirtualTiming

Columns = dict[str, Value]

KEYS = some.tuples(some.sampled_from(["", "a", "b", "事"]), some.integers(-1, 2))
NAMES = some.sampled_from(["x", "y"])
VALUES = some.one_of(some.integers(-2, 2), some.sampled_from(["", "租户"]), some.booleans(), some.just(b"\0"))
ROWS = some.dictionaries(NAMES, VALUES)
CHANGES = some.dictionaries(
    NAMES,
    some.one_of(
        some.tuples(some.just("put"), VALUES),
        some.tuples(some.just("delete"), some.none()),
        some.tuples(some.just("increment"), some.integers(-2, 2)),
    ),
    min_size=1,
)
TESTS = some.one_of(
    some.builds(equals, NAMES, VALUES),
    some.builds(absent, NAMES),
    some.builds(ColumnIs, NAMES, some.just(Comparator.EQUAL), VALUES, pass_if_missing=some.just(True)),
)
CONDITIONS = some.one_of(
    some.sampled_from([ANY_ROW, EXISTING_ROW, NEW_ROW]),
    some.builds(Condition, some.sampled_from(RowExistence), TESTS),
)


class AgainstADict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.timing = VirtualTiming()
        self.rows: dict[Key, Columns] = {}
        self.state = self.opened()
        self.state.create_table("t", [("job", "STRING"), ("number", "INTEGER")])

    def opened(self) -> TablestoreState:
        self.store = FolderStore(Path(self.folder.name))
        return TablestoreState(Account(timing=self.timing, store=self.store))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.state = self.opened()

    @rule(milliseconds=some.integers(0, 3))
    def wait(self, milliseconds: int) -> None:
        self.timing.advance(milliseconds / 1000)

    @rule(key=KEYS, columns=ROWS, condition=CONDITIONS)
    def put(self, key: Key, columns: Columns, condition: Condition) -> None:
        code = self.code(self.state.put, "t", key, columns, condition)

        assert code == ("" if self.allows(condition, key) else "OTSConditionCheckFail")
        if not code:
            self.rows[key] = dict(columns)

    @rule(key=KEYS, changes=CHANGES, condition=CONDITIONS)
    def update(self, key: Key, changes: dict[str, tuple[str, Any]], condition: Condition) -> None:
        put, delete, increment = (
            {name: value for name, (what, value) in changes.items() if what == wanted}
            for wanted in ("put", "delete", "increment")
        )
        code = self.code(self.state.update, "t", key, put, delete, increment, condition)

        before = self.rows.get(key, {})
        can_count = all(type(before.get(name, 0)) is int for name in increment)
        if not self.allows(condition, key):
            assert code == "OTSConditionCheckFail"
        elif not can_count:
            assert code == "OTSParameterInvalid"
        else:
            assert code == ""
            counted = {name: before.get(name, 0) + by for name, by in increment.items()}
            after = {name: value for name, value in before.items() if name not in delete} | put | counted
            if key in self.rows or put or increment:
                self.rows[key] = after

    @rule(key=KEYS, condition=CONDITIONS)
    def delete(self, key: Key, condition: Condition) -> None:
        code = self.code(self.state.delete, "t", key, condition)

        assert code == ("" if self.allows(condition, key) else "OTSConditionCheckFail")
        if not code:
            self.rows.pop(key, None)

    @rule(key=KEYS)
    def get(self, key: Key) -> None:
        assert typed(self.state.get("t", key)) == typed(self.rows.get(key))

    @rule(start=KEYS, end=KEYS, limit=some.integers(1, 5), forward=some.booleans())
    def read_range(self, start: Key, end: Key, limit: int, forward: bool) -> None:
        if (start >= end) if forward else (start <= end):
            assert self.code(self.state.range, "t", start, end, limit, forward=forward) == "OTSParameterInvalid"
            return
        found, next_key = self.state.range("t", start, end, limit, forward=forward)

        inside = [key for key in self.rows if (start <= key < end if forward else end < key <= start)]
        inside.sort(reverse=not forward)
        assert [(key, typed(columns)) for key, columns in found] == [
            (key, typed(self.rows[key])) for key in inside[:limit]
        ]
        assert next_key == (inside[limit] if len(inside) > limit else None)

    def allows(self, condition: Condition, key: Key) -> bool:
        row = self.rows.get(key)
        if condition.existence is RowExistence.EXPECT_EXIST and row is None:
            return False
        if condition.existence is RowExistence.EXPECT_NOT_EXIST and row is not None:
            return False
        test = condition.columns
        if test is None:
            return True
        assert isinstance(test, ColumnIs)
        has_it = row is not None and test.column in row
        if test.comparator is Comparator.NOT_EXIST:
            return not has_it
        if row is None or not has_it:
            return test.pass_if_missing
        return typed({"": row[test.column]}) == typed({"": test.value})

    @staticmethod
    def code(call: Any, *arguments: Any, **options: Any) -> str:
        try:
            call(*arguments, **options)
        except TablestoreError as error:
            return error.code
        return ""


def typed(columns: Mapping[str, Value] | None) -> dict[str, tuple[type, Value]] | None:
    """1, True and 1.0 are equal to Python and not to the service."""
    return None if columns is None else {name: (type(value), value) for name, value in columns.items()}


TestAgainstADict = AgainstADict.TestCase
TestAgainstADict.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
