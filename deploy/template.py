"""Writes what is made of tables into `template.yaml`, roles and what is watched: `python -m deploy.template`.

With `--check` nothing is written; the exit code says whether the file holds exactly these parts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from deploy import roles, watching

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"
PARTS = {"roles of the functions": roles.resources, "what is watched": watching.resources}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say whether all is as it should be")
    is_check = parser.parse_args().check
    before = TEMPLATE.read_text()
    after = written(before)
    if before == after:
        return 0
    if is_check:
        print("template.yaml is not what deploy/rights.py and deploy/watching.py say: run `python -m deploy.template`")
        return 1
    TEMPLATE.write_text(after)
    return 0


def written(template: str) -> str:
    """The template with each part between its two marks."""
    for name, resources in PARTS.items():
        template = _replaced(template, name, resources())
    return template


def _replaced(template: str, name: str, resources: dict[str, Any]) -> str:
    begin, end = f"  # --- {name}: written by `python -m deploy.template`\n", f"  # --- end of {name}\n"
    head, found, rest = template.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"template.yaml has lost the marks of: {name}")
    text = yaml.dump(resources, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    block = "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    return f"{head}{begin}{block}{end}{tail}"


class _Dumper(yaml.SafeDumper):
    """Lists indented, nothing said twice by reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


if __name__ == "__main__":
    sys.exit(main())
