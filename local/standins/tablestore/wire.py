"""Between the vendor's protobuf messages and the state's own types: conditions, filters, changes, projections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import tablestore.protobuf.table_store_filter_pb2 as filters
import tablestore.protobuf.table_store_pb2 as messages
from google.protobuf.message import DecodeError

from local.standins.tablestore import codec
from local.standins.tablestore.conditions import (
    ColumnIs,
    ColumnTest,
    Combined,
    Comparator,
    Condition,
    Extraction,
    Logic,
    RowExistence,
)
from local.standins.tablestore.errors import invalid
from local.standins.tablestore.reads import Projection, TimeRange
from local.standins.tablestore.values import AutoIncrement, Infinity, Value, variant
from local.standins.tablestore.writes import ColumnWrite, Kind, Operation, RowChange

CAPACITY_UNIT_BYTES: Final = 4096

_OPERATIONS: Final[Mapping[int | None, Operation]] = {
    None: Operation.PUT,
    codec.DELETE_ALL_VERSION: Operation.DELETE_ALL_VERSION,
    codec.DELETE_ONE_VERSION: Operation.DELETE_ONE_VERSION,
    codec.INCREMENT: Operation.INCREMENT,
}
_CASTS: Final[Mapping[int, type[int | float | str]]] = {
    filters.VT_INTEGER: int,
    filters.VT_DOUBLE: float,
    filters.VT_STRING: str,
}


def condition_of(message: Any) -> Condition:
    existence = RowExistence(messages.RowExistenceExpectation.Name(message.row_existence))
    return Condition(existence, test_of(message.column_condition))


def test_of(raw: bytes) -> ColumnTest | None:
    """A filter or a column condition; both are the same message."""
    return _test(_parsed(filters.Filter, raw, "filter")) if raw else None


def change_of(kind: Kind, row: codec.WireRow, condition: Condition) -> RowChange:
    if row.is_deleted and kind is not Kind.DELETE:
        raise invalid("Invalid request of put/update row: unexpected RowDeleteMarker in request.")
    if kind is Kind.DELETE and not row.is_deleted:
        raise invalid("Invalid request of delete row: missing RowDeleteMarker in request")
    if kind is Kind.DELETE and row.cells:
        raise invalid("Invalid delete row request: unexpected cells in request")
    if kind is Kind.PUT and any(cell.value is None for cell in row.cells):
        raise invalid("Invalid request of put row: find cells without values")
    return RowChange(kind, tuple(_column_write(cell) for cell in row.cells), condition)


def projection_of(message: Any) -> Projection:
    """From any of the three reads: they name their fields alike."""
    return Projection(
        columns=tuple(dict.fromkeys(message.columns_to_get)),
        max_versions=message.max_versions if message.HasField("max_versions") else None,
        time_range=_time_range(message.time_range) if message.HasField("time_range") else None,
        start_column=message.start_column,
        end_column=message.end_column,
        where=test_of(message.filter),
    )


def consumed(*, read_bytes: int | None = None, write_bytes: int | None = None, read_units: int = 0) -> Any:
    """Capacity units of 4 KB, at least one for what was read or written at all."""
    read = read_units + (0 if read_bytes is None else _units(read_bytes))
    write = 0 if write_bytes is None else _units(write_bytes)
    return messages.ConsumedCapacity(capacity_unit=messages.CapacityUnit(read=read, write=write))


def _units(size: int) -> int:
    return max(1, -(-size // CAPACITY_UNIT_BYTES))


def _column_write(cell: codec.WireCell) -> ColumnWrite:
    operation = _OPERATIONS.get(cell.operation)
    if operation is None:
        raise invalid(f"Invalid op type of cell: {cell.operation}.")
    return ColumnWrite(cell.name, _attribute(cell), operation, cell.version_ms)


def _attribute(cell: codec.WireCell) -> Value | None:
    if isinstance(cell.value, (Infinity, AutoIncrement)):
        raise invalid(f"{variant(cell.value)} is an invalid type for the attribute column.")
    return cell.value


def _time_range(message: Any) -> TimeRange:
    has_start, has_end = message.HasField("start_time"), message.HasField("end_time")
    if message.HasField("specific_time"):
        if has_start or has_end:
            raise invalid("Specific tiemstamp and time range cannot be given at the same time.")
        return TimeRange(specific_ms=message.specific_time)
    if not (has_start and has_end):
        raise invalid("Start and end time must be given at the same time.")
    return TimeRange(message.start_time, message.end_time)


def _test(message: Any) -> ColumnTest:
    if message.type == filters.FT_SINGLE_COLUMN_VALUE:
        return _single(_parsed(filters.SingleColumnValueFilter, message.filter, "relation filter"))
    if message.type == filters.FT_COMPOSITE_COLUMN_VALUE:
        return _combined(_parsed(filters.CompositeColumnValueFilter, message.filter, "composite filter"))
    # ColumnPaginationFilter: the Python SDK has no way to send it.
    raise invalid(f"Invalid type of filter: {filters.FilterType.Name(message.type)}.")


def _single(message: Any) -> ColumnIs:
    extraction = None
    if message.HasField("value_trans_rule"):
        rule = message.value_trans_rule
        extraction = Extraction(rule.regex, _CASTS.get(rule.cast_type, str))
    return ColumnIs(
        column=message.column_name,
        comparator=Comparator(filters.ComparatorType.Name(message.comparator).removeprefix("CT_")),
        value=codec.decode_value(message.column_value),
        # The field's name says what its value means to the service; the vendor's page has it the wrong way round.
        pass_if_missing=not message.filter_if_missing,
        latest_version_only=message.latest_version_only,
        extraction=extraction,
    )


def _combined(message: Any) -> Combined:
    logic = Logic(filters.LogicalOperator.Name(message.combinator).removeprefix("LO_"))
    if logic is Logic.NOT and len(message.sub_filters) != 1:
        raise invalid("Invalid NOT operator: the number of sub-filters must be 1.")
    if logic is not Logic.NOT and len(message.sub_filters) < 2:
        raise invalid("Invalid AND/OR operator: the number of sub-filters must be 2.")
    return Combined(logic, tuple(_test(part) for part in message.sub_filters))


def _parsed(kind: Any, raw: bytes, what: str) -> Any:
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        raise invalid(f"Deserialize {what} failed.") from error
