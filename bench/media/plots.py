"""The plots of the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

_GOAL = re.compile(r"(<=|>=) (-?[\d.]+)")
GOAL, MET, MISSED = "#888888", "#2a7f62", "#c1440e"


def draw(kept: dict[str, Any], folder: Path) -> None:
    """`bench-story.png`: when each step of a story is at work, and which engine keeps the processors busy.
    `bench-goals.png`: each figure against its goal.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spans = kept.get("story", {}).get("spans")
    if spans:
        _story(spans, folder / "bench-story.png")
    _goals(kept, folder / "bench-goals.png")


def _story(told: dict[str, Any], path: Path) -> None:
    spans = sorted(told["spans"].items(), key=lambda one: one[1][0], reverse=True)
    height = 0.32 * len(spans)
    figure, (axes, below) = plt.subplots(
        2, sharex=True, figsize=(9, height + 4), gridspec_kw={"height_ratios": [height, 2.6]}
    )
    for row, (_, (begin, end)) in enumerate(spans):
        axes.barh(row, end - begin, left=begin, color=MET, height=0.7)
    axes.axvline(told["film_s"], color=MISSED, linestyle="--", label="length of the film")
    axes.set_yticks(range(len(spans)), [name for name, _ in spans])
    axes.legend(loc="lower right")
    busy = {name: [*shares, shares[-1]] for name, shares in told.get("busy", {}).items()}
    if busy:
        below.stackplot(range(max(map(len, busy.values()))), *busy.values(), labels=list(busy), step="post")
        below.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=8)
    below.set_ylabel("processors busy")
    below.set_xlabel("seconds from the upload")
    _save(figure, path)


def _goals(kept: dict[str, Any], path: Path) -> None:
    """How much of its limit each figure uses; below 1 is met, whichever way the goal points."""
    rows = [row for engine in sorted(kept) for row in kept[engine]["rows"] if row["met"] is not None]
    used = [(f"{row['engine']}: {row['what']}", _used(row), row["met"]) for row in reversed(rows)]
    figure, axes = plt.subplots(figsize=(11, 0.26 * len(used) + 1.2))
    for row, (_, share, is_met) in enumerate(used):
        axes.barh(row, min(share, 2.5), color=MET if is_met else MISSED, height=0.7)
    axes.axvline(1, color=GOAL, linestyle="--")
    axes.set_yticks(range(len(used)), [name[:90] for name, _, _ in used], fontsize=7)
    axes.set_xlabel("share of the limit used (beyond 1: goal not met)")
    _save(figure, path)


def _used(row: dict[str, Any]) -> float:
    """A goal is `<= 3 GB` or `>= 0.8 x`; of others (decibels below 0) only whether they are met can be drawn."""
    goal = _GOAL.match(row["goal"])
    value, bound = float(row["value"]), float(goal[2]) if goal else 0.0
    if goal is None or value <= 0 or bound <= 0:
        return 0.9 if row["met"] else 1.1
    return value / bound if goal[1] == "<=" else bound / value


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
