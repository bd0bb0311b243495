"""Local transactions: one partition at a time, locked from start to end, at most a minute, at most 4 MB.

Source: help.aliyun.com, Tablestore, "局部事务". What a transaction writes is seen by itself only until it commits;
everybody else reads what was committed before, and may not write to the partition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from local.standins.tablestore.errors import (
    invalid,
    no_session,
    outside_transaction,
    row_busy,
    transaction_too_large,
)
from local.standins.tablestore.tables import Row
from local.standins.tablestore.values import Key, KeyValue

TRANSACTION_S_MAX: Final = 60
TRANSACTION_BYTES_MAX: Final = 4 * 1024 * 1024
_ID = re.compile(r"[0-9A-F]{40}")


@dataclass
class Transaction:
    """`rows` are written and not yet committed; None where a row is deleted."""

    id: str
    table: str
    partition: KeyValue
    ends_at: float
    rows: dict[Key, Row | None] = field(default_factory=dict)
    size: int = 0

    def check_scope(self, table: str, partition: object) -> None:
        if table != self.table or partition != self.partition:
            raise outside_transaction(self.partition, partition)

    def grow(self, size: int) -> None:
        if self.size + size > TRANSACTION_BYTES_MAX:
            raise transaction_too_large()
        self.size += size


class Transactions:
    """Those that are open. Time is handed in: seconds since the epoch."""

    def __init__(self) -> None:
        self._open: dict[str, Transaction] = {}

    def start(self, transaction_id: str, table: str, partition: KeyValue, now: float) -> Transaction:
        if self.holder(table, partition, now) is not None:
            raise row_busy()
        transaction = Transaction(transaction_id, table, partition, now + TRANSACTION_S_MAX)
        self._open[transaction_id] = transaction
        return transaction

    def find(self, transaction_id: str, now: float) -> Transaction:
        if not _ID.fullmatch(transaction_id):
            raise invalid("TransactionID is invalid.")
        self._forget_expired(now)
        if transaction_id not in self._open:
            raise no_session()
        return self._open[transaction_id]

    def end(self, transaction_id: str, now: float) -> Transaction:
        transaction = self.find(transaction_id, now)
        del self._open[transaction_id]
        return transaction

    def end_all(self, table: str) -> None:
        self._open = {id_: transaction for id_, transaction in self._open.items() if transaction.table != table}

    def holder(self, table: str, partition: object, now: float) -> Transaction | None:
        """Who has locked a partition."""
        if not self._open:
            return None
        self._forget_expired(now)
        return next((t for t in self._open.values() if t.table == table and t.partition == partition), None)

    def _forget_expired(self, now: float) -> None:
        self._open = {id_: transaction for id_, transaction in self._open.items() if transaction.ends_at > now}
