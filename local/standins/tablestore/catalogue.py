"""The tables there are: creating, describing, changing and dropping them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from local.standins.account import Account
from local.standins.tablestore.errors import invalid, table_exists, table_missing, too_many_tables
from local.standins.tablestore.indexes import index_table
from local.standins.tablestore.journal import Journal
from local.standins.tablestore.limits import (
    TABLES_MAX,
    check_defined_columns,
    check_indexes,
    check_options,
    check_schema,
    check_table_name,
)
from local.standins.tablestore.tables import Index, KeyColumn, Table, TableOptions, Throughput


class Catalogue:
    """Callers hold the account's lock."""

    def __init__(self, account: Account, journal: Journal) -> None:
        self._account = account
        self._journal = journal
        self._tables = journal.load()

    def names(self) -> list[str]:
        return sorted(self._tables)

    def create(
        self,
        name: str,
        key_columns: Sequence[KeyColumn],
        options: TableOptions,
        throughput: Throughput,
        *,
        defined_columns: Sequence[tuple[str, str]] = (),
        indexes: Sequence[Index] = (),
    ) -> Table:
        check_table_name(name)
        check_schema(key_columns, name)
        check_options(options)
        check_defined_columns(defined_columns)
        self._check_free(name)
        table = Table(name, tuple(key_columns), options, throughput, tuple(defined_columns))
        for index in indexes:
            self._add_index(table, index)
        if self._count() + 1 + len(table.indexes) > TABLES_MAX:
            raise too_many_tables()
        self._tables[name] = table
        self._journal.save_table(table)
        return table

    def find(self, name: str) -> Table:
        """A table by its name; an index is not found here."""
        table = self._tables.get(name)
        if table is None:
            check_table_name(name)
            raise table_missing()
        return table

    def readable(self, name: str) -> Table:
        """A table or an index, as rows may be read from it now."""
        table = self._tables.get(name)
        if table is not None:
            return table
        check_table_name(name)
        owner = self._owner_of_index(name)
        if owner is None:
            raise table_missing()
        index = next(index for index in owner.indexes if index.name == name)
        return index_table(owner, index, self.now_ms())

    def writable(self, name: str) -> Table:
        if name not in self._tables and self._owner_of_index(name) is not None:
            raise invalid("Can't write index table directly")
        return self.find(name)

    def update(self, name: str, options: TableOptions, throughput: Throughput) -> Table:
        table = self.find(name)
        check_options(options)
        check_indexes(replace(table, options=options, rows={}))
        table.options = options
        table.throughput = throughput
        self._journal.save_table(table)
        return table

    def delete(self, name: str) -> None:
        table = self.find(name)
        self._journal.drop_table(table)
        del self._tables[name]

    def add_index(self, name: str, index: Index) -> None:
        table = self.find(name)
        if self._count() + 1 > TABLES_MAX:
            raise too_many_tables()
        self._add_index(table, index)
        self._journal.save_table(table)

    def drop_index(self, name: str, index_name: str) -> None:
        table = self.find(name)
        if all(index.name != index_name for index in table.indexes):
            raise table_missing()
        table.indexes = tuple(index for index in table.indexes if index.name != index_name)
        self._journal.save_table(table)

    def now_ms(self) -> int:
        return int(self._account.now() * 1000)

    def _add_index(self, table: Table, index: Index) -> None:
        self._check_free(index.name)
        if index.name == table.name or any(index.name == other.name for other in table.indexes):
            raise table_exists()
        check_indexes(replace(table, indexes=(*table.indexes, index), rows={}))
        table.indexes = (*table.indexes, index)

    def _check_free(self, name: str) -> None:
        if name in self._tables or self._owner_of_index(name) is not None:
            raise table_exists()

    def _owner_of_index(self, name: str) -> Table | None:
        return next((t for t in self._tables.values() if any(index.name == name for index in t.indexes)), None)

    def _count(self) -> int:
        """Indexes count as tables."""
        return sum(1 + len(table.indexes) for table in self._tables.values())
