"""Keeps what was measured beside the documents, and writes table and plots from it."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench.media.rows import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
KEPT = DOCS / "benchmarks.json"
PAGE = DOCS / "benchmarks.md"
IMAGES = DOCS / "images"
BEGIN, END = "<!-- generated: bench-media -->", "<!-- end of bench-media -->"
SPANS = "sample-720-warm"


def keep(engine: str, rows: list[Row], work: Path, *, others: float) -> None:
    """Replace what is kept of this engine; `others` is the share of the machine that other programs took."""
    kept = _kept()
    kept[engine] = {
        "when": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "where": f"{os.cpu_count()} x {_processor()}, {platform.system()}, Python {platform.python_version()}",
        "others": round(others, 3),
        "rows": [{**asdict(row), "value": round(row.value, 4)} for row in rows],
    }
    spans = work / f"spans-{SPANS}.json"
    if engine == "story" and spans.is_file():
        kept[engine]["spans"] = json.loads(spans.read_text())
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def write() -> None:
    """The page's generated part, and the plots."""
    from bench.media import plots  # noqa: PLC0415  matplotlib is only needed where a report is written

    kept = _kept()
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(kept)}\n{END}{after}", "utf-8")
    plots.draw(kept, IMAGES)


def table(kept: dict[str, Any]) -> str:
    """One table an engine, goals first."""
    parts = []
    for engine in sorted(kept):
        one = kept[engine]
        rows = [Row(**row) for row in one["rows"]]
        head = f"### {engine}\n\nMeasured {one['when']} on {one['where']}.{_load(one)}\n"
        lines = ["| what | measured | goal | met |", "| --- | ---: | --- | :---: |"]
        lines += [f"| {row.what} | {_figure(row)} | {row.goal or '-'} | {_mark(row)} |" for row in rows]
        parts.append("\n".join([head, *lines, ""]))
    return "\n".join(parts)


def _load(one: dict[str, Any]) -> str:
    """Nothing for what was measured before this was noted."""
    return f" Other programs took {100 * one['others']:.0f} % of the machine meanwhile." if "others" in one else ""


def line(row: Row) -> str:
    """A row for the terminal."""
    return f"{_mark(row):4} {row.engine:9} {row.what}: {_figure(row)} {row.goal and f'({row.goal})'}".rstrip()


def _figure(row: Row) -> str:
    return f"{row.value:.3g} {row.unit}".rstrip()


def _mark(row: Row) -> str:
    return {True: "yes", False: "**no**", None: ""}[row.met]


def _kept() -> dict[str, Any]:
    return dict(json.loads(KEPT.read_text("utf-8"))) if KEPT.is_file() else {}


def _processor() -> str:
    """The processor's name where the system tells it."""
    cpus = Path("/proc/cpuinfo")
    names = (
        [text.partition(":")[2].strip() for text in cpus.read_text().splitlines() if text.startswith("model name")]
        if cpus.is_file()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()
