"""Writing, reading and scanning rows, inside and outside of transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from local.standins.account import Account
from local.standins.tablestore.catalogue import Catalogue
from local.standins.tablestore.errors import invalid, invalid_key, row_busy
from local.standins.tablestore.journal import Journal
from local.standins.tablestore.limits import PAGE_BYTES_MAX, PAGE_ROWS_MAX
from local.standins.tablestore.reads import WHOLE_ROW, Look, Projection, Seen, check_projection, look, whole
from local.standins.tablestore.tables import Row, Table, check_key_sizes, key_size, living
from local.standins.tablestore.transactions import Transaction, Transactions
from local.standins.tablestore.values import (
    INF_MIN,
    AutoIncrement,
    Infinity,
    Key,
    KeyValue,
    RangeKey,
    Value,
    WrittenKey,
    variant,
)
from local.standins.tablestore.writes import (
    RowChange,
    change_size,
    changed,
    check_against,
    check_change,
    check_condition,
)


class Written(NamedTuple):
    """`row` is what is there now, None after a delete."""

    key: Key
    row: Row | None
    names: tuple[str, ...]
    change: RowChange

    @property
    def size(self) -> int:
        """What was written, in bytes."""
        return key_size(self.names, self.key) + change_size(self.change)


class Page(NamedTuple):
    """`next_key` is where to go on reading, None at the end of the range; `size` is what was read, in bytes."""

    rows: list[Seen]
    next_key: Key | None
    size: int


Watcher = Callable[[str, Key, Row | None, Row | None], None]


class Rows:
    """The rows of all tables. Each call is atomic under the account's lock.

    `watchers` are called with table, key, the row as it was and as it is, for each change that is kept.
    """

    def __init__(self, account: Account, catalogue: Catalogue, journal: Journal, *, local_transactions: bool) -> None:
        self._account = account
        self._catalogue = catalogue
        self._journal = journal
        self._local_transactions = local_transactions
        self._transactions = Transactions()
        self.watchers: list[Watcher] = []

    def write(self, table: str, key: WrittenKey, change: RowChange, transaction_id: str | None = None) -> Written:
        """Apply one change if its condition holds, or raise and change nothing."""
        check_change(change)
        with self._account.lock:
            owner = self._catalogue.writable(table)
            if not owner.is_plain(key):
                check_written_key(owner.key_names, key)
                owner.check_key(key)
            check_against(owner, key, change)
            transaction = self._writing(owner, key[0], transaction_id)
            written_key = self._numbered(owner, key, transaction)
            now_ms = self._catalogue.now_ms()
            row = living(_kept(owner, transaction, written_key), owner.options, now_ms)
            check_condition(change.condition, owner, written_key, row)
            after = changed(row, change, owner.options, now_ms)
            written = Written(written_key, after, owner.key_names, change)
            if transaction is None:
                self._keep(owner, written_key, after)
            else:
                transaction.grow(written.size)
                transaction.rows[written_key] = after
            return written

    def read(self, table: str, key: Key, projection: Projection, transaction_id: str | None = None) -> Look:
        check_projection(projection)
        with self._account.lock:
            owner = self._catalogue.readable(table)
            if not owner.is_plain(key):
                check_read_key(owner.key_names, key)
                owner.check_key(key)
            transaction = self._reading(owner, key[:1], transaction_id)
            row = living(_kept(owner, transaction, key), owner.options, self._catalogue.now_ms())
            if row is None:
                return Look(None, 0)
            return whole(owner, key, row) if projection is WHOLE_ROW else look(owner, key, row, projection)

    def newest(self, table: str, key: Key) -> Mapping[str, Value] | None:
        """The newest value of each column. A row that is there for ever, as nearly all are, is not looked at twice."""
        with self._account.lock:
            owner = self._catalogue.readable(table)
            row = owner.rows.get(key) if owner.is_textual and owner.options.ttl_s < 0 else None
            if row is not None:
                return row.newest.values
            seen = self.read(table, key, WHOLE_ROW).seen
            return None if seen is None else seen.values()

    def scan(
        self,
        table: str,
        start: RangeKey,
        end: RangeKey,
        projection: Projection,
        *,
        limit: int | None = None,
        forward: bool = True,
        transaction_id: str | None = None,
    ) -> Page:
        """One page. `limit` counts rows shown; 5000 rows or 4 MB looked at end a page too, even an empty one."""
        check_projection(projection)
        if limit is not None and limit <= 0:
            raise invalid("The limit must be greater than 0.")
        with self._account.lock:
            owner = self._catalogue.readable(table)
            for bound in (start, end):
                if not owner.is_plain(bound, is_bound=True):
                    check_range_key(owner.key_names, bound)
                    owner.check_key(bound)
            if forward and not start < end:
                raise invalid("Begin key must less than end key in FORWARD")
            if not forward and not start > end:
                raise invalid("Begin key must more than end key in BACKWARD")
            transaction = self._reading(owner, (start[0], end[0]), transaction_id)
            keys = _keys(owner, transaction, start, end, forward=forward)
            return self._page(owner, keys, transaction, projection, min(limit or PAGE_ROWS_MAX, PAGE_ROWS_MAX))

    def start_transaction(self, table: str, partition: Sequence[KeyValue]) -> str:
        """`partition` holds one value, that of the partition key."""
        with self._account.lock:
            owner = self._catalogue.writable(table)
            if len(partition) != 1:
                raise invalid("StartLocalTransaction support only one primary key.")
            check_written_key(owner.key_names, partition)
            owner.check_key((partition[0], *(INF_MIN for _ in owner.key_columns[1:])))
            if not self._local_transactions or owner.auto_position is not None:
                raise invalid("Try to call method using explicit transaction on explicit-transaction-disabled table.")
            now = self._account.now()
            return self._transactions.start(self._account.new_id(40), table, partition[0], now).id

    def commit(self, transaction_id: str) -> None:
        with self._account.lock:
            transaction = self._transactions.end(transaction_id, self._account.now())
            owner = self._catalogue.find(transaction.table)
            for key, row in transaction.rows.items():
                self._keep(owner, key, row)

    def abort(self, transaction_id: str) -> None:
        with self._account.lock:
            self._transactions.end(transaction_id, self._account.now())

    def forget_transactions(self, table: str) -> None:
        self._transactions.end_all(table)

    def _writing(self, table: Table, partition: object, transaction_id: str | None) -> Transaction | None:
        """The transaction to write in; a partition locked by one refuses writes from outside."""
        now = self._account.now()
        if transaction_id is not None:
            return self._joined(table, (partition,), transaction_id)
        if self._transactions.holder(table.name, partition, now) is not None:
            raise row_busy()
        return None

    def _reading(self, table: Table, partitions: Sequence[object], transaction_id: str | None) -> Transaction | None:
        return None if transaction_id is None else self._joined(table, partitions, transaction_id)

    def _joined(self, table: Table, partitions: Sequence[object], transaction_id: str) -> Transaction:
        transaction = self._transactions.find(transaction_id, self._account.now())
        for partition in partitions:
            transaction.check_scope(table.name, partition)
        return transaction

    def _numbered(self, table: Table, key: WrittenKey, transaction: Transaction | None) -> Key:
        """The key with the number the service chose, where it was asked to."""
        if table.auto_position is None and table.is_textual:
            return cast("Key", key)  # nothing but text in it
        asked = [at for at, value in enumerate(key) if isinstance(value, AutoIncrement)]
        for at in asked:
            if at != table.auto_position:
                kind = table.key_columns[at].type.accepts
                raise invalid_key(f"Validate PK type fail. Input: {variant(key[at])}, Meta: {variant(kind())}.")
        if asked and transaction is None:
            number = table.next_auto(int(self._account.now() * 1_000_000))
            self._journal.save_table(table)
            return tuple(number if isinstance(value, AutoIncrement) else value for value in key)
        return tuple(value for value in key if not isinstance(value, AutoIncrement))

    def _keep(self, table: Table, key: Key, row: Row | None) -> None:
        for watcher in self.watchers:
            watcher(table.name, key, table.rows.get(key), row)
        if row is None:
            table.remove(key)
            self._journal.drop_row(table.name, key)
        else:
            table.keep(key, row)
            self._journal.save_row(table.name, key, row)

    def _page(
        self,
        table: Table,
        keys: Sequence[Key],
        transaction: Transaction | None,
        projection: Projection,
        limit: int,
    ) -> Page:
        rows: list[Seen] = []
        size = looked_at = 0
        now_ms = self._catalogue.now_ms()
        is_whole = projection is WHOLE_ROW and transaction is None and table.options.ttl_s < 0
        for key in keys:
            if is_whole:
                row = table.rows[key]
                shown = row.newest.look or whole(table, key, row)
            else:
                living_row = living(_kept(table, transaction, key), table.options, now_ms)
                if living_row is None:
                    continue
                shown = look(table, key, living_row, projection)
            is_over = looked_at > 0 and size + shown.size > PAGE_BYTES_MAX
            if is_over or len(rows) == limit or looked_at == PAGE_ROWS_MAX:
                return Page(rows, key, size)
            size += shown.size
            looked_at += 1
            if shown.seen is not None:
                rows.append(shown.seen)
        return Page(rows, None, size)


def check_written_key(names: Sequence[str], key: Sequence[object]) -> None:
    """A key that is written may have one number left open, and no infinities."""
    for value in key:
        if isinstance(value, (Infinity, bool, float)):
            raise invalid(f"{variant(value)} is an invalid type for the primary key.")
    check_key_sizes(names, key)


def check_read_key(names: Sequence[str], key: Sequence[object]) -> None:
    if any(isinstance(value, AutoIncrement) for value in key):
        raise invalid("PKAutoIncr can't be used for read operations.")
    check_written_key(names, key)


def check_range_key(names: Sequence[str], key: Sequence[object]) -> None:
    """The end of a range may be infinite, in every column."""
    check_read_key(names, [0 if isinstance(value, Infinity) else value for value in key])


def _kept(table: Table, transaction: Transaction | None, key: Key) -> Row | None:
    if transaction is not None and key in transaction.rows:
        return transaction.rows[key]
    return table.rows.get(key)


def _keys(
    table: Table, transaction: Transaction | None, start: RangeKey, end: RangeKey, *, forward: bool
) -> Sequence[Key]:
    keys = table.between(start, end, forward=forward)
    if transaction is None:
        return keys
    own = {key for key in transaction.rows if (start <= key < end if forward else end < key <= start)}
    return sorted(own.union(keys), reverse=not forward)
