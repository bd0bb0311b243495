"""The calls about single rows, ranges and transactions, from message to message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tablestore.protobuf.table_store_pb2 as messages

from local.standins.tablestore import codec
from local.standins.tablestore.conditions import RowExistence
from local.standins.tablestore.errors import invalid, invalid_key
from local.standins.tablestore.limits import check_table_name
from local.standins.tablestore.reads import Look, Projection, check_projection
from local.standins.tablestore.rows import Written, check_range_key, check_read_key, check_written_key
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.wire import change_of, condition_of, consumed, projection_of
from local.standins.tablestore.writes import Kind, Operation, RowChange, check_change

Names = tuple[str, ...]


@dataclass(frozen=True)
class WriteCall:
    """One write as it arrived, good in itself; whether it fits its table is still to be seen."""

    names: Names
    key: tuple[Any, ...]
    change: RowChange
    return_content: Any


class RowCalls:
    """Each method answers one operation; the caller holds the account's lock."""

    def __init__(self, state: TablestoreState) -> None:
        self._catalogue = state.catalogue
        self._rows = state.rows

    def put_row(self, request: Any) -> Any:
        return self._single(request, Kind.PUT, request.row, messages.PutRowResponse())

    def update_row(self, request: Any) -> Any:
        return self._single(request, Kind.UPDATE, request.row_change, messages.UpdateRowResponse())

    def delete_row(self, request: Any) -> Any:
        return self._single(request, Kind.DELETE, request.primary_key, messages.DeleteRowResponse())

    def get_row(self, request: Any) -> Any:
        check_table_name(request.table_name)
        names, key = key_of(request.primary_key, check_read_key)
        found = self.read(request.table_name, names, key, projection_of(request), request.transaction_id or None)
        return messages.GetRowResponse(consumed=consumed(read_bytes=found.size), row=shown(names, found))

    def get_range(self, request: Any) -> Any:
        check_table_name(request.table_name)
        names, start = key_of(request.inclusive_start_primary_key, check_range_key)
        end_names, end = key_of(request.exclusive_end_primary_key, check_range_key)
        projection = projection_of(request)
        check_projection(projection)
        table = self._catalogue.readable(request.table_name)
        table.check_names(names)
        table.check_names(end_names)
        page = self._rows.scan(
            request.table_name,
            start,
            end,
            projection,
            limit=request.limit if request.HasField("limit") else None,
            forward=request.direction == messages.FORWARD,
            transaction_id=request.transaction_id or None,
        )
        rows = [(tuple(zip(names, seen.key, strict=True)), seen.cells) for seen in page.rows]
        response = messages.GetRangeResponse(consumed=consumed(read_bytes=page.size), rows=codec.encode_rows(rows))
        if page.next_key is not None:
            response.next_start_primary_key = codec.encode_row(zip(names, page.next_key, strict=True))
        return response

    def start_local_transaction(self, request: Any) -> Any:
        check_table_name(request.table_name)
        names, key = key_of(request.key, check_written_key)
        table = self._catalogue.writable(request.table_name)
        if len(names) == 1 and names != table.key_names[:1]:
            raise invalid_key(f"Validate PK name fail. Input: {names[0]}, Meta: {table.key_names[0]}.")
        transaction_id = self._rows.start_transaction(request.table_name, key)
        return messages.StartLocalTransactionResponse(transaction_id=transaction_id)

    def commit_transaction(self, request: Any) -> Any:
        self._rows.commit(request.transaction_id)
        return messages.CommitTransactionResponse()

    def abort_transaction(self, request: Any) -> Any:
        self._rows.abort(request.transaction_id)
        return messages.AbortTransactionResponse()

    def write(self, table: str, call: WriteCall, transaction_id: str | None) -> Written:
        self._catalogue.writable(table).check_names(call.names)
        return self._rows.write(table, call.key, call.change, transaction_id)

    def read(
        self, table: str, names: Names, key: tuple[Any, ...], projection: Projection, transaction_id: str | None
    ) -> Look:
        check_projection(projection)
        self._catalogue.readable(table).check_names(names)
        return self._rows.read(table, key, projection, transaction_id)

    def _single(self, request: Any, kind: Kind, raw: bytes, response: Any) -> Any:
        check_table_name(request.table_name)
        call = write_call(kind, raw, request)
        written = self.write(request.table_name, call, request.transaction_id or None)
        response.consumed.CopyFrom(write_units(call, written))
        response.row = returned(call, written)
        return response


def key_of(raw: bytes, check: Callable[[Sequence[str], Sequence[object]], None]) -> tuple[Names, tuple[Any, ...]]:
    """The names and the values of a key that carries nothing else."""
    row = codec.decode_row(raw)
    if row.cells:
        raise invalid("Attribute column cannot be given while reading data.")
    names, key = _split(row)
    check(names, key)
    return names, key


def write_call(kind: Kind, raw: bytes, request: Any) -> WriteCall:
    row = codec.decode_row(raw)
    names, key = _split(row)
    check_written_key(names, key)
    change = change_of(kind, row, condition_of(request.condition))
    check_change(change)
    _check_returned(change, request.return_content)
    return WriteCall(names, key, change, request.return_content)


def shown(names: Names, found: Look) -> bytes:
    if found.seen is None:
        return b""
    return codec.encode_row(zip(names, found.seen.key, strict=True), found.seen.cells)


def returned(call: WriteCall, written: Written) -> bytes:
    """What the client asked to have back: nothing, the key, or the counters after they were incremented."""
    content = call.return_content
    if content.return_type == messages.RT_NONE:
        return b""
    key = zip(call.names, written.key, strict=True)
    if content.return_type == messages.RT_PK or written.row is None:
        return codec.encode_row(key)
    columns = written.row.columns
    return codec.encode_row(key, [(name, columns[name][0]) for name in content.return_column_names])


def write_units(call: WriteCall, written: Written) -> Any:
    """A condition costs reading the row."""
    condition = call.change.condition
    is_conditional = condition.existence is not RowExistence.IGNORE or condition.columns is not None
    return consumed(write_bytes=written.size, read_units=int(is_conditional))


def _split(row: codec.WireRow) -> tuple[Names, tuple[Any, ...]]:
    return tuple(name for name, _ in row.key), tuple(value for _, value in row.key)


def _check_returned(change: RowChange, content: Any) -> None:
    """Only counters can be asked back by name (the SDK for Python has no way to ask). The texts are ours."""
    names = set(content.return_column_names)
    if content.return_type != messages.RT_AFTER_MODIFY:
        if names:
            raise invalid(f"Invalid return type: {messages.ReturnType.Name(content.return_type)}.")
        return
    counted = {write.column for write in change.columns if write.operation is Operation.INCREMENT}
    if not names <= counted:
        raise invalid(f"Invalid return column: {min(names - counted)}.")
