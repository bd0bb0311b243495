"""One function in a process of its own, as FC would keep it; run by `bench.memory` with nothing but the layer.

What its ports answer comes from the parent through a pipe; the clients behind them are made all the same when a port is
first used, so that what the SDKs take is counted. Nothing else of the project is imported here.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any, BinaryIO

OF_THE_CALLER = ("clock", "ids")


class Pipe:
    def __init__(self, take: BinaryIO, give: BinaryIO) -> None:
        self._take = take
        self._give = give

    def ask(self, *asked: object) -> Any:
        self.give(*asked)
        kind, answer = self.take()
        if kind == "raised":
            raise answer
        return answer

    def give(self, *given: object) -> None:
        pickle.dump(given, self._give)
        self._give.flush()

    def take(self) -> Any:
        return pickle.load(self._take)  # noqa: S301  our own parent's words


class Port:
    def __init__(self, name: str, pipe: Pipe) -> None:
        self._name = name
        self._pipe = pipe

    def __getattr__(self, method: str) -> Any:
        return lambda *args, **more: self._pipe.ask("call", self._name, method, args, more)


class PipedWorld:
    """The parent's ports, and the real clients beside them."""

    def __init__(self, settings: Any, real: Any, pipe: Pipe) -> None:
        self.settings = settings
        self._real = real
        self._pipe = pipe

    def __getattr__(self, name: str) -> Any:
        if name not in OF_THE_CALLER:
            getattr(self._real, name)
        port = Port(name, self._pipe)
        setattr(self, name, port)
        return port

    def log(self, event: str, fields: object) -> None:
        """Told to nobody."""


def main() -> None:
    pipe = Pipe(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout = sys.stderr
    import handler  # type: ignore[import-not-found]  # noqa: PLC0415  the function's, from its folder

    from shared.engine.patience import patient  # noqa: PLC0415  the layer's
    from shared.wiring import world  # noqa: PLC0415  as above

    piped = PipedWorld(pipe.take(), world(), pipe)
    while True:
        try:
            event, timeout_s = pipe.take()
        except EOFError:
            return
        try:
            handler.run(event, patient(piped, timeout_s))
        except Exception as error:  # noqa: BLE001  the parent decides
            pipe.give("failed", type(error).__name__, str(error), peak_mb())
        else:
            pipe.give("ended", "", "", peak_mb())


def peak_mb() -> float:
    """Not `ru_maxrss`: that one counts what the parent took before this process was another program."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
