"""BatchGetRow and BatchWriteRow."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from tests.standins.tablestore.given import IGNORE, IS_NEW, a_table, columns_of, invalid, refusal

Items = list[Any]


def written(client: Any, *tables: tuple[str, Items]) -> Any:
    request = sdk.BatchWriteRowRequest()
    for name, items in tables:
        request.add(sdk.TableInBatchWriteRowItem(name, items))
    return client.batch_write_row(request)


def got(client: Any, table: str, keys: Items, columns: Items | None = None) -> Any:
    request = sdk.BatchGetRowRequest()
    request.add(sdk.TableInBatchGetRowItem(table, keys, columns or [], max_version=1))
    return client.batch_get_row(request)


def test_a_batch_writes_what_it_can_and_says_what_it_could_not(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 0), [("state", "old")]), IGNORE)

    answer = written(
        client,
        (
            "jobs",
            [
                sdk.PutRowItem(sdk.Row(key("j", 7), [("state", "x")]), IS_NEW),
                sdk.PutRowItem(sdk.Row(key("j", 0), [("state", "x")]), IS_NEW),
                sdk.UpdateRowItem(sdk.Row(key("j", 8), {"PUT": [("state", "y")]}), IGNORE),
                sdk.DeleteRowItem(sdk.Row(key("j", 9)), IGNORE),
            ],
        ),
    )

    done, failed = answer.get_put()
    assert (len(done), [(item.error_code, item.error_message) for item in failed]) == (
        1,
        [("OTSConditionCheckFail", "Condition check failed.")],
    )
    assert not answer.is_all_succeed()
    assert columns_of(client.get_row("jobs", key("j", 0))) == {"state": "old"}
    assert columns_of(client.get_row("jobs", key("j", 8))) == {"state": "y"}


def test_a_batch_reads_rows_of_which_some_are_missing(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1)]), IGNORE)

    found = got(client, "jobs", [key("j", 1), key("j", 2)]).get_result_by_table("jobs")

    assert [item.is_ok for item in found] == [True, True]
    assert columns_of(found[0].row) == {"a": 1}
    assert found[1].row is None


def test_a_key_that_does_not_fit_fails_its_own_row_only(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), []), IGNORE)

    done, failed = got(client, "jobs", [key("j", 1), [("job", "j")]]).get_result()

    assert len(done) == 1
    assert [(item.error_code, item.error_message) for item in failed] == [
        ("OTSInvalidPK", "Validate PK size fail. Input: 1, Meta: 2.")
    ]


def test_a_missing_table_fails_its_rows(client: Any) -> None:
    (_, failed) = got(client, "none", [[("k", "v")]]).get_result()

    assert [item.error_code for item in failed] == ["OTSObjectNotExist"]


def test_a_bad_column_name_fails_the_whole_batch(client: Any) -> None:
    key = a_table(client)
    items = [
        sdk.PutRowItem(sdk.Row(key("j", 1), [("a", 1)]), IGNORE),
        sdk.PutRowItem(sdk.Row(key("j", 2), [("#", 1)]), IGNORE),
    ]

    assert refusal(written, client, ("jobs", items)) == invalid("Invalid column name: '#'.")
    assert client.get_row("jobs", key("j", 1))[1] is None


def test_a_batch_reads_up_to_100_rows(client: Any) -> None:
    key = a_table(client)
    keys = [key("j", number) for number in range(101)]

    assert len(got(client, "jobs", keys[:100]).get_succeed_rows()) == 100
    assert refusal(got, client, "jobs", keys) == invalid("Rows count exceeds the upper limit: 100.")


def test_a_batch_writes_up_to_200_rows(client: Any) -> None:
    key = a_table(client)
    items = [sdk.PutRowItem(sdk.Row(key("j", number), []), IGNORE) for number in range(201)]

    assert written(client, ("jobs", items[:200])).is_all_succeed()
    assert refusal(written, client, ("jobs", items)) == invalid("Rows count exceeds the upper limit: 200.")


def test_a_batch_writes_up_to_4_mb(client: Any) -> None:
    key = a_table(client)
    items = [sdk.PutRowItem(sdk.Row(key("j", number), [("a", bytearray(1_500_000))]), IGNORE) for number in range(3)]

    status, code, message = refusal(written, client, ("jobs", items))

    assert (status, code) == (400, "OTSParameterInvalid")
    assert message.startswith("The total data size of BatchWriteRow request exceeds the limit, limit size: 4194304,")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (written, "No row is specified in BatchWriteRow."),
        (lambda client: written(client, ("jobs", [])), "No operation is specified for table: 'jobs'."),
        (
            lambda client: client.batch_get_row(sdk.BatchGetRowRequest()),
            "No row specified in the request of BatchGetRow.",
        ),
    ],
    ids=["no tables to write", "no rows to write", "no tables to read"],
)
def test_an_empty_batch_is_refused(client: Any, call: Any, message: str) -> None:
    assert refusal(call, client) == invalid(message)


def test_the_later_of_two_writes_to_one_row_of_a_batch_counts(client: Any) -> None:
    key = a_table(client)
    items = [
        sdk.PutRowItem(sdk.Row(key("j", 1), [("a", 1)]), IGNORE),
        sdk.UpdateRowItem(sdk.Row(key("j", 1), {"PUT": [("a", 2)]}), IGNORE),
    ]

    assert written(client, ("jobs", items)).is_all_succeed()
    assert columns_of(client.get_row("jobs", key("j", 1))) == {"a": 2}


def test_a_row_written_twice_in_a_batch_takes_no_condition(client: Any) -> None:
    key = a_table(client)
    items = [sdk.PutRowItem(sdk.Row(key("j", 1), []), condition) for condition in (IGNORE, IS_NEW)]

    _, failed = written(client, ("jobs", items)).get_put()

    assert [(item.error_code, item.error_message) for item in failed] == [
        ("OTSParameterInvalid", "Repeated rows do not support row exist expectation check in BatchModify.")
    ]
