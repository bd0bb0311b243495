"""Chapters of a told story, from its captions: a new one where the story takes a breath, each named by its first line.

Nobody has written them, so they are few and plain: enough to find the place where one fell asleep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.cues import Cue
from shared.domain.frozen import frozen

BREATH_MS = 3_000
"""A pause of this length ends a chapter that is long enough to be one."""

LEAST_MS = 30_000
MOST_MS = 120_000
"""After this long the next line begins a chapter, pause or not."""

TITLE_CHARACTERS_MAX = 24


@frozen
class Chapter:
    start_ms: int
    end_ms: int
    title: str


def of(cues: Sequence[Cue]) -> list[Chapter]:
    """In order, from the film's beginning to the last line's end without a gap; none for a story of a single one."""
    found: list[Chapter] = []
    for cue in cues:
        if not found:
            found.append(Chapter(0, cue.end_ms, _title(cue.text)))
            continue
        length_ms, pause_ms = cue.start_ms - found[-1].start_ms, cue.start_ms - found[-1].end_ms
        if length_ms >= MOST_MS or (length_ms >= LEAST_MS and pause_ms >= BREATH_MS):
            found[-1] = replace(found[-1], end_ms=cue.start_ms)
            found.append(Chapter(cue.start_ms, cue.end_ms, _title(cue.text)))
        else:
            found[-1] = replace(found[-1], end_ms=cue.end_ms)
    return found if len(found) > 1 else []


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARACTERS_MAX else f"{line[: TITLE_CHARACTERS_MAX - 1]}…"
