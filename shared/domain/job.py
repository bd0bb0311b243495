"""A job and its steps as rows tell them, and the questions the engine asks of them. Pure: rows in, decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import Enum
from typing import Protocol

from shared.domain.frozen import frozen


class JobState(str, Enum):
    COLLECTING = "collecting"  # files still missing
    ASKED = "asked"  # a person was asked whether to go on, and has not said yes
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"  # the family must change something
    FAILED = "failed"  # we could not; the operator was told
    CANCELLED = "cancelled"  # nobody wants it any more
    ERASED = "erased"  # nothing of it is left but this word


class StepState(str, Enum):
    CLAIMED = "claimed"  # a function is at it, until the lease ends
    WAITING = "waiting"  # for a verdict, a slot or a time
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    REVIEW = "review"  # a person decides


class Phase(str, Enum):
    BEGIN = "begin"
    FINISH = "finish"


JOB_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.COLLECTING: frozenset(
        {JobState.COLLECTING, JobState.ASKED, JobState.OPEN, JobState.REFUSED, JobState.CANCELLED}
    ),
    JobState.ASKED: frozenset({JobState.OPEN, JobState.CANCELLED}),
    # An open job is asked about when its taste is there.
    JobState.OPEN: frozenset({JobState.ASKED, JobState.DONE, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED}),
    # A job refused at the door has cost nothing: corrected files may still open it. `opened_at` tells the two apart.
    JobState.REFUSED: frozenset(
        {JobState.COLLECTING, JobState.ASKED, JobState.OPEN, JobState.REFUSED, JobState.CANCELLED, JobState.ERASED}
    ),
    JobState.DONE: frozenset({JobState.ERASED}),
    JobState.FAILED: frozenset({JobState.OPEN, JobState.CANCELLED}),  # an operator's redrive, or nobody's
    JobState.CANCELLED: frozenset({JobState.ERASED}),
    JobState.ERASED: frozenset(),
}

STEP_MOVES: dict[StepState | None, frozenset[StepState]] = {
    None: frozenset({StepState.CLAIMED}),
    StepState.CLAIMED: frozenset(StepState),
    StepState.WAITING: frozenset({StepState.CLAIMED, StepState.FAILED}),
    StepState.DONE: frozenset(),
    StepState.REFUSED: frozenset(),
    StepState.FAILED: frozenset({StepState.CLAIMED}),
    StepState.REVIEW: frozenset({StepState.CLAIMED}),
}


@frozen
class StepRow:
    """One step of one job for one item, as its row says."""

    step: str
    item: str
    state: StepState
    phase: Phase = Phase.BEGIN
    fence: str = ""
    lease_until: float = 0.0
    due_at: float = 0.0
    attempt: int = 0
    troubles: int = 0
    waits_for: str = ""
    items: tuple[str, ...] = ()
    result: Mapping[str, object] = field(default_factory=dict)
    updated_at: float = 0.0
    history: str = "[]"


class StepLike(Protocol):
    """What readiness needs to know of a declared step."""

    @property
    def name(self) -> str: ...
    @property
    def needs(self) -> Iterable[NeedLike]: ...
    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def over(self) -> str: ...
    @property
    def tastes(self) -> bool: ...


class NeedLike(Protocol):
    @property
    def step(self) -> str: ...
    @property
    def same_item(self) -> bool: ...
    @property
    def item(self) -> str: ...


Rows = Mapping[tuple[str, str], StepRow]
WHOLE = "-"
TASTE = "taste"
"""The item of a step that it does for the story's beginning alone, before it does it for the whole."""

YES = "yes"
"""The row that says that a person wants the rest of a story that was tasted. No function stands behind it."""

_DIVIDES = "script"


def items_of(step: StepLike, rows: Rows) -> tuple[str, ...] | None:
    """The items a step has in this job; None while the step that decides them is not done."""
    if not step.over:
        named = step.parts or (WHOLE,)
        return (TASTE, *named) if step.tastes and tasted(rows) else named
    deciding = rows.get((step.over, WHOLE))
    if deciding is None or deciding.state is not StepState.DONE:
        return None
    return deciding.items


