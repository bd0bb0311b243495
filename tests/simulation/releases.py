"""A deployment in mid-job: for a while some invocations run the release before, then all run the new one.

The release before had other settings, wrote rows without the columns that came later, and with one that nobody reads
any more. Rows must stay readable both ways, and what a job has begun with it must end with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared.ports import Columns, Key, Rows, Table
from tests.simulation.faults import Kind

if TYPE_CHECKING:
    from tests.simulation.errand import ErrandWorld
    from tests.simulation.simulation import Simulation

SETTINGS_BEFORE: Mapping[str, Any] = {
    "voice_model": "cosyvoice-v3-flash",
    "verdict_s_ims": 240.0,
    "verdict_s_model_studio": 420.0,
    "voice_recheck_s": 20.0,
    "share_s": 3600,
}
CAME_LATER = frozenset({"begun_at", "history", "attempt", "asks", "failures"})
"""Columns that the release before does not write. What reads them must do without."""

RETIRED: Columns = {"shard": "7"}
STARTS_S_MAX = 1800.0


class Releases:
    """Which release runs an invocation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._starts_s = -1.0
        self._lasts_s = simulation.plan.weather.rollout_s
        if self._lasts_s:
            fault = simulation.faults.chance("the deployment", Kind.DEPLOY, 1.0, STARTS_S_MAX)
            self._starts_s = fault.size if fault else -1.0

    def is_before(self, site: str) -> bool:
        """Whether the release before runs it: always until the roll-out starts, then less and less often."""
        since_s = self._simulation.now_s - self._starts_s
        if self._starts_s < 0.0 or since_s >= self._lasts_s:
            return False
        return since_s < 0.0 or self._simulation.dice.roll(f"{site} release")[1][0] > since_s / self._lasts_s


@dataclass(frozen=True)
class RowsBefore:
    """Tablestore as the release before writes it."""

    rows: Rows

    def get(self, table: Table, key: Key) -> Columns | None:
        return self.rows.get(table, key)

    def range(self, *args: Any, **more: Any) -> list[tuple[Key, Columns]]:
        return self.rows.range(*args, **more)

    def insert(self, table: Table, key: Key, columns: Columns) -> bool:
        return self.rows.insert(table, key, {**_older(columns), **RETIRED})

    def update(self, table: Table, key: Key, put: Columns, **more: Any) -> None:
        self.rows.update(table, key, _older(put), **more)

    def merge(self, table: Table, key: Key, put: Columns) -> None:
        self.rows.merge(table, key, {**_older(put), **RETIRED})

    def delete(self, table: Table, key: Key) -> None:
        self.rows.delete(table, key)


def world_before(world: ErrandWorld) -> ErrandWorld:
    """The world as the release before sees it."""
    return replace(world, settings=replace(world.settings, **SETTINGS_BEFORE), rows=RowsBefore(world.rows))


def _older(columns: Columns) -> Columns:
    return {name: value for name, value in columns.items() if name not in CAME_LATER}
