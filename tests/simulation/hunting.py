"""How soon a campaign catches a mutant of the protocol: the first seed that ends in a violation with a guard off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.swarm import draw
from tests.simulation.tally import carry_out

SEEDS_MAX = 2000
BLIND = "blind"
"""In place of an invariant: with the guard on, the seed takes a road that a campaign must have seen."""


@dataclass(frozen=True)
class Caught:
    """`seed` is the first that failed, None for a survivor; `letters` are the invariants that broke."""

    mutant: Mutant
    seed: int | None
    letters: tuple[str, ...] = ()

    @property
    def is_expected(self) -> bool:
        """A mutant is caught, or it is explained why none can."""
        return (self.seed is None) == bool(self.mutant.survives)


def hunt(pool: Executor, *, survivors: bool) -> Iterator[Caught]:
    """Each mutant, with the first of `SEEDS_MAX` seeds that catches it; those that must survive only if asked for."""
    found = pool.map(partial(_hunted, survivors=survivors), range(len(MUTANTS)))
    for mutant, (seed, letters) in zip(MUTANTS, found, strict=True):
        yield Caught(mutant, seed, letters)


def _hunted(number: int, *, survivors: bool) -> tuple[int | None, tuple[str, ...]]:
    """By their number, since what a mutant swaps does not travel between processes."""
    mutant = MUTANTS[number]
    found = catch(mutant, range(SEEDS_MAX) if survivors or not mutant.survives else ())
    return found.seed, found.letters


def catch(mutant: Mutant, seeds: Sequence[int]) -> Caught:
    """The first of these seeds that ends in a violation while the mutant lives, or in which it blinds the campaign."""
    for seed in seeds:
        plan = mutant.world(draw(seed))
        with mutant.alive():
            simulation, violations = carry_out(plan)
        if violations:
            return Caught(mutant, seed, tuple(sorted({violation.letter for violation in violations})))
        if mutant.blinds and not simulation.seen.counts[mutant.blinds]:
            with_guard, _ = carry_out(plan)
            if with_guard.seen.counts[mutant.blinds]:
                return Caught(mutant, seed, (BLIND,))
    return Caught(mutant, None)
