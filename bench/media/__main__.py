"""`make bench-media`: measure the engines named (all by default), then write the table and the plots.

The rows of an engine replace those of its last run, so that engines can be measured one by one; the report says when
and where each was, and what else the machine did. Rows are told as they come, and kept when what follows them fails.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import cast

from bench.media import report
from bench.media.load import Load
from bench.media.rows import Row

ENGINES = ("story", "film", "captions", "voice", "sound", "portrait")
"""Modules beside this one with a `measure(work)`; whole stories first, before models of others are in memory."""

Measure = Callable[[Path], Iterable[Row]]


def measure_of(engine: str) -> Measure:
    return cast("Measure", importlib.import_module(f"bench.media.{engine}").measure)


def main(engines: Sequence[str], work: Path) -> int:
    """Measure and report; 1 when a goal is missed or could not be measured, as an exit code."""
    missed, broken = 0, []
    for engine in engines or ENGINES:
        rows: list[Row] = []
        load = Load()
        try:
            for row in measure_of(engine)(work):
                print(report.line(row), flush=True)
                rows.append(row)
        except Exception:  # noqa: BLE001  whatever it is, the other engines and the rows so far are worth having
            traceback.print_exc()
            broken.append(engine)
        if rows:
            report.keep(engine, rows, work, others=load.others())
        missed += sum(row.met is False for row in rows)
    report.write()
    print(f"{missed} of the goals are not met" if missed else "all goals that were measured are met")
    if broken:
        print(f"not measured to the end: {', '.join(broken)}")
    return 1 if missed or broken else 0


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
