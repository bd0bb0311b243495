"""How often an address may try to come in, or begin a story."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import pytest

from shared.console import limiting
from shared.console.limiting import A_MINUTE
from shared.domain.errors import Conflict
from shared.ports import Table
from tests.console.house import House, Visitor, told
from tests.console.telling import asked
from tests.engine.given import Between, always, interpose, raising


def tries(house: House, address: str, count: int, path: str = "/session") -> list[int]:
    visitor = Visitor(house, address=address)
    return [int(visitor.post(path, {"token": "guessed"}).status) for _ in range(count)]


@pytest.mark.parametrize("path", ["/session", "/shared"])
def test_who_guesses_links_is_stopped_within_the_minute_and_let_in_after_it(house: House, path: str) -> None:
    assert tries(house, "47.95.85.22", A_MINUTE, path) == [HTTPStatus.FORBIDDEN] * A_MINUTE
    assert tries(house, "47.95.85.22", 2, path) == [HTTPStatus.TOO_MANY_REQUESTS] * 2
    house.stage.timing.run(limiting.MINUTE_S)

    assert tries(house, "47.95.85.22", 1, path) == [HTTPStatus.FORBIDDEN]


def test_others_are_not_stopped_with_them(house: House) -> None:
    tries(house, "47.95.85.22", A_MINUTE + 1)

    assert tries(house, "47.95.85.23", 1) == [HTTPStatus.FORBIDDEN]
    assert tries(house, "47.95.85.22", 1, "/shared") == [HTTPStatus.FORBIDDEN]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2408:8000:1:2::3", "2408:8000:1:2:ffff::1", True),
        ("2408:8000:1:2::3", "2408:8000:1:3::3", False),
        ("::ffff:47.95.85.22", "47.95.85.22", True),
        ("", "nonsense", True),
    ],
)
def test_a_household_counts_as_one(house: House, one: str, other: str, is_same: bool) -> None:
    tries(house, one, A_MINUTE)

    assert tries(house, other, 1) == [HTTPStatus.TOO_MANY_REQUESTS if is_same else HTTPStatus.FORBIDDEN]


def test_stories_are_counted_and_said_so_in_words_that_the_page_knows(house: House) -> None:
    family = house.add()
    for _ in range(A_MINUTE):
        family.post("/stories", asked(options={"language": "fr"}))
    answer = family.post("/stories", asked())

    assert (answer.status, told(answer)) == (HTTPStatus.TOO_MANY_REQUESTS, {"code": "too_often"})


def test_nothing_else_is_counted(house: House, family: Visitor) -> None:
    family.get("/")
    family.get("/new")
    kept = [key for key, _ in house.stage.world.rows.range(Table.VISITS)]

    assert len(kept) == 1  # the one that let the family in
    assert kept[0][0].startswith("link ")


def test_no_row_holds_an_address(house: House) -> None:
    tries(house, "47.95.85.22", 1)
    rows = house.stage.world.rows.range(Table.VISITS)

    assert "47.95" not in repr(rows)
    assert all(set(columns) == {"minute", "count"} for _, columns in rows)


def stumble(house: House, between: Between) -> None:
    """Each change of a row passes `between`."""
    interpose(house.stage, "rows.update", between)
    house.desk = replace(house.desk, world=house.stage.functions_world)


def test_who_loses_the_row_to_another_request_counts_again(house: House) -> None:
    tries(house, "47.95.85.22", 1)
    stumble(house, raising(Conflict("row.moved"), Conflict("row.moved")))

    assert tries(house, "47.95.85.22", 1) == [HTTPStatus.FORBIDDEN]


def test_who_loses_it_again_and_again_is_told_to_come_back(house: House) -> None:
    tries(house, "47.95.85.22", 1)
    stumble(house, always(lambda: Conflict("row.moved")))

    assert tries(house, "47.95.85.22", 1) == [HTTPStatus.TOO_MANY_REQUESTS]
