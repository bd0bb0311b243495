"""Engines for the tests of worker processes: each call does one bad thing. Run as a worker's process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np

from local.engines import worker
from local.engines.contract import FetchMedia, Progress, RejectionError
from local.engines.counted import Counted
from local.engines.threads import of_a_model


class Misbehaving:
    def pid(self) -> int:
        return os.getpid()

    def threads(self) -> int:
        return of_a_model()

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def hoard(self, mb: int) -> int:
        return int(np.ones(mb << 20, np.uint8).sum() >> 20)

    def reject(self) -> None:
        raise RejectionError("InvalidFile.Duration", "too long")

    def invalid(self) -> None:
        raise ValueError("no film")

    def break_down(self) -> None:
        raise KeyError("engine")

    def count(self, progress: Progress) -> str:
        progress(0.25)
        progress(Counted(4, 4, "frames"))
        return "counted"

    def bring(self, url: str, fetch: FetchMedia) -> bytes:
        return fetch(url).read_bytes()

    def hang(self, said: Path) -> None:
        """With a child of its own, as an engine has ffmpeg; both numbers are written down first."""
        with subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"]) as child:
            said.with_suffix(".part").write_text(f"{os.getpid()} {child.pid}")
            said.with_suffix(".part").rename(said)
            threading.Event().wait()


if __name__ == "__main__":
    worker.main(sys.argv[1:], Misbehaving())
