"""`make bench-media`: measure the engines named (all by default), then write the table and the plots.

The rows of an engine replace those of its last run, so that engines can be measured one by one; the report says when
and where each was.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from bench.media import report
from bench.media.rows import Row

ENGINES = ("story", "film", "captions", "voice", "sound", "portrait")
"""Modules beside this one with a `measure(work)`; whole stories first, before models of others are in memory."""

Measure = Callable[[Path], list[Row]]


def measure_of(engine: str) -> Measure:
    return cast("Measure", importlib.import_module(f"bench.media.{engine}").measure)


def main(engines: Sequence[str], work: Path) -> int:
    """Measure and report; 1 when a goal is missed, as an exit code."""
    missed = 0
    for engine in engines or ENGINES:
        rows = measure_of(engine)(work)
        report.keep(engine, rows, work)
        for row in rows:
            print(report.line(row), flush=True)
        missed += sum(row.met is False for row in rows)
    report.write()
    print(f"{missed} of the goals are not met" if missed else "all goals are met")
    return min(missed, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.media", description=__doc__)
    parser.add_argument("engine", nargs="*", choices=[[], *ENGINES], help="what to measure (everything)")
    parser.add_argument("--work", type=Path, help="folder for films and results, kept (a temporary one)")
    given = parser.parse_args()
    if given.work:
        given.work.mkdir(parents=True, exist_ok=True)
        sys.exit(main(given.engine, given.work.resolve()))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sys.exit(main(given.engine, Path(folder)))
