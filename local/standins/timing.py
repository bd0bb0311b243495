"""Time for the stand-ins: the laptop's own clock, or one that tests and the simulation turn by hand."""

from __future__ import annotations

import heapq
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Protocol

Call = Callable[[], None]


class Timing(Protocol):
    """Seconds since the epoch, and a way to have something done later."""

    def now(self) -> float: ...
    def later(self, delay_s: float, call: Call) -> None: ...


class VirtualTiming:
    """Nothing happens until a test says so: `run()` performs what is due, in order, moving the clock as it goes."""

    def __init__(self, start: float = 1_795_000_000.0) -> None:
        self._now = start
        self._due: list[tuple[float, int, Call]] = []
        self._ids = count()

    def now(self) -> float:
        return self._now

    def reverse_ties(self) -> None:
        """From now on the last of those due at the same moment comes first."""
        self._ids = count(0, -1)

    def later(self, delay_s: float, call: Call) -> None:
        heapq.heappush(self._due, (self._now + max(0.0, delay_s), next(self._ids), call))

    @property
    def pending(self) -> int:
        return len(self._due)

    def next_at(self) -> float | None:
        return self._due[0][0] if self._due else None

    def step(self) -> bool:
        """Perform the next due call; False when nothing is left."""
        if not self._due:
            return False
        at, _, call = heapq.heappop(self._due)
        self._now = max(self._now, at)
        call()
        return True

    def run(self, for_s: float | None = None) -> None:
        """Perform everything due within `for_s` seconds from now (everything there is, when None)."""
        end = None if for_s is None else self._now + for_s
        while self._due and (end is None or self._due[0][0] <= end):
            self.step()
        if end is not None:
            self._now = max(self._now, end)

    def advance(self, seconds: float) -> None:
        """Move the clock without performing anything."""
        self._now += seconds

    def wait(self, seconds: float) -> None:
        """The caller waits, and the world with it."""
        self.advance(seconds)


class RealTiming:
    """The laptop's clock; calls run on a small pool of threads."""

    def __init__(self, workers: int = 16) -> None:
        self._due: list[tuple[float, int, Call]] = []
        self._ids = count()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="stand-in")
        self._stopped = False
        self._thread = threading.Thread(target=self._dispatch, name="stand-in-timing", daemon=True)
        self._thread.start()

    def now(self) -> float:
        return time.time()

    def later(self, delay_s: float, call: Call) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + max(0.0, delay_s), next(self._ids), call))
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is None or wait_s > 0:
                    self._changed.wait(wait_s)
                    continue
                call = heapq.heappop(self._due)[2]
            self._pool.submit(self._perform, call)

    @staticmethod
    def _perform(call: Call) -> None:
        try:
            call()
        except Exception:  # noqa: BLE001  a broken stand-in must be seen, not lost in a future nobody reads
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
