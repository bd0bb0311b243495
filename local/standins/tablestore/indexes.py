"""Secondary indexes as they are read: the rows of a table, once more, in the order of other columns.

They are made up when somebody reads, so they are never behind the table, while the service's global indexes follow it
by milliseconds; and an index added later always has the rows from before, as with `include_base_data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from local.standins.tablestore.tables import Index, KeyColumn, Row, Table, TableOptions, living
from local.standins.tablestore.values import Key, KeyType, KeyValue, Value


def index_table(table: Table, index: Index, now_ms: int) -> Table:
    """The index as a table of its own, for reading only."""
    types = {name: KeyType(kind) for name, kind in table.defined_columns if kind in KeyType.__members__}
    types |= {column.name: column.type for column in table.key_columns}
    names = (*index.key, *(name for name in table.key_names if name not in index.key))
    columns = tuple(KeyColumn(name, types[name]) for name in names)
    return Table(index.name, columns, TableOptions(), table.throughput, rows=dict(_rows(table, index, columns, now_ms)))


def _rows(table: Table, index: Index, columns: tuple[KeyColumn, ...], now_ms: int) -> Iterator[tuple[Key, Row]]:
    for key, kept in table.rows.items():
        row = living(kept, table.options, now_ms)
        if row is None:
            continue
        values = {name: cells[0].value for name, cells in row.columns.items()} | dict(
            zip(table.key_names, key, strict=True)
        )
        shown = {name: row.columns[name][:1] for name in index.columns if name in row.columns}
        index_key = _key(values, columns)
        if index_key is not None:
            yield index_key, Row(row.touched_ms, shown)


def _key(values: Mapping[str, Value], columns: tuple[KeyColumn, ...]) -> Key | None:
    """None for a row that lacks one of the columns, or holds another type in it: such rows are not in the index."""
    key: list[KeyValue] = []
    for column in columns:
        value = values.get(column.name)
        if not isinstance(value, (int, str, bytes)) or type(value) is not column.type.accepts:
            return None
        key.append(value)
    return tuple(key)
