"""What other programs took of the machine meanwhile: a figure by the clock means little without it."""

from __future__ import annotations

import os
import resource
import time

import psutil


class Load:
    """Looks from the moment it is made."""

    def __init__(self) -> None:
        self._begun, self._busy, self._own = time.monotonic(), busy_s(), _own_s()

    def others(self) -> float:
        """Their share of all processors so far, 0 to 1. Children of ours that still run count as others."""
        machine_s = (os.cpu_count() or 1) * max(1e-3, time.monotonic() - self._begun)
        taken_s = busy_s() - self._busy - (_own_s() - self._own)
        return min(1.0, max(0.0, taken_s / machine_s))


def busy_s() -> float:
    """Processor seconds that the whole machine has spent on anything."""
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice + getattr(times, "irq", 0) + getattr(times, "softirq", 0))


def _own_s() -> float:
    """Of this process and of the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
