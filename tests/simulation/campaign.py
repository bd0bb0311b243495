"""Many seeds on all cores: what broke, what was met, how much time went by in them.

    python -m tests.simulation.campaign --seeds 2000 [--first 0] [--figures FILE]
    python -m tests.simulation.campaign --seed 489          one seed again, with everything that happens in it

A failing seed is shrunk to the faults it takes and told with them. A campaign that never met a rare road was blind to
it, and fails, too.
"""

# ruff: noqa: T201  a command prints

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.faults import Fault
from tests.simulation.invariants import check
from tests.simulation.quick import quickly
from tests.simulation.shrink import shrink
from tests.simulation.simulation import Simulation
from tests.simulation.sometimes import Sometimes
from tests.simulation.swarm import draw
from tests.simulation.trace import Trace, aloud
from tests.simulation.watch import Violation

CHUNK = 50
SHRUNK_MAX = 3
SEES_ALL_FROM = 5000
"""So many seeds meet everything that is to be met; fewer may miss some of it by chance."""

YEAR_S = 365.25 * 24 * 3600.0


@dataclass
class Tally:
    """What a number of seeds came to. `needed` counts what an operator was called for."""

    seeds: int = 0
    calls: int = 0
    faults: int = 0
    virtual_s: float = 0.0
    converged_s_max: float = 0.0
    seen: Counter[Sometimes] = field(default_factory=Counter)
    needed: Counter[str] = field(default_factory=Counter)
    failures: dict[int, list[Violation]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        self.seeds += other.seeds
        self.calls += other.calls
        self.faults += other.faults
        self.virtual_s += other.virtual_s
        self.converged_s_max = max(self.converged_s_max, other.converged_s_max)
        self.seen += other.seen
        self.needed += other.needed
        self.failures |= other.failures

    @property
    def missed(self) -> list[Sometimes]:
        return [one for one in Sometimes if not self.seen[one]]


def play(seed: int, trace: Trace | None = None) -> tuple[Simulation, list[Violation]]:
    """One seed, and what is broken at its end. An error of the simulation itself counts as broken, too."""
    simulation = Simulation(draw(seed), trace=trace)
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
        found.add(
            Tally(
                1,
                simulation.calls,
                len(simulation.faults.struck),
                simulation.now_s,
                simulation.converged_s,
                simulation.seen.counts,
                Counter(simulation.needed.values()),
                {seed: violations} if violations else {},
            )
        )
    return found


def run(first: int, seeds: int, processes: int) -> Iterator[Tally]:
    """The tally as it grows."""
    chunks = [range(start, min(start + CHUNK, first + seeds)) for start in range(first, first + seeds, CHUNK)]
    whole = Tally()
    with ProcessPoolExecutor(processes, initializer=prepare) as pool:
        for part in pool.map(tally, chunks):
            whole.add(part)
            yield whole


def prepare() -> None:
    """A process that does nothing but play: stories are cheap to its end, and garbage is looked for rarely."""
    whole_life = ExitStack()
    whole_life.enter_context(quickly())
    atexit.register(whole_life.close)
    gc.set_threshold(100_000, 50, 50)


def minimal(seed: int) -> tuple[list[Fault], list[Violation]]:
    """The faults that it takes for the seed to fail in the same way."""
    simulation, violations = play(seed)
    letters = {violation.letter for violation in violations}

    def fails(faults: Sequence[Fault]) -> bool:
        again = Simulation(draw(seed), only=[fault.name for fault in faults])
        again.play()
        return not letters.isdisjoint(violation.letter for violation in check(again))

    return shrink(simulation.faults.struck, fails), violations


def tell(seed: int, out: Trace | None = None) -> bool:
    """Play a seed aloud and say what broke; whether nothing did."""
    print(draw(seed))
    simulation, violations = play(seed, out or aloud())
    print(f"\nseed {seed}: {dict(simulation.watch.jobs)} after {simulation.now_s:.0f} virtual seconds")
    print(f"{simulation.calls} calls, {len(simulation.faults.struck)} faults, trace {simulation.trace.digest}")
    if violations:
        tell_failure(seed)
    return not violations


def tell_failure(seed: int) -> None:
    faults, violations = minimal(seed)
    print(f"\nseed {seed} fails:")
    for violation in violations:
        print(f"  {violation}")
    print("it takes these faults:" if faults else "it takes no fault at all")
    for fault in faults:
        print(f"  {fault}")
    print(f"again, with all that happens: make sim SEED={seed}", flush=True)


def figures(whole: Tally, took_s: float) -> dict[str, object]:
    return {
        "seeds": whole.seeds,
        "failures": len(whole.failures),
        "virtual_years": round(whole.virtual_s / YEAR_S, 2),
        "calls": whole.calls,
        "faults": whole.faults,
        "longest_convergence_s": round(whole.converged_s_max),
        "seeds_per_s": round(whole.seeds / took_s, 1),
        "operator_called": dict(sorted(whole.needed.items())),
        "sometimes": {one.name.lower(): whole.seen[one] for one in Sometimes},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make sim", description="Stories under the weather of many seeds.")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--figures", type=Path, help="write the figures as JSON")
    asked = parser.parse_args(arguments)
    if asked.seed is not None:
        prepare()
        return 0 if tell(asked.seed) else 1
    began_at = time.monotonic()
    whole = Tally()
    for whole in run(asked.first, asked.seeds, asked.processes):
        sys.stderr.write(f"\r{whole.seeds} of {asked.seeds} seeds, {len(whole.failures)} failed ")
    found = figures(whole, time.monotonic() - began_at)
    sys.stderr.write("\n")
    print(json.dumps(found, indent=2))
    if asked.figures:
        asked.figures.write_text(json.dumps(found, indent=2) + "\n")
    return _judge(whole)


def _judge(whole: Tally) -> int:
    prepare()
    for seed in sorted(whole.failures)[:SHRUNK_MAX]:
        tell_failure(seed)
    if len(whole.failures) > SHRUNK_MAX:
        print(f"and {sorted(whole.failures)[SHRUNK_MAX:]}")
    is_blind = whole.seeds >= SEES_ALL_FROM and bool(whole.missed)
    if is_blind:
        print("blind: this was never met:", *(one.value for one in whole.missed), sep="\n  ")
    return 1 if whole.failures or is_blind else 0


if __name__ == "__main__":
    sys.exit(main())
