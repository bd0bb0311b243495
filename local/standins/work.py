"""Who does the blocking work of the engines, and how long a stand-in takes where the vendor would take longer.

A stand-in hands over a job and what to do with its outcome, and goes on answering requests. Tests and the simulation
do the job inline in virtual time, the local cloud on a pool of threads that wait for the engines' processes.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from local.standins.timing import Timing

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """Seconds a stand-in lets pass besides the real work; with `spread` 0.2 each is up to 20 % shorter or longer."""

    ims_queue_s: float = 0.0
    ims_run_s: float = 0.0
    voice_deploying_s: float = 0.0
    task_queue_s: float = 0.0
    task_run_s: float = 0.0
    spread: float = 0.0

    def vary(self, seconds: float, randomness: random.Random) -> float:
        return seconds * (1 + randomness.uniform(-self.spread, self.spread)) if self.spread else seconds


DEFAULT_PACE = Pace()


class Work(Protocol):
    """Performs `job` soon and calls `done` once with its result or with the exception it raised."""

    def __call__(self, job: Callable[[], T], done: Callable[[T | Exception], None]) -> None: ...


class InlineWork:
    """On the clock's own thread, as the next thing that is due: in virtual time everything stays in one order."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def __call__(self, job: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        self._timing.later(0, lambda: done(_outcome(job)))


class PoolWork:
    """On a few threads. `close` waits for what is running and forgets the rest.

    After `forget` no outcome is told any more: a job that is cut off because its engine is being ended has not failed,
    and begins anew when its stand-in does.
    """

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="engine")
        self._is_forgotten = threading.Event()

    def __call__(self, job: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        with suppress(RuntimeError):  # closed: nothing begins any more
            self._pool.submit(self._perform, job, done)

    def forget(self) -> None:
        self._is_forgotten.set()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _perform(self, job: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        outcome = _outcome(job)
        if self._is_forgotten.is_set():
            return
        try:
            done(outcome)
        except Exception:  # noqa: BLE001  a broken stand-in must be seen, not lost in a future nobody reads
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))


def _outcome(job: Callable[[], T]) -> T | Exception:
    try:
        return job()
    except Exception as error:  # noqa: BLE001  whatever an engine raises is the outcome, judged by the stand-in
        return error
