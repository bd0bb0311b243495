"""What a write does to one row: pure functions from the row as it is to the row as it will be."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from local.standins.tablestore.conditions import ANY_ROW, Condition, RowExistence, holds
from local.standins.tablestore.errors import TablestoreError, condition_failed, invalid
from local.standins.tablestore.limits import (
    INT64_MAX,
    VERSION_MS_MAX,
    check_column_count,
    check_column_name,
    check_column_test,
    check_value,
)
from local.standins.tablestore.tables import Cell, Row, Table, TableOptions, living, values_of
from local.standins.tablestore.values import AutoIncrement, Key, Value, WrittenKey, size_of


class Kind(Enum):
    PUT = "PUT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Operation(Enum):
    PUT = "PUT"
    DELETE_ONE_VERSION = "DELETE_ONE_VERSION"
    DELETE_ALL_VERSION = "DELETE_ALL_VERSION"
    INCREMENT = "INCREMENT"


class ColumnWrite(NamedTuple):
    column: str
    value: Value | None = None
    operation: Operation = Operation.PUT
    version_ms: int | None = None


class RowChange(NamedTuple):
    """PUT replaces the row, UPDATE changes columns of it (or makes it), DELETE removes it."""

    kind: Kind
    columns: tuple[ColumnWrite, ...] = ()
    condition: Condition = ANY_ROW


DELETIONS: Final = frozenset({Operation.DELETE_ONE_VERSION, Operation.DELETE_ALL_VERSION})


def change_size(change: RowChange) -> int:
    return sum(
        len(write.column) + (0 if write.value is None else size_of(write.value, write.column))
        for write in change.columns
    )


def check_change(change: RowChange) -> None:
    """Refuse what is wrong with a change whatever the table holds."""
    check_column_count(len(change.columns))
    for name, value, _, _ in change.columns:
        check_column_name(name)
        if value is not None:
            check_value(name, value)
    check_column_test(change.condition.columns)
    if change.kind is Kind.UPDATE and not change.columns:
        raise invalid("Attribute column is missing.")
    if change.kind is Kind.PUT and any(write.operation is not Operation.PUT for write in change.columns):
        raise invalid(f"OpType cannot be given for column name:{_first_not_put(change.columns)} in PutRow.")
    if change.kind is Kind.UPDATE:
        _check_operations(change.columns)


def check_against(table: Table, key: WrittenKey, change: RowChange) -> None:
    """Refuse what the table's schema and options forbid."""
    for name, _, _, _ in change.columns:
        if name in table.key_names:
            raise invalid(f"Duplicated attribute column name with primary key column: '{name}'.")
    if change.kind is Kind.UPDATE and not table.options.allow_update:
        raise invalid("Update operation is not allowed on this table.")  # our text
    if table.auto_position is None:
        return
    existence = change.condition.existence
    if not any(isinstance(value, AutoIncrement) for value in key):
        if existence is RowExistence.EXPECT_NOT_EXIST:
            raise invalid(
                f"Invalid expect: {existence.value} when modify a specific row for table with pk auto increment"
            )
        return
    if change.kind is Kind.DELETE:
        raise invalid("Invalid row to delete which with pk auto increment")
    if existence is not RowExistence.IGNORE:
        raise invalid(f"Invalid expect:{existence.value} when modify row with pk auto increment")
    if change.condition.columns is not None:
        raise invalid("Can't set condition when modify row with pk auto increment")


def check_condition(condition: Condition, table: Table, key: Key, row: Row | None) -> None:
    """A missing row has no columns, not even those of its key; the row's existence is judged first."""
    if condition.existence is RowExistence.EXPECT_EXIST and row is None:
        raise condition_failed()
    if condition.existence is RowExistence.EXPECT_NOT_EXIST and row is not None:
        raise condition_failed()
    if condition.columns is not None and not holds(condition.columns, values_of(table, key, row)):
        raise condition_failed()


def changed(row: Row | None, change: RowChange, options: TableOptions, now_ms: int) -> Row | None:
    """The row after the change; None when there is none. `row` holds living cells only."""
    if change.kind is Kind.DELETE:
        return None
    before = row.columns if row is not None and change.kind is Kind.UPDATE else {}
    columns = dict(before)
    for write in change.columns:
        _apply(columns, write, options, now_ms)
    if change.kind is Kind.UPDATE and all(write.operation in DELETIONS for write in change.columns):
        # Deleting columns neither makes a row nor ends one.
        return None if row is None else Row(row.touched_ms, columns)
    return living(Row(now_ms, columns), options, now_ms)


