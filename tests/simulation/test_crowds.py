"""The crowded story that some seeds tell is one: lines are read in one go, wait for each other, and are cut off."""

from __future__ import annotations

from shared.domain.hearing import Doubt
from tests import stage
from tests.simulation.invariants import CALM_SETTINGS, check
from tests.simulation.simulation import Simulation
from tests.simulation.swarm import Plan, Story, Weather


def test_a_crowded_story_is_read_as_its_captions_force_it_to_be_and_parted_when_it_is_corrected() -> None:
    story = Story("fox", crowds=True, redo_after_s=60.0)
    simulation = Simulation(Plan(0, (story,), Weather(), stage.PACE, CALM_SETTINGS, 60.0, 3600.0))
    simulation.play()

    assert check(simulation) == []
    joined, _, crowded, lost = simulation.report("fox")["lines"]
    assert [line.get("joined_to") for line in simulation.report("fox")["lines"]] == [None, 1, None, None]
    assert simulation.purchases.bought["fox", "script", "-", "cue-0001-0"] == 1  # to learn the pace, and not used
    assert joined["takes"] == 2
    assert crowded["spoken"][1] > crowded["slot"][1]
    assert Doubt.UNHEARD.value in lost["doubts"]
    assert [line.get("joined_to") for line in simulation.report("fox.v2")["lines"]] == [None] * 4
