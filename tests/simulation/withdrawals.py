"""Families that change their minds: a story is cancelled, or erased with all that belongs to it, whatever is under way;
and narrators who wish to be forgotten.

The operator's command meets the same faults as a function, and may die half-way. Some operators repeat it until it says
that it is done; others never look again, and the sweep must finish what was begun. Nobody forgets a narrator twice:
what is on its way then, and what a command that died has left, is the sweep's.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from shared.domain.errors import EchobotError, Refused
from shared.domain.job import JobState
from shared.engine import narrators, withdrawal
from shared.ports import Table
from tests.simulation.errand import Errand
from tests.simulation.faults import Kind
from tests.simulation.sometimes import Sometimes
from tests.stage import Killed

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

WITHIN_S = 700.0
PARTS_WITHIN_S = 2400.0
AGAIN_S = 90.0
TIMEOUT_S = 3600.0
STUBBORN = 0.7
"""The share of operators who repeat a command that failed."""

SEEN = {Kind.CANCEL: Sometimes.CANCELLED, Kind.ERASE: Sometimes.ERASED}
STATES = {Kind.CANCEL: JobState.CANCELLED, Kind.ERASE: JobState.ERASED}


class Withdrawals:
    """`done` names the jobs whose command said that it was done, with what it made of them."""

    def __init__(self, simulation: Simulation) -> None:
        self.pending = 0
        self.done: dict[str, JobState] = {}
        self._simulation = simulation

    @property
    def wished(self) -> bool:
        """Whether the sweep will look after a narrator's wish once more."""
        return bool(self._simulation.world.rows.range(Table.WATCH, (narrators.WISH,)))

    @property
    def parted(self) -> dict[str, float]:
        """Narrators whose wish to be forgotten is written down, by their names, and when it was."""
        simulation = self._simulation
        found = simulation.world.rows.range(Table.WATCH, (narrators.TOMBSTONE,))
        return {key[1]: float(json.loads(str(row["receipt"]))["at"]) - simulation.began_at for key, row in found}

    def arrive(self) -> None:
        simulation = self._simulation
        for wanted in simulation.plan.jobs:
            for kind in STATES:
                site = f"the wish for {wanted.job_id}"
                fault = simulation.faults.chance(site, kind, simulation.plan.weather.withdraw, WITHIN_S)
                if fault is not None:
                    self._later(wanted.at_s + fault.size, wanted.job_id, kind)

        for name in sorted({name for story in simulation.plan.stories for name in story.narrators}):
            site = f"the wish of {name}"
            if fault := simulation.faults.chance(site, Kind.PART, simulation.plan.weather.part, PARTS_WITHIN_S):
                self.pending += 1
                simulation.timing.later(fault.size, partial(self._part, name))

    def _part(self, name: str) -> None:
        simulation = self._simulation
        self.pending -= 1
        errand = Errand(simulation, "part", name, TIMEOUT_S)
        theirs = [story.job_id for story in simulation.plan.stories if name in story.narrators]
        is_under_way = any(simulation.watch.jobs.get(job_id) == JobState.OPEN.value for job_id in theirs)
        simulation.writer = errand
        try:
            receipt = narrators.erase(simulation.functions_world, name)
        except Refused as error:
            simulation.trace.note(simulation.now_s, f"{errand.name}: {error}")  # nothing of theirs is there yet
        except (Killed, EchobotError) as error:
            simulation.trace.note(simulation.now_s, f"{errand.name} broke off: {error!r:.100}")
            simulation.seen.counts[Sometimes.SWEPT_NARRATOR] += name in self.parted
        else:
            simulation.seen.counts[Sometimes.PARTED] += is_under_way
            simulation.seen.counts[Sometimes.SWEPT_NARRATOR] += not receipt.is_clean
        finally:
            simulation.writer = None
            simulation.calls += errand.calls

    def _later(self, after_s: float, job_id: str, kind: Kind) -> None:
        self.pending += 1
        self._simulation.timing.later(after_s, lambda: self._come(job_id, kind))

    def _come(self, job_id: str, kind: Kind) -> None:
        simulation = self._simulation
        self.pending -= 1
        errand = Errand(simulation, kind.name.lower(), job_id, TIMEOUT_S)
        was = simulation.watch.jobs.get(job_id, "")
        simulation.writer = errand
        try:
            act = withdrawal.cancel if kind is Kind.CANCEL else withdrawal.erase
            act(simulation.functions_world, job_id)
        except Refused as error:
            simulation.trace.note(simulation.now_s, f"{errand.name}: {error}")
        except (Killed, EchobotError) as error:
            simulation.trace.note(simulation.now_s, f"{errand.name} broke off: {error!r:.100}")
            if simulation.dice.roll(f"{errand.name} again")[1][0] < STUBBORN:
                self._later(AGAIN_S, job_id, kind)
        else:
            self.done[job_id] = STATES[kind]
            if was == JobState.OPEN.value:
                simulation.seen.counts[SEEN[kind]] += 1
        finally:
            simulation.writer = None
            simulation.calls += errand.calls
