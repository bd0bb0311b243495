"""What a measurement says: one figure, its unit, the goal it is held against. One module an engine yields such rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `goal` is in words ("<= 1 %"), empty for a figure that only stands beside others, such as a peer's;
    `met` is None then.
    """

    engine: str
    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


def at_most(engine: str, what: str, value: float, limit: float, unit: str) -> Row:
    """A row whose figure must not be above `limit`."""
    return Row(engine, what, value, unit, f"<= {limit:g} {unit}".rstrip(), value <= limit)


def at_least(engine: str, what: str, value: float, limit: float, unit: str) -> Row:
    """A row whose figure must not be below `limit`."""
    return Row(engine, what, value, unit, f">= {limit:g} {unit}".rstrip(), value >= limit)


def peer(engine: str, what: str, value: float, unit: str) -> Row:
    """A row without a goal: what something else reaches in the same run."""
    return Row(engine, what, value, unit)
