"""The campaign of a commit: small, on seeds that nobody has played, and on all that ever failed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.simulation import campaign, figures, seeds
from tests.simulation.campaign import SEES_ALL_FROM
from tests.simulation.faults import Kind
from tests.simulation.figures import Deaths
from tests.simulation.simulation import Simulation
from tests.simulation.sometimes import Sometimes
from tests.simulation.tally import Tally, play, run, tally
from tests.simulation.watch import Violation

SHARES = 4
SEEDS_RECORDED_MIN = 2_500


@pytest.fixture(scope="module")
def whole() -> Tally:
    """What the tests below have played so far."""
    return Tally()


@pytest.mark.parametrize("share", range(SHARES))
def test_seeds_that_nobody_has_played_hold(whole: Tally, share: int) -> None:
    """They follow from the code, so a change of the code meets other weather, and a failure can be met again."""
    found = tally(seeds.fresh(SEES_ALL_FROM)[share::SHARES])
    whole.add(found)

    assert {} == found.failures


def test_the_campaign_was_not_blind(whole: Tally) -> None:
    """Every rare road was taken at least once, and every kind of fault struck."""
    assert whole.seeds == SEES_ALL_FROM
    assert [] == whole.missed
    assert set() == {kind.value for kind in Kind} - set(whole.kinds)


@pytest.mark.parametrize("seed", seeds.known())
def test_a_seed_that_once_failed_holds(seed: int) -> None:
    _, violations = play(seed)

    assert [] == violations


def test_a_campaign_that_never_took_a_road_fails(capsys: pytest.CaptureFixture[str]) -> None:
    blind = Tally(seeds=SEES_ALL_FROM, seen=Counter({one: 1 for one in Sometimes if one is not Sometimes.ADOPTED}))
    sees = Tally(seeds=SEES_ALL_FROM, seen=Counter(Sometimes))

    assert not campaign.judge(blind)
    assert f"blind: this was never met:\n  {Sometimes.ADOPTED.value}\n" == capsys.readouterr().out
    assert campaign.judge(sees)


def test_the_tally_does_not_depend_on_how_many_processes_count() -> None:
    *_, one = run(0, 6, 1)
    *_, two = run(0, 6, 2)

    assert one == two
    assert one == tally(range(6))


def test_a_failing_seed_is_told_with_the_faults_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here a seed fails whenever a certain fault strikes; all others are shrunk away, and the command is named."""
    simulation, _ = play(SHOWN)
    guilty = simulation.faults.struck[0]  # a later one may need others to come about
    assert len(simulation.faults.struck) > 10

    def fails(played: Simulation) -> list[Violation]:
        return [Violation("L9", "guilty")] if guilty.name in {one.name for one in played.faults.struck} else []

    monkeypatch.setattr("tests.simulation.tally.check", fails)
    campaign.tell_failure(SHOWN)

    told = capsys.readouterr().out
    assert f"seed {SHOWN} fails:\n  L9: guilty\nit takes these faults:\n  {guilty}\n" in told
    assert told.endswith(f"make sim SEED={SHOWN}\n")


SHOWN = 3


def test_a_seed_is_played_aloud_one_line_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["--seed", "3"]) == 0

    told = capsys.readouterr().out.splitlines()
    assert any("animate steps/animate/" in line and "avatars.animate(" in line for line in told)
    assert any(line.endswith("job fox: open -> done") for line in told)


def test_figures_are_written_by_what_measured_them(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"

    assert campaign.main(["--seeds", "4", "--processes", "1", "--figures", str(path)]) == 0
    assert '"seeds": 4' in path.read_text()


def test_the_page_of_promises_holds_the_figures_of_a_campaign() -> None:
    """There is one place for them. What `make sim RECORD=1` wrote there is whole, and nothing was broken."""
    page = figures.PAGE.read_text("utf-8")
    recorded = figures.recorded(page)

    assert figures.recorded(figures.replaced(page, "| seeds | 1 |\n")) == {"seeds": "1"}

    if recorded:
        assert list(figures.rows(Tally(), 0, 0.0, 1, Deaths(0, 0, ()), ())) == list(recorded)
        assert recorded["seeds with a violation"] == recorded["calls paid for twice"] == "0"
        assert int(recorded["seeds"].partition(", from")[0].replace(",", "")) >= SEEDS_RECORDED_MIN
        assert recorded["crash points"].endswith("broken: 0")
