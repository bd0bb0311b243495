"""What of a story is heard when: its segments, each as it was spoken, one after the other.

Segments are spoken at the same time, by functions that know nothing of each other. Where one needs longer than its
time, for its captions say more than anybody can read in it, the next begins when it is through: nobody speaks over
anybody. The silence behind it makes up for it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain import fitting
from shared.domain.frozen import frozen
from shared.domain.hearing import Doubt
from shared.engine.turn import Turn


@frozen
class Spoken:
    """A segment in the film's time, in ms; `late_ms` of it are the fault of those before. `lines` are what the report
    says of them.
    """

    item: str
    start_ms: int
    end_ms: int
    late_ms: int
    lines: tuple[Mapping[str, Any], ...]

    @property
    def times(self) -> list[tuple[int, int]]:
        """When each reading begins and ends, in order."""
        return [(line["spoken"][0], line["spoken"][1]) for line in self.lines if "spoken" in line]


def of(turn: Turn, items: Iterable[str]) -> tuple[Spoken, ...]:
    """The segments with these items, from the story's first on."""
    film_ms = int(turn.job.seconds * 1000)
    found: list[Spoken] = []
    for item in items:
        was = turn.result("speak", item)
        late_ms = max(0, found[-1].end_ms - was["start_ms"]) if found else 0
        lines = tuple(_later(line, late_ms, film_ms) for line in was["lines"])
        found.append(Spoken(item, was["start_ms"] + late_ms, was["end_ms"] + late_ms, late_ms, lines))
    return tuple(found)


def _later(line: Mapping[str, Any], late_ms: int, film_ms: int) -> Mapping[str, Any]:
    if not late_ms:
        return line
    later = {**line, "late_ms": line["late_ms"] + late_ms}
    if "spoken" in line:
        begin_ms, end_ms = (at_ms + late_ms for at_ms in line["spoken"])
        is_cut_off = not fitting.is_heard(end_ms, film_ms) and Doubt.UNHEARD.value not in line["doubts"]
        later["spoken"] = [begin_ms, end_ms]
        later["overrun_ms"] = max(0, end_ms - line["slot"][1])
        later["doubts"] = [*line["doubts"], *([Doubt.UNHEARD.value] if is_cut_off else [])]
    return later
