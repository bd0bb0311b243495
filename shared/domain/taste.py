"""The taste: a story's beginning, made and shown before the rest of it is bought.

Apart, because it is one decision that script, quote and door must take alike: whether there is a taste, and how many
lines belong to it. It ends with a line, never within one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.domain.cues import Cue
from shared.domain.segments import GUARD_MS, HARSH_PAUSE_MS

WISHED = "taste"
"""What `quote` in `job.json` says of a story that shall be tasted first."""

LENGTH_MS = 15_000
LENGTH_MS_MIN, LENGTH_MS_MAX = 8_000, 20_000
FILM_MS_MIN = 30_000
"""Of a shorter film the taste would be most: it is quoted, and asked about, as a whole."""


def is_wanted(quote: str, film_ms: int) -> bool:
    """Whether a story is tasted first."""
    return quote == WISHED and film_ms >= FILM_MS_MIN


def lines(cues: Sequence[Cue]) -> int:
    """How many of the spoken cues belong to the taste: to the one that ends nearest to its usual length, before a pause
    if there is one; at least the first, however late it comes.
    """
    fitting = [place for place, cue in enumerate(cues) if LENGTH_MS_MIN <= cue.end_ms <= LENGTH_MS_MAX]
    if fitting:
        return 1 + min(fitting, key=lambda place: (_is_harsh(cues, place), abs(cues[place].end_ms - LENGTH_MS)))
    return max(1, sum(cue.end_ms <= LENGTH_MS_MAX for cue in cues))


def divided(runs: Sequence[tuple[list[Cue], int]], count: int) -> Iterator[tuple[list[Cue], int]]:
    """What is read in a row, and until when, parted after so many cues: nothing that is read together, or shown in one
    clip, belongs both to the taste and to the rest. Each line keeps the time that it has in the whole story.
    """
    left = count
    for cues, until_ms in runs:
        if 0 < left < len(cues):
            yield cues[:left], max(cues[left - 1].end_ms, cues[left].start_ms - GUARD_MS)
            yield cues[left:], until_ms
        else:
            yield cues, until_ms
        left -= len(cues)


def _is_harsh(cues: Sequence[Cue], place: int) -> bool:
    """Whether the next line follows so soon that a cut is heard."""
    return place + 1 < len(cues) and cues[place + 1].start_ms - cues[place].end_ms < HARSH_PAUSE_MS
