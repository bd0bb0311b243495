"""How far the engines have come with a job, where the cloud is the laptop's own.

No vendor tells this, so on a real account there is nothing to show but what is awaited. The local cloud has a side
door for it (`/_echobot/progress`), which no function knows; the rows say which step a task of the door belongs to.
Lines that are spoken have no task: the ledger counts them.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.domain.job import WHOLE, Rows, StepState
from shared.engine.world import World
from shared.ports import Columns, Key, Table

PATH = "/_echobot/progress"
LOOK_S_MAX = 2.0
CUE = "cue-"


@dataclass(frozen=True)
class Reached:
    """Of a step: the fraction done, and what is counted; `total` is 0 when nothing is."""

    fraction: float
    done: int = 0
    total: int = 0
    unit: str = ""

    @property
    def words(self) -> str:
        return f"{self.unit} {self.done}/{self.total}" if self.total else f"{self.fraction:.0%}"


def reached(world: World, job_id: str, rows: Rows) -> dict[str, Reached]:
    """What each step at work has reached; nothing on a real cloud."""
    endpoint = world.settings.endpoint
    if urlsplit(endpoint).hostname != "127.0.0.1":
        return {}
    at_work = {name for (name, _), row in rows.items() if row.state in {StepState.CLAIMED, StepState.WAITING}}
    if not at_work:
        return {}
    effects = list(world.rows.range(Table.EFFECTS, (job_id,)))
    script = rows.get(("script", WHOLE))
    cues = script.result.get("cues") if script else None
    found = of_tasks(effects, _told(endpoint))
    if isinstance(cues, int) and cues:
        found["speak"] = of_cues(effects, cues)
    return {step: one for step, one in found.items() if step in at_work}


def of_tasks(effects: Iterable[tuple[Key, Columns]], told: Mapping[str, Mapping[str, object]]) -> dict[str, Reached]:
    """Tasks that are told of, by step; several of one step are added up."""
    parts: dict[str, list[Reached]] = {}
    for key, columns in effects:
        one = told.get(str(columns.get("task", "")))
        if one is not None:
            parts.setdefault(key[1], []).append(_read(one))
    return {step: _together(found) for step, found in parts.items()}


def of_cues(effects: Iterable[tuple[Key, Columns]], cues: int) -> Reached:
    """Lines of which a take is stored; a second take of a line does not count again."""
    spoken = {
        key[3].rpartition("-")[0]
        for key, columns in effects
        if key[1] == "speak" and key[3].startswith(CUE) and columns.get("state") == "done"
    }
    done = min(len(spoken), cues)
    return Reached(done / cues, done, cues, "cues")


def _together(parts: list[Reached]) -> Reached:
    units = {part.unit for part in parts}
    if len(units) > 1 or not all(part.total for part in parts):
        return Reached(sum(part.fraction for part in parts) / len(parts))
    done, total = sum(part.done for part in parts), sum(part.total for part in parts)
    return Reached(done / total, done, total, units.pop())


def _read(one: Mapping[str, object]) -> Reached:
    return Reached(float(str(one["fraction"])), int(str(one["done"])), int(str(one["total"])), str(one["unit"]))


def _told(endpoint: str) -> dict[str, dict[str, object]]:
    """What the side door says; nothing when it does not answer: this only decorates."""
    try:
        with urllib.request.urlopen(f"{endpoint}{PATH}", timeout=LOOK_S_MAX) as answer:  # noqa: S310  loopback, see above
            told = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return {}
    return told if isinstance(told, dict) else {}
