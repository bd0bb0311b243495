"""Captions that follow the new speech: each is shown while its words are said, and long enough to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.cues import Cue

# Shorter than this nobody reads it; the silence after the line lends the time.
SHOWN_MS_MIN = 1200


def followed(cues: Sequence[Cue], spoken: Mapping[int, tuple[int, int]], film_ms: int) -> tuple[Cue, ...]:
    """Each cue at the time its line is spoken; one that is not spoken stays where it was. None overlaps the next."""
    moved = sorted((_moved(cue, spoken.get(cue.number)) for cue in cues), key=lambda cue: (cue.start_ms, cue.number))
    ends = [min(film_ms, cue.start_ms) for cue in moved[1:]] + [film_ms for _ in moved[-1:]]
    fitted = [_held(cue, end) for cue, end in zip(moved, ends, strict=True)]
    return tuple(cue for cue in fitted if cue.start_ms < cue.end_ms)


def _moved(cue: Cue, times: tuple[int, int] | None) -> Cue:
    return cue if times is None else replace(cue, start_ms=times[0], end_ms=max(times))


def _held(cue: Cue, until_ms: int) -> Cue:
    return replace(cue, end_ms=min(max(cue.end_ms, cue.start_ms + SHOWN_MS_MIN), until_ms))
