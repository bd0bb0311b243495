"""The script of a story: which cues are spoken, how long each may take, and how they fall into segments.

Written once by the step `script` and read by all that follow, so that they agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, field, replace
from typing import Any

from shared.domain import directions, fitting, taste
from shared.domain.cast import Casting, Run, cast, in_turns, runs, stretches
from shared.domain.cues import Cue, Repair, RepairKind, read_srt, repair, speakable
from shared.domain.directions import AS_USUAL, Direction, Directions
from shared.domain.errors import Corrupt, Refused
from shared.domain.frozen import frozen
from shared.domain.grouping import Group, Join, group
from shared.domain.readers import ORIGINAL, OWN
from shared.domain.segments import Segment, Slot, plan_segments, slots

# A line that takes this long tells enough of a voice's pace.
TELLING_MS = 1500


@frozen
class Line:
    """What is said in one go, and from when to when it may be said: one cue, or several of a sentence.

    `number` is the first cue's. A `rate` of 0 is whatever the slot needs; `say` is this line's own lexicon.
    """

    number: int
    text: str
    slot: Slot
    joins: tuple[Join, ...] = ()
    rate: float = 0.0
    say: tuple[tuple[str, str], ...] = ()


@frozen
class Draft:
    """What the captions say before it is known how this voice reads. `spoken` are the cues that will be read, the first
    `tasted` of them in the taste, and `told` says by whom and how.
    """

    language: str
    film_ms: int
    cues: tuple[Cue, ...]
    spoken: tuple[Cue, ...]
    repairs: tuple[Repair, ...] = ()
    own: tuple[tuple[int, int], ...] = ()
    tasted: int = 0
    told: Directions = field(default_factory=dict)

    @property
    def runs(self) -> list[Run]:
        """What one reader reads in a row, and until when: the film's end, the taste's, where its own voice is heard
        next, or another reader's.
        """
        by = {number: one.by for number, one in self.told.items()}
        whole = [(list(run.cues), run.until_ms) for run in runs(self.spoken, self.own, self.film_ms, by)]
        parted = taste.divided(whole, self.tasted)
        return [Run(by.get(cues[0].number, OWN), tuple(cues), until_ms) for cues, until_ms in parted]

    @property
    def readers(self) -> tuple[str, ...]:
        """Everybody who reads anything, in order of appearance."""
        return tuple(dict.fromkeys(run.reader for run in self.runs))


@frozen
class Heard:
    """A line that its reader read first, to learn the voice's pace. The reading is its take `take`, unless the
    line is read with others after all; in an edition, where it is an earlier one's, `number` is 0.
    """

    number: int
    text: str
    rate: float
    speech_ms: int
    doubts: tuple[str, ...] = ()
    reader: str = OWN
    take: int = 1  # of releases that did not tell it from the line's other readings


@frozen
class ScriptSegment:
    item: str
    start_ms: int
    end_ms: int
    lines: tuple[Line, ...]
    reader: str = OWN


@frozen
class Script:
    """`own` are the stretches, in ms, where the film's own voice stays; `taste` the items of the taste; `told` says of
    captions by whom and how they are told. Nobody was `heard` by a release that did not learn.
    """

    language: str
    film_ms: int
    cues: tuple[Cue, ...]
    segments: tuple[ScriptSegment, ...]
    repairs: tuple[Repair, ...] = ()
    heard: tuple[Heard, ...] = ()
    own: tuple[tuple[int, int], ...] = ()
    taste: tuple[str, ...] = ()
    told: Directions = field(default_factory=dict)

    @property
    def taste_ms(self) -> int:
        """Until when the taste goes: to the end of the time that its last line may take."""
        return max((self.segment(item).end_ms for item in self.taste), default=0)

    def segment(self, item: str) -> ScriptSegment:
        for segment in self.segments:
            if segment.item == item:
                return segment
        raise Corrupt("internal", f"the script has no segment {item}")


def read(
    srt: bytes,
    *,
    language: str,
    film_ms: int,
    who: Casting = Casting(),  # noqa: B008  immutable
    told: Mapping[int, Direction] | None = None,
    is_tasted: bool = False,
) -> Draft:
    """The draft of a captions file. Refused when nothing in it is spoken within the film.

    `who` says who reads what, besides the captions' own tags. `told` are the directions of the edition before, by the
    time at which a caption begins; they take the place of the cast's numbers and turns.
    """
    reading = read_srt(srt, says_again=told is not None)
    directed = {cue.number: (told or {}).get(cue.start_ms, AS_USUAL) for cue in reading.cues}
    if told is not None:
        who = replace(who, numbers={number: one.by for number, one in directed.items()}, turns=())
    parts = cast((cue for cue in reading.cues if cue.start_ms < film_ms), who)
    within = parts.cues
    if not within:
        raise Refused("captions.outside" if reading.cues else "captions.none")
    spoken = tuple(
        Cue(cue.number, cue.start_ms, min(cue.end_ms, film_ms), text)
        for cue in within
        if parts.parts.get(cue.number) != ORIGINAL and (text := speakable(cue.text, language))
    )
    if not spoken:
        raise Refused("captions.none")
    by = {**parts.parts, **in_turns(spoken, parts.parts, who.turns)}
    own = stretches(within, {number for number, part in by.items() if part == ORIGINAL})
    directed = {number: replace(directed[number], by=part) for number, part in by.items()}
    kept = {number: one for number, one in directed.items() if one != AS_USUAL}
    tasted = taste.lines(spoken) if is_tasted else 0
    outside = tuple(repair(RepairKind.OUTSIDE, cue.number) for cue in reading.cues if cue.start_ms >= film_ms)
    return Draft(language, film_ms, within, spoken, (*reading.repairs, *outside), own, tasted, kept)


def first_lines(draft: Draft) -> tuple[tuple[str, Line], ...]:
    """For each reader the line to be read before all others: the first that is long enough to tell the voice's pace,
    else the longest.

    It is a line of the story like any other, so that what it costs is not lost; of one that is tasted, of the taste.
    """
    found, tasted = [], {cue.number for cue in draft.spoken[: draft.tasted]}
    for reader in draft.readers:
        room = [
            (cue, slot)
            for run in draft.runs
            if run.reader == reader
            for cue, slot in zip(run.cues, slots(run.cues, run.until_ms), strict=True)
        ]
        room = [(cue, slot) for cue, slot in room if cue.number in tasted] or room
        lengths = [fitting.predict_ms(cue.text, draft.language) for cue, _ in room]
        telling = [place for place, length_ms in enumerate(lengths) if length_ms >= TELLING_MS]
        cue, slot = room[telling[0] if telling else lengths.index(max(lengths))]
        found.append((reader, _line(cue, slot, draft.told)))
    return tuple(found)


def write(srt: bytes, *, language: str, film_ms: int, limit_ms: int) -> Script:
    """The script of a captions file for a voice of which nothing is known; refused as `read` refuses."""
    return plan(read(srt, language=language, film_ms=film_ms), limit_ms=limit_ms)


def plan(draft: Draft, *, limit_ms: int, heard: Sequence[Heard] = (), pause_ms: int | None = None) -> Script:
    """The script of a draft, for voices of which one line each was heard; segments end at pauses of `pause_ms` or more.
    A segment is one reader's.
    """
    segments: list[ScriptSegment] = []
    apart = frozenset(number for number, one in draft.told.items() if one.rate or one.say)
    for run in draft.runs:
        pace = fitting.learned(paces(heard_of(heard, run.reader), draft.language))
        for one in _planned(run, draft, limit_ms, pace, pause_ms, apart):
            begin_ms = max(one.start_ms, segments[-1].end_ms) if segments else one.start_ms
            item = f"{len(segments) + 1:04}"
            segments.append(replace(one, item=item, start_ms=begin_ms, reader=run.reader))
    tasted = {cue.number for cue in draft.spoken[: draft.tasted]}
    return Script(
        draft.language,
        draft.film_ms,
        draft.cues,
        tuple(segments),
        draft.repairs,
        tuple(heard),
        draft.own,
        tuple(segment.item for segment in segments if segment.lines[0].number in tasted),
        draft.told,
    )


def _planned(
    run: Run, draft: Draft, limit_ms: int, pace: float, pause_ms: int | None, apart: frozenset[int]
) -> list[ScriptSegment]:
    language, until_ms = draft.language, run.until_ms
    groups = group(run.cues, language=language, film_ms=until_ms, limit_ms=limit_ms, pace=pace, apart=apart)
    cues = [one.cue for one in groups]
    lines = [_line(cue, slot, draft.told) for cue, slot in zip(cues, slots(cues, until_ms), strict=True)]
    spoken_ms = [
        round(fitting.predict_ms(line.text, language) * pace / rate_of(line, language, pace)) for line in lines
    ]
    planned = plan_segments(cues, limit_ms=limit_ms, film_ms=until_ms, pause_ms=pause_ms, spoken_ms=spoken_ms)
    joins = {one.cue.number: one for one in groups}
    return [_segment(one, joins, draft.told) for one in planned]


def rate_of(line: Line, language: str, pace: float) -> float:
    """At which rate a line is read first: the one that a person asked for, else the one that its slot needs."""
    return line.rate or fitting.choose_rate(line.text, line.slot, language, pace)


def heard_of(heard: Sequence[Heard], reader: str) -> Heard | None:
    """The line of a reader that was read first."""
    return next((one for one in heard if one.reader == reader), None)


def paces(heard: Heard | None, language: str) -> list[tuple[int, int]]:
    """What the first line told of the voice's pace, for `fitting.learned`."""
    if heard is None or heard.doubts:
        return []
    return [(fitting.predict_ms(heard.text, language), round(heard.speech_ms * heard.rate))]


