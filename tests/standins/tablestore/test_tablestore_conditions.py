"""Conditions on columns, as writes demand them and reads filter by them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import tablestore as sdk

from local.standins.tablestore.conditions import (
    ColumnIs,
    ColumnTest,
    Combined,
    Comparator,
    Condition,
    Extraction,
    Logic,
    RowExistence,
    absent,
    all_of,
    equals,
)
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.values import Value
from tests.standins.tablestore.given import (
    CONDITION_FAILED,
    IGNORE,
    a_table,
    column_is,
    columns_of,
    existing_where,
    invalid,
    refusal,
)

Change = Callable[[Any], Any]


@pytest.fixture
def claim(client: Any) -> Change:
    """Set `owner` of the one row there is (state `new`, rank 2) where a condition holds."""
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("state", "new"), ("rank", 2)]), IGNORE)
    return lambda condition: client.update_row(
        "jobs", sdk.Row(key("j", 1), {"PUT": [("owner", "me")]}), existing_where(condition)
    )


def test_a_change_happens_where_its_condition_holds(client: Any, claim: Change) -> None:
    claim(column_is("state", "new"))

    row = client.get_row("jobs", [("job", "j"), ("number", 1)])
    assert columns_of(row) == {"state": "new", "rank": 2, "owner": "me"}


def test_a_change_does_not_happen_where_its_condition_fails(client: Any, claim: Change) -> None:
    assert refusal(claim, column_is("state", "done")) == CONDITION_FAILED

    row = client.get_row("jobs", [("job", "j"), ("number", 1)])
    assert columns_of(row) == {"state": "new", "rank": 2}


def test_a_missing_column_passes_by_the_sdk_s_own_default(claim: Change) -> None:
    claim(sdk.SingleColumnCondition("owner", "you", sdk.ComparatorType.EQUAL))


def test_a_missing_column_fails_when_told_not_to_pass(claim: Change) -> None:
    assert refusal(claim, column_is("owner", "you", pass_if_missing=False)) == CONDITION_FAILED


def test_an_impossible_value_that_passes_if_missing_says_that_a_column_is_absent(claim: Change) -> None:
    unclaimed = column_is("owner", -1, pass_if_missing=True)
    claim(unclaimed)

    assert refusal(claim, unclaimed) == CONDITION_FAILED


def test_the_regex_condition_can_ask_for_absence_outright(claim: Change) -> None:
    """`SingleColumnCondition` refuses NOT_EXIST; its sibling of 6.3 does not."""
    unclaimed = sdk.SingleColumnRegexCondition("owner", sdk.ComparatorType.NOT_EXIST)
    claim(unclaimed)

    assert refusal(claim, unclaimed) == CONDITION_FAILED


def test_a_missing_row_has_no_columns(client: Any) -> None:
    key = a_table(client)
    row = sdk.Row(key("j", 1), {"PUT": [("a", 1)]})
    ignoring = sdk.RowExistenceExpectation.IGNORE

    demanding = sdk.Condition(ignoring, column_is("a", 0, pass_if_missing=False))
    assert refusal(client.update_row, "jobs", row, demanding) == CONDITION_FAILED
    client.update_row("jobs", row, sdk.Condition(ignoring, column_is("a", 0, pass_if_missing=True)))


def test_combinations_reach_the_service_as_they_were_made(claim: Change) -> None:
    either = sdk.CompositeColumnCondition(sdk.LogicalOperator.OR)
    either.add_sub_condition(column_is("rank", 1))
    either.add_sub_condition(column_is("state", "new"))
    neither = sdk.CompositeColumnCondition(sdk.LogicalOperator.NOT)
    neither.add_sub_condition(either)

    claim(either)
    assert refusal(claim, neither) == CONDITION_FAILED


def test_ten_conditions_are_the_most(claim: Change) -> None:
    both = sdk.CompositeColumnCondition(sdk.LogicalOperator.AND)
    for _ in range(10):
        both.add_sub_condition(column_is("rank", 2))
    claim(both)

    both.add_sub_condition(column_is("rank", 2))
    assert refusal(claim, both) == invalid("The count of filter exceeds the max: 10.")


def test_not_takes_one_condition_and_and_at_least_two(claim: Change) -> None:
    combined = sdk.CompositeColumnCondition(sdk.LogicalOperator.AND)
    combined.add_sub_condition(column_is("rank", 2))

    assert refusal(claim, combined) == invalid("Invalid AND/OR operator: the number of sub-filters must be 2.")
    combined.combinator = sdk.LogicalOperator.NOT
    combined.add_sub_condition(column_is("rank", 2))
    assert refusal(claim, combined) == invalid("Invalid NOT operator: the number of sub-filters must be 1.")


def test_of_16_threads_that_claim_a_row_one_wins(client: Any, claim: Change) -> None:
    unclaimed = column_is("owner", -1, pass_if_missing=True)
    start = threading.Barrier(16)
    outcomes: list[str] = []

    def race() -> None:
        start.wait()
        try:
            claim(unclaimed)
        except sdk.OTSServiceError as error:
            outcomes.append(error.code)
        else:
            outcomes.append("won")

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["OTSConditionCheckFail"] * 15 + ["won"]


ROW: dict[str, Value] = {"n": 2, "text": "b", "flag": True, "ratio": 2.0, "doc": '{"size": 12}'}


@pytest.mark.parametrize(
    ("test", "is_met"),
    [
        (ColumnIs("n", Comparator.EQUAL, 2), True),
        (ColumnIs("n", Comparator.NOT_EQUAL, 2), False),
        (ColumnIs("n", Comparator.GREATER_THAN, 1), True),
        (ColumnIs("n", Comparator.GREATER_EQUAL, 3), False),
        (ColumnIs("text", Comparator.LESS_THAN, "c"), True),
        (ColumnIs("text", Comparator.LESS_EQUAL, "a"), False),
        (ColumnIs("n", Comparator.EQUAL, 2.0), False),
        (ColumnIs("n", Comparator.GREATER_THAN, "1"), False),
        (ColumnIs("flag", Comparator.EQUAL, 1), False),
        (ColumnIs("ratio", Comparator.NOT_EQUAL, 2), True),
        (ColumnIs("none", Comparator.NOT_EQUAL, 2), False),
        (ColumnIs("none", Comparator.NOT_EQUAL, 2, pass_if_missing=True), True),
        (ColumnIs("n", Comparator.EXIST), True),
        (absent("n"), False),
        (absent("none"), True),
        (equals("k", "key"), True),
        (all_of(equals("n", 2), equals("text", "c")), False),
        (Combined(Logic.OR, (equals("n", 3), equals("text", "b"))), True),
        (Combined(Logic.NOT, (equals("n", 3),)), True),
        (ColumnIs("doc", Comparator.GREATER_THAN, 9, extraction=Extraction(r'"size": (\d+)', int)), True),
        (ColumnIs("doc", Comparator.EQUAL, 1.0, extraction=Extraction("colour", float)), False),
    ],
)
def test_a_condition_means_the_same_to_a_write_and_to_a_filter(
    state: TablestoreState, test: ColumnTest, is_met: bool
) -> None:
    state.create_table("t", [("k", "STRING")])
    state.put("t", ("key",), ROW)

    rows, _ = state.range("t", ("",), ("z",), where=test)
    assert bool(rows) is is_met
    condition = Condition(RowExistence.IGNORE, test)
    if is_met:
        state.put("t", ("key",), ROW, condition)
    else:
        with pytest.raises(TablestoreError, match="OTSConditionCheckFail"):
            state.put("t", ("key",), ROW, condition)
