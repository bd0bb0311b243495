"""Virtual time in which everything that is due runs in a fibre of its own, may pause, and lets others go on meanwhile.

Fibres are greenlets: one thread, switched only where `pause` is called, so a run is repeatable to the last call.
"""

from __future__ import annotations

import heapq

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # its stubs are a package of their own

from local.standins.timing import Call, VirtualTiming


class Fibres(VirtualTiming):
    def __init__(self) -> None:
        super().__init__()
        self._hub = getcurrent()
        self._idle: greenlet | None = None

    def step(self) -> bool:
        """Start or resume what is due next, until it ends or pauses."""
        if not self._due:
            return False
        at, _, call = heapq.heappop(self._due)
        self._now = max(self._now, at)
        if isinstance(call, _Resumption):
            call.fibre.switch()
        else:
            self._idle = self._idle or greenlet(self._work, parent=self._hub)
            self._idle.switch(call)
        return True

    def close(self) -> None:
        """End the fibres that nobody will resume: what stands on the stack of one is out of the collector's sight."""
        fibres = [call.fibre for _, _, call in self._due if isinstance(call, _Resumption)]
        self._due.clear()
        for fibre in (*fibres, self._idle):
            if fibre is not None:
                fibre.throw()
        self._idle = None

    def _work(self, call: Call) -> None:
        """A fibre does one thing after the other, until something pauses in it."""
        me = getcurrent()
        while True:
            call()
            if self._idle is not me:
                return
            call = self._hub.switch()

    def pause(self, seconds: float) -> None:
        """Let time pass for the caller's fibre; everything that is due meanwhile happens."""
        me = getcurrent()
        if self._idle is me:
            self._idle = None
        self.later(seconds, _Resumption(me))
        self._hub.switch()


class _Resumption:
    """Takes its turn among the calls that are due."""

    def __init__(self, fibre: greenlet) -> None:
        self.fibre = fibre

    def __call__(self) -> None:
        raise AssertionError("fibres are resumed by the hub")
