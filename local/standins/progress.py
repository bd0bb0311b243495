"""How far the engines have come, by the vendor's id of the task: for a person who watches, not for the functions.

No vendor tells this. The command line asks for it at `/_echobot/progress` when the cloud is the laptop's own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from local.engines.contract import Progress
from local.engines.counted import Counted


class Reached(TypedDict):
    """`total` is 0 when the engine counts nothing."""

    fraction: float
    done: int
    total: int
    unit: str


class ProgressBoard:
    """Tasks at work, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reached: dict[str, Reached] = {}

    @contextmanager
    def watching(self, task_id: str) -> Iterator[Progress]:
        """Takes an engine's reports for as long as the block lasts."""

        def progress(fraction: float) -> None:
            counted = fraction if isinstance(fraction, Counted) else Counted(0, 0, "")
            with self._lock:
                self._reached[task_id] = Reached(
                    fraction=float(fraction), done=counted.done, total=counted.total, unit=counted.unit
                )

        progress(0.0)
        try:
            yield progress
        finally:
            with self._lock:
                del self._reached[task_id]

    def reached(self) -> dict[str, Reached]:
        with self._lock:
            return dict(self._reached)
