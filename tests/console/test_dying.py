"""The page's function may die before or after each call that leaves it: whoever tries again finds nothing broken."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest

from shared.console.desk import Desk
from shared.domain.job import JobState
from shared.engine import leftovers
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.ports import Bucket, Table
from tests.console.house import House, Visitor, opened, told
from tests.console.telling import FILES, asked, begin
from tests.simulation.choke import Choke, When, choked
from tests.stage import Killed

EVERY = 3
"""Of the many calls of an erasure; the first and the last are always among them."""

Act = Callable[[Visitor, str], object]


def start(family: Visitor, _job_id: str) -> None:
    family.post("/stories", asked())


def agree(family: Visitor, job_id: str) -> None:
    family.post(f"/stories/{job_id}/yes")


def cancel(family: Visitor, job_id: str) -> None:
    family.post(f"/stories/{job_id}/cancel")


def erase(family: Visitor, job_id: str) -> None:
    family.post(f"/stories/{job_id}/erase", {"confirm": job_id})


def calls_of(act: Act) -> list[tuple[int, When]]:
    """Every point at which the function may die while it does this to a story that waits for its family's yes."""
    choke = Choke()
    with opened() as house:
        family = house.add()
        _under(house, choke, family, begin(family, says_yes=False), act)
    count = len(choke.trace)
    numbers = range(1, count + 1) if act is not erase else sorted({*range(1, count + 1, EVERY), count})
    return [(at, when) for at in numbers for when in When]


def _under(house: House, choke: Choke, family: Visitor, job_id: str, act: Act) -> None:
    """Once through the choke, whether it dies there or not."""
    before = house.desk
    house.desk = Desk(choked(house.stage.world, choke), before.uploads)
    try:
        act(family, job_id)
    except Killed:
        pass
    finally:
        house.desk = before


def _rest(house: House) -> None:
    """All that is on its way arrives; the sweep passes by."""
    house.stage.run(600.0)
    for _ in range(3):
        house.stage.timing.advance(ON_ITS_WAY_S)
        house.stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
        house.stage.timing.run(60.0)


def test_a_story_that_was_half_begun_costs_nothing_and_is_begun_again() -> None:
    for point in calls_of(start):
        with opened() as house:
            family = house.add()
            _under(house, Choke([point]), family, "", start)
            _rest(house)
            assert house.stage.charges() == [], point
            assert family.get("/").status == HTTPStatus.OK, point
            again = told(family.post("/stories", asked()))
            assert [one["asset"] for one in again["tickets"]] == list(FILES), point


@pytest.mark.parametrize("is_said_again", [True, False])
def test_a_yes_that_died_counts_once_or_can_be_said_again(is_said_again: bool) -> None:
    with opened() as calm:
        begin(calm.add())
        calm.stage.run()
        bought = calm.stage.charges()
    for point in calls_of(agree):
        with opened() as house:
            family = house.add()
            job_id = begin(family, says_yes=False)
            _under(house, Choke([point]), family, job_id, agree)
            if is_said_again:
                agree(family, job_id)
            house.stage.run()
            state = house.stage.job(job_id).state
            assert state is JobState.DONE or (not is_said_again and state is JobState.ASKED), point
            assert house.stage.charges() == (bought if state is JobState.DONE else []), point


def test_a_cancellation_that_died_is_ended_by_another_or_by_the_sweep() -> None:
    for point in calls_of(cancel):
        for is_said_again in (True, False):
            with opened() as house:
                family = house.add()
                job_id = begin(family, says_yes=False)
                _under(house, Choke([point]), family, job_id, cancel)
                if is_said_again:
                    cancel(family, job_id)
                _rest(house)
                job = house.stage.job(job_id)
                assert job.state is JobState.CANCELLED or (not is_said_again and job.state is JobState.ASKED), point
                assert house.stage.charges() == [], point
                assert family.get(f"/stories/{job_id}").status == HTTPStatus.OK, point
                left = house.stage.world.objects.listing(Bucket.WORK, f"jobs/{job_id}/")
                assert job.state is JobState.ASKED or left == [], point


def test_an_erasure_that_died_is_ended_by_another_and_leaves_nothing() -> None:
    for point in calls_of(erase):
        with opened() as house:
            family = house.add()
            job_id = begin(family, says_yes=False)
            _under(house, Choke([point]), family, job_id, erase)
            receipt = told(family.post(f"/stories/{job_id}/erase", {"confirm": job_id}))
            _rest(house)
            assert set(receipt["left"].values()) == {0}, point
            assert set(leftovers.found(house.stage.world, house.stage.job(job_id)).values()) == {0}, point
            assert house.stage.world.rows.range(Table.STEPS, (job_id,)) == [], point
