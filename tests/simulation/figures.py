"""The figures of a campaign, and how they get into docs/promises.md: written by the command that measured them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.simulation import crashes, hunting
from tests.simulation.hunting import Caught
from tests.simulation.sometimes import Sometimes
from tests.simulation.swarm import Weather, draw
from tests.simulation.tally import Tally, carry_out, prepare

PAGE = Path(__file__).resolve().parents[2] / "docs" / "promises.md"
HEAD = "| what | figure |\n|---|---|"
BEGIN, END = "<!-- measured: campaign -->\n", "<!-- end of campaign -->\n"

YEAR_S = 365.25 * 24 * 3600.0
PAID_TWICE = frozenset({"S1", "S2", "S8"})
PAIRS = 2000
CALM_DAYS = 400


def of(whole: Tally, took_s: float) -> dict[str, object]:
    """As JSON has them."""
    return {
        "seeds": whole.seeds,
        "failures": len(whole.failures),
        "paid_twice": paid_twice(whole),
        "virtual_years": round(whole.virtual_s / YEAR_S, 2),
        "calls": whole.calls,
        "faults": whole.faults,
        "sweeps": whole.sweeps,
        "longest_convergence_s": round(whole.converged_s_max),
        "seeds_per_s": round(whole.seeds / took_s, 1),
        "forecast_to_actual": spread(whole.forecasts),
        "operator_called": dict(sorted(whole.needed.items())),
        "faults_by_kind": dict(sorted(whole.kinds.items())),
        "sometimes": {one.name.lower(): whole.seen[one] for one in Sometimes},
    }


def spread(shares: Sequence[float]) -> Mapping[str, float]:
    """The tenth part from below, the middle and the tenth part from above."""
    ordered = sorted(shares)
    parts = {"10 %": 0.1, "median": 0.5, "90 %": 0.9}
    return {name: round(ordered[int(part * (len(ordered) - 1))], 2) for name, part in parts.items()} if ordered else {}


def in_words(shares: Sequence[float]) -> str:
    found = spread(shares)
    return ", ".join(f"{name}: {share:.2f}" for name, share in found.items()) or "none"


def paid_twice(whole: Tally) -> int:
    return sum(one.letter in PAID_TWICE for broken in whole.failures.values() for one in broken)


@dataclass(frozen=True)
class Deaths:
    """What the enumeration of crash points came to."""

    points: int
    pairs: int
    broken: tuple[str, ...]

    @classmethod
    def measure(cls, pool: Executor) -> Deaths:
        points, pairs = crashes.whole().points, list(crashes.pairs(PAIRS, seed=0))
        deaths = [*((point,) for point in points), *pairs]
        broken = [what for found in pool.map(crashes.broken, deaths, chunksize=25) for what in found]
        return cls(len(points), len(pairs), tuple(broken))


def on_calm_days(seed: int) -> list[float]:
    """Forecasts in the world of a seed when nothing goes wrong in it."""
    return carry_out(replace(draw(seed), weather=Weather()))[0].forecasts


def record(whole: Tally, first: int, took_s: float, processes: int, *, survivors: bool) -> list[str]:
    """Measure what is left to measure and write the page; what must not be recorded as kept. `survivors`: hunt the
    mutants, too, of which it is explained why none of them is caught.
    """
    with ProcessPoolExecutor(processes, initializer=prepare) as pool:
        deaths = Deaths.measure(pool)
        caught = list(hunting.hunt(pool, survivors=survivors))
        calm = [share for shares in pool.map(on_calm_days, range(CALM_DAYS), chunksize=25) for share in shares]
    text = PAGE.read_text("utf-8")
    PAGE.write_text(replaced(text, table(rows(whole, first, took_s, processes, deaths, caught, calm))), "utf-8")
    return [*deaths.broken, *(f"survived: {one.mutant.name}" for one in caught if not one.is_expected)]


def replaced(text: str, figures: str) -> str:
    """The page with what stands between the markers changed; there is exactly one such place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} has no place for figures")
    return before + begin + figures + end + after


def recorded(text: str) -> Mapping[str, str]:
    """What the page says, figure by figure."""
    part = text.partition(BEGIN)[2].partition(END)[0].replace(HEAD, "")
    return dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", part, re.MULTILINE))


def rows(
    whole: Tally,
    first: int,
    took_s: float,
    processes: int,
    deaths: Deaths,
    caught: Sequence[Caught],
    calm: Sequence[float] = (),
) -> dict[str, str]:
    """Every figure of the page, in its order."""
    first_seeds = [one.seed for one in caught if one.seed is not None]
    mended = sum(whole.seen[one] for one in Sometimes if one.name.startswith("SWEPT"))
    return {
        "seeds": f"{whole.seeds:,}, from {first:,}",
        "seeds with a violation": f"{len(whole.failures):,}",
        "calls paid for twice": f"{paid_twice(whole):,}",
        "virtual years": f"{whole.virtual_s / YEAR_S:.1f}",
        "calls of ports": f"{whole.calls:,}",
        "faults that struck": f"{whole.faults:,}",
        "longest way to rest after the last fault": f"{whole.converged_s_max / 60:.0f} min",
        "sweeps": f"{whole.sweeps:,}, which mended {mended:,} things",
        "jobs that needed a person": f"{sum(whole.needed.values()):,} of {whole.jobs:,}",
        "crash points": f"{deaths.points:,}, and {deaths.pairs:,} pairs of them; broken: {len(deaths.broken)}",
        "guards switched off": f"{len(caught)}, of which {len(first_seeds)} were caught",
        "the slowest took": f"{max(first_seeds, default=-1) + 1:,} seeds",
        "time foreseen for the clips, as a share of the time they took": in_words(whole.forecasts),
        "the same on days without faults": in_words(calm),
        "duration": f"{took_s / 60:.1f} min in {processes} processes",
    }


def table(figures: Mapping[str, str]) -> str:
    lines = [f"| {name} | {figure} |" for name, figure in figures.items()]
    return "\n".join(["", HEAD, *lines, "", ""])
