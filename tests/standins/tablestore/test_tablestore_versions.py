"""Versions of columns, time ranges, and expiry by the account's clock."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from local.standins.tablestore.conditions import NEW_ROW
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.values import INF_MAX, INF_MIN
from local.standins.timing import VirtualTiming
from tests.standins.tablestore.given import IGNORE, a_table, invalid, refusal

DAY_S = 86400


@pytest.fixture
def now_ms(timing: VirtualTiming) -> int:
    return int(timing.now() * 1000)


def cells(row: Any) -> list[tuple[str, Any, int]]:
    return [tuple(cell) for cell in row[1].attribute_columns]


def test_a_column_keeps_as_many_versions_as_the_table_says_newest_first(client: Any, now_ms: int) -> None:
    key = a_table(client, max_version=2)
    for age in (3, 1, 2):
        client.update_row("jobs", sdk.Row(key("j", 1), {"PUT": [("a", age, now_ms - age)]}), IGNORE)

    assert cells(client.get_row("jobs", key("j", 1), max_version=9)) == [("a", 1, now_ms - 1), ("a", 2, now_ms - 2)]
    assert cells(client.get_row("jobs", key("j", 1), max_version=1)) == [("a", 1, now_ms - 1)]


def test_an_older_version_does_not_hide_a_newer_one(client: Any, now_ms: int) -> None:
    key = a_table(client)
    client.update_row("jobs", sdk.Row(key("j", 1), {"PUT": [("a", "later", now_ms + 5000)]}), IGNORE)

    client.update_row("jobs", sdk.Row(key("j", 1), {"PUT": [("a", "now")]}), IGNORE)

    assert cells(client.get_row("jobs", key("j", 1))) == [("a", "later", now_ms + 5000)]


def test_a_time_range_includes_its_start_and_excludes_its_end(client: Any, now_ms: int) -> None:
    key = a_table(client, max_version=5)
    versions = [("a", at, now_ms + at) for at in range(4)]
    client.put_row("jobs", sdk.Row(key("j", 1), versions), IGNORE)

    shown = client.get_row("jobs", key("j", 1), max_version=5, time_range=(now_ms + 1, now_ms + 3))
    exactly = client.get_row("jobs", key("j", 1), max_version=None, time_range=now_ms + 3)

    assert [cell[1] for cell in cells(shown)] == [2, 1]
    assert [cell[1] for cell in cells(exactly)] == [3]
    assert client.get_row("jobs", key("j", 1), time_range=now_ms + 9)[1] is None


def test_a_read_says_which_versions_it_wants(client: Any) -> None:
    key = a_table(client)

    message = invalid("No version condition is specified.")
    assert refusal(client.get_row, "jobs", key("j", 1), max_version=None) == message


def test_one_version_can_be_deleted(client: Any, now_ms: int) -> None:
    key = a_table(client, max_version=3)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", at, now_ms + at) for at in range(3)]), IGNORE)

    client.update_row("jobs", sdk.Row(key("j", 1), {"DELETE": [("a", None, now_ms + 1)]}), IGNORE)

    assert [cell[1] for cell in cells(client.get_row("jobs", key("j", 1), max_version=3))] == [2, 0]


@pytest.mark.parametrize("offset_s", [-86401, 86400])
def test_a_version_is_near_the_present(client: Any, now_ms: int, offset_s: int) -> None:
    key = a_table(client)
    row = sdk.Row(key("j", 1), [("a", 1, now_ms + offset_s * 1000)])

    assert refusal(client.put_row, "jobs", row, IGNORE) == invalid("Invalid timestamp. Cell:a.")


def test_versions_are_the_account_s_milliseconds(client: Any, timing: VirtualTiming) -> None:
    key = a_table(client)
    timing.advance(1.234)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1)]), IGNORE)

    assert cells(client.get_row("jobs", key("j", 1))) == [("a", 1, int(timing.now() * 1000))]


def test_a_row_expires_a_ttl_after_it_was_last_written(state: TablestoreState, timing: VirtualTiming) -> None:
    state.create_table("t", [("k", "STRING")], ttl_s=DAY_S)
    state.put("t", ("row",), {"a": 1})
    state.put("t", ("bare",), {})

    timing.advance(DAY_S)
    assert state.get("t", ("row",)) == {"a": 1}
    assert state.get("t", ("bare",)) == {}
    timing.advance(0.001)

    assert state.get("t", ("row",)) is None
    assert state.get("t", ("bare",)) is None
    assert state.range("t", (INF_MIN,), (INF_MAX,)) == ([], None)


def test_each_column_ages_from_its_own_last_write(state: TablestoreState, timing: VirtualTiming) -> None:
    state.create_table("t", [("k", "STRING")], ttl_s=DAY_S)
    state.put("t", ("row",), {"old": 1, "renewed": 1})
    timing.advance(DAY_S // 2)
    state.update("t", ("row",), {"renewed": 2})
    timing.advance(DAY_S // 2 + 1)

    assert state.get("t", ("row",)) == {"renewed": 2}


def test_an_expired_row_is_new_again_and_counts_from_zero(state: TablestoreState, timing: VirtualTiming) -> None:
    state.create_table("t", [("k", "STRING")], ttl_s=DAY_S)
    for key in ("put", "count"):
        state.put("t", (key,), {"n": 5, "gone": 1})
    timing.advance(DAY_S + 1)

    state.put("t", ("put",), {"n": 1}, NEW_ROW)
    state.update("t", ("count",), increment={"n": 1})

    assert state.get("t", ("put",)) == {"n": 1}
    assert state.get("t", ("count",)) == {"n": 1}


def test_a_longer_ttl_shows_what_a_shorter_one_had_hidden(client: Any, timing: VirtualTiming) -> None:
    key = a_table(client, time_to_live=DAY_S)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1)]), IGNORE)
    timing.advance(DAY_S + 1)
    assert client.get_row("jobs", key("j", 1))[1] is None

    client.update_table("jobs", sdk.TableOptions(-1), None)

    assert [cell[1] for cell in cells(client.get_row("jobs", key("j", 1)))] == [1]
