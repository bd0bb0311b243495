"""What a number of seeds came to, added up over chunks and processes."""

from __future__ import annotations

import atexit
import gc
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.simulation.faults import Kind
from tests.simulation.invariants import check
from tests.simulation.quick import quickly
from tests.simulation.simulation import Simulation
from tests.simulation.sometimes import Sometimes
from tests.simulation.swarm import Plan, draw
from tests.simulation.trace import Trace
from tests.simulation.watch import Violation

CHUNK = 50
COLLECTED = 10
"""After so many seeds garbage is looked for: often enough that the worlds in memory are few, and near at hand."""

WARM = range(-8, 0)
"""Seeds that belong to no campaign: after them a process knows the media that nearly all stories are made of."""


@dataclass
class Tally:
    """`needed` counts what an operator was called for, by the code of the job's error; `kinds` the faults. `forecasts`
    are times foreseen as shares of the times that clips took.
    """

    seeds: int = 0
    jobs: int = 0
    calls: int = 0
    sweeps: int = 0
    virtual_s: float = 0.0
    converged_s_max: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    seen: Counter[Sometimes] = field(default_factory=Counter)
    needed: Counter[str] = field(default_factory=Counter)
    failures: dict[int, list[Violation]] = field(default_factory=dict)
    forecasts: list[float] = field(default_factory=list)

    @property
    def faults(self) -> int:
        return sum(self.kinds.values())

    @property
    def missed(self) -> list[Sometimes]:
        """What was never met: the campaign was blind to it."""
        return [one for one in Sometimes if not self.seen[one]]

    def add(self, other: Tally) -> None:
        self.seeds += other.seeds
        self.jobs += other.jobs
        self.calls += other.calls
        self.sweeps += other.sweeps
        self.virtual_s += other.virtual_s
        self.converged_s_max = max(self.converged_s_max, other.converged_s_max)
        self.kinds += other.kinds
        self.seen += other.seen
        self.needed += other.needed
        self.failures |= other.failures
        self.forecasts += other.forecasts


def play(
    seed: int, trace: Trace | None = None, only: Collection[tuple[str, int, Kind]] | None = None
) -> tuple[Simulation, list[Violation]]:
    """One seed, and what is broken at its end; `only` lets just these faults strike."""
    return carry_out(draw(seed), trace, only)


def carry_out(
    plan: Plan, trace: Trace | None = None, only: Collection[tuple[str, int, Kind]] | None = None
) -> tuple[Simulation, list[Violation]]:
    """The same for any plan. An error of the simulation itself counts as broken, too."""
    simulation = Simulation(plan, only=only, trace=trace)
    try:
        simulation.play()
    except Exception as error:  # noqa: BLE001  whatever breaks in a run is what the run found
        return simulation, [Violation("broken", f"{type(error).__name__}: {error}")]
    return simulation, check(simulation)


def tally(seeds: Sequence[int]) -> Tally:
    """These seeds, one after the other."""
    found = Tally()
    for seed in seeds:
        simulation, violations = play(seed)
        found.add(_tally_of(seed, simulation, violations))
    return found


def chunk(seeds: Sequence[int]) -> Tally:
    """These seeds in a process of a campaign: a world is a knot of references, cut once for a few of them."""
    found = Tally()
    for start in range(0, len(seeds), COLLECTED):
        found.add(tally(seeds[start : start + COLLECTED]))
        gc.collect()
        gc.freeze()  # what is known of media by now is there to stay
    return found


def run(first: int, seeds: int, processes: int) -> Iterator[Tally]:
    """The tally as it grows."""
    chunks = [range(start, min(start + CHUNK, first + seeds)) for start in range(first, first + seeds, CHUNK)]
    whole = Tally()
    with ProcessPoolExecutor(processes, initializer=prepare) as pool:
        for part in pool.map(chunk, chunks):
            whole.add(part)
            yield whole


def prepare() -> None:
    """A process that does nothing but play: stories are cheap to its end, and garbage is looked for between seeds."""
    whole_life = ExitStack()
    whole_life.enter_context(quickly())
    atexit.register(whole_life.close)
    tally(WARM)
    gc.collect()
    gc.freeze()  # modules and what is known of media are there to stay
    gc.disable()


def _tally_of(seed: int, simulation: Simulation, violations: list[Violation]) -> Tally:
    return Tally(
        seeds=1,
        jobs=len(simulation.plan.jobs),
        calls=simulation.calls,
        sweeps=simulation.sweeps,
        virtual_s=simulation.now_s,
        converged_s_max=simulation.converged_s,
        kinds=Counter(fault.kind.value for fault in simulation.faults.struck),
        seen=simulation.seen.counts,
        needed=Counter(simulation.needed.values()),
        failures={seed: violations} if violations else {},
        forecasts=simulation.forecasts,
    )
