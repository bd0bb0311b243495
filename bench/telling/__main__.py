"""`make bench-telling`: measure the parts named (all by default) and write their tables into docs/telling.md.

The table of a part that is not measured stays as it was.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import cast

from bench.media.report import line
from bench.media.rows import Row

PARTS = ("planning", "long", "films")
"""Modules beside this one with a `measure(work)`, quick ones first."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "telling.md"

Measure = Callable[[Path], list[Row]]


def main(parts: Sequence[str], work: Path) -> int:
    """Measure and write; 1 when a goal is missed, as an exit code."""
    missed = 0
    for part in parts or PARTS:
        rows = cast("Measure", importlib.import_module(f"bench.telling.{part}").measure)(work)
        for row in rows:
            print(line(row), flush=True)
        keep(PAGE, part, table(rows, where()))
        missed += sum(row.met is False for row in rows)
    print(f"{missed} of the goals are not met" if missed else "all goals are met")
    return min(missed, 1)


def table(rows: Sequence[Row], measured: str) -> str:
    """Markdown, goals as they were set."""
    lines = [measured, "", "| what | measured | goal | met |", "| --- | ---: | --- | :---: |"]
    for row in rows:
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        lines.append(f"| {row.what} | {f'{row.value:.3g} {row.unit}'.rstrip()} | {row.goal or '-'} | {met} |")
    return "\n".join(lines)


def keep(page: Path, part: str, text: str) -> None:
    """Put a part's table between its marks in the page; LookupError when they are not there."""
    begin, end = f"<!-- measured: {part} -->", f"<!-- end of {part} -->"
    before, found, rest = page.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise LookupError(f"{page} has no place for {part}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")


def where() -> str:
    now = datetime.now(timezone.utc)
    return f"Measured {now:%Y-%m-%d %H:%M} UTC on {platform.system()}, Python {platform.python_version()}."


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.telling", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="what to measure (everything)")
    parser.add_argument("--work", type=Path, help="folder for films and results, kept (a temporary one)")
    given = parser.parse_args()
    if given.work:
        given.work.mkdir(parents=True, exist_ok=True)
        sys.exit(main(given.part, given.work.resolve()))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sys.exit(main(given.part, Path(folder)))
