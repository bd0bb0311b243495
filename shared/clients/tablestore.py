"""Rows through the tablestore SDK.

The SDK's default policy repeats a call up to twenty times, and the pool below it repeats a POST after a TLS error;
both are switched off. Reads are repeated once here, when no answer came. A write is one request: when its answer is
lost the row may have moved, which only a re-read by its owner can tell (`Unknown`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.credentials import Credentials, TablestoreCredentials
from shared.clients.endpoints import Endpoints
from shared.clients.lean import known_architecture, plain_certificates, without
from shared.clients.transport import Idle, hush
from shared.domain.errors import Conflict, Corrupt, EchobotError
from shared.ports import Columns, Key, Table
from shared.settings import Settings
from shared.tables import PRIMARY_KEYS

with (
    known_architecture(),
    plain_certificates(),
    without(
        "aiohttp",
        "asyncio",
        "crc32c",
        "google.protobuf.internal.python_message",  # the C part does it all
        "google.protobuf.text_format",
        "importlib.metadata",
        "tablestore.flatbuffer",
        "tablestore.protobuf.timeseries_pb2",
    ),
):
    import tablestore as sdk
    from google.protobuf.message import DecodeError
    from tablestore.retry import NoRetryPolicy
    from urllib3.exceptions import HTTPError

T = TypeVar("T")
PrimaryKey = list[tuple[str, Any]]

PAGE = 5000
"""GetRange scans at most 5,000 rows or 4 MB, then says where to go on."""


class TablestoreRows:
    """`Rows` on Tablestore. One instance may serve many threads."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        endpoints = Endpoints.of(settings)
        hush("tablestore-client")
        self._client = sdk.OTSClient(
            endpoints.tablestore,
            instance_name=endpoints.instance,
            credentials_provider=TablestoreCredentials(Credentials(env)),
            region=endpoints.region,  # its presence chooses the V4 signature
            socket_timeout=settings.call_timeout_s,
            retry_policy=NoRetryPolicy(),
        )
        self._pool = self._client.connection.pool
        self._pool.connection_pool_kw["retries"] = False
        self._idle = Idle()

    def get(self, table: Table, key: Key) -> Columns | None:
        _, row, _ = self._read(lambda: self._client.get_row(table.value, _named(table, key), max_version=1))
        return None if row is None else _columns(row)

    def insert(self, table: Table, key: Key, columns: Columns) -> bool:
        row = sdk.Row(_named(table, key), list(columns.items()))
        absent = sdk.Condition(sdk.RowExistenceExpectation.EXPECT_NOT_EXIST)
        try:
            self._once(lambda: self._client.put_row(table.value, row, absent))
        except Conflict:
            return False
        return True

    def update(self, table: Table, key: Key, put: Columns, *, expect: Columns, remove: Sequence[str] = ()) -> None:
        as_expected = sdk.Condition(sdk.RowExistenceExpectation.EXPECT_EXIST, _all_equal(expect))
        self._change(table, key, put, remove, as_expected)

    def merge(self, table: Table, key: Key, put: Columns) -> None:
        self._change(table, key, put, (), sdk.Condition(sdk.RowExistenceExpectation.IGNORE))

    def _change(self, table: Table, key: Key, put: Columns, remove: Sequence[str], condition: sdk.Condition) -> None:
        # an unknown word beside PUT and DELETE_ALL would not be refused, but written as a plain column
        changes = {"PUT": list(put.items()), "DELETE_ALL": list(remove)}
        row = sdk.Row(_named(table, key), {word: columns for word, columns in changes.items() if columns})
        self._once(lambda: self._client.update_row(table.value, row, condition))

    def range(
        self,
        table: Table,
        prefix: Key = (),
        *,
        where: Columns | None = None,
        after: Key | None = None,
        limit: int = PAGE,
    ) -> list[tuple[Key, Columns]]:
        start: PrimaryKey | None = _named(table, after) if after else _padded(table, prefix, sdk.INF_MIN)
        end = _padded(table, prefix, sdk.INF_MAX)
        found: list[tuple[Key, Columns]] = []
        while start is not None and len(found) < limit:
            wanted = limit - len(found) + (after is not None)  # a range starts with its start, we want what follows
            start, rows = self._page(table, start, end, where, min(wanted, PAGE))
            found.extend((key, columns) for key, columns in rows if key != after)
        return found[:limit]

    def _page(
        self, table: Table, start: PrimaryKey, end: PrimaryKey, where: Columns | None, count: int
    ) -> tuple[PrimaryKey | None, list[tuple[Key, Columns]]]:
        _, onward, rows, _ = self._read(
            lambda: self._client.get_range(
                table.value,
                sdk.Direction.FORWARD,
                start,
                end,
                limit=count,
                max_version=1,
                column_filter=_all_equal(where or {}),
            )
        )
        return onward, [(tuple(value for _, value in row.primary_key), _columns(row)) for row in rows]

    def delete(self, table: Table, key: Key) -> None:
        row = sdk.Row(_named(table, key))
        always = sdk.Condition(sdk.RowExistenceExpectation.IGNORE)
        self._once(lambda: self._client.delete_row(table.value, row, always))

    def _read(self, call: Callable[[], T]) -> T:
        """A call that changes nothing, repeated once when nobody answered."""
        self._drop_rested()
        try:
            return call()
        except HTTPError:
            return _translated(call, sent=False)
        except _SDK_ERRORS as error:
            raise _told(error, sent=False) from error

    def _once(self, call: Callable[[], T]) -> T:
        """A call that changes a row: one request, whatever happens."""
        self._drop_rested()
        return _translated(call, sent=True)

    def _drop_rested(self) -> None:
        if self._idle.passed():
            self._pool.clear()


