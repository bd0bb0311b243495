"""What `begin` and `finish` of a step see: the job, what earlier steps made, and the means to act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from shared.domain.errors import Corrupt
from shared.domain.frozen import frozen
from shared.domain.job import WHOLE, StepRow, StepState
from shared.engine.effects import Effect, EffectRow, EffectState, restore
from shared.engine.ledger import Ledger
from shared.engine.records import Job
from shared.engine.world import World


@frozen
class Done:
    """The step's item is done. `items` is for the step that decides what the next ones fan out over."""

    result: Mapping[str, object] = field(default_factory=dict)
    items: Sequence[str] = ()


@frozen
class Waits:
    """Submitted; a verdict will wake us."""

    what: str


@frozen
class Later:
    """Not now: begin again when something wakes us, or after `after_s` at the latest.

    `is_over` tells, once the waiting is written down, whether what we wait for has happened meanwhile.
    """

    after_s: float
    what: str
    is_over: Callable[[], bool] | None = None


Outcome = Done | Waits | Later


@frozen
class Turn:
    """One claim's chance at one step of one job for one item."""

    world: World
    job: Job
    step: str
    item: str
    rows: Mapping[tuple[str, str], StepRow]
    ledger: Ledger

    @property
    def troubles(self) -> int:
        """How often in a row this step could not get on."""
        row = self.rows.get((self.step, self.item))
        return row.troubles if row else 0

    def result(self, step: str, item: str = WHOLE) -> Mapping[str, Any]:
        """What an earlier step made."""
        row = self.rows.get((step, item))
        if row is None or row.state is not StepState.DONE:
            raise Corrupt("internal", f"{self.step} asks for {step}/{item}, which is not done")
        return row.result

    def submit(self, effect: Effect) -> str:
        """Make a call whose verdict comes later; the vendor's task id. Raises what the first try was refused with."""
        row = self.ledger.perform(effect)
        if row.state is EffectState.REFUSED:
            raise restore(row.error)
        return row.task

    def do(self, effect: Effect) -> Mapping[str, Any]:
        """Make a call that answers at once, or return what it answered the first time."""
        return _result(self.ledger.perform(effect))

    def outcome(self, name: str) -> Mapping[str, Any] | None:
        """The verdict of a submitted effect: its result, None when it was never submitted; raises if it was refused."""
        row = self.ledger.rows().get(name)
        return None if row is None else _result(row)


def _result(row: EffectRow) -> Mapping[str, Any]:
    if row.state is EffectState.DONE:
        return row.result
    if row.error:
        raise restore(row.error)
    raise Corrupt("internal", f"effect {row.name} is {row.state.value}")


Begin = Callable[[Turn], Outcome]
Finish = Callable[[Turn], Outcome]


@frozen
class Act:
    """The two parts of a step, side by side."""

    begin: Begin
    finish: Finish | None = None
