"""The script of a story: which cues are spoken, how long each may take, and how they fall into segments.

Written once by the step `script` and read by all that follow, so that they agree.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from shared.domain.cues import Cue, Repair, RepairKind, read_srt, speakable
from shared.domain.errors import Corrupt, Refused
from shared.domain.segments import Slot, plan_segments


@dataclass(frozen=True)
class Line:
    """One spoken cue: what is said, and from when to when it may be said."""

    number: int
    text: str
    slot: Slot


@dataclass(frozen=True)
class ScriptSegment:
    item: str
    start_ms: int
    end_ms: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Script:
    language: str
    film_ms: int
    cues: tuple[Cue, ...]
    segments: tuple[ScriptSegment, ...]
    repairs: tuple[Repair, ...] = ()

    def segment(self, item: str) -> ScriptSegment:
        for segment in self.segments:
            if segment.item == item:
                return segment
        raise Corrupt("internal", f"the script has no segment {item}")


def write(srt: bytes, *, language: str, film_ms: int, limit_ms: int) -> Script:
    """The script of a captions file. Refused when nothing in it is spoken within the film."""
    reading = read_srt(srt)
    within = tuple(cue for cue in reading.cues if cue.start_ms < film_ms)
    if not within:
        raise Refused("captions.outside" if reading.cues else "captions.none")
    spoken = tuple(
        Cue(cue.number, cue.start_ms, min(cue.end_ms, film_ms), text)
        for cue in within
        if (text := speakable(cue.text, language))
    )
    if not spoken:
        raise Refused("captions.none")
    segments = tuple(
        ScriptSegment(
            planned.item,
            planned.start_ms,
            planned.end_ms,
            tuple(Line(cue.number, cue.text, slot) for cue, slot in zip(planned.cues, planned.slots, strict=True)),
        )
        for planned in plan_segments(spoken, limit_ms=limit_ms, film_ms=film_ms)
    )
    return Script(language, film_ms, within, segments, reading.repairs)


def dump(script: Script) -> bytes:
    body = {
        "language": script.language,
        "film_ms": script.film_ms,
        "cues": [[cue.number, cue.start_ms, cue.end_ms, cue.text] for cue in script.cues],
        "segments": [
            {
                "item": segment.item,
                "start_ms": segment.start_ms,
                "end_ms": segment.end_ms,
                "lines": [[line.number, line.text, *astuple(line.slot)] for line in segment.lines],
            }
            for segment in script.segments
        ],
        "repairs": [[repair.kind.value, repair.number, repair.words] for repair in script.repairs],
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def load(data: bytes) -> Script:
    """What `dump` wrote."""
    body = json.loads(data)
    return Script(
        language=body["language"],
        film_ms=body["film_ms"],
        cues=tuple(Cue(*cue) for cue in body["cues"]),
        segments=tuple(
            ScriptSegment(
                segment["item"],
                segment["start_ms"],
                segment["end_ms"],
                tuple(Line(number, text, Slot(*slot)) for number, text, *slot in segment["lines"]),
            )
            for segment in body["segments"]
        ),
        repairs=tuple(Repair(RepairKind(kind), number, words) for kind, number, words in body["repairs"]),
    )
