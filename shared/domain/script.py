"""The script of a story: which cues are spoken, how long each may take, and how they fall into segments.

Written once by the step `script` and read by all that follow, so that they agree.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

from shared.domain import fitting, taste
from shared.domain.cast import cast, runs, stretches
from shared.domain.cues import Cue, Repair, RepairKind, read_srt, speakable
from shared.domain.errors import Corrupt, Refused
from shared.domain.frozen import frozen
from shared.domain.grouping import Group, Join, group
from shared.domain.segments import Segment, Slot, plan_segments, slots

# A line that takes this long tells enough of a voice's pace.
TELLING_MS = 1500


@frozen
class Line:
    """What is said in one go, and from when to when it may be said: one cue, or several of a sentence.

    `number` is the first cue's.
    """

    number: int
    text: str
    slot: Slot
    joins: tuple[Join, ...] = ()


@frozen
class Draft:
    """What the captions say before it is known how this voice reads. `spoken` are the cues that will be read, the first
    `tasted` of them in the taste.
    """

    language: str
    film_ms: int
    cues: tuple[Cue, ...]
    spoken: tuple[Cue, ...]
    repairs: tuple[Repair, ...] = ()
    own: tuple[tuple[int, int], ...] = ()
    tasted: int = 0

    @property
    def runs(self) -> list[tuple[list[Cue], int]]:
        """What is read in a row, and until when: the film's end, the taste's, or where its own voice is heard next."""
        return list(taste.divided(runs(self.spoken, self.own, self.film_ms), self.tasted))


@frozen
class Heard:
    """The one line that was read first, to learn the voice's pace: its first take."""

    number: int
    text: str
    rate: float
    speech_ms: int
    doubts: tuple[str, ...] = ()


@frozen
class ScriptSegment:
    item: str
    start_ms: int
    end_ms: int
    lines: tuple[Line, ...]


@frozen
class Script:
    """`own` are the stretches, in ms, where the film's own voice stays; `taste` the items of the taste."""

    language: str
    film_ms: int
    cues: tuple[Cue, ...]
    segments: tuple[ScriptSegment, ...]
    repairs: tuple[Repair, ...] = ()
    heard: Heard | None = None
    own: tuple[tuple[int, int], ...] = ()
    taste: tuple[str, ...] = ()

    @property
    def taste_ms(self) -> int:
        """Until when the taste goes: to the end of the time that its last line may take."""
        return max((self.segment(item).end_ms for item in self.taste), default=0)

    def segment(self, item: str) -> ScriptSegment:
        for segment in self.segments:
            if segment.item == item:
                return segment
        raise Corrupt("internal", f"the script has no segment {item}")


def read(srt: bytes, *, language: str, film_ms: int, originals: Collection[int] = (), is_tasted: bool = False) -> Draft:
    """The draft of a captions file. Refused when nothing in it is spoken within the film.

    `originals` are numbers of captions that keep the film's own voice, besides those that are tagged.
    """
    reading = read_srt(srt)
    parts = cast((cue for cue in reading.cues if cue.start_ms < film_ms), originals)
    within = parts.cues
    if not within:
        raise Refused("captions.outside" if reading.cues else "captions.none")
    spoken = tuple(
        Cue(cue.number, cue.start_ms, min(cue.end_ms, film_ms), text)
        for cue in within
        if cue.number not in parts.originals and (text := speakable(cue.text, language))
    )
    if not spoken:
        raise Refused("captions.none")
    own = stretches(within, parts.originals)
    return Draft(language, film_ms, within, spoken, reading.repairs, own, taste.lines(spoken) if is_tasted else 0)


def first_line(draft: Draft) -> Line:
    """The line to be read before all others: the first that is long enough to tell the voice's pace, else the longest.

    It is a line of the story like any other, so that what it costs is not lost; of one that is tasted, of the taste.
    """
    lengths = [fitting.predict_ms(cue.text, draft.language) for cue in draft.spoken[: draft.tasted or None]]
    telling = [place for place, length_ms in enumerate(lengths) if length_ms >= TELLING_MS]
    place = telling[0] if telling else lengths.index(max(lengths))
    cue = draft.spoken[place]
    room = [slot for cues, until_ms in draft.runs for slot in slots(cues, until_ms)]
    return Line(cue.number, cue.text, room[place])


