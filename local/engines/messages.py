"""What goes over the pipe between the local cloud and the process of an engine.

Only our own two ends speak on it, so messages are pickled; paths and plain values, never file contents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from local.engines.counted import Counted

WARM = "warm"
"""The one method beside those of the contract: load what every story needs."""


@dataclass(frozen=True)
class Call:
    """A method of the contract with its arguments by name; `callbacks` are those that the asker listens to."""

    method: str
    arguments: dict[str, object] = field(default_factory=dict)
    callbacks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Report:
    """Progress of the call at work. `total` is 0 when nothing is counted."""

    fraction: float
    done: int = 0
    total: int = 0
    unit: str = ""

    @classmethod
    def of(cls, fraction: float) -> Report:
        if isinstance(fraction, Counted):
            return cls(float(fraction), fraction.done, fraction.total, fraction.unit)
        return cls(float(fraction))

    @property
    def value(self) -> float:
        """As the engine gave it."""
        return Counted(self.done, self.total, self.unit) if self.total else self.fraction


@dataclass(frozen=True)
class Wanted:
    """The engine needs the material behind a url; answered by `Fetched`."""

    url: str


@dataclass(frozen=True)
class Fetched:
    """None: it could not be brought, and the asker knows why."""

    path: Path | None


@dataclass(frozen=True)
class Answer:
    """The end of a call: a value, a refusal of the input (code and message), an invalid input, or a failure."""

    value: object = None
    rejected: tuple[str, str] | None = None
    invalid: str | None = None
    failed: str | None = None