def is_met(need: NeedLike, item: str, steps: Mapping[str, StepLike], rows: Rows) -> bool:
    """Fan-in is a question, never a counter."""
    named = item if need.same_item else need.item
    wanted = (named,) if named else _wanted(steps[need.step], item, rows)
    if wanted is None:
        return False
    return all(is_done(rows, need.step, name) for name in wanted)


def ready(steps: Mapping[str, StepLike], rows: Rows) -> list[tuple[str, str]]:
    """Every (step, item) that may begin and has not, in pipeline order."""
    return [
        (step.name, item)
        for step in steps.values()
        for item in items_of(step, rows) or ()
        if (step.name, item) not in rows
        and not is_held(step, item, rows)
        and all(is_met(need, item, steps, rows) for need in step.needs)
    ]


def tasted(rows: Rows) -> tuple[str, ...]:
    """The items that the taste of a story is made of; none when it has no taste, or none yet."""
    row = rows.get((_DIVIDES, WHOLE))
    found = row.result.get(TASTE, ()) if row is not None and row.state is StepState.DONE else ()
    return tuple(found) if isinstance(found, (list, tuple)) else ()


def is_held(step: StepLike, item: str, rows: Rows) -> bool:
    """Whether an item belongs to the rest of a story of which a person has not said yet that it is wanted."""
    taste = tasted(rows)
    is_divided = bool(step.over) or step.tastes
    return bool(taste) and is_divided and item not in {TASTE, *taste} and not is_done(rows, YES, WHOLE)


def waits_for_yes(steps: Mapping[str, StepLike], rows: Rows) -> bool:
    """Whether the taste of a story is there, and nobody has said that the rest is wanted."""
    if not tasted(rows) or is_done(rows, YES, WHOLE):
        return False
    return all(is_done(rows, step.name, TASTE) for step in steps.values() if step.tastes)


def _wanted(needed: StepLike, item: str, rows: Rows) -> tuple[str, ...] | None:
    """The items of a needed step that an item of a later one has to wait for."""
    if item != TASTE:
        return items_of(needed, rows)
    if needed.tastes:
        return (TASTE,)
    return tasted(rows) if needed.over else items_of(needed, rows)


def is_over(steps: Mapping[str, StepLike], rows: Rows) -> bool:
    """Whether every item of every step is done."""
    for step in steps.values():
        items = items_of(step, rows)
        if items is None or not all(is_done(rows, step.name, item) for item in items):
            return False
    return True


def is_done(rows: Rows, step: str, item: str) -> bool:
    row = rows.get((step, item))
    return row is not None and row.state is StepState.DONE


class Decision(str, Enum):
    """What a wake leads to."""

    BEGIN = "begin"
    FINISH = "finish"
    NOT_READY = "not ready"
    OVER = "over"
    BUSY = "busy"
    EARLY = "early"


def decide(row: StepRow | None, *, is_ready: bool, is_news: bool, now: float) -> Decision:
    """What to do about a wake. `is_news`: a verdict was announced, or one may be asked for by now."""
    if row is None:
        return Decision.BEGIN if is_ready else Decision.NOT_READY
    if row.state is StepState.CLAIMED:
        if row.lease_until > now:
            return Decision.BUSY
        return _by_phase(row)
    if row.state is StepState.WAITING:
        return _by_phase(row) if is_news or row.due_at <= now else Decision.EARLY
    return Decision.OVER


def _by_phase(row: StepRow) -> Decision:
    return Decision.BEGIN if row.phase is Phase.BEGIN else Decision.FINISH


TRIES_MAX = 30
"""Troubles in a row before a step is given up: with the pauses below, about an hour of a service being down and
hardly ever less than half of one; longer where the vendor names a pause.
"""

BACKOFF_S = 2.0
BACKOFF_S_MAX = 300.0


def backoff_s(troubles: int, fraction: float, asked_s: float | None = None) -> float:
    """Seconds until the next try: anything up to twice as long each time ("full jitter"), since those who were turned
    away together must not come back together. What the vendor asked for counts instead, with a little chance on top.

    `fraction` is uniform in [0, 1).
    """
    if asked_s is not None:
        return asked_s + fraction * BACKOFF_S
    return fraction * min(BACKOFF_S_MAX, BACKOFF_S * 2.0 ** min(troubles, 16))