def write(srt: bytes, *, language: str, film_ms: int, limit_ms: int) -> Script:
    """The script of a captions file for a voice of which nothing is known; refused as `read` refuses."""
    return plan(read(srt, language=language, film_ms=film_ms), limit_ms=limit_ms)


def plan(draft: Draft, *, limit_ms: int, heard: Heard | None = None, pause_ms: int | None = None) -> Script:
    """The script of a draft, for a voice of which one line was heard; segments end at pauses of `pause_ms` or more."""
    pace = fitting.learned(paces(heard, draft.language))
    segments: list[ScriptSegment] = []
    for cues, until_ms in draft.runs:
        planned = _planned(cues, draft.language, until_ms, limit_ms, pace, pause_ms)
        segments += [replace(one, item=f"{len(segments) + place:04}") for place, one in enumerate(planned, 1)]
    tasted = {cue.number for cue in draft.spoken[: draft.tasted]}
    items = tuple(segment.item for segment in segments if segment.lines[0].number in tasted)
    return Script(draft.language, draft.film_ms, draft.cues, tuple(segments), draft.repairs, heard, draft.own, items)


def _planned(
    run: Sequence[Cue], language: str, film_ms: int, limit_ms: int, pace: float, pause_ms: int | None
) -> list[ScriptSegment]:
    groups = group(run, language=language, film_ms=film_ms, limit_ms=limit_ms, pace=pace)
    cues = [one.cue for one in groups]
    spoken_ms = [
        round(fitting.predict_ms(cue.text, language) * pace / fitting.choose_rate(cue.text, slot, language, pace))
        for cue, slot in zip(cues, slots(cues, film_ms), strict=True)
    ]
    planned = plan_segments(cues, limit_ms=limit_ms, film_ms=film_ms, pause_ms=pause_ms, spoken_ms=spoken_ms)
    joins = {one.cue.number: one for one in groups}
    return [_segment(one, joins) for one in planned]


def paces(heard: Heard | None, language: str) -> list[tuple[int, int]]:
    """What the first line told of the voice's pace, for `fitting.learned`."""
    if heard is None or heard.doubts:
        return []
    return [(fitting.predict_ms(heard.text, language), round(heard.speech_ms * heard.rate))]


def _segment(planned: Segment, groups: Mapping[int, Group]) -> ScriptSegment:
    lines = tuple(
        Line(cue.number, cue.text, slot, groups[cue.number].joins)
        for cue, slot in zip(planned.cues, planned.slots, strict=True)
    )
    return ScriptSegment(planned.item, planned.start_ms, planned.end_ms, lines)


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
                "joins": {str(line.number): list(map(astuple, line.joins)) for line in segment.lines if line.joins},
            }
            for segment in script.segments
        ],
        "repairs": [[repair.kind.value, repair.number, repair.words] for repair in script.repairs],
        "heard": astuple(script.heard) if script.heard else None,
        "own": script.own,
        "taste": script.taste,
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def load(data: bytes) -> Script:
    """What `dump` wrote, also before lines were joined, a first one was heard, the film's own voice could stay, or a
    story could be tasted.
    """
    body = json.loads(data)
    heard = body.get("heard")
    return Script(
        language=body["language"],
        film_ms=body["film_ms"],
        cues=tuple(Cue(*cue) for cue in body["cues"]),
        segments=tuple(
            ScriptSegment(segment["item"], segment["start_ms"], segment["end_ms"], _lines(segment))
            for segment in body["segments"]
        ),
        repairs=tuple(Repair(RepairKind(kind), number, words) for kind, number, words in body["repairs"]),
        heard=_heard(*heard) if heard else None,
        own=tuple((start_ms, end_ms) for start_ms, end_ms in body.get("own", ())),
        taste=tuple(body.get("taste", ())),
    )


def _heard(number: int, text: str, rate: float, speech_ms: int, doubts: Sequence[str]) -> Heard:
    return Heard(number, text, rate, speech_ms, tuple(doubts))


def _lines(segment: Mapping[str, Any]) -> tuple[Line, ...]:
    joins: Mapping[str, Sequence[Any]] = segment.get("joins", {})
    return tuple(
        Line(number, text, Slot(*slot), tuple(Join(*join) for join in joins.get(str(number), ())))
        for number, text, *slot in segment["lines"]
    )
