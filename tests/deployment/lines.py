"""Where in a file a finding's place stands, so that a failing test names the line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from local.deployment import ROOT

WITHIN = ("props", "Properties")
"""Left out of the places that the checks name."""


def located(findings: Iterable[str]) -> list[str]:
    """Each finding with the file and line of its place in front; unchanged when it names none."""
    return [f"{_where(finding)}{finding}" for finding in findings]


def _where(finding: str) -> str:
    place = re.match(r"[\w.\[\]-]+", finding)
    names = re.findall(r"[\w-]+", place.group()) if place else []
    for file in ("s.yaml", "template.yaml"):
        line = line_of(ROOT / file, names)
        if line:
            return f"{file}:{line}: "
    return ""


def line_of(path: Path, names: list[str]) -> int:
    """Of the deepest part of `resource.key.0.key` that the file has; 0 when it has no such resource."""
    node = _child(_root(path), "resources") or _child(_root(path), "Resources")
    line, is_first = 0, True
    for name in names:
        found = _child(node, name) if node is not None else None
        if found is None and node is not None:
            inner = next((one for one in (_child(node, key) for key in WITHIN) if one is not None), None)
            found = _child(inner, name) if inner is not None else None
        if found is None:
            return 0 if is_first else line
        node, line, is_first = found, _line_of(found, name), False
    return line


def _line_of(node: yaml.Node, name: str) -> int:
    """The line of the key, not that of what stands below it."""
    is_below = isinstance(node, yaml.CollectionNode) and not name.isdigit()
    return node.start_mark.line + (0 if is_below else 1)


@cache
def _root(path: Path) -> yaml.Node | None:
    return yaml.compose(path.read_text())


def _child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
        found: yaml.Node = node.value[int(name)]
        return found
    return None
