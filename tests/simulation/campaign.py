"""Many seeds on all cores: what broke, what was met, how much time went by in them.

    make sim SEEDS=2000 [FIRST=0] [RECORD=1]     RECORD writes the figures of docs/promises.md
    make sim SURVIVORS=1 RECORD=1                hunts those mutants, too, that survive for a reason that is given
    make sim SEED=489                            one seed again, with everything that happens in it
    make sim PIN=1                               pin the traces that tests/simulation/test_determinism.py compares with

A failing seed is shrunk to the faults it takes and told with them. A campaign that never met a rare road was blind to
it, and fails, too.
"""

# ruff: noqa: T201  a command prints

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.simulation import figures, pins
from tests.simulation.faults import Fault
from tests.simulation.quick import quickly
from tests.simulation.shrink import shrink
from tests.simulation.swarm import draw
from tests.simulation.tally import Tally, play, run
from tests.simulation.trace import Trace, aloud
from tests.simulation.watch import Violation

SHRUNK_MAX = 3
SEES_ALL_FROM = 450
"""So many seeds meet everything that is to be met (tests/simulation/test_campaign.py); fewer may miss it by chance."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make sim", description="Stories under the weather of many seeds.")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="this one only, aloud")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--figures", type=Path, help="write the figures as JSON")
    parser.add_argument("--record", action="store_true", help="count crash points and mutants, too; write promises.md")
    parser.add_argument("--survivors", action="store_true", help="hunt those mutants, too, that are explained")
    parser.add_argument("--pin", action="store_true", help="take the traces of today for right")
    asked = parser.parse_args(arguments)
    if asked.pin:
        pins.pin()
        return 0
    with quickly():
        is_kept = tell(asked.seed) if asked.seed is not None else _campaign(asked)
    return 0 if is_kept else 1


def _campaign(asked: argparse.Namespace) -> bool:
    began_at, whole = time.monotonic(), Tally()
    for whole in run(asked.first, asked.seeds, asked.processes):
        sys.stderr.write(f"\r{whole.seeds} of {asked.seeds} seeds, {len(whole.failures)} failed ")
    took_s = time.monotonic() - began_at
    sys.stderr.write("\n")
    found = json.dumps(figures.of(whole, took_s), indent=2)
    print(found)
    if asked.figures:
        asked.figures.write_text(f"{found}\n")
    is_kept = judge(whole)
    if asked.record:
        for broken in figures.record(whole, asked.first, took_s, asked.processes, survivors=asked.survivors):
            is_kept = False
            print(broken)
    return is_kept


def judge(whole: Tally) -> bool:
    """Whether nothing broke and nothing was missed; failures are shrunk and told."""
    for seed in sorted(whole.failures)[:SHRUNK_MAX]:
        tell_failure(seed)
    if len(whole.failures) > SHRUNK_MAX:
        print(f"and {sorted(whole.failures)[SHRUNK_MAX:]}")
    is_blind = whole.seeds >= SEES_ALL_FROM and bool(whole.missed)
    if is_blind:
        print("blind: this was never met:", *(one.value for one in whole.missed), sep="\n  ")
    return not whole.failures and not is_blind


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
    """What a seed breaks, and the faults that it takes."""
    faults, violations = minimal(seed)
    print(f"\nseed {seed} fails:")
    for violation in violations:
        print(f"  {violation}")
    print("it takes these faults:" if faults else "it takes no fault at all")
    for fault in faults:
        print(f"  {fault}")
    print(f"again, with all that happens: make sim SEED={seed}", flush=True)


def minimal(seed: int) -> tuple[list[Fault], list[Violation]]:
    """The faults that it takes for the seed to fail in the same way."""
    simulation, violations = play(seed)
    letters = {violation.letter for violation in violations}

    def fails(faults: Sequence[Fault]) -> bool:
        _, found = play(seed, only=[fault.name for fault in faults])
        return not letters.isdisjoint(violation.letter for violation in found)

    return shrink(simulation.faults.struck, fails), violations


if __name__ == "__main__":
    sys.exit(main())
