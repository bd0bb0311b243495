"""The questions that the engine asks of rows, as tables. Nothing here has a clock, a bucket or a vendor."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.job import (
    BACKOFF_S,
    BACKOFF_S_MAX,
    JOB_MOVES,
    STEP_MOVES,
    TASTE,
    TRIES_MAX,
    WHOLE,
    YES,
    Decision,
    JobState,
    Phase,
    Rows,
    StepRow,
    StepState,
    backoff_s,
    decide,
    is_done,
    is_over,
    items_of,
    ready,
    waits_for_yes,
)
from shared.pipeline import STEPS

NOW = 1000.0


@dataclass(frozen=True)
class NeedsOf:
    step: str
    same_item: bool = False
    item: str = ""


@dataclass(frozen=True)
class AStep:
    name: str
    needs: tuple[NeedsOf, ...] = ()
    parts: tuple[str, ...] = ()
    over: str = ""
    tastes: bool = False


SMALL = {
    step.name: step
    for step in (
        AStep("plan"),
        AStep("cut", (NeedsOf("plan"),), parts=("left", "right")),
        AStep("draw", (NeedsOf("plan"),), over="plan"),
        AStep("paint", (NeedsOf("draw", same_item=True),), over="plan"),
        AStep("bind", (NeedsOf("paint"), NeedsOf("cut"))),
    )
}


def rows_with(*done: tuple[str, str], items: tuple[str, ...] = ("0001", "0002")) -> Rows:
    return {key: StepRow(*key, StepState.DONE, items=items if key[0] == "plan" else ()) for key in done}


def a_row(state: StepState, phase: Phase = Phase.BEGIN, *, lease_until: float = 0.0, due_at: float = 0.0) -> StepRow:
    return StepRow("draw", WHOLE, state, phase, lease_until=lease_until, due_at=due_at)


# --- what is ready


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        pytest.param((), [("plan", WHOLE)], id="at first only what needs nothing"),
        pytest.param(
            (("plan", WHOLE),),
            [("cut", "left"), ("cut", "right"), ("draw", "0001"), ("draw", "0002")],
            id="parts and items fan out",
        ),
        pytest.param(
            (("plan", WHOLE), ("cut", "left"), ("draw", "0002")),
            [("cut", "right"), ("draw", "0001"), ("paint", "0002")],
            id="an item goes on as soon as its own need is met",
        ),
        pytest.param(
            (
                ("plan", WHOLE),
                *(("cut", part) for part in ("left", "right")),
                *(("draw", i) for i in ("0001", "0002")),
                ("paint", "0001"),
            ),
            [("paint", "0002")],
            id="fan-in waits for every item",
        ),
        pytest.param(
            (
                ("plan", WHOLE),
                ("cut", "left"),
                *((step, item) for step in ("draw", "paint") for item in ("0001", "0002")),
            ),
            [("cut", "right")],
            id="fan-in waits for every part",
        ),
        pytest.param(
            (
                ("plan", WHOLE),
                ("cut", "left"),
                ("cut", "right"),
                *((step, item) for step in ("draw", "paint") for item in ("0001", "0002")),
            ),
            [("bind", WHOLE)],
            id="the last step begins when all is there",
        ),
    ],
)
def test_what_is_ready_follows_from_what_is_done(
    done: tuple[tuple[str, str], ...], expected: list[tuple[str, str]]
) -> None:
    assert expected == ready(SMALL, rows_with(*done))


@pytest.mark.parametrize(("part", "is_ready"), [("left", True), ("right", False)])
def test_a_step_may_need_one_part_alone(part: str, is_ready: bool) -> None:
    steps = {**SMALL, "fold": AStep("fold", (NeedsOf("cut", item="left"),))}

    assert is_ready is (("fold", WHOLE) in ready(steps, rows_with(("plan", WHOLE), ("cut", part))))


@pytest.mark.parametrize("state", list(StepState))
def test_a_step_that_has_a_row_is_never_ready_again(state: StepState) -> None:
    rows = {("plan", WHOLE): StepRow("plan", WHOLE, state, items=())}

    assert ("plan", WHOLE) not in ready(SMALL, rows)


@pytest.mark.parametrize("state", [state for state in StepState if state is not StepState.DONE])
def test_only_a_done_step_meets_a_need(state: StepState) -> None:
    rows = {("plan", WHOLE): StepRow("plan", WHOLE, state, items=("0001",))}

    assert [] == ready(SMALL, rows)


def test_a_story_of_no_segments_goes_straight_to_its_end() -> None:
    rows = rows_with(("plan", WHOLE), ("cut", "left"), ("cut", "right"), items=())

    assert [("bind", WHOLE)] == ready(SMALL, rows)


def test_items_are_unknown_until_the_deciding_step_is_done() -> None:
    undecided = {("plan", WHOLE): StepRow("plan", WHOLE, StepState.CLAIMED, items=("0001",))}

    assert items_of(SMALL["draw"], {}) is None
    assert items_of(SMALL["draw"], undecided) is None
    assert items_of(SMALL["draw"], rows_with(("plan", WHOLE))) == ("0001", "0002")
    assert items_of(SMALL["cut"], {}) == ("left", "right")
    assert items_of(SMALL["bind"], {}) == (WHOLE,)


def test_a_job_is_over_when_every_item_of_every_step_is_done() -> None:
    everything = [
        (step.name, item) for step in SMALL.values() for item in items_of(step, rows_with(("plan", WHOLE))) or ()
    ]

    assert is_over(SMALL, rows_with(*everything))
    for missing in everything:
        assert not is_over(SMALL, rows_with(*(one for one in everything if one != missing))), missing


def test_done_is_what_the_row_says() -> None:
    assert is_done(rows_with(("plan", WHOLE)), "plan", WHOLE)
    assert not is_done({}, "plan", WHOLE)
    assert not is_done({("plan", WHOLE): StepRow("plan", WHOLE, StepState.REVIEW)}, "plan", WHOLE)


@given(st.randoms(use_true_random=False))
def test_whatever_the_order_of_events_the_pipeline_reaches_its_end(randomness: random.Random) -> None:
    """Doing ready things in any order does everything once, and never runs dry before the end."""
    rows: dict[tuple[str, str], StepRow] = {}
    while found := ready(STEPS, rows):
        step, item = randomness.choice(found)
        items = ("0001", "0002", "0003") if step == "script" else ()
        assert (step, item) not in rows
        rows[step, item] = StepRow(step, item, StepState.DONE, items=items)

    assert is_over(STEPS, rows)
    assert set(STEPS) == {step for step, _ in rows}


@given(st.randoms(use_true_random=False))
def test_whatever_the_order_of_events_a_tasted_story_stops_for_the_yes_and_then_reaches_its_end(
    randomness: random.Random,
) -> None:
    rows: dict[tuple[str, str], StepRow] = {}
    play(rows, randomness)

    assert waits_for_yes(STEPS, rows)
    assert {item for step, item in rows if step in {"speak", "animate"}} == {"0001", "0002"}
    assert [item for step, item in rows if step in {"compose", "publish"}] == [TASTE, TASTE]
    assert not is_over(STEPS, rows)

    rows[YES, WHOLE] = StepRow(YES, WHOLE, StepState.DONE)
    play(rows, randomness)
    assert not waits_for_yes(STEPS, rows)
    assert is_over(STEPS, rows)
    assert {item for step, item in rows if step == "animate"} == {"0001", "0002", "0003"}


def play(rows: dict[tuple[str, str], StepRow], randomness: random.Random) -> None:
    """Do what is ready, in any order, until nothing is."""
    while found := ready(STEPS, rows):
        step, item = randomness.choice(found)
        is_dividing = step == "script"
        items = ("0001", "0002", "0003") if is_dividing else ()
        result = {TASTE: ["0001", "0002"]} if is_dividing else {}
        rows[step, item] = StepRow(step, item, StepState.DONE, items=items, result=result)


@pytest.mark.parametrize("state", [state for state in StepState if state is not StepState.DONE])
def test_nobody_is_asked_before_the_whole_taste_is_there(state: StepState) -> None:
    rows: dict[tuple[str, str], StepRow] = {}
    play(rows, random.Random(1))
    rows["publish", TASTE] = StepRow("publish", TASTE, state)

    assert not waits_for_yes(STEPS, rows)
    assert [] == ready(STEPS, rows)


# --- what a wake leads to


@pytest.mark.parametrize(
    ("row", "is_ready", "is_news", "expected"),
    [
        pytest.param(None, True, False, Decision.BEGIN, id="new and ready"),
        pytest.param(None, False, True, Decision.NOT_READY, id="new, too early"),
        pytest.param(a_row(StepState.CLAIMED, lease_until=NOW + 1), True, True, Decision.BUSY, id="somebody is at it"),
        pytest.param(a_row(StepState.CLAIMED, lease_until=NOW), False, False, Decision.BEGIN, id="its lease ended"),
        pytest.param(
            a_row(StepState.CLAIMED, Phase.FINISH, lease_until=NOW), False, False, Decision.FINISH, id="in its finish"
        ),
        pytest.param(a_row(StepState.WAITING, due_at=NOW + 1), True, False, Decision.EARLY, id="waits for its time"),
        pytest.param(a_row(StepState.WAITING, due_at=NOW), False, False, Decision.BEGIN, id="its time has come"),
        pytest.param(
            a_row(StepState.WAITING, Phase.FINISH, due_at=NOW + 1), False, True, Decision.FINISH, id="a verdict came"
        ),
        pytest.param(
            a_row(StepState.WAITING, Phase.FINISH, due_at=NOW), False, False, Decision.FINISH, id="time to ask"
        ),
        pytest.param(
            a_row(StepState.WAITING, Phase.FINISH, due_at=NOW + 1), False, False, Decision.EARLY, id="no verdict yet"
        ),
        pytest.param(a_row(StepState.DONE), True, True, Decision.OVER, id="done"),
        pytest.param(a_row(StepState.REFUSED), True, True, Decision.OVER, id="refused"),
        pytest.param(a_row(StepState.FAILED), True, True, Decision.OVER, id="failed"),
        pytest.param(a_row(StepState.REVIEW), True, True, Decision.OVER, id="a person decides"),
    ],
)
def test_rows_decide_what_a_wake_leads_to(
    row: StepRow | None, is_ready: bool, is_news: bool, expected: Decision
) -> None:
    assert expected is decide(row, is_ready=is_ready, is_news=is_news, now=NOW)


# --- how states may move


def test_a_published_job_can_only_be_erased() -> None:
    assert frozenset({JobState.ERASED}) == JOB_MOVES[JobState.DONE]


def test_an_erased_job_never_changes() -> None:
    assert frozenset() == JOB_MOVES[JobState.ERASED]


@pytest.mark.parametrize("state", [JobState.COLLECTING, JobState.OPEN, JobState.REFUSED, JobState.FAILED])
def test_a_job_can_be_cancelled_until_it_is_over(state: JobState) -> None:
    assert JobState.CANCELLED in JOB_MOVES[state]


def test_a_job_is_done_only_from_open() -> None:
    assert [JobState.OPEN] == [state for state, moves in JOB_MOVES.items() if JobState.DONE in moves]


def test_every_state_has_its_moves() -> None:
    assert set(JobState) == set(JOB_MOVES)
    assert {None, *StepState} == set(STEP_MOVES)


@pytest.mark.parametrize("state", [StepState.DONE, StepState.REFUSED])
def test_a_step_that_ended_well_or_was_refused_stays_so(state: StepState) -> None:
    assert frozenset() == STEP_MOVES[state]


# --- how long until the next try


@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_anything_up_to_the_doubled_one_and_never_longer_than_the_cap(
    troubles: int, fraction: float
) -> None:
    assert backoff_s(troubles, fraction) == fraction * min(BACKOFF_S_MAX, BACKOFF_S * 2.0**troubles)


def test_pauses_grow_with_each_trouble() -> None:
    longest = [backoff_s(troubles, 0.999) for troubles in range(8)]

    assert longest == sorted(longest)
    assert longest[7] > 50 * longest[0]


def test_a_service_may_be_down_for_an_hour() -> None:
    """On average; by chance it is less, but hardly ever half of it."""
    chance = random.Random(1)
    lasted = [sum(backoff_s(troubles, chance.random()) for troubles in range(TRIES_MAX - 1)) for _ in range(1000)]

    assert sum(lasted) / len(lasted) == pytest.approx(3405.0, rel=0.05)
    assert sum(one < 1800.0 for one in lasted) < 30


@given(st.floats(0, 3600), st.integers(0, 20), st.floats(0, 1, exclude_max=True))
def test_nobody_comes_back_before_the_vendor_asked_for(asked_s: float, troubles: int, fraction: float) -> None:
    assert backoff_s(troubles, fraction, asked_s) >= asked_s


def test_those_who_were_turned_away_together_do_not_come_back_together() -> None:
    """A vendor that takes five a second says `in two seconds` to all the others at once."""
    assert backoff_s(0, 0.1, 2.0) != backoff_s(0, 0.9, 2.0)
