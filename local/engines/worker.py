"""The process that one family of engines lives in: asked over a pipe, one call at a time, for as long as it is wanted.

Started by `local.engines.workers` as `python -m local.engines.worker FAMILY PIPE LEASH MEMORY_MB`, in a process group
of its own. The other end of LEASH is held open by whoever started it: when that process is gone, however it ended, the
whole group goes too, ffmpeg included.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from local.engines.contract import RejectionError
from local.engines.messages import WARM, Answer, Call, Fetched, Report, Wanted
from local.engines.real import RealEngines
from local.engines.warming import warm

REPORT_EVERY_S = 0.1


class FetchFailedError(Exception):
    """Whoever asked could not bring the material; the reason stayed there."""


def main(arguments: list[str], engines: object) -> None:
    """Serve until the other end of the pipe is closed."""
    family, pipe, leash, memory_mb = arguments[0], *(int(number) for number in arguments[1:])
    limit_memory(memory_mb)
    threading.Thread(target=die_with, args=(leash,), name="leash", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches whoever started us, who decides
    channel = Connection(pipe)
    with contextlib.suppress(EOFError):
        while True:
            call = channel.recv()
            channel.send(answered(partial(perform, engines, family, call, channel)))


def perform(engines: object, family: str, call: Call, channel: Connection) -> object:
    """One call, its callbacks led over the pipe."""
    if call.method == WARM:
        warm(family)
        return None
    callbacks: dict[str, Callable[..., object]] = {}
    if "progress" in call.callbacks:
        callbacks["progress"] = reporter(channel)
    if "fetch" in call.callbacks:
        callbacks["fetch"] = fetcher(channel)
    return getattr(engines, call.method)(**call.arguments, **callbacks)


def answered(job: Callable[[], object]) -> Answer:
    """The outcome of a job as a message. What nobody foresaw is written to the log with its traceback."""
    try:
        return Answer(value=job())
    except RejectionError as error:
        return Answer(rejected=(error.code, error.message))
    except ValueError as error:
        return Answer(invalid=str(error))
    except Exception as error:  # noqa: BLE001  whatever an engine raises is the outcome
        traceback.print_exc()
        return Answer(failed=f"{type(error).__name__}: {error}")


def reporter(channel: Connection) -> Callable[[float], None]:
    """Reports ten times a second at most, whatever the engine does, and the end in any case."""
    said_at = 0.0

    def progress(fraction: float) -> None:
        nonlocal said_at
        now = time.monotonic()
        if now - said_at >= REPORT_EVERY_S or fraction >= 1:
            said_at = now
            channel.send(Report.of(fraction))

    return progress


def fetcher(channel: Connection) -> Callable[[str], Path]:
    def fetch(url: str) -> Path:
        channel.send(Wanted(url))
        brought = channel.recv()
        if not isinstance(brought, Fetched) or brought.path is None:
            raise FetchFailedError(url)
        return brought.path

    return fetch


def limit_memory(memory_mb: int) -> None:
    """What is over the limit fails here, as an error of one call, and not somewhere else on the machine. Where the
    system does not know this limit (it counts only on Linux) there is none.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def die_with(leash: int) -> None:
    """Wait until nobody holds the other end, then end the group."""
    with contextlib.suppress(OSError):
        os.read(leash, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:], RealEngines())
