"""Copies of a deployment with one thing wrong, to see that the checks see it."""

from __future__ import annotations

import copy
from typing import Any

GONE = object()


def broken(tree: Any, path: str, value: object) -> Any:
    """A copy of the tree in which the place `a.b.0.c` holds another value, or nothing (`GONE`)."""
    tree = copy.deepcopy(tree)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place = tree
    for part in parents:
        place = place[part]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return tree
