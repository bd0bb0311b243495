"""The same seed is the same run, call by call, in every process and on every Python."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation import pins
from tests.simulation.tally import play

HASH_SEED = "12345"


@pytest.mark.parametrize("seed", pins.SEEDS)
def test_a_seed_has_the_trace_it_had_on_every_python(seed: int) -> None:
    """Byte for byte as pinned. When the code was meant to act otherwise: `make sim PIN=1` pins anew."""
    assert pins.pinned()[seed] == pins.trace_of(seed)


def test_a_seed_is_the_same_run_twice_in_one_process() -> None:
    first, _ = play(1)
    second, _ = play(1)

    assert first.trace.digest == second.trace.digest
    assert first.calls == second.calls > 0


def test_other_seeds_are_other_runs() -> None:
    assert len({play(seed)[0].trace.digest for seed in range(8)}) == 8


def test_the_order_of_sets_does_not_matter() -> None:
    """Another process, whose strings have other hashes."""
    program = "from tests.simulation import pins; print(*(pins.trace_of(seed) for seed in pins.SEEDS))"
    env, command = {**os.environ, "PYTHONHASHSEED": HASH_SEED}, [sys.executable, "-c", program]
    ran = subprocess.run(command, env=env, cwd=pins.ROOT, capture_output=True, check=True)  # noqa: S603  our own words

    assert ran.stdout.decode().split() == [pins.trace_of(seed) for seed in pins.SEEDS]
