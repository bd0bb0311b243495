"""Switch off one guard of the protocol, and the simulation sees it. A net that catches nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.simulation.hunting import catch
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.tally import play

KNOWN = [mutant for mutant in MUTANTS if mutant.caught_at is not None]
TRIED = 120
"""Seeds that are tried when the one that is known catches the mutant no more."""


@pytest.mark.parametrize("mutant", KNOWN, ids=[mutant.name for mutant in KNOWN])
def test_a_protocol_with_one_guard_off_is_caught(mutant: Mutant) -> None:
    known = [] if mutant.caught_at is None else [mutant.caught_at]

    assert catch(mutant, [*known, *range(TRIED)]).seed is not None


@pytest.mark.parametrize("seed", sorted({mutant.caught_at for mutant in MUTANTS if mutant.caught_at is not None}))
def test_the_same_seed_holds_with_every_guard_on(seed: int) -> None:
    """So it is the guard that was missed."""
    _, violations = play(seed)

    assert violations == []
