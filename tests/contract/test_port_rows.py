"""What every `Rows` promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.domain.errors import Conflict, Corrupt
from shared.ports import Columns, Rows, Table
from tests.contract.cloud import Cloud

FOX = ("fox",)


def test_a_row_that_is_not_there_is_none(rows: Rows) -> None:
    assert rows.get(Table.JOBS, FOX) is None


def test_a_row_keeps_every_type_of_value(rows: Rows) -> None:
    columns: Columns = {"text": "狐狸", "whole": -7, "part": 0.25, "yes": True, "no": False, "empty": ""}

    assert rows.insert(Table.JOBS, FOX, columns) is True
    found = rows.get(Table.JOBS, FOX)
    assert found == columns
    assert {name: type(value) for name, value in (found or {}).items()} == {
        name: type(value) for name, value in columns.items()
    }


def test_a_row_is_inserted_once(rows: Rows) -> None:
    assert rows.insert(Table.JOBS, FOX, {"fence": "first"}) is True
    assert rows.insert(Table.JOBS, FOX, {"fence": "second", "more": 1}) is False
    assert rows.get(Table.JOBS, FOX) == {"fence": "first"}


def test_an_update_changes_what_it_puts_and_removes_what_it_names(rows: Rows) -> None:
    rows.insert(Table.JOBS, FOX, {"state": "open", "lease": 1.5, "spent": 2})
    rows.update(Table.JOBS, FOX, {"state": "done"}, expect={"state": "open"}, remove=["lease"])

    assert rows.get(Table.JOBS, FOX) == {"state": "done", "spent": 2}


def test_an_update_may_remove_a_column_that_is_not_there(rows: Rows) -> None:
    rows.insert(Table.JOBS, FOX, {"state": "open"})
    rows.update(Table.JOBS, FOX, {"state": "done"}, expect={"state": "open"}, remove=["lease"])

    assert rows.get(Table.JOBS, FOX) == {"state": "done"}


@pytest.mark.parametrize(
    "expect",
    [
        {"state": "done"},
        {"state": "open", "attempt": 2},
        {"lease": "open"},
        {"attempt": 1.0},
        {"attempt": "1"},
        {"attempt": True},
    ],
    ids=["other value", "one of two", "missing column", "float for int", "text for int", "bool for int"],
)
def test_an_update_of_a_row_that_is_not_as_expected_changes_nothing(rows: Rows, expect: Columns) -> None:
    rows.insert(Table.JOBS, FOX, {"state": "open", "attempt": 1})
    with pytest.raises(Conflict) as conflict:
        rows.update(Table.JOBS, FOX, {"state": "lost"}, expect=expect)

    assert conflict.value.code == "row.moved"
    assert rows.get(Table.JOBS, FOX) == {"state": "open", "attempt": 1}


@pytest.mark.parametrize("expect", [{}, {"state": "open"}])
def test_an_update_never_makes_a_row(rows: Rows, expect: Columns) -> None:
    with pytest.raises(Conflict):
        rows.update(Table.JOBS, FOX, {"state": "open"}, expect=expect)

    assert rows.get(Table.JOBS, FOX) is None


def test_an_update_without_expectations_takes_any_row_there_is(rows: Rows) -> None:
    rows.insert(Table.JOBS, FOX, {"state": "open"})
    rows.update(Table.JOBS, FOX, {"state": "done"}, expect={})

    assert rows.get(Table.JOBS, FOX) == {"state": "done"}


def test_one_of_many_claims_wins(rows: Rows) -> None:
    rows.insert(Table.STEPS, ("fox", "clone", "-"), {"fence": "none"})

    def claim(number: int) -> bool:
        try:
            put = {"fence": f"claim-{number}"}
            rows.update(Table.STEPS, ("fox", "clone", "-"), put, expect={"fence": "none"})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, range(8)))

    assert won.count(True) == 1
    assert rows.get(Table.STEPS, ("fox", "clone", "-")) == {"fence": f"claim-{won.index(True)}"}


def test_a_merge_makes_a_row_or_adds_to_it(rows: Rows) -> None:
    rows.merge(Table.TASKS, ("ims", "t1"), {"job": "fox"})
    rows.merge(Table.TASKS, ("ims", "t1"), {"reported_at": 2.5})

    assert rows.get(Table.TASKS, ("ims", "t1")) == {"job": "fox", "reported_at": 2.5}


def _a_few_steps(rows: Rows) -> None:
    for job, step, item, state in (
        ("fox", "speak", "0002", "open"),
        ("fox", "speak", "0001", "done"),
        ("fox", "clone", "-", "done"),
        ("hen", "clone", "-", "open"),
    ):
        rows.insert(Table.STEPS, (job, step, item), {"state": state})


def test_a_range_is_in_key_order_and_of_one_prefix(rows: Rows) -> None:
    _a_few_steps(rows)

    assert rows.range(Table.STEPS, ("fox",)) == [
        (("fox", "clone", "-"), {"state": "done"}),
        (("fox", "speak", "0001"), {"state": "done"}),
        (("fox", "speak", "0002"), {"state": "open"}),
    ]


def test_a_prefix_is_of_whole_key_columns(rows: Rows) -> None:
    rows.insert(Table.STEPS, ("fox", "a", "-"), {"n": 1})
    rows.insert(Table.STEPS, ("foxes", "a", "-"), {"n": 2})

    assert [key for key, _ in rows.range(Table.STEPS, ("fox",))] == [("fox", "a", "-")]


def test_a_range_without_a_prefix_is_the_whole_table(rows: Rows) -> None:
    _a_few_steps(rows)

    assert [key[0] for key, _ in rows.range(Table.STEPS)] == ["fox", "fox", "fox", "hen"]


def test_a_range_goes_on_strictly_after_a_key(rows: Rows) -> None:
    _a_few_steps(rows)
    found = rows.range(Table.STEPS, ("fox",), after=("fox", "clone", "-"), limit=1)

    assert [key for key, _ in found] == [("fox", "speak", "0001")]


def test_a_range_goes_on_after_a_key_that_is_gone(rows: Rows) -> None:
    _a_few_steps(rows)
    found = rows.range(Table.STEPS, ("fox",), after=("fox", "script", "-"))

    assert [key[1] for key, _ in found] == ["speak", "speak"]


def test_a_range_shows_only_rows_whose_columns_are_all_as_asked(rows: Rows) -> None:
    _a_few_steps(rows)
    rows.insert(Table.STEPS, ("fox", "detect", "-"), {"attempt": 1})
    found = rows.range(Table.STEPS, ("fox",), where={"state": "done"})

    assert [key[1:] for key, _ in found] == [("clone", "-"), ("speak", "0001")]


def test_a_limit_counts_the_rows_that_are_shown(rows: Rows) -> None:
    for number in range(12):
        rows.insert(Table.TASKS, ("ims", f"{number:02d}"), {"even": number % 2 == 0})
    found = rows.range(Table.TASKS, ("ims",), where={"even": True}, limit=5)

    assert [key[1] for key, _ in found] == ["00", "02", "04", "06", "08"]


def test_a_range_goes_over_the_pages_of_the_service(rows: Rows, cloud: Cloud) -> None:
    for number in range(5010):
        cloud.tablestore.put("tasks", ("ims", f"{number:05d}"), {"n": number})

    assert len(rows.range(Table.TASKS, ("ims",), limit=6000)) == 5010


def test_deleting_twice_is_like_deleting_once(rows: Rows) -> None:
    rows.insert(Table.JOBS, FOX, {"state": "open"})
    rows.delete(Table.JOBS, FOX)
    rows.delete(Table.JOBS, FOX)

    assert rows.get(Table.JOBS, FOX) is None


def test_a_key_of_the_wrong_length_is_our_fault(rows: Rows) -> None:
    for ask in (
        lambda: rows.get(Table.STEPS, ("fox",)),
        lambda: rows.range(Table.JOBS, ("fox",)),
        lambda: rows.delete(Table.JOBS, ("fox", "clone")),
    ):
        with pytest.raises(Corrupt):
            ask()


def test_a_table_that_is_not_there_is_our_fault(rows: Rows, cloud: Cloud) -> None:
    cloud.tablestore.delete_table("voices")
    with pytest.raises(Corrupt) as fault:
        rows.insert(Table.VOICES, ("digest",), {"voice": "v"})

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.rejected", "OTSObjectNotExist")
