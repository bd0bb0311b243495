"""Cues of one sentence read in one go, where one alone would have to be hurried.

What the short cue beside it has to spare then helps the long one. The reading begins with its first cue; the others'
words are placed at their own times again, as far as the pauses in the reading allow (`tempo.split`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.domain import fitting
from shared.domain.cues import Cue
from shared.domain.frozen import frozen
from shared.domain.segments import Slot, slots

# Faster than this a line is worth joining to its neighbour; joining must make it slower by STEP at least.
COMFORT = 1.2
STEP = 0.05
CUES_MAX = 3
# Cues further apart are not one breath.
PAUSE_MS_MAX = 800

_STOPS = ".。!！?？…—"
_CLOSING = "\"'”’」』）)》】]"


@frozen
class Join:
    """A cue that is read together with those before it; its words begin at `share` of the reading."""

    number: int
    text: str
    start_ms: int
    share: float


@frozen
class Group:
    """What is read in one go: as one cue, and which cues have been joined to the first."""

    cue: Cue
    joins: tuple[Join, ...] = ()


def group(
    cues: Sequence[Cue], *, language: str, film_ms: int, limit_ms: int, pace: float, apart: Iterable[int] = ()
) -> tuple[Group, ...]:
    """Every cue, alone or joined, in order. Cues whose numbers are in `apart` stay alone. Linear in their number."""
    alone = frozenset(apart)
    room = slots(cues, film_ms)
    found: list[list[int]] = []
    for place, cue in enumerate(cues):
        members = found[-1] if found else []
        may = bool(members) and cue.number not in alone and cues[members[-1]].number not in alone
        if may and _is_better([*members, place], cues, room, language, pace, limit_ms):
            members.append(place)
        else:
            found.append([place])
    return tuple(_joined([cues[place] for place in members], language) for members in found)


def _is_better(
    members: Sequence[int], cues: Sequence[Cue], room: Sequence[Slot], language: str, pace: float, limit_ms: int
) -> bool:
    """Whether the last of the members should be read with those before it."""
    *before, last = members
    pause_ms = cues[last].start_ms - cues[before[-1]].end_ms
    whole = Slot(room[before[0]].start_ms, room[last].end_ms, room[last].start_ms + room[last].cue_ms)
    if len(members) > CUES_MAX or pause_ms > PAUSE_MS_MAX or whole.room_ms > limit_ms // 2:
        return False
    if cues[before[-1]].text.rstrip(_CLOSING)[-1:] in _STOPS:
        return False
    first = _text([cues[place] for place in before], language)
    first_slot = Slot(whole.start_ms, room[before[-1]].end_ms)
    hurried = max(
        fitting.needed_rate(first, first_slot, language, pace),
        fitting.needed_rate(cues[last].text, room[last], language, pace),
    )
    together = fitting.needed_rate(_text([cues[place] for place in members], language), whole, language, pace)
    return hurried > COMFORT and together <= hurried - STEP


def _joined(members: Sequence[Cue], language: str) -> Group:
    first, last = members[0], members[-1]
    if len(members) == 1:
        return Group(first)
    text = _text(members, language)
    whole_ms = max(1, fitting.predict_ms(text, language))
    joins = tuple(
        Join(
            cue.number,
            cue.text,
            cue.start_ms,
            fitting.predict_ms(_text(members[:place], language), language) / whole_ms,
        )
        for place, cue in enumerate(members)
        if place
    )
    return Group(Cue(first.number, first.start_ms, last.end_ms, text), joins)


def _text(members: Sequence[Cue], language: str) -> str:
    """As `speakable` joins lines: Chinese captions often leave out the comma where they break."""
    joined = ""
    for cue in members:
        pause = "，" if language == "zh" and joined[-1:].isalnum() else " "
        joined = f"{joined}{pause}{cue.text}" if joined else cue.text
    return joined