def _apply(columns: dict[str, tuple[Cell, ...]], write: ColumnWrite, options: TableOptions, now_ms: int) -> None:
    name, value, operation, given_ms = write
    cells = columns.get(name, ())
    if (
        operation is Operation.PUT
        and given_ms is None
        and value is not None
        and options.max_versions == 1
        and (not cells or cells[0].version_ms <= now_ms)
    ):
        columns[name] = (Cell(now_ms, value),)  # nearly every write
        return
    version_ms = now_ms if write.version_ms is None else write.version_ms
    if write.operation is Operation.DELETE_ALL_VERSION:
        columns.pop(write.column, None)
        return
    if write.operation is Operation.DELETE_ONE_VERSION:
        kept = tuple(cell for cell in cells if cell.version_ms != version_ms)
    else:
        if write.version_ms is not None:
            _check_version(write.column, version_ms, options, now_ms)
        value = _sum(write, cells) if write.operation is Operation.INCREMENT else write.value
        if value is None:
            raise invalid(f"Invalid cell: {write.column}. Reason: missing value")
        if options.max_versions == 1 and (not cells or cells[0].version_ms <= version_ms):
            columns[write.column] = (Cell(version_ms, value),)
            return
        others = [cell for cell in cells if cell.version_ms != version_ms]
        newest_first = sorted([Cell(version_ms, value), *others], key=lambda cell: -cell.version_ms)
        kept = tuple(newest_first[: options.max_versions])
    if kept:
        columns[write.column] = kept
    else:
        columns.pop(write.column, None)


def _sum(write: ColumnWrite, cells: Sequence[Cell]) -> int:
    old = cells[0].value if cells else 0
    # Code and cause are documented ("原子计数器"); these texts are ours.
    if type(old) is not int or type(write.value) is not int:
        raise invalid(f"Column '{write.column}' must be INTEGER to be incremented.")
    if not -INT64_MAX - 1 <= old + write.value <= INT64_MAX:
        raise invalid(f"Column '{write.column}' overflows when incremented.")
    return old + write.value


def _check_version(column: str, version_ms: int, options: TableOptions, now_ms: int) -> None:
    """A version may lie in [now - deviation, now + deviation), and not be expired already."""
    if not 0 <= version_ms < VERSION_MS_MAX:
        raise invalid("Timestamp must be in range [0, INT64_MAX/1000).")
    version_s, now_s = version_ms // 1000, now_ms // 1000
    backwards_s = options.deviation_s if options.ttl_s < 0 else min(options.deviation_s, options.ttl_s)
    if not now_s - backwards_s <= version_s < now_s + options.deviation_s:
        raise invalid(f"Invalid timestamp. Cell:{column}.")


def _check_operations(columns: Sequence[ColumnWrite]) -> None:
    if all(write.operation is Operation.PUT and write.value is not None for write in columns):
        return
    for write in columns:
        error = _operation_error(write)
        if error is not None:
            raise error
    counted = {write.column for write in columns if write.operation is Operation.INCREMENT}
    if len(counted) + sum(write.column not in counted for write in columns) != len(columns):
        raise invalid("A column can only be incremented once, and not changed otherwise, in one request.")  # our text


def _operation_error(write: ColumnWrite) -> TablestoreError | None:
    if write.operation not in DELETIONS:
        return invalid(f"Invalid cell: {write.column}. Reason: missing value") if write.value is None else None
    if write.value is not None:
        return invalid("Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION.")
    if write.operation is Operation.DELETE_ONE_VERSION and write.version_ms is None:
        return invalid("Timestamp must be given when type is DELETE_ONE_VERSION.")
    if write.operation is Operation.DELETE_ALL_VERSION and write.version_ms is not None:
        return invalid("Timestamp cannot be given when type is DELETE_ALL_VERSION.")
    return None


def _first_not_put(columns: Sequence[ColumnWrite]) -> str:
    return next(write.column for write in columns if write.operation is not Operation.PUT)
