"""All that a Tablestore instance holds, and every rule about it; callable in process, without protocol or SDK.

The methods here take and give tuples and dicts, and see the newest version of each column. `catalogue` and `rows` are
the whole of it: table options, indexes, versions, filters, transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from local.standins.account import Account
from local.standins.tablestore.catalogue import Catalogue
from local.standins.tablestore.conditions import ANY_ROW, ColumnTest, Condition
from local.standins.tablestore.journal import Journal
from local.standins.tablestore.reads import WHOLE_ROW, Projection
from local.standins.tablestore.rows import Rows
from local.standins.tablestore.tables import Index, KeyColumn, TableOptions, Throughput
from local.standins.tablestore.values import Key, KeyType, RangeKey, Value, WrittenKey
from local.standins.tablestore.writes import ColumnWrite, Kind, Operation, RowChange

Columns = Mapping[str, Value]


class TablestoreState:
    """One instance. `local_transactions` is the feature the vendor enables by ticket."""

    def __init__(self, account: Account, *, local_transactions: bool = True) -> None:
        self.account = account
        journal = Journal(account.store)
        self.catalogue = Catalogue(account, journal)
        self.rows = Rows(account, self.catalogue, journal, local_transactions=local_transactions)

    def create_table(
        self,
        name: str,
        primary_key: Sequence[tuple[str, str]],
        ttl_s: int = -1,
        max_versions: int = 1,
        *,
        defined_columns: Sequence[tuple[str, str]] = (),
        indexes: Sequence[Index] = (),
    ) -> None:
        """`primary_key` as `[("job", "STRING"), ("number", "INTEGER")]`; the first column is the partition key."""
        columns = [KeyColumn(column, KeyType(kind)) for column, kind in primary_key]
        throughput = Throughput(since=int(self.account.now()))
        with self.account.lock:
            self.catalogue.create(
                name,
                columns,
                TableOptions(ttl_s, max_versions),
                throughput,
                defined_columns=defined_columns,
                indexes=indexes,
            )

    def tables(self) -> list[str]:
        with self.account.lock:
            return self.catalogue.names()

    def delete_table(self, name: str) -> None:
        with self.account.lock:
            self.catalogue.delete(name)
            self.rows.forget_transactions(name)

    def put(self, table: str, key: WrittenKey, columns: Mapping[str, Value], condition: Condition = ANY_ROW) -> Key:
        """Write a whole row in place of the one that was there; gives its key."""
        writes = tuple(ColumnWrite(name, value) for name, value in columns.items())
        return self.rows.write(table, key, RowChange(Kind.PUT, writes, condition)).key

    def update(
        self,
        table: str,
        key: WrittenKey,
        put: Mapping[str, Value] | None = None,
        delete: Iterable[str] = (),
        increment: Mapping[str, int] | None = None,
        condition: Condition = ANY_ROW,
    ) -> Key:
        """Set, drop and add to columns of a row, which is made when there is none."""
        writes = [ColumnWrite(name, value) for name, value in (put or {}).items()]
        writes += [ColumnWrite(name, None, Operation.DELETE_ALL_VERSION) for name in delete]
        writes += [ColumnWrite(name, value, Operation.INCREMENT) for name, value in (increment or {}).items()]
        return self.rows.write(table, key, RowChange(Kind.UPDATE, tuple(writes), condition)).key

    def delete(self, table: str, key: Key, condition: Condition = ANY_ROW) -> None:
        """Remove a row; that there was none is no error."""
        self.rows.write(table, key, RowChange(Kind.DELETE, (), condition))

    def get(self, table: str, key: Key, columns: Sequence[str] | None = None) -> Columns | None:
        """The newest value of each column; None when the row is not there, or none of the columns asked for is."""
        if not columns:
            return self.rows.newest(table, key)
        seen = self.rows.read(table, key, Projection(tuple(columns))).seen
        return None if seen is None else seen.values()

    def range(
        self,
        table: str,
        start: RangeKey,
        end: RangeKey,
        limit: int | None = None,
        *,
        forward: bool = True,
        where: ColumnTest | None = None,
        columns: Sequence[str] | None = None,
    ) -> tuple[list[tuple[Key, Columns]], Key | None]:
        """Rows from `start` (included) to `end` (excluded), and the key to go on from when there are more."""
        projection = Projection(tuple(columns or ()), where=where) if columns or where else WHOLE_ROW
        page = self.rows.scan(table, start, end, projection, limit=limit, forward=forward)
        return [(seen.key, seen.values()) for seen in page.rows], page.next_key
