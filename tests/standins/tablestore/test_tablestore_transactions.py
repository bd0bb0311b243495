"""Local transactions: one partition, pessimistic, a minute at most."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from local.standins.account import Account
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from local.standins.timing import VirtualTiming
from tests.standins.tablestore.given import IGNORE, a_table, columns_of, invalid, invalid_key, refusal

BUSY = (409, "OTSRowOperationConflict", "Data is being modified by the other request.")
NO_SESSION = (404, "OTSSessionNotExist", "Session not exist or may be timeout.")
KEY = [("job", "j"), ("number", 1)]
ALL = [[("job", "j"), ("number", bound)] for bound in (sdk.INF_MIN, sdk.INF_MAX)]


@pytest.fixture
def opened(client: Any) -> str:
    """A transaction on partition `j`, whose one row has `value` 1 outside of it and 2 inside."""
    a_table(client)
    client.put_row("jobs", sdk.Row(KEY, [("value", 1)]), IGNORE)
    transaction = client.start_local_transaction("jobs", KEY[:1])
    client.update_row("jobs", sdk.Row(KEY, {"PUT": [("value", 2)]}), IGNORE, None, transaction)
    return str(transaction)


def values(client: Any, transaction: str | None = None) -> list[int]:
    rows = client.get_range("jobs", sdk.Direction.FORWARD, *ALL, max_version=1, transaction_id=transaction)[2]
    return [columns_of(row)["value"] for row in rows]


def test_what_a_transaction_writes_only_it_sees(client: Any, opened: str) -> None:
    client.put_row("jobs", sdk.Row([("job", "j"), ("number", 0)], [("value", 3)]), IGNORE, None, opened)

    assert (values(client), values(client, opened)) == ([1], [3, 2])
    assert columns_of(client.get_row("jobs", KEY, transaction_id=opened)) == {"value": 2}


def test_a_commit_shows_it_to_everybody(client: Any, opened: str) -> None:
    client.commit_transaction(opened)

    assert values(client) == [2]


def test_an_abort_forgets_it(client: Any, opened: str) -> None:
    client.delete_row("jobs", sdk.Row(KEY), IGNORE, transaction_id=opened)
    client.abort_transaction(opened)

    assert values(client) == [1]


def test_a_deletion_takes_effect_with_the_commit(client: Any, opened: str) -> None:
    client.delete_row("jobs", sdk.Row(KEY), IGNORE, transaction_id=opened)
    assert (values(client), values(client, opened)) == ([1], [])

    client.commit_transaction(opened)

    assert values(client) == []


def test_others_cannot_write_to_the_partition_meanwhile(client: Any, opened: str) -> None:
    assert refusal(client.put_row, "jobs", sdk.Row(KEY, [("value", 9)]), IGNORE) == BUSY
    assert refusal(client.start_local_transaction, "jobs", KEY[:1]) == BUSY

    client.put_row("jobs", sdk.Row([("job", "other"), ("number", 1)], []), IGNORE)
    client.abort_transaction(opened)
    client.put_row("jobs", sdk.Row(KEY, [("value", 9)]), IGNORE)
    assert values(client) == [9]


def test_a_transaction_ends_by_itself_after_60_seconds(client: Any, opened: str, timing: VirtualTiming) -> None:
    timing.advance(59.9)
    assert values(client, opened) == [2]
    timing.advance(0.1)

    assert refusal(client.commit_transaction, opened) == NO_SESSION
    client.put_row("jobs", sdk.Row(KEY, [("value", 9)]), IGNORE)
    assert values(client) == [9]


def test_a_transaction_ends_once(client: Any, opened: str) -> None:
    client.commit_transaction(opened)

    assert refusal(client.commit_transaction, opened) == NO_SESSION
    assert refusal(client.abort_transaction, opened) == NO_SESSION


@pytest.mark.parametrize("transaction", ["", "made up"])
def test_an_id_that_is_none_is_refused(client: Any, transaction: str) -> None:
    assert refusal(client.commit_transaction, transaction) == invalid("TransactionID is invalid.")


def test_a_transaction_keeps_to_its_partition(client: Any, opened: str) -> None:
    message = "Data out of scope of transaction. Transaction PartKey:j. Data PartKey:other"
    row = sdk.Row([("job", "other"), ("number", 1)], [])

    assert refusal(client.put_row, "jobs", row, IGNORE, None, opened) == (400, "OTSDataOutOfRange", message)
    assert refusal(client.get_row, "jobs", row.primary_key, transaction_id=opened) == (
        400,
        "OTSDataOutOfRange",
        message,
    )


def test_a_transaction_is_started_on_the_partition_key_alone(client: Any) -> None:
    a_table(client)

    assert refusal(client.start_local_transaction, "jobs", KEY) == invalid(
        "StartLocalTransaction support only one primary key."
    )
    assert refusal(client.start_local_transaction, "jobs", [("number", 1)]) == invalid_key(
        "Validate PK name fail. Input: number, Meta: job."
    )


def test_a_transaction_writes_up_to_4_mb(client: Any, opened: str) -> None:
    row = sdk.Row(KEY, [("blob", bytearray(2_000_000))])
    for _ in range(2):
        client.put_row("jobs", row, IGNORE, None, opened)

    status, code, _ = refusal(client.put_row, "jobs", row, IGNORE, None, opened)

    assert (status, code) == (400, "OTSOutOfTransactionDataSizeLimit")


def test_batches_write_inside_a_transaction(client: Any, opened: str) -> None:
    request = sdk.BatchWriteRowRequest()
    item = sdk.UpdateRowItem(sdk.Row(KEY, {"PUT": [("value", 5)]}), IGNORE)
    request.add(sdk.TableInBatchWriteRowItem("jobs", [item]))
    request.set_transaction_id(opened)

    assert client.batch_write_row(request).is_all_succeed()
    assert (values(client), values(client, opened)) == ([1], [5])


def test_an_account_without_the_feature_starts_none(account: Account) -> None:
    state = TablestoreState(account, local_transactions=False)
    state.create_table("t", [("k", "STRING")])

    with pytest.raises(TablestoreError, match="explicit-transaction-disabled table"):
        state.rows.start_transaction("t", ("j",))
