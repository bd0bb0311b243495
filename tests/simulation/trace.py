"""What happened in a run, call by call: a digest always, and the lines for who wants to read them."""

from __future__ import annotations

import sys
from hashlib import blake2b
from typing import TextIO


class Trace:
    """The digest covers every call, fault and change of state with its time: two runs with the same one are the same.

    `is_read` says that somebody reads the lines, so that they are worth making readable.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.is_read = out is not None
        self._out = out
        self._notes: list[tuple[float, str]] = []

    @property
    def digest(self) -> str:
        notes = "".join(f"{at_s!r} {text}\n" for at_s, text in self._notes)
        return blake2b(notes.encode(), digest_size=16).hexdigest()

    def note(self, at_s: float, text: str) -> None:
        self._notes.append((at_s, text))
        if self._out is not None:
            self._out.write(f"{at_s:9.1f}s  {text}\n")


def aloud() -> Trace:
    return Trace(sys.stdout)
