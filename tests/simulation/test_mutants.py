"""Switch off one guard of the protocol, and the simulation sees it. A net that catches nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.simulation.hunting import catch
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.swarm import draw
from tests.simulation.tally import carry_out

KNOWN = [mutant for mutant in MUTANTS if mutant.caught_at is not None]
BLAMELESS = 0
"""A seed in which every vendor announces its tasks after our rows name them."""

TRIED = 120
"""Seeds that are tried when the one that is known catches the mutant no more."""


@pytest.mark.parametrize("mutant", KNOWN, ids=[mutant.name for mutant in KNOWN])
def test_a_protocol_with_one_guard_off_is_caught(mutant: Mutant) -> None:
    known = [] if mutant.caught_at is None else [mutant.caught_at]

    assert catch(mutant, [*known, *range(TRIED)]).seed is not None


WORLDS = sorted({(mutant.caught_at, mutant.world.__name__): mutant for mutant in KNOWN}.items())


@pytest.mark.parametrize(
    "mutant", [mutant for _, mutant in WORLDS], ids=[f"{seed} {name}" for (seed, name), _ in WORLDS]
)
def test_the_same_seed_holds_with_every_guard_on(mutant: Mutant) -> None:
    """So it is the guard that was missed."""
    assert mutant.caught_at is not None
    _, violations = carry_out(mutant.world(draw(mutant.caught_at)))

    assert violations == []


def test_a_road_that_a_mutant_takes_from_a_campaign_is_not_missed_in_every_seed() -> None:
    """A seed that would not take it anyhow says nothing of the mutant."""
    [mutant] = [one for one in MUTANTS if one.blinds]
    simulation, _ = carry_out(draw(BLAMELESS))

    assert mutant.blinds is not None
    assert not simulation.seen.counts[mutant.blinds]
    assert catch(mutant, [BLAMELESS]).seed is None
