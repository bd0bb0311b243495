"""Single rows through the SDK: put, get, update, delete, and what the service refuses."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from tests.standins.tablestore.given import (
    CONDITION_FAILED,
    EXISTS,
    IGNORE,
    IS_NEW,
    a_table,
    columns_of,
    invalid,
    invalid_key,
    refusal,
)


def test_a_put_replaces_the_whole_row(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1), ("b", 2)]), IGNORE)

    client.put_row("jobs", sdk.Row(key("j", 1), [("b", 3)]), EXISTS)

    assert columns_of(client.get_row("jobs", key("j", 1))) == {"b": 3}


def test_a_missing_row_reads_as_none(client: Any) -> None:
    key = a_table(client)

    assert client.get_row("jobs", key("j", 1))[1] is None


def test_a_row_is_put_once_when_it_must_be_new(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1)]), IS_NEW)

    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), [("a", 2)]), IS_NEW) == CONDITION_FAILED
    assert columns_of(client.get_row("jobs", key("j", 1))) == {"a": 1}


def test_a_row_that_must_exist_is_not_made(client: Any) -> None:
    key = a_table(client)

    assert refusal(client.update_row, "jobs", sdk.Row(key("j", 1), {"PUT": [("a", 1)]}), EXISTS) == CONDITION_FAILED
    assert refusal(client.delete_row, "jobs", sdk.Row(key("j", 1)), EXISTS) == CONDITION_FAILED


def test_an_update_sets_drops_and_counts_columns_and_leaves_the_others(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("state", "new"), ("f", 1.5), ("n", 5), ("kept", True)]), IGNORE)

    changes = {"PUT": [("state", "run")], "DELETE_ALL": ["f"], "INCREMENT": [("n", -2), ("fresh", 1)]}
    client.update_row("jobs", sdk.Row(key("j", 1), changes), EXISTS)

    assert columns_of(client.get_row("jobs", key("j", 1))) == {"state": "run", "n": 3, "fresh": 1, "kept": True}


def test_an_update_makes_a_row_but_deletions_alone_do_not(client: Any) -> None:
    key = a_table(client)

    client.update_row("jobs", sdk.Row(key("j", 1), {"DELETE_ALL": ["a"]}), IGNORE)
    client.update_row("jobs", sdk.Row(key("j", 2), {"PUT": [("a", 1)]}), IGNORE)

    assert client.get_row("jobs", key("j", 1))[1] is None
    assert columns_of(client.get_row("jobs", key("j", 2))) == {"a": 1}


def test_a_row_without_columns_is_still_a_row(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1)]), IGNORE)

    client.update_row("jobs", sdk.Row(key("j", 1), {"DELETE_ALL": ["a"]}), IGNORE)

    _, row, _ = client.get_row("jobs", key("j", 1))
    assert (row.primary_key, row.attribute_columns) == (key("j", 1), [])
    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), []), IS_NEW) == CONDITION_FAILED


def test_deleting_a_row_twice_is_no_error(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), []), IGNORE)

    client.delete_row("jobs", sdk.Row(key("j", 1)), IGNORE)
    client.delete_row("jobs", sdk.Row(key("j", 1)), IGNORE)

    assert client.get_row("jobs", key("j", 1))[1] is None


def test_columns_to_get_give_the_whole_key_or_no_row_at_all(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1), ("b", 2)]), IGNORE)

    _, row, _ = client.get_row("jobs", key("j", 1), ["a", "none"])

    assert (row.primary_key, columns_of(row)) == (key("j", 1), {"a": 1})
    assert client.get_row("jobs", key("j", 1), ["none"])[1] is None
    assert client.get_row("jobs", key("j", 1), ["job"])[1].attribute_columns == []


def test_a_range_of_columns_includes_its_start_and_excludes_its_end(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [(name, 1) for name in "abcd"]), IGNORE)

    assert columns_of(client.get_row("jobs", key("j", 1), start_column="b", end_column="d")) == {"b": 1, "c": 1}


def test_a_counter_must_be_an_integer_and_stay_one(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("text", "1"), ("flag", True), ("most", 2**63 - 1)]), IGNORE)

    for column in ("text", "flag", "most"):
        status, code, _ = refusal(client.update_row, "jobs", sdk.Row(key("j", 1), {"INCREMENT": [(column, 1)]}), IGNORE)
        assert (status, code) == (400, "OTSParameterInvalid")
    assert columns_of(client.get_row("jobs", key("j", 1))) == {"text": "1", "flag": True, "most": 2**63 - 1}


def test_a_counter_cannot_be_set_in_the_same_update(client: Any) -> None:
    key = a_table(client)
    changes = {"PUT": [("n", 1)], "INCREMENT": [("n", 1)]}

    status, code, _ = refusal(client.update_row, "jobs", sdk.Row(key("j", 1), changes), IGNORE)

    assert (status, code) == (400, "OTSParameterInvalid")


def test_an_update_without_columns_is_refused(client: Any) -> None:
    key = a_table(client)

    message = invalid("Attribute column is missing.")
    assert refusal(client.update_row, "jobs", sdk.Row(key("j", 1), {}), IGNORE) == message


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ([("job", "j")], "Validate PK size fail. Input: 1, Meta: 2."),
        ([("job", "j"), ("count", 1)], "Validate PK name fail. Input: count, Meta: number."),
        ([("number", 1), ("job", "j")], "Validate PK name fail. Input: number, Meta: job."),
        ([("job", 1), ("number", 1)], "Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING."),
        ([("job", "j"), ("number", bytearray(b"1"))], "Validate PK type fail. Input: VT_BLOB, Meta: VT_INTEGER."),
    ],
)
def test_a_key_must_fit_the_table(client: Any, key: list[tuple[str, Any]], message: str) -> None:
    a_table(client)

    assert refusal(client.get_row, "jobs", key) == invalid_key(message)
    assert refusal(client.put_row, "jobs", sdk.Row(key, []), IGNORE) == invalid_key(message)
    assert refusal(client.delete_row, "jobs", sdk.Row(key), IGNORE) == invalid_key(message)


def test_a_written_key_is_finite(client: Any) -> None:
    key = a_table(client)

    message = invalid("VT_INF_MIN is an invalid type for the primary key.")
    assert refusal(client.put_row, "jobs", sdk.Row(key(sdk.INF_MIN, 1), []), IGNORE) == message
    assert refusal(client.get_row, "jobs", key(sdk.INF_MIN, 1)) == message


def test_a_key_column_holds_up_to_1024_bytes(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("x" * 1024, 1), []), IGNORE)

    message = "The length of primary key column: 'job' exceeds the MaxLength:1024 with CurrentLength:1026."
    assert refusal(client.put_row, "jobs", sdk.Row(key("事" * 342, 1), []), IGNORE) == invalid(message)


def test_an_attribute_holds_up_to_2_mb(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", bytearray(2 * 1024 * 1024))]), IGNORE)

    row = sdk.Row(key("j", 1), [("a", bytearray(2 * 1024 * 1024 + 1))])
    message = "The length of attribute column: 'a' exceeds the MaxLength:2097152 with CurrentLength:2097153."
    assert refusal(client.put_row, "jobs", row, IGNORE) == invalid(message)


def test_a_write_has_up_to_1024_columns(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [(f"c{n}", 1) for n in range(1024)]), IGNORE)

    row = sdk.Row(key("j", 1), [(f"c{n}", 1) for n in range(1025)])
    message = "The number of attribute columns exceeds the limit, limit count: 1024, column count: 1025."
    assert refusal(client.put_row, "jobs", row, IGNORE) == invalid(message)


def test_a_request_is_up_to_5_mb(client: Any) -> None:
    key = a_table(client)
    row = sdk.Row(key("j", 1), [(name, bytearray(2 * 1024 * 1024)) for name in "abc"])

    assert refusal(client.put_row, "jobs", row, IGNORE) == (
        413,
        "OTSRequestBodyTooLarge",
        "The size of POST data is too large.",
    )


@pytest.mark.parametrize("name", ["a" * 256, "#", "#abc"])
def test_a_bad_column_name_is_refused(client: Any, name: str) -> None:
    key = a_table(client)

    message = invalid(f"Invalid column name: '{name}'.")
    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), [(name, 1)]), IGNORE) == message
    assert refusal(client.get_row, "jobs", key("j", 1), [name]) == message


def test_a_column_is_not_named_like_a_key_column(client: Any) -> None:
    key = a_table(client)

    message = invalid("Duplicated attribute column name with primary key column: 'job'.")
    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), [("job", 1)]), IGNORE) == message


@pytest.mark.parametrize(("value", "name"), [(float("nan"), "NaN"), (float("-inf"), "Infinity")])
def test_a_double_is_a_finite_number(client: Any, value: float, name: str) -> None:
    key = a_table(client)

    message = invalid(f"{name} can't be set to double value.")
    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), [("a", value)]), IGNORE) == message


def test_the_service_numbers_rows_when_asked_to(client: Any) -> None:
    key = a_table(client, key=[("job", "STRING"), ("number", "INTEGER", sdk.PK_AUTO_INCR)])
    written = []
    for text in ("first", "second"):
        row = sdk.Row(key("j", sdk.PK_AUTO_INCR), [("text", text)])
        written.append(client.put_row("jobs", row, IGNORE, sdk.ReturnType.RT_PK)[1].primary_key)

    assert written[0][1][1] < written[1][1][1]
    assert columns_of(client.get_row("jobs", written[1])) == {"text": "second"}


def test_a_row_to_be_numbered_takes_no_condition_and_cannot_be_read_or_deleted(client: Any) -> None:
    key = a_table(client, key=[("job", "STRING"), ("number", "INTEGER", sdk.PK_AUTO_INCR)])
    row = sdk.Row(key("j", sdk.PK_AUTO_INCR), [])

    assert refusal(client.put_row, "jobs", row, IS_NEW) == invalid(
        "Invalid expect:EXPECT_NOT_EXIST when modify row with pk auto increment"
    )
    assert refusal(client.delete_row, "jobs", row, IGNORE) == invalid(
        "Invalid row to delete which with pk auto increment"
    )
    assert refusal(client.get_row, "jobs", row.primary_key) == invalid("PKAutoIncr can't be used for read operations.")
