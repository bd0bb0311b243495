"""Captions that follow the new speech: each is shown while its words are said, and long enough to be read.

Families correct them and put them back: what is shown reads back, line for line, as what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain.cues import TOGETHER_MS, TOUCHING_MS, Cue

# Shorter than this nobody reads it; the silence after the line lends the time.
SHOWN_MS_MIN = 1200


def times_of(cues: Iterable[Cue], lines: Iterable[Mapping[str, Any]]) -> dict[int, tuple[int, int]]:
    """When the words of each cue are said, by its number, from what `speak` reported of its lines. A cue that was
    joined to the one before begins with its own words and ends with the reading.
    """
    starts = {cue.number: cue.start_ms for cue in cues}
    times: dict[int, tuple[int, int]] = {}
    for line in lines:
        number = line["number"]
        if "spoken" in line:
            times[number] = (line["spoken"][0], line["spoken"][1])
        else:
            times[number] = (starts[number] + line["late_ms"], times[line["joined_to"]][1])
    return times


def followed(cues: Sequence[Cue], spoken: Mapping[int, tuple[int, int]], film_ms: int) -> tuple[Cue, ...]:
    """Each cue at the time its line is spoken; one that is not spoken stays where it was. None overlaps the next, and
    none is lost but those that would begin at the film's end or later.
    """
    moved = sorted((_moved(cue, spoken.get(cue.number)) for cue in cues), key=lambda cue: (cue.start_ms, cue.number))
    apart = [cue for cue in _apart(moved) if cue.start_ms < film_ms]
    end = Cue(0, film_ms, film_ms, "")
    return tuple(_held(cue, after) for cue, after in zip(apart, [*apart[1:], end], strict=False))


def _moved(cue: Cue, times: tuple[int, int] | None) -> Cue:
    return cue if times is None else replace(cue, start_ms=times[0], end_ms=max(times))


def _apart(cues: Iterable[Cue]) -> list[Cue]:
    """What begins together would count as one caption in two languages: a song that stays in its place, say, and a line
    that was late.
    """
    apart: list[Cue] = []
    for cue in cues:
        start_ms = cue.start_ms
        if apart:
            gap_ms = TOUCHING_MS + 2 if apart[-1].text == cue.text else TOGETHER_MS + 1
            start_ms = max(start_ms, apart[-1].start_ms + gap_ms)
        apart.append(replace(cue, start_ms=start_ms))
    return apart


def _held(cue: Cue, after: Cue) -> Cue:
    """Shown until the next one begins, or a little less if that says the same: the two would count as one."""
    until_ms = after.start_ms - (TOUCHING_MS + 1 if after.text == cue.text else 0)
    return replace(cue, end_ms=min(max(cue.end_ms, cue.start_ms + SHOWN_MS_MIN), until_ms))
