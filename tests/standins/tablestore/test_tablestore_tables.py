"""Creating, describing, changing and dropping tables and indexes."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from tests.standins.tablestore.given import IGNORE, a_table, columns_of, invalid, refusal

NOTHING_RESERVED = sdk.ReservedThroughput(sdk.CapacityUnit(0, 0))


def test_a_table_is_described_as_it_was_created(client: Any) -> None:
    meta = sdk.TableMeta("t", [("k", "BINARY"), ("n", "INTEGER", sdk.PK_AUTO_INCR)], [("state", "STRING")])
    client.create_table(meta, sdk.TableOptions(86400, 2, 100), sdk.ReservedThroughput(sdk.CapacityUnit(1, 2)))

    described = client.describe_table("t")

    assert described.table_meta.schema_of_primary_key == [("k", "BINARY"), ("n", "INTEGER", sdk.PK_AUTO_INCR)]
    assert described.table_meta.defined_columns == [("state", "STRING")]
    options = described.table_options
    assert (options.time_to_live, options.max_version, options.max_time_deviation) == (86400, 2, 100)
    unit = described.reserved_throughput_details.capacity_unit
    assert (unit.read, unit.write) == (1, 2)


def test_tables_are_listed_by_name(client: Any) -> None:
    a_table(client, "b")
    a_table(client, "a")

    assert client.list_table() == ("a", "b")


def test_a_table_cannot_be_created_twice(client: Any) -> None:
    a_table(client)

    assert refusal(a_table, client) == (409, "OTSObjectAlreadyExist", "Requested table already exists.")


@pytest.mark.parametrize("name", ["0", "#", "中文", "T#", "3t", "-", "a" * 256])
def test_a_table_name_is_letters_digits_and_underscores(client: Any, name: str) -> None:
    assert refusal(a_table, client, name) == invalid(f"Invalid table name: '{name}'.")


def test_a_key_column_is_named_once(client: Any) -> None:
    key = [("PK0", "STRING"), ("PK0", "INTEGER")]

    assert refusal(a_table, client, key=key) == invalid("Duplicated primary key name: 'PK0'.")


def test_a_key_has_one_to_four_columns(client: Any) -> None:
    message = invalid("The number of primary key columns must be in range: [1, 4].")

    assert refusal(a_table, client, key=[(f"k{n}", "STRING") for n in range(5)]) == message


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ([("a", "INTEGER", sdk.PK_AUTO_INCR)], "First primary key can't be auto increment, table: jobs."),
        ([("a", "STRING"), ("b", "STRING", sdk.PK_AUTO_INCR)], "AUTO_INCREMENT primary key must be integer."),
        (
            [("a", "STRING"), ("b", "INTEGER", sdk.PK_AUTO_INCR), ("c", "INTEGER", sdk.PK_AUTO_INCR)],
            "AUTO_INCREMENT primary key count must <= 1.",
        ),
    ],
)
def test_only_one_later_integer_column_can_count_up(client: Any, key: list[Any], message: str) -> None:
    assert refusal(a_table, client, key=key) == invalid(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_to_live": 0}, "TimeToLive cannot be 0 or less than -1."),
        ({"time_to_live": 86399}, "TimeToLive must be -1 or at least 86400."),
        ({"max_version": 0}, "The maximum versions cannot be less than or equal to 0"),
        ({"max_time_deviation": -1}, "The maximum deviation must be in range [0, INT64_MAX/1000000]."),
    ],
)
def test_options_out_of_range_are_refused(client: Any, options: dict[str, int], message: str) -> None:
    assert refusal(a_table, client, **options) == invalid(message)


def test_options_can_be_changed(client: Any) -> None:
    a_table(client)

    client.update_table("jobs", sdk.TableOptions(90000, 3, 86402), None)

    options = client.describe_table("jobs").table_options
    assert (options.time_to_live, options.max_version, options.max_time_deviation) == (90000, 3, 86402)


def test_a_dropped_table_and_its_rows_are_gone(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), []), IGNORE)

    client.delete_table("jobs")

    assert refusal(client.describe_table, "jobs") == (404, "OTSObjectNotExist", "Requested table does not exist.")
    a_table(client)
    assert client.get_row("jobs", key("j", 1))[1] is None


def test_rows_of_a_missing_table_are_refused(client: Any) -> None:
    missing = (404, "OTSObjectNotExist", "Requested table does not exist.")

    assert refusal(client.get_row, "none", [("k", "v")]) == missing
    assert refusal(client.put_row, "none", sdk.Row([("k", "v")], []), IGNORE) == missing


def test_sixty_four_tables_are_the_most(state: TablestoreState) -> None:
    for number in range(64):
        state.create_table(f"t{number}", [("k", "STRING")])

    with pytest.raises(TablestoreError) as caught:
        state.create_table("one_more", [("k", "STRING")])
    assert (caught.value.status, caught.value.code, caught.value.message) == (
        403,
        "OTSQuotaExhausted",
        "Number of tables exceeded the quota.",
    )


def an_indexed_table(client: Any, **options: Any) -> None:
    meta = sdk.TableMeta("jobs", [("job", "STRING")], [("state", "STRING"), ("size", "INTEGER")])
    index = sdk.SecondaryIndexMeta("by_state", ["state"], ["size"])
    client.create_table(meta, sdk.TableOptions(**options), NOTHING_RESERVED, [index])


def test_an_index_shows_the_rows_that_have_its_columns_in_its_order(client: Any) -> None:
    an_indexed_table(client)
    for job, columns in (("a", {"state": "run", "size": 1}), ("b", {"state": "done"}), ("c", {"size": 2})):
        client.put_row("jobs", sdk.Row([("job", job)], list(columns.items())), IGNORE)

    first, last = ([("state", bound), ("job", bound)] for bound in (sdk.INF_MIN, sdk.INF_MAX))
    _, _, rows, _ = client.get_range("by_state", sdk.Direction.FORWARD, first, last)

    assert [row.primary_key for row in rows] == [[("state", "done"), ("job", "b")], [("state", "run"), ("job", "a")]]
    assert columns_of(rows[1]) == {"size": 1}


def test_a_row_with_another_type_in_an_index_column_is_not_in_the_index(client: Any) -> None:
    an_indexed_table(client)
    client.put_row("jobs", sdk.Row([("job", "a")], [("state", 1)]), IGNORE)

    first, last = ([("state", bound), ("job", bound)] for bound in (sdk.INF_MIN, sdk.INF_MAX))
    assert client.get_range("by_state", sdk.Direction.FORWARD, first, last)[2] == []


def test_an_index_cannot_be_written(client: Any) -> None:
    an_indexed_table(client)

    row = sdk.Row([("state", "run"), ("job", "a")], [])
    assert refusal(client.put_row, "by_state", row, IGNORE) == invalid("Can't write index table directly")


def test_an_index_is_created_described_and_dropped(client: Any) -> None:
    a_table(client, defined_columns=[("state", "STRING")])

    client.create_secondary_index("jobs", sdk.SecondaryIndexMeta("by_state", ["state"], []), True)
    described = client.describe_table("jobs").secondary_indexes
    client.delete_secondary_index("jobs", "by_state")

    assert [(index.index_name, index.primary_key_names) for index in described] == [("by_state", ["state"])]
    assert client.describe_table("jobs").secondary_indexes == []


def test_a_table_whose_rows_expire_takes_no_index_while_rows_may_be_updated(client: Any) -> None:
    message = invalid("Don't support allow update operation on table with index and ttl")

    assert refusal(an_indexed_table, client, time_to_live=86400) == message
    assert client.list_table() == ()
    an_indexed_table(client, time_to_live=86400, allow_update=False)
    assert refusal(client.update_table, "jobs", sdk.TableOptions(86400, 1, 86400, True), None) == message
