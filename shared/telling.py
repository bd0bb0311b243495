"""One line for each invocation: what it worked on, how that ended, which calls of vendors were written down, how long.

The lines in between are kept, too, and all of them carry the invocation's request id: FC's own lines name it as well. A
job's name goes through all of a story (wakes, rows, messages, the label of each job of IMS), so it is the trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shared.domain.errors import EchobotError
from shared.ports import Clock, Log

WORKED_ON = ("job", "step", "item", "attempt")
VERDICTS = {"turn": "state", "skipped": "why", "lost": "why", "looked": "state"}
"""Which field of which line says how the invocation ended."""


class Telling:
    """A log that sums up. `told` encloses an invocation; outside of one, lines pass unchanged."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._request = ""
        self._sum: dict[str, object] = {}
        self._effects: list[str] = []

    def __call__(self, event: str, fields: Mapping[str, object]) -> None:
        self._log(event, {"request": self._request, **fields} if self._request else fields)
        self._sum |= {name: fields[name] for name in WORKED_ON if name in fields}
        if event in VERDICTS:
            self._sum["verdict"] = fields.get(VERDICTS[event], "")
        if event == "effect":
            self._effects.append(f"{fields.get('effect')}: {fields.get('state')}")

    @contextmanager
    def told(self, request: str) -> Iterator[None]:
        """Tell the invocation at its end, whatever that is."""
        self._request, self._sum, self._effects = request, {}, []
        began = self._clock.now()
        try:
            yield
        except Exception as error:
            code = error.code if isinstance(error, EchobotError) else type(error).__name__
            self._sum |= {"verdict": "crashed", "code": code}
            raise
        finally:
            ms = round((self._clock.now() - began) * 1000)
            self("ran", {"verdict": "ok", **self._sum, "effects": self._effects, "ms": ms})
            self._request = ""
