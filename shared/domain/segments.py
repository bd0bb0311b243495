"""Cues grouped into segments: stretches of the film that fit one talking clip, cut where the narrator pauses.

Apart, because what a clip costs and how it joins the next one is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from shared.domain.cues import Cue
from shared.domain.errors import Refused
from shared.domain.frozen import frozen

# Kept free before the next cue, so that two cues are heard as two.
GUARD_MS = 120
# A cue may take this much of the silence after it. More would be paid for as a silent face.
BORROW_MS_MAX = 2000
# The face is there a moment before it speaks.
LEAD_MS = 120
# Cutting in a longer pause than this is no better; in a shorter one than HARSH_MS it is heard and seen.
LONG_PAUSE_MS = 2000
HARSH_PAUSE_MS = 400
# And it stays a moment after its last word.
TAIL_MS = 150


@frozen
class Slot:
    """The time a cue may take, to `end_ms`. After `cue_end_ms` it is borrowed silence; None: nothing is borrowed."""

    start_ms: int
    end_ms: int
    cue_end_ms: int | None = None

    @property
    def cue_ms(self) -> int:
        return (self.end_ms if self.cue_end_ms is None else self.cue_end_ms) - self.start_ms

    @property
    def room_ms(self) -> int:
        return self.end_ms - self.start_ms


@frozen
class Segment:
    """Cues animated together, with the slot of each; the clip covers `start_ms` to `end_ms` of the film."""

    item: str
    cues: tuple[Cue, ...]
    slots: tuple[Slot, ...]
    start_ms: int
    end_ms: int


def slots(cues: Sequence[Cue], film_ms: int, guard_ms: int = GUARD_MS) -> tuple[Slot, ...]:
    """The slot of each cue, in order. Slots never overlap and never pass the film's end.

    Takes cues as `read_srt` gives them; `captions.outside` when one begins after the film has ended.
    """
    if cues and cues[-1].start_ms >= film_ms:
        raise Refused("captions.outside")
    found = [_slot(cue, after.start_ms - guard_ms, film_ms) for cue, after in pairwise(cues)]
    return (*found, *(_slot(cue, film_ms, film_ms) for cue in cues[-1:]))


def plan_segments(
    cues: Sequence[Cue],
    *,
    limit_ms: int,
    film_ms: int,
    guard_ms: int = GUARD_MS,
    pause_ms: int | None = None,
    spoken_ms: Sequence[int] | None = None,
) -> tuple[Segment, ...]:
    """Consecutive cues in as few segments as the limit allows, cut in the longest pauses.

    One segment more than the fewest is taken when the fewest would cut inside a harshly short pause and one more
    does not. A pause of `pause_ms` or more is always cut, if given. Pauses lie between the foreseen ends of the
    readings (`spoken_ms`, each cue's length), else between the cues. A cue that alone is longer than the limit is a
    segment by itself, and its slot ends at the limit. `limit_ms` is at least 1000.
    """
    room = slots(cues, film_ms, guard_ms)
    begins = [max(slot.start_ms - LEAD_MS, room[place - 1].end_ms if place else 0) for place, slot in enumerate(room)]
    pauses = _pauses(room, [slot.cue_ms for slot in room] if spoken_ms is None else spoken_ms)
    firsts = _firsts(begins, room, limit_ms, pauses, pause_ms)
    edges = [*_cuts(firsts, pauses), len(room)] if room else []
    return tuple(
        _segment(number, cues[first:after], room[first:after], begins[first], limit_ms)
        for number, (first, after) in enumerate(pairwise(edges), 1)
    )


def _slot(cue: Cue, next_ms: int, film_ms: int) -> Slot:
    own_end = min(cue.end_ms, film_ms)
    return Slot(cue.start_ms, min(max(own_end, next_ms), own_end + BORROW_MS_MAX, film_ms), own_end)


def _segment(number: int, cues: Sequence[Cue], room: Sequence[Slot], begin_ms: int, limit_ms: int) -> Segment:
    end_ms = min(room[-1].end_ms, begin_ms + limit_ms)
    last = replace(room[-1], end_ms=end_ms, cue_end_ms=min(cues[-1].end_ms, end_ms))
    return Segment(f"{number:04}", tuple(cues), (*room[:-1], last), begin_ms, end_ms)


def _pauses(room: Sequence[Slot], spoken_ms: Sequence[int]) -> list[int]:
    """Silence before each cue; before the first one it does not matter."""
    silences = zip(pairwise(room), spoken_ms, strict=False)
    return [0, *(max(0, after.start_ms - before.start_ms - length_ms) for (before, after), length_ms in silences)][
        : len(room)
    ]


def _firsts(
    begins: Sequence[int], room: Sequence[Slot], limit_ms: int, pauses: Sequence[int], pause_ms: int | None
) -> list[int]:
    """For each cue the earliest cue that can share a segment ending with it."""
    firsts: list[int] = []
    first = 0
    for last, slot in enumerate(room):
        if pause_ms is not None and pauses[last] >= pause_ms:
            first = last
        while first < last and slot.end_ms - begins[first] > limit_ms:
            first += 1
        firsts.append(first)
    return firsts


@frozen
class _Plan:
    """The best way so far to cover the first cues: its penalty and where its last segment begins."""

    penalty: int
    first: int
    spare: int


def _cuts(firsts: Sequence[int], pauses: Sequence[int]) -> list[int]:
    """Where each segment begins. `spare` is 0 for the fewest segments and 1 for one more.

    A prefix of a plan with one spare segment has itself at most one spare, so two plans per prefix are enough.
    """
    fewest = [0]
    plans: list[dict[int, _Plan]] = [{0: _Plan(0, 0, 0)}]
    for last, earliest in enumerate(firsts):
        fewest.append(fewest[earliest] + 1)
        best: dict[int, _Plan] = {}
        for first in range(earliest, last + 1):
            cost = max(0, LONG_PAUSE_MS - pauses[first]) ** 2 if first else 0
            for spare, plan in plans[first].items():
                total = fewest[first] + spare + 1 - fewest[-1]
                penalty = plan.penalty + cost
                if total <= 1 and (total not in best or penalty < best[total].penalty):
                    best[total] = _Plan(penalty, first, spare)
        plans.append(best)
    few = _trace(plans, 0)
    if 1 not in plans[-1] or _shortest(few, pauses) >= HARSH_PAUSE_MS:
        return few
    more = _trace(plans, 1)
    return more if _shortest(more, pauses) >= HARSH_PAUSE_MS else few


def _trace(plans: Sequence[dict[int, _Plan]], spare: int) -> list[int]:
    begins: list[int] = []
    after = len(plans) - 1
    while after:
        plan = plans[after][spare]
        begins.append(plan.first)
        after, spare = plan.first, plan.spare
    return begins[::-1]


def _shortest(begins: Sequence[int], pauses: Sequence[int]) -> int:
    return min((pauses[begin] for begin in begins[1:]), default=LONG_PAUSE_MS)
