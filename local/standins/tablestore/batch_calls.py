"""The two batch calls: what is wrong with the request fails all of it, what is wrong with a row fails that row."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import tablestore.protobuf.table_store_pb2 as messages

from local.standins.tablestore.conditions import RowExistence
from local.standins.tablestore.errors import TablestoreError, invalid
from local.standins.tablestore.limits import (
    BATCH_WRITE_BYTES_MAX,
    ROWS_PER_BATCH_READ_MAX,
    ROWS_PER_BATCH_WRITE_MAX,
    check_table_name,
)
from local.standins.tablestore.reads import Projection, check_projection
from local.standins.tablestore.row_calls import (
    Names,
    RowCalls,
    WriteCall,
    key_of,
    returned,
    shown,
    write_call,
    write_units,
)
from local.standins.tablestore.rows import check_read_key
from local.standins.tablestore.wire import consumed, projection_of
from local.standins.tablestore.writes import Kind

_KINDS: Final = {messages.PUT: Kind.PUT, messages.UPDATE: Kind.UPDATE, messages.DELETE: Kind.DELETE}


class BatchCalls:
    """Each method answers one operation; the caller holds the account's lock. Batches are not atomic."""

    def __init__(self, rows: RowCalls) -> None:
        self._rows = rows

    def batch_get_row(self, request: Any) -> Any:
        if not request.tables:
            raise invalid("No row specified in the request of BatchGetRow.")
        _check_tables(request)
        _check_count(sum(len(table.primary_key) for table in request.tables), ROWS_PER_BATCH_READ_MAX)
        wanted = [
            (table.table_name, _projection(table), [key_of(raw, check_read_key) for raw in table.primary_key])
            for table in request.tables
        ]
        response = messages.BatchGetRowResponse()
        for table_name, projection, keys in wanted:
            answer = response.tables.add(table_name=table_name)
            for names, key in keys:
                self._answer_read(answer.rows.add(), table_name, (names, key), projection)
        return response

    def batch_write_row(self, request: Any) -> Any:
        if not request.tables:
            raise invalid("No row is specified in BatchWriteRow.")
        _check_tables(request)
        for table in request.tables:
            if not table.rows:
                raise invalid(f"No operation is specified for table: '{table.table_name}'.")
        _check_count(sum(len(table.rows) for table in request.tables), ROWS_PER_BATCH_WRITE_MAX)
        _check_size(sum(len(row.row_change) for table in request.tables for row in table.rows))
        wanted = [
            (table.table_name, [write_call(_KINDS[row.type], row.row_change, row) for row in table.rows])
            for table in request.tables
        ]
        response = messages.BatchWriteRowResponse()
        for table_name, calls in wanted:
            answer = response.tables.add(table_name=table_name)
            times = Counter(call.key for call in calls)
            for call in calls:
                is_repeated = times[call.key] > 1
                self._answer_write(answer.rows.add(), table_name, call, request.transaction_id, is_repeated)
        return response

    def _answer_read(self, answer: Any, table: str, key: tuple[Names, tuple[Any, ...]], projection: Projection) -> None:
        try:
            found = self._rows.read(table, *key, projection, None)
        except TablestoreError as error:
            _fail(answer, error)
            return
        answer.is_ok = True
        answer.consumed.CopyFrom(consumed(read_bytes=found.size))
        answer.row = shown(key[0], found)

    def _answer_write(self, answer: Any, table: str, call: WriteCall, transaction_id: str, is_repeated: bool) -> None:
        try:
            if is_repeated:
                _check_repeated(call)
            written = self._rows.write(table, call, transaction_id or None)
        except TablestoreError as error:
            _fail(answer, error)
            return
        answer.is_ok = True
        answer.consumed.CopyFrom(write_units(call, written))
        answer.row = returned(call, written)


def _check_tables(request: Any) -> None:
    seen: set[str] = set()
    for table in request.tables:
        check_table_name(table.table_name)
        if table.table_name in seen:
            raise invalid(f"Duplicated table name: '{table.table_name}'.")
        seen.add(table.table_name)


def _check_count(count: int, limit: int) -> None:
    if count > limit:
        raise invalid(f"Rows count exceeds the upper limit: {limit}.")


def _check_size(size: int) -> None:
    if size > BATCH_WRITE_BYTES_MAX:
        raise invalid(
            "The total data size of BatchWriteRow request exceeds the limit, "
            f"limit size: {BATCH_WRITE_BYTES_MAX}, data size: {size}."
        )


def _projection(table: Any) -> Projection:
    projection = projection_of(table)
    if projection.max_versions is None and projection.time_range is None:
        raise invalid("No version condition is specified while querying row.")
    check_projection(projection)
    return projection


def _check_repeated(call: WriteCall) -> None:
    if call.change.condition.existence is not RowExistence.IGNORE:
        raise invalid("Repeated rows do not support row exist expectation check in BatchModify.")
    if call.change.condition.columns is not None:
        raise invalid("Repeated rows do not support row condition check in BatchModify.")


def _fail(answer: Any, error: TablestoreError) -> None:
    answer.is_ok = False
    answer.error.code = error.code
    answer.error.message = error.message
