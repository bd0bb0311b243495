"""Which engine was at work when: processor time of the local cloud's processes, added up by what they are for.

An engine's ffmpeg counts with the engine, the processes of functions count together, the rest is the cloud itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import psutil

CLOUD, FUNCTIONS = "cloud", "functions"
WORKER, ZYGOTE = "local.engines.worker", "local.runtime.zygote"

Spans = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Look:
    """Processor seconds that each had used at one moment."""

    at_s: float
    used_s: Mapping[str, float]


@dataclass
class Schedule:
    """Looks at the processes each time it is told to."""

    looks: list[Look] = field(default_factory=list)
    _owners: dict[psutil.Process, str] = field(default_factory=dict)

    def look(self, at_s: float, processes: Iterable[psutil.Process]) -> None:
        """The first process is the cloud; each comes after the one that started it."""
        used: dict[str, float] = {}
        for process in processes:
            with suppress(psutil.Error):
                owner = self._owner(process)
                used[owner] = used.get(owner, 0.0) + cpu_s(process)
        self.looks.append(Look(at_s, used))

    def _owner(self, process: psutil.Process) -> str:
        if process not in self._owners:
            words = process.cmdline()
            parent = process.parent()
            if WORKER in words:
                owner = words[words.index(WORKER) + 1]
            elif ZYGOTE in words:
                owner = FUNCTIONS
            elif (owner := self._owners.get(parent, CLOUD) if parent is not None else CLOUD) == CLOUD:
                return CLOUD  # or a process that is just becoming another: not remembered
            self._owners[process] = owner
        return self._owners[process]


def cpu_s(process: psutil.Process) -> float:
    """Of the process and of the children that it has waited for; psutil.Error when it is gone."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def shares(looks: Sequence[Look], begun_s: float, ended_s: float, every_s: float = 1.0) -> dict[str, list[float]]:
    """How many processors each kept busy in every stretch of that length between two moments; the busiest first."""
    count = max(1, -(-int(1000 * (ended_s - begun_s)) // int(1000 * every_s)))
    busy: dict[str, list[float]] = {}
    for before, after in pairwise(looks):
        at = int((before.at_s - begun_s) / every_s)
        if before.at_s < begun_s or at >= count:
            continue
        for owner, used_s in after.used_s.items():
            spent_s = max(0.0, used_s - before.used_s.get(owner, 0.0))
            busy.setdefault(owner, [0.0] * count)[at] += spent_s / every_s
    rounded = {owner: [round(share, 3) for share in each] for owner, each in busy.items()}
    return dict(sorted(rounded.items(), key=lambda one: -sum(one[1])))


def stages(spans: Spans) -> dict[str, tuple[float, float]]:
    """From the first to the last moment of each step, all its items together, but what is taken apart stays apart."""
    together: dict[str, tuple[float, float]] = {}
    for name, (begin_s, end_s) in spans.items():
        step, _, item = name.partition("/")
        stage = step if item.isdigit() else name
        first_s, last_s = together.get(stage, (begin_s, end_s))
        together[stage] = (min(first_s, begin_s), max(last_s, end_s))
    return dict(sorted(together.items(), key=lambda one: one[1]))
