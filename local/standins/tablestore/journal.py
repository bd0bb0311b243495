"""Tables and rows as JSON in the account's store, so that they survive a restart; open transactions do not."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Any, Final

from local.standins.store import MemoryStore, Store
from local.standins.tablestore.tables import Cell, Index, KeyColumn, Row, Table, TableOptions, Throughput
from local.standins.tablestore.values import Key, KeyType, Value

_TABLES: Final = "tablestore.tables"


class Journal:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = not isinstance(store, MemoryStore)  # spares the encoding of what nobody keeps

    def load(self) -> dict[str, Table]:
        tables = (_table(json.loads(record)) for record in self._store.load(_TABLES).values())
        return {table.name: self._filled(table) for table in tables}

    def save_table(self, table: Table) -> None:
        if self._kept:
            self._store.save(_TABLES, table.name, json.dumps(_table_record(table)).encode())

    def drop_table(self, table: Table) -> None:
        for key in table.rows:
            self.drop_row(table.name, key)
        self._store.drop(_TABLES, table.name)

    def save_row(self, table: str, key: Key, row: Row) -> None:
        if not self._kept:
            return
        columns = {
            name: [[cell.version_ms, _plain(cell.value)] for cell in cells] for name, cells in row.columns.items()
        }
        record = json.dumps({"touched_ms": row.touched_ms, "columns": columns})
        self._store.save(_rows_of(table), _key_text(key), record.encode())

    def drop_row(self, table: str, key: Key) -> None:
        if self._kept:
            self._store.drop(_rows_of(table), _key_text(key))

    def _filled(self, table: Table) -> Table:
        for text, record in self._store.load(_rows_of(table.name)).items():
            table.keep(tuple(_value(value) for value in json.loads(text)), _row(json.loads(record)))
        return table


def _rows_of(table: str) -> str:
    return f"tablestore.rows.{table}"


def _key_text(key: Key) -> str:
    return json.dumps([_plain(value) for value in key])


def _plain(value: Value) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _value(plain: Any) -> Any:
    return base64.b64decode(plain["base64"]) if isinstance(plain, dict) else plain


def _row(record: dict[str, Any]) -> Row:
    columns = {
        name: tuple(Cell(version_ms, _value(plain)) for version_ms, plain in cells)
        for name, cells in record["columns"].items()
    }
    return Row(record["touched_ms"], columns)


def _table_record(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "key_columns": [[column.name, column.type.value, column.auto_increment] for column in table.key_columns],
        "options": asdict(table.options),
        "throughput": asdict(table.throughput),
        "defined_columns": table.defined_columns,
        "indexes": [asdict(index) for index in table.indexes],
        "last_auto": table.last_auto,
    }


def _table(record: dict[str, Any]) -> Table:
    return Table(
        name=record["name"],
        key_columns=tuple(KeyColumn(name, KeyType(kind), counts) for name, kind, counts in record["key_columns"]),
        options=TableOptions(**record["options"]),
        throughput=Throughput(**record["throughput"]),
        defined_columns=tuple((name, kind) for name, kind in record["defined_columns"]),
        indexes=tuple(
            Index(index["name"], tuple(index["key"]), tuple(index["columns"]), index["is_local"])
            for index in record["indexes"]
        ),
        last_auto=record["last_auto"],
    )
