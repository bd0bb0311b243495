"""The speech of a segment: its lines' readings joined at their times, at one loudness throughout the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.domain import fitting, loudness, mix, wave
from shared.domain.fitting import Placement
from shared.domain.frozen import frozen
from shared.domain.hearing import Doubt
from shared.domain.script import Line, Script, ScriptSegment
from shared.domain.segments import TAIL_MS
from shared.engine.turn import Turn
from shared.steps import speaking
from shared.steps.speaking import Reading


@frozen
class Told:
    """A segment as it is spoken: each line with its reading and where that lies, the whole as WAV, and its end. What
    the film's end cuts off is not in it: it would be animated, and paid for, and nobody would hear it.
    """

    lines: tuple[tuple[Line, Reading, Placement], ...]
    speech: bytes
    end_ms: int

    @property
    def takes(self) -> list[int]:
        """Which reading of each line it is made of."""
        return [reading.take.number for _, reading, _ in self.lines]


def tell(turn: Turn, whole: Script, segment: ScriptSegment, misheard: Mapping[int, frozenset[int]]) -> Told:
    """The segment, spoken; of each line without the takes that were misheard, as far as there are others."""
    readings = speaking.speak(turn, whole, segment, misheard)
    measured = [(line.slot, reading.speech_ms) for line, reading in zip(segment.lines, readings, strict=True)]
    placed = fitting.place(measured, until_ms=whole.film_ms, from_ms=segment.start_ms)
    told = tuple(
        (line, _doubted(reading, place, whole.film_ms), place)
        for line, reading, place in zip(segment.lines, readings, placed, strict=True)
    )
    pieces = [
        # words begin that much after the sound that is kept before them
        (max(0, start_ms - segment.start_ms - wave.KEPT_BEFORE_MS), part)
        for line, reading, place in told
        for start_ms, part in zip(speaking.starts_of(line, reading, place), reading.parts, strict=True)
    ]
    last_ms = segment.start_ms + max(at_ms + wave.duration_ms(part, speaking.RATE_HZ) for at_ms, part in pieces)
    end_ms = min(max(last_ms, min(last_ms + TAIL_MS, segment.end_ms)), whole.film_ms)
    sound = wave.read(wave.assemble(pieces, end_ms - segment.start_ms, speaking.RATE_HZ))
    pcm = loudness.levelled(sound.pcm, sound.rate, mix.SPEECH_LUFS)
    heard = pcm[: 2 * (sound.rate * (end_ms - segment.start_ms) // 1000)]
    return Told(told, wave.write(heard, sound.rate), end_ms)


def _doubted(reading: Reading, place: Placement, film_ms: int) -> Reading:
    is_heard = fitting.is_heard(place.end_ms, film_ms)
    return reading if is_heard else replace(reading, doubts=(*reading.doubts, Doubt.UNHEARD))
