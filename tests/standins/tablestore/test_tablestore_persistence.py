"""What survives a restart over a folder, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.standins.account import Account
from local.standins.store import FolderStore
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.tables import Index, KeyColumn, TableOptions, Throughput
from local.standins.tablestore.values import AUTO_INCREMENT, INF_MAX, INF_MIN, Key, KeyType, Value
from local.standins.tablestore.writes import ColumnWrite, Kind, RowChange

Open = Callable[[], TablestoreState]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the same folder anew each time, as a restart does."""
    with ExitStack() as stores:

        def state() -> TablestoreState:
            store = FolderStore(tmp_path)
            stores.callback(store.close)
            return TablestoreState(Account(store=store))

        yield state


def test_rows_of_every_type_survive_a_restart(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "BINARY"), ("n", "INTEGER"), ("s", "STRING")])
    key: Key = (b"\0\xff", -5, "故事")
    columns: dict[str, Value] = {"blob": b"\0\1\xff", "flag": True, "size": 2**62, "ratio": 2.0, "text": '"租户"\n'}
    before.put("t", key, columns)

    found = opened().get("t", key)

    assert found == columns
    assert found is not None
    assert {name: type(value) for name, value in found.items()} == {n: type(value) for n, value in columns.items()}


def test_order_updates_and_deletions_survive_a_restart(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "STRING")])
    for key in ("c", "a", "b"):
        before.put("t", (key,), {"n": 1})
    before.update("t", ("a",), increment={"n": 1}, delete=["none"])
    before.delete("t", ("b",))

    assert opened().range("t", (INF_MIN,), (INF_MAX,)) == ([(("a",), {"n": 2}), (("c",), {"n": 1})], None)


def test_schema_options_and_indexes_survive_a_restart(opened: Open) -> None:
    before = opened()
    before.catalogue.create(
        "t",
        [KeyColumn("k"), KeyColumn("n", KeyType.INTEGER, auto_increment=True)],
        TableOptions(90000, 1, 100, allow_update=False),
        Throughput(1, 2, 3),
        defined_columns=[("state", "STRING")],
        indexes=[Index("by_state", ("state",), ("k",))],
    )

    after, table = opened().catalogue.find("t"), before.catalogue.find("t")

    assert (after.key_columns, after.options, after.throughput) == (table.key_columns, table.options, table.throughput)
    assert (after.defined_columns, after.indexes) == (table.defined_columns, table.indexes)


def test_the_versions_a_table_keeps_survive_a_restart(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "STRING")], max_versions=2)
    now_ms = before.catalogue.now_ms()
    for age_ms in (3, 2, 1):
        change = RowChange(Kind.UPDATE, (ColumnWrite("a", age_ms, version_ms=now_ms - age_ms),))
        before.rows.write("t", ("k",), change)

    kept = opened().catalogue.find("t").rows["k",].columns["a"]

    assert kept == ((now_ms - 1, 1), (now_ms - 2, 2))


def test_a_number_the_service_chose_is_not_chosen_again_after_a_restart(opened: Open) -> None:
    before = opened()
    columns = [KeyColumn("k"), KeyColumn("n", KeyType.INTEGER, auto_increment=True)]
    before.catalogue.create("t", columns, TableOptions(), Throughput())
    first = before.put("t", ("k", AUTO_INCREMENT), {})
    before.delete("t", first)

    assert opened().put("t", ("k", AUTO_INCREMENT), {}) > first


def test_a_dropped_table_stays_dropped_and_comes_back_empty(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "STRING")])
    before.put("t", ("a",), {})
    before.delete_table("t")

    assert opened().tables() == []
    again = opened()
    again.create_table("t", [("k", "STRING")])
    assert opened().get("t", ("a",)) is None


def test_an_open_transaction_does_not_survive_a_restart(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "STRING")])
    transaction = before.rows.start_transaction("t", ("a",))
    before.rows.write("t", ("a",), RowChange(Kind.PUT), transaction)

    after = opened()

    with pytest.raises(TablestoreError, match="OTSSessionNotExist"):
        after.rows.commit(transaction)
    assert after.get("t", ("a",)) is None


def test_a_refused_write_leaves_no_trace(opened: Open) -> None:
    before = opened()
    before.create_table("t", [("k", "STRING")])
    before.put("t", ("a",), {"n": "text"})

    with pytest.raises(TablestoreError, match="OTSParameterInvalid"):
        before.update("t", ("a",), put={"other": 1}, increment={"n": 1})

    assert before.get("t", ("a",)) == {"n": "text"}
    assert opened().get("t", ("a",)) == {"n": "text"}
