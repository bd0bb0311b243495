"""How soon a campaign catches a mutant of the protocol: the first seed that ends in a violation with a guard off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.swarm import draw
from tests.simulation.tally import carry_out

SEEDS_MAX = 2000


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


def hunt() -> Iterator[Caught]:
    """Each mutant, with the first of `SEEDS_MAX` seeds that catches it."""
    for mutant in MUTANTS:
        yield catch(mutant, range(SEEDS_MAX))


def catch(mutant: Mutant, seeds: Sequence[int]) -> Caught:
    """The first of these seeds that ends in a violation while the mutant lives."""
    with mutant.alive():
        for seed in seeds:
            _, violations = carry_out(mutant.world(draw(seed)))
            if violations:
                return Caught(mutant, seed, tuple(sorted({violation.letter for violation in violations})))
    return Caught(mutant, None)
