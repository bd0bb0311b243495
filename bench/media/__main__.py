"""`make bench-media`: measure the engines named (all by default), then write the table and the plots.

Each module beside this one that has a `measure(work)` is one engine. Its rows replace those of its last run, so that
engines can be measured one by one; the report says when and where each was.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import bench.media
from bench.media import report
from bench.media.rows import Row

FIRST = ("story", "film")
"""Measured before the models of the others take memory and caches."""

Measure = Callable[[Path], list[Row]]


def engines() -> dict[str, Measure]:
    """Every measure there is, by its module's name."""
    names = [module.name for module in pkgutil.iter_modules(bench.media.__path__) if module.name != "__main__"]
    modules = {name: importlib.import_module(f"bench.media.{name}") for name in names}
    found = {name: cast("Measure", module.measure) for name, module in modules.items() if hasattr(module, "measure")}
    return dict(
        sorted(found.items(), key=lambda one: (one[0] not in FIRST, FIRST.index(one[0]) if one[0] in FIRST else 0))
    )


def main(names: list[str], work: Path) -> int:
    """How many goals were missed; at most 1, as an exit code."""
    known = engines()
    missed = 0
    for name in names or list(known):
        rows = known[name](work)
        report.keep(name, rows, work)
        for row in rows:
            print(report.line(row), flush=True)
        missed += sum(row.met is False for row in rows)
    report.write()
    print(f"{missed} of the goals are not met" if missed else "all goals are met")
    return min(missed, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.media", description=__doc__)
    parser.add_argument("engine", nargs="*", choices=[[], *engines()], help="what to measure (everything)")
    parser.add_argument("--work", type=Path, help="folder for films and results, kept (a temporary one)")
    given = parser.parse_args()
    if given.work:
        given.work.mkdir(parents=True, exist_ok=True)
        sys.exit(main(given.engine, given.work.resolve()))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sys.exit(main(given.engine, Path(folder)))
