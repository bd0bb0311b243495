"""The figures of a campaign, and how they get into docs/promises.md: written by the command that measured them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.simulation import crashes, hunting
from tests.simulation.hunting import Caught
from tests.simulation.sometimes import Sometimes
from tests.simulation.tally import Tally

PAGE = Path(__file__).resolve().parents[2] / "docs" / "promises.md"
BEGIN, END = "<!-- measured: campaign -->\n", "<!-- end of campaign -->\n"

YEAR_S = 365.25 * 24 * 3600.0
PAID_TWICE = frozenset({"S1", "S2", "S8"})
PAIRS = 2000


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
        "operator_called": dict(sorted(whole.needed.items())),
        "faults_by_kind": dict(sorted(whole.kinds.items())),
        "sometimes": {one.name.lower(): whole.seen[one] for one in Sometimes},
    }


def paid_twice(whole: Tally) -> int:
    return sum(one.letter in PAID_TWICE for broken in whole.failures.values() for one in broken)


@dataclass(frozen=True)
class Deaths:
    """What the enumeration of crash points came to."""

    points: int
    pairs: int
    broken: tuple[str, ...]

    @classmethod
    def measure(cls) -> Deaths:
        points, pairs = crashes.whole().points, list(crashes.pairs(PAIRS, seed=0))
        broken = [what for deaths in (*((point,) for point in points), *pairs) for what in crashes.broken(deaths)]
        return cls(len(points), len(pairs), tuple(broken))


def record(whole: Tally, first: int, took_s: float, processes: int) -> list[str]:
    """Measure what is left to measure and write the page; what must not be recorded as kept."""
    deaths, caught = Deaths.measure(), list(hunting.hunt())
    text = PAGE.read_text("utf-8")
    PAGE.write_text(replaced(text, table(rows(whole, first, took_s, processes, deaths, caught))), "utf-8")
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
    part = text.partition(BEGIN)[2].partition(END)[0]
    return dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", part, re.MULTILINE))


def rows(
    whole: Tally, first: int, took_s: float, processes: int, deaths: Deaths, caught: Sequence[Caught]
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
        "duration": f"{took_s / 60:.1f} min in {processes} processes",
    }


def table(figures: Mapping[str, str]) -> str:
    lines = [f"| {name} | {figure} |" for name, figure in figures.items()]
    return "\n".join(["", "| what | figure |", "|---|---|", *lines, "", ""])
