"""Names of modules and classes that stand for something else for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Swap = tuple[Any, str, Any]
"""Whose attribute, its name, and what stands there instead."""


@contextmanager
def swapped(swaps: Sequence[Swap]) -> Iterator[None]:
    """Within it the others stand there; afterwards what stood there before, also where one name was swapped twice."""
    undone = [(owner, name, owner.__dict__[name]) for owner, name, _ in swaps]
    for owner, name, new in swaps:
        setattr(owner, name, new)
    try:
        yield
    finally:
        for owner, name, old in reversed(undone):
            setattr(owner, name, old)