_SDK_ERRORS = (sdk.OTSClientError, sdk.OTSServiceError, DecodeError)


def _translated(call: Callable[[], T], *, sent: bool) -> T:
    try:
        return call()
    except HTTPError as error:  # the SDK lets the errors of urllib3 through
        raise unanswered(Vendor.TABLESTORE, error, sent=sent) from error
    except _SDK_ERRORS as error:
        raise _told(error, sent=sent) from error


def _told(error: Exception, *, sent: bool) -> EchobotError:
    if isinstance(error, sdk.OTSServiceError):
        answer = Answer(Vendor.TABLESTORE, error.http_status, error.code, error.message, error.request_id)
        return classify(answer, sent=sent)
    if isinstance(error, sdk.OTSClientError) and error.http_status is None:
        return Corrupt("internal", f"tablestore: {error.message}")  # found before anything was sent
    return unanswered(Vendor.TABLESTORE, error, sent=sent)  # an answer that cannot be read or believed


def _named(table: Table, key: Key) -> PrimaryKey:
    names = PRIMARY_KEYS[table]
    if len(key) != len(names):
        raise Corrupt("internal", f"{table.value} has the key {names}, not {key}")
    return list(zip(names, key, strict=True))


def _padded(table: Table, prefix: Key, rest: object) -> PrimaryKey:
    names = PRIMARY_KEYS[table]
    if len(prefix) >= len(names):
        raise Corrupt("internal", f"{prefix} leaves no range of {table.value}")
    padding = (rest,) * (len(names) - len(prefix))
    return list(zip(names, (*prefix, *padding), strict=True))


def _all_equal(columns: Columns) -> sdk.ColumnCondition | None:
    # pass_if_missing is True by default: then a check of a column that is not there would always pass
    equal = sdk.ComparatorType.EQUAL
    checks = [sdk.SingleColumnCondition(name, value, equal, pass_if_missing=False) for name, value in columns.items()]
    if len(checks) < 2:
        return checks[0] if checks else None
    both = sdk.CompositeColumnCondition(sdk.LogicalOperator.AND)
    for check in checks:
        both.add_sub_condition(check)
    return both


def _columns(row: sdk.Row) -> Columns:
    return {name: value for name, value, _ in row.attribute_columns}
