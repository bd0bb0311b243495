"""The calls about tables and indexes, from message to message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import tablestore.protobuf.search_pb2 as search
import tablestore.protobuf.table_store_pb2 as messages

from local.standins.tablestore.errors import invalid, unsupported
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.tables import Index, KeyColumn, Table, TableOptions, Throughput
from local.standins.tablestore.values import KeyType

_DEFINED: Final = {
    messages.DCT_INTEGER: "INTEGER",
    messages.DCT_DOUBLE: "DOUBLE",
    messages.DCT_BOOLEAN: "BOOLEAN",
    messages.DCT_STRING: "STRING",
    messages.DCT_BLOB: "BINARY",
}
_DEFINED_CODES: Final = {name: code for code, name in _DEFINED.items()}


class TableCalls:
    """Each method answers one operation; the caller holds the account's lock."""

    def __init__(self, state: TablestoreState) -> None:
        self._state = state
        self._catalogue = state.catalogue

    def create_table(self, request: Any) -> Any:
        if request.HasField("stream_spec") and request.stream_spec.enable_stream:
            raise unsupported("Stream")
        self._catalogue.create(
            request.table_meta.table_name,
            [_key_column(column) for column in request.table_meta.primary_key],
            _new_options(request),
            self._throughput(Throughput(), request.reserved_throughput),
            defined_columns=[(column.name, _DEFINED[column.type]) for column in request.table_meta.defined_column],
            indexes=[_index(index) for index in request.index_metas],
        )
        return messages.CreateTableResponse()

    def list_table(self, request: Any) -> Any:
        del request
        return messages.ListTableResponse(table_names=self._catalogue.names())

    def describe_table(self, request: Any) -> Any:
        table = self._catalogue.readable(request.table_name)
        return messages.DescribeTableResponse(
            table_meta=_meta(table),
            reserved_throughput_details=_throughput_details(table.throughput),
            table_options=_options_message(table.options),
            index_metas=[_index_message(index) for index in table.indexes],
        )

    def update_table(self, request: Any) -> Any:
        table = self._catalogue.find(request.table_name)
        if request.HasField("stream_spec") and request.stream_spec.enable_stream:
            raise unsupported("Stream")
        if not (request.HasField("table_options") or request.HasField("reserved_throughput")):
            raise invalid("No parameter is specified in table options.")
        options = _merged(table.options, request.table_options)
        throughput = self._throughput(table.throughput, request.reserved_throughput)
        table = self._catalogue.update(request.table_name, options, throughput)
        return messages.UpdateTableResponse(
            reserved_throughput_details=_throughput_details(table.throughput),
            table_options=_options_message(table.options),
        )

    def delete_table(self, request: Any) -> Any:
        self._state.delete_table(request.table_name)
        return messages.DeleteTableResponse()

    def create_index(self, request: Any) -> Any:
        self._catalogue.add_index(request.main_table_name, _index(request.index_meta))
        return messages.CreateIndexResponse()

    def drop_index(self, request: Any) -> Any:
        self._catalogue.drop_index(request.main_table_name, request.index_name)
        return messages.DropIndexResponse()

    def list_search_index(self, request: Any) -> Any:
        """There are none: search indexes are not part of this stand-in."""
        if request.table_name:
            self._catalogue.find(request.table_name)
        return search.ListSearchIndexResponse()

    def _throughput(self, before: Throughput, message: Any) -> Throughput:
        unit = message.capacity_unit
        read = unit.read if unit.HasField("read") else before.read
        write = unit.write if unit.HasField("write") else before.write
        if read < 0 or write < 0:
            raise invalid(
                f"Invalid Capacity Unit for UpdateTable: Either read({read}) or write({write}) should be non-negative."
            )
        if (read, write) == (before.read, before.write) and before.since:
            return before
        return Throughput(read, write, int(self._state.account.now()))


def _key_column(message: Any) -> KeyColumn:
    kind = KeyType(messages.PrimaryKeyType.Name(message.type))
    return KeyColumn(message.name, kind, auto_increment=message.HasField("option"))


def _index(message: Any) -> Index:
    return Index(
        message.name,
        tuple(message.primary_key),
        tuple(message.defined_column),
        is_local=message.index_type == messages.IT_LOCAL_INDEX,
    )


def _new_options(request: Any) -> TableOptions:
    if not request.table_options.HasField("time_to_live"):
        raise invalid("Time-to-live is missing while creating table.")
    if not request.table_options.HasField("max_versions"):
        raise invalid("MaxVersions is missing while creating table.")
    return _merged(TableOptions(), request.table_options)


def _merged(options: TableOptions, message: Any) -> TableOptions:
    given = {
        ours: getattr(message, theirs)
        for ours, theirs in (
            ("ttl_s", "time_to_live"),
            ("max_versions", "max_versions"),
            ("deviation_s", "deviation_cell_version_in_sec"),
            ("allow_update", "allow_update"),
        )
        if message.HasField(theirs)
    }
    return replace(options, **given)


def _meta(table: Table) -> Any:
    return messages.TableMeta(
        table_name=table.name,
        primary_key=[_key_schema(column) for column in table.key_columns],
        defined_column=[
            messages.DefinedColumnSchema(name=name, type=_DEFINED_CODES[kind]) for name, kind in table.defined_columns
        ],
    )


def _key_schema(column: KeyColumn) -> Any:
    schema = messages.PrimaryKeySchema(name=column.name, type=messages.PrimaryKeyType.Value(column.type.value))
    if column.auto_increment:
        schema.option = messages.AUTO_INCREMENT
    return schema


def _options_message(options: TableOptions) -> Any:
    return messages.TableOptions(
        time_to_live=options.ttl_s,
        max_versions=options.max_versions,
        deviation_cell_version_in_sec=options.deviation_s,
        allow_update=options.allow_update,
    )


def _throughput_details(throughput: Throughput) -> Any:
    return messages.ReservedThroughputDetails(
        capacity_unit=messages.CapacityUnit(read=throughput.read, write=throughput.write),
        last_increase_time=throughput.since,
    )


def _index_message(index: Index) -> Any:
    kind: Sequence[int] = (
        (messages.IUM_SYNC_INDEX, messages.IT_LOCAL_INDEX)
        if index.is_local
        else (messages.IUM_ASYNC_INDEX, messages.IT_GLOBAL_INDEX)
    )
    return messages.IndexMeta(
        name=index.name,
        primary_key=index.key,
        defined_column=index.columns,
        index_update_mode=kind[0],
        index_type=kind[1],
    )
