"""The sound under the voice: how loud it is where, so that every word is heard and the pauses are not empty.

Apart, because it is arithmetic on loudness and time. Loudness is that of ITU-R BS.1770 in LUFS (`loudness`). The
vendor's clips have one gain each and fades from and to silence; so the music lies there twice, softly throughout and
once more in the pauses, faded in and out: being the same samples they add up, and the sum swells and sinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.domain.frozen import frozen

# The whole film, as broadcasters and platforms have it; the voice carries it.
FILM_LUFS = -16.0
# A voice in both channels is 3 dB louder than in one.
SPEECH_LUFS = FILM_LUFS - 3.0
UNDER_LUFS = -32.0
BETWEEN_LUFS = -22.0
# Softer than this nobody misses it; what is left after the voice was taken out of a film without music is noise.
NOTHING_LUFS = -50.0
# What could not be measured is taken for music as it is usually delivered.
UNKNOWN_LUFS = -16.0
GAIN_MIN = 0.01

SWELL_MS = 400
# In a shorter pause swelling would be heard as pumping.
PAUSE_MS_MIN = 1600
END_FADE_MS = 2000


@frozen
class Gains:
    """Under the voice, and what is added to it in the pauses."""

    under: float
    added: float


@frozen
class BedPart:
    """A stretch of the film and where in the music its sound begins."""

    start_ms: int
    end_ms: int
    in_ms: int
    gain: float
    fade_in_ms: int = 0
    fade_out_ms: int = 0


def gains(lufs: float | None) -> Gains:
    """For music that is so loud; never louder than it was."""
    measured = UNKNOWN_LUFS if lufs is None else lufs
    under, between = (_factor(level - measured) for level in (UNDER_LUFS, BETWEEN_LUFS))
    return Gains(round(under, 3), round(between - under, 3))


def pauses(spoken: Iterable[tuple[int, int]], film_ms: int, from_ms: int) -> list[tuple[int, int]]:
    """Where nobody speaks for long enough, after `from_ms`."""
    found: list[tuple[int, int]] = []
    free_ms = from_ms
    within = [(start, end) for start, end in sorted(spoken) if start < film_ms]
    for start_ms, end_ms in [*within, (film_ms, film_ms)]:
        if start_ms - free_ms >= PAUSE_MS_MIN:
            found.append((free_ms, start_ms))
        free_ms = max(free_ms, end_ms)
    return found


def lay(
    film_ms: int, length_ms: int, at: Gains, lifted: Sequence[tuple[int, int]]
) -> tuple[list[BedPart], list[BedPart]]:
    """The two tracks; music that is shorter than the film begins again. The end fades."""
    below = _repeated(0, film_ms, length_ms, at.under)
    above = [part for start, end in lifted for part in _swelling(_repeated(start, end, length_ms, at.added))]
    return [_ending(part, film_ms) for part in below], above if at.added >= GAIN_MIN else []


def without(parts: Sequence[BedPart], spans: Sequence[tuple[int, int]]) -> list[BedPart]:
    """The parts but for these stretches of the film; each piece that is left goes on where it would be."""
    left = list(parts)
    for start_ms, end_ms in spans:
        left = [piece for part in left for piece in _around(part, start_ms, end_ms)]
    return left


def _around(part: BedPart, start_ms: int, end_ms: int) -> list[BedPart]:
    if end_ms <= part.start_ms or start_ms >= part.end_ms:
        return [part]
    before = replace(part, end_ms=start_ms, fade_out_ms=0)
    after = replace(part, start_ms=end_ms, in_ms=part.in_ms + end_ms - part.start_ms, fade_in_ms=0)
    return [piece for piece in (before, after) if piece.start_ms < piece.end_ms]


def _factor(decibels: float) -> float:
    return min(1.0, math.pow(10, decibels / 20))


def _repeated(start_ms: int, end_ms: int, length_ms: int, gain: float) -> list[BedPart]:
    turns = range(start_ms // length_ms, -(-end_ms // length_ms))
    spans = [(max(start_ms, turn * length_ms), min(end_ms, (turn + 1) * length_ms), turn) for turn in turns]
    return [BedPart(start, end, start - turn * length_ms, gain) for start, end, turn in spans]


def _swelling(parts: Sequence[BedPart]) -> list[BedPart]:
    """The first part fades in and the last one out."""
    last = len(parts) - 1
    return [
        BedPart(
            part.start_ms,
            part.end_ms,
            part.in_ms,
            part.gain,
            min(SWELL_MS, (part.end_ms - part.start_ms) // 2) if place == 0 else 0,
            min(SWELL_MS, (part.end_ms - part.start_ms) // 2) if place == last else 0,
        )
        for place, part in enumerate(parts)
    ]


def _ending(part: BedPart, film_ms: int) -> BedPart:
    fade_ms = min(END_FADE_MS, part.end_ms - part.start_ms) if part.end_ms == film_ms else 0
    return BedPart(part.start_ms, part.end_ms, part.in_ms, part.gain, 0, fade_ms)