def _line(cue: Cue, slot: Slot, told: Directions, joins: tuple[Join, ...] = ()) -> Line:
    one = told.get(cue.number, AS_USUAL)
    return Line(cue.number, cue.text, slot, joins, one.rate, tuple(sorted(one.say.items())))


def _segment(planned: Segment, groups: Mapping[int, Group], told: Directions) -> ScriptSegment:
    lines = tuple(
        _line(cue, slot, told, groups[cue.number].joins) for cue, slot in zip(planned.cues, planned.slots, strict=True)
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
                **({"reader": segment.reader} if segment.reader else {}),
            }
            for segment in script.segments
        ],
        "repairs": [[one.kind.value, one.number, one.words] for one in script.repairs],
        "heard": [list(astuple(one)) for one in script.heard],
        "own": script.own,
        "taste": script.taste,
        "told": directions.as_json(script.told),
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def load(data: bytes) -> Script:
    """What `dump` wrote, also before lines were joined, a first one was heard, the film's own voice could stay, a story
    could be tasted, or there were several readers.
    """
    body = json.loads(data)
    told = directions.from_json(body.get("told", {}))
    heard = body.get("heard") or []
    heard = heard if not heard or isinstance(heard[0], list) else [heard]
    return Script(
        language=body["language"],
        film_ms=body["film_ms"],
        cues=tuple(Cue(*cue) for cue in body["cues"]),
        segments=tuple(
            ScriptSegment(
                segment["item"],
                segment["start_ms"],
                segment["end_ms"],
                _lines(segment, told),
                segment.get("reader", OWN),
            )
            for segment in body["segments"]
        ),
        repairs=tuple(Repair(RepairKind(kind), number, words) for kind, number, words in body["repairs"]),
        heard=tuple(_heard(*one) for one in heard),
        own=tuple((start_ms, end_ms) for start_ms, end_ms in body.get("own", ())),
        taste=tuple(body.get("taste", ())),
        told=told,
    )


def _heard(number: int, text: str, rate: float, speech_ms: int, doubts: Sequence[str], *more: Any) -> Heard:
    return Heard(number, text, rate, speech_ms, tuple(doubts), *more)


def _lines(segment: Mapping[str, Any], told: Directions) -> tuple[Line, ...]:
    joins: Mapping[str, Sequence[Any]] = segment.get("joins", {})
    return tuple(
        _line(Cue(number, 0, 0, text), Slot(*slot), told, tuple(Join(*join) for join in joins.get(str(number), ())))
        for number, text, *slot in segment["lines"]
    )
