"""Which of the faults that struck a failing seed it takes to fail: the run is played again with fewer of them.

Delta debugging (Zeller and Hildebrandt, 2002) over the list of faults, whole kinds first. Faults are tied to places and
not to an order, so those that are left strike as before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.simulation.faults import Fault

PLAYS_MAX = 600

Fails = Callable[[Sequence[Fault]], bool]
"""Whether the run still fails when only these faults strike."""


def shrink(struck: Sequence[Fault], fails: Fails) -> list[Fault]:
    """A list that fails and of which nothing can be left out, or the best within `PLAYS_MAX` plays."""
    search = _Search(fails)
    left = search.without_kinds(list(struck))
    return search.without_parts(left)


class _Search:
    def __init__(self, fails: Fails) -> None:
        self._fails = fails
        self._plays = 0

    def without_kinds(self, faults: list[Fault]) -> list[Fault]:
        for kind in sorted({fault.kind for fault in faults}):
            rest = [fault for fault in faults if fault.kind is not kind]
            if len(rest) < len(faults) and self._still_fails(rest):
                faults = rest
        return faults

    def without_parts(self, faults: list[Fault]) -> list[Fault]:
        """Leave out one part after the other; when none can go, halve the parts."""
        size = max(1, len(faults) // 2)
        while faults and self._plays < PLAYS_MAX:
            for start in range(0, len(faults), size):
                rest = faults[:start] + faults[start + size :]
                if self._still_fails(rest):
                    faults = rest
                    size = max(1, min(size, len(faults) // 2))
                    break
            else:
                if size == 1:
                    return faults
                size = max(1, size // 2)
        return faults

    def _still_fails(self, faults: Sequence[Fault]) -> bool:
        self._plays += 1
        return self._plays <= PLAYS_MAX and self._fails(faults)
