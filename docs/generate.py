"""Writes the generated parts of the documents: `python docs/generate.py [NAME...] [--check]`.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; what is around it is written by
hand. With `--check` nothing is written, and stale documents are named with exit code 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, Python looks for modules in this file's own folder only

from docs import (  # noqa: E402  see above
    models_page,
    options_table,
    pipeline_page,
    price_table,
    questions_page,
    settings_table,
    vendor_codes,
)
from docs.languages import Language  # noqa: E402  see above

PARTS = {
    "settings": settings_table.render,
    "options": options_table.render,
    "prices": price_table.render,
    "pipeline": pipeline_page.render,
    "models": models_page.render,
    "questions": questions_page.render,
    "alarms": questions_page.alarms,
}
PAGES = {
    ROOT / "README.md": Language.EN,
    ROOT / "README.zh.md": Language.ZH,
    ROOT / "docs" / "pipeline.md": Language.EN,
    ROOT / "docs" / "models.md": Language.EN,
    ROOT / "docs" / "runbook.md": Language.EN,
    ROOT / "docs" / "runbook.zh.md": Language.ZH,
}
CODES = "codes"
"""The page of vendor codes is generated as a whole."""

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end of \2 -->\n)", re.DOTALL)


def pages(names: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Each page that holds one of these parts, with the text that it ought to have."""
    for path, language in PAGES.items():
        text = path.read_text("utf-8")
        if any(name in names for _, name, _ in _PART.findall(text)):
            yield path, _renewed(text, language, names)
    if CODES in names:
        yield vendor_codes.PAGE, vendor_codes.render()


def stale(names: Collection[str]) -> list[Path]:
    """Pages that do not say what the code says."""
    return [path for path, text in pages(names) if path.read_text("utf-8") != text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join([*PARTS, CODES])}; all by default")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    given = parser.parse_args()
    names = given.names or [*PARTS, CODES]
    if unknown := set(names) - {*PARTS, CODES}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    found = stale(names)
    if given.check:
        for path in found:
            print(f"stale: {path.relative_to(ROOT)} (run python docs/generate.py)")
        return 1 if found else 0
    for path, text in pages(names):
        if path in found:
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 0


def _renewed(text: str, language: Language, names: Collection[str]) -> str:
    def part(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        return f"{begin}\n{PARTS[name](language)}\n{end}" if name in names else match.group()

    return _PART.sub(part, text)


if __name__ == "__main__":
    sys.exit(main())
