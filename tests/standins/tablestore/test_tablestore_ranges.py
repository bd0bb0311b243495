"""GetRange: order, direction, pages, filters, limits."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore as sdk

from local.standins.tablestore.conditions import ColumnIs, Comparator, equals
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.values import INF_MAX, INF_MIN, KeyValue
from tests.standins.tablestore.given import IGNORE, a_table, column_is, invalid, invalid_key, refusal

FIRST = [("job", sdk.INF_MIN), ("number", sdk.INF_MIN)]
LAST = [("job", sdk.INF_MAX), ("number", sdk.INF_MAX)]
ALL = ((INF_MIN,), (INF_MAX,))


@pytest.fixture
def filled(client: Any) -> Any:
    """Rows (a, 1) (a, 2) (b, 1) (b, 2) (c, 1); `even` says whether the number is."""
    key = a_table(client)
    for job, number in (("b", 2), ("a", 1), ("c", 1), ("a", 2), ("b", 1)):
        client.put_row("jobs", sdk.Row(key(job, number), [("even", number % 2 == 0)]), IGNORE)
    return client


def keys(rows: list[Any]) -> list[str]:
    return ["".join(str(value) for _, value in row.primary_key) for row in rows]


def test_rows_come_in_key_order(filled: Any) -> None:
    _, next_key, rows, _ = filled.get_range("jobs", sdk.Direction.FORWARD, FIRST, LAST)

    assert keys(rows) == ["a1", "a2", "b1", "b2", "c1"]
    assert next_key is None


def test_backward_is_the_other_way_round(filled: Any) -> None:
    _, _, rows, _ = filled.get_range("jobs", sdk.Direction.BACKWARD, LAST, FIRST)

    assert keys(rows) == ["c1", "b2", "b1", "a2", "a1"]


def test_a_range_includes_its_start_and_excludes_its_end(filled: Any) -> None:
    low, high = [("job", "a"), ("number", 2)], [("job", "b"), ("number", 2)]

    _, _, forward, _ = filled.get_range("jobs", sdk.Direction.FORWARD, low, high)
    _, _, backward, _ = filled.get_range("jobs", sdk.Direction.BACKWARD, high, low)

    assert (keys(forward), keys(backward)) == (["a2", "b1"], ["b2", "b1"])


def test_one_partition_is_read_between_infinities(filled: Any) -> None:
    start, end = [("job", "b"), ("number", sdk.INF_MIN)], [("job", "b"), ("number", sdk.INF_MAX)]

    assert keys(filled.get_range("jobs", sdk.Direction.FORWARD, start, end)[2]) == ["b1", "b2"]


@pytest.mark.parametrize(("direction", "start", "end"), [("FORWARD", FIRST, LAST), ("BACKWARD", LAST, FIRST)])
def test_pages_follow_each_other_by_the_next_key(filled: Any, direction: str, start: Any, end: Any) -> None:
    pages, next_key = [], start
    while next_key is not None:
        _, next_key, rows, _ = filled.get_range("jobs", direction, next_key, end, limit=2)
        pages.append(keys(rows))

    expected = [["a1", "a2"], ["b1", "b2"], ["c1"]] if direction == "FORWARD" else [["c1", "b2"], ["b1", "a2"], ["a1"]]
    assert pages == expected


def test_the_sdk_s_own_iterator_reads_all_pages(filled: Any) -> None:
    unit = sdk.CapacityUnit(0, 0)

    rows = list(filled.xget_range("jobs", sdk.Direction.FORWARD, FIRST, LAST, unit, max_version=1))

    assert keys(rows) == ["a1", "a2", "b1", "b2", "c1"]


def test_a_filter_keeps_rows_out_and_limits_count_what_is_left(filled: Any) -> None:
    even = column_is("even", True)

    _, next_key, rows, _ = filled.get_range("jobs", sdk.Direction.FORWARD, FIRST, LAST, [], 1, even)

    assert keys(rows) == ["a2"]
    assert next_key == [("job", "b"), ("number", 1)]


def test_rows_without_the_columns_asked_for_are_left_out(filled: Any) -> None:
    filled.update_row("jobs", sdk.Row([("job", "b"), ("number", 1)], {"PUT": [("x", 1)]}), IGNORE)

    assert keys(filled.get_range("jobs", sdk.Direction.FORWARD, FIRST, LAST, ["x"])[2]) == ["b1"]


@pytest.mark.parametrize(
    ("direction", "start", "end", "message"),
    [
        ("FORWARD", LAST, FIRST, "Begin key must less than end key in FORWARD"),
        ("FORWARD", FIRST, FIRST, "Begin key must less than end key in FORWARD"),
        ("BACKWARD", FIRST, LAST, "Begin key must more than end key in BACKWARD"),
    ],
)
def test_the_ends_must_suit_the_direction(filled: Any, direction: str, start: Any, end: Any, message: str) -> None:
    assert refusal(filled.get_range, "jobs", direction, start, end) == invalid(message)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_positive(filled: Any, limit: int) -> None:
    message = invalid("The limit must be greater than 0.")

    assert refusal(filled.get_range, "jobs", sdk.Direction.FORWARD, FIRST, LAST, limit=limit) == message


def test_both_ends_name_all_key_columns(filled: Any) -> None:
    message = invalid_key("Validate PK size fail. Input: 1, Meta: 2.")

    assert refusal(filled.get_range, "jobs", sdk.Direction.FORWARD, FIRST[:1], LAST[:1]) == message


def test_a_page_ends_after_5000_rows(state: TablestoreState) -> None:
    state.create_table("t", [("n", "INTEGER")])
    for number in range(5001):
        state.put("t", (number,), {})

    rows, next_key = state.range("t", *ALL, limit=6000)

    assert (len(rows), next_key) == (5000, (5000,))


def test_a_page_ends_before_4_mb_are_exceeded(state: TablestoreState) -> None:
    state.create_table("t", [("n", "INTEGER")])
    for number in range(3):
        state.put("t", (number,), {"blob": bytes(1_500_000)})

    rows, next_key = state.range("t", *ALL)

    assert ([key for key, _ in rows], next_key) == ([(0,), (1,)], (2,))


def test_a_page_may_be_empty_and_not_the_last(state: TablestoreState) -> None:
    state.create_table("t", [("n", "INTEGER")])
    for number in range(5002):
        state.put("t", (number,), {"n2": number})

    rows, next_key = state.range("t", *ALL, where=equals("n2", 5001))
    assert (rows, next_key) == ([], (5000,))
    assert next_key is not None
    rows, next_key = state.range("t", next_key, (INF_MAX,), where=equals("n2", 5001))
    assert (rows, next_key) == ([((5001,), {"n2": 5001})], None)


def test_integers_text_and_bytes_are_ordered_each_in_their_way(state: TablestoreState) -> None:
    orders: tuple[tuple[str, tuple[KeyValue, ...]], ...] = (
        ("INTEGER", (-2, -1, 0, 9, 10)),
        ("STRING", ("", "Z", "a", "aa", "é", "事", "\U0001f600")),
        ("BINARY", (b"", b"\0", b"a", b"\xff")),
    )
    for kind, values in orders:
        state.create_table(f"t_{kind}", [("k", kind)])
        for value in reversed(values):
            state.put(f"t_{kind}", (value,), {})

        rows, _ = state.range(f"t_{kind}", *ALL)
        assert [key for (key,), _ in rows] == list(values)


def test_a_filter_may_look_at_the_key(state: TablestoreState) -> None:
    state.create_table("t", [("n", "INTEGER")])
    for number in range(5):
        state.put("t", (number,), {})

    rows, _ = state.range("t", *ALL, where=ColumnIs("n", Comparator.GREATER_THAN, 2))

    assert [key for key, _ in rows] == [(3,), (4,)]
