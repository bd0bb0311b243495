"""`Rows` on the Tablestore stand-in's state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from local.direct.answering import answered, answering
from local.standins.tablestore.conditions import (
    EXISTING_ROW,
    NEW_ROW,
    ColumnTest,
    Condition,
    RowExistence,
    all_of,
    equals,
)
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.values import INF_MAX, INF_MIN, RangeKey
from shared.clients.codes import Vendor
from shared.domain.errors import Conflict, Corrupt
from shared.ports import Columns, Key, Table
from shared.tables import PRIMARY_KEYS


class DirectRows:
    def __init__(self, state: TablestoreState) -> None:
        self._state = state

    def get(self, table: Table, key: Key) -> Columns | None:
        try:
            return cast("Columns | None", self._state.get(table.value, _whole(table, key)))
        except TablestoreError as error:
            raise answered(Vendor.TABLESTORE, error, sent=False) from error

    def insert(self, table: Table, key: Key, columns: Columns) -> bool:
        try:
            with answering(Vendor.TABLESTORE, sent=True):
                self._state.put(table.value, _whole(table, key), columns, NEW_ROW)
        except Conflict:
            return False
        return True

    def update(self, table: Table, key: Key, put: Columns, *, expect: Columns, remove: Sequence[str] = ()) -> None:
        condition = Condition(RowExistence.EXPECT_EXIST, _all_equal(expect)) if expect else EXISTING_ROW
        with answering(Vendor.TABLESTORE, sent=True):
            self._state.update(table.value, _whole(table, key), put, remove, condition=condition)

    def merge(self, table: Table, key: Key, put: Columns) -> None:
        with answering(Vendor.TABLESTORE, sent=True):
            self._state.update(table.value, _whole(table, key), put)

    def range(
        self,
        table: Table,
        prefix: Key = (),
        *,
        where: Columns | None = None,
        after: Key | None = None,
        limit: int = 5000,
    ) -> list[tuple[Key, Columns]]:
        first, end = _bounds(table, prefix)
        start: RangeKey | None = _whole(table, after) if after else first
        test = _all_equal(where) if where else None
        found: list[tuple[Key, Columns]] = []
        while start is not None and len(found) < limit:
            try:
                page, start = self._state.range(table.value, start, end, where=test)
            except TablestoreError as error:
                raise answered(Vendor.TABLESTORE, error, sent=False) from error
            rows = cast("list[tuple[Key, Columns]]", page)
            found.extend([row for row in rows if row[0] != after] if after else rows)
        return found[:limit]

    def delete(self, table: Table, key: Key) -> None:
        with answering(Vendor.TABLESTORE, sent=True):
            self._state.delete(table.value, _whole(table, key))


def _whole(table: Table, key: Key) -> Key:
    if len(key) != len(PRIMARY_KEYS[table]):
        raise Corrupt("internal", f"{table.value} has the key {PRIMARY_KEYS[table]}, not {key}")
    return key


@lru_cache(maxsize=1024)
def _bounds(table: Table, prefix: Key) -> tuple[RangeKey, RangeKey]:
    """The range of the keys that begin with `prefix`."""
    missing = len(PRIMARY_KEYS[table]) - len(prefix)
    if missing < 1:
        raise Corrupt("internal", f"{prefix} leaves no range of {table.value}")
    return (*prefix, *(INF_MIN,) * missing), (*prefix, *(INF_MAX,) * missing)


def _all_equal(columns: Columns) -> ColumnTest:
    return all_of(*[equals(name, value) for name, value in columns.items()])
