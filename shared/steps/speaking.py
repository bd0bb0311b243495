"""Lines spoken so that they fit their slots: predicted, spoken, listened to, and spoken again if that can mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain import fitting, hearing, keys, lexicon, prices, tempo, wave
from shared.domain.errors import Corrupt, Retry, Unknown
from shared.domain.frozen import frozen
from shared.domain.hearing import Doubt
from shared.domain.script import Heard, Line, Script, ScriptSegment, heard_of, paces, rate_of
from shared.engine.effects import Answer, Effect, Finished, NotSent
from shared.engine.turn import Turn
from shared.ports import Bucket, Kind, Place

RATE_HZ = 24_000
TAKES_MAX = 3
FIRST_TAKE = 0  # what is read before it is known whether the line is read alone; its sound is nobody else's
CUE = "cue-"


@frozen
class Take:
    """One reading: its length without the silence around it, and what is doubtful about it."""

    number: int
    rate: float
    speech_ms: int
    doubts: tuple[Doubt, ...] = ()


@frozen
class Reading:
    """A line's best take, fitted. `pcm` is mono, 16 bit, at RATE_HZ, in as many parts as cues could be told apart.

    `squeeze` is by how much the finished sound was made shorter, `added_ms` by how much its pauses were lengthened.
    """

    parts: tuple[bytes, ...]
    take: Take
    takes: int
    squeeze: float = 1.0
    added_ms: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def speech_ms(self) -> int:
        return sum(wave.duration_ms(part, RATE_HZ) for part in self.parts)


def voice_of(turn: Turn, reader: str) -> Mapping[str, Any]:
    """The voice that reads, and its model."""
    found = turn.result("clone")
    return dict(found["readers"][reader]) if reader else found


def first_take(turn: Turn, line: Line, reader: str) -> Heard:
    """Have a line read before it is known how this voice reads. The script remembers it, so it is not read twice."""
    rate = rate_of(line, turn.job.options.language, 1.0)
    take = _take(turn, line, rate, FIRST_TAKE, 1.0, reader)
    doubts = tuple(doubt.value for doubt in take.doubts)
    return Heard(line.number, line.text, rate, take.speech_ms, doubts, reader, FIRST_TAKE)


def speak(turn: Turn, whole: Script, segment: ScriptSegment, misheard: Mapping[int, frozenset[int]]) -> list[Reading]:
    """The lines of a segment, each read at the pace that the readings before it have taught.

    Only readings whose rows are final count, in the order of the lines: whoever does this again comes to the same. A
    script of a release that did not learn is spoken without learning: the rates in its ledger stand. Takes that were
    misheard, by line, are passed over; the pace is learned from the readings before that, for the rates depend on it.
    """
    language, first = whole.language, heard_of(whole.heard, segment.reader)
    heard = paces(first, language)
    readings: list[Reading] = []
    for line in segment.lines:
        pace = fitting.learned(heard)
        takes = _takes(turn, first, line, pace, segment.reader)
        fit = min(takes, key=lambda take: _badness(take, line))
        readings.append(_read(turn, line, takes, misheard.get(line.number, frozenset()), pace, segment.reader))
        if first is not None and not fit.doubts and not line.rate:
            natural_ms = round(fit.speech_ms * fit.rate)
            heard.append((fitting.predict_ms(line.text, language), natural_ms))
    return readings


def _takes(turn: Turn, heard: Heard | None, line: Line, pace: float, reader: str) -> list[Take]:
    """Readings of a line until one of them will do."""
    takes: list[Take] = []
    rate = rate_of(line, turn.job.options.language, pace)
    if heard is not None and is_first(heard, line):
        takes.append(Take(heard.take, heard.rate, heard.speech_ms, tuple(map(Doubt, heard.doubts))))
    while len(takes) < TAKES_MAX:
        if takes:
            better = _better_rate(takes, line, rate)
            if better is None:
                break
            rate = better
        takes.append(_take(turn, line, rate, _next(takes), pace, reader))
    return takes


def _read(turn: Turn, line: Line, takes: Sequence[Take], misheard: frozenset[int], pace: float, reader: str) -> Reading:
    """The line's best take, fitted to its slot as far as that goes without cutting words. Where each was misheard there
    is another, while there may be.
    """

    def best() -> Take:
        return min(known, key=lambda take: (take.number in misheard, *_badness(take, line)))

    known = [*takes]
    while best().number in misheard and len(known) < TAKES_MAX:
        known.append(_take(turn, line, best().rate, _next(known), pace, reader))
    if Doubt.SILENT in best().doubts:
        raise Corrupt("vendor.contract", f"line {line.number} stayed silent {len(known)} times")
    reading = _fitted(turn, line, best(), len(known), reader)
    return replace(reading, doubts=(*reading.doubts, Doubt.MISHEARD)) if best().number in misheard else reading


def _next(takes: Sequence[Take]) -> int:
    return takes[-1].number + 1 if takes else FIRST_TAKE + 1


def is_first(heard: Heard, line: Line) -> bool:
    """Whether it is the line that was read first, told as it was then."""
    same = (heard.number, heard.text) == (line.number, line.text)
    return same and not line.say and line.rate in {0.0, heard.rate}


def _better_rate(takes: Sequence[Take], line: Line, rate: float) -> float | None:
    """At which rate to try again, if at all: a stumble at the same one, a misfit once at a better one."""
    last = takes[-1]
    if last.doubts:
        return rate
    whole = [take for take in takes if not take.doubts]
    if line.rate:
        return None  # a person asked for this one
    return fitting.retake(last.speech_ms, last.rate, line.slot) if len(whole) == 1 else None


def _badness(take: Take, line: Line) -> tuple[object, ...]:
    over_ms = max(0, take.speech_ms - line.slot.room_ms - fitting.TOLERANCE_MS)
    return (Doubt.SILENT in take.doubts, len(take.doubts), over_ms, -take.number)


def _fitted(turn: Turn, line: Line, take: Take, takes: int, reader: str) -> Reading:
    place = Place(Bucket.WORK, keys.job_take(turn.job.job_id, line.number, take.number))
    pcm = wave.trim_silence(wave.resampled(wave.read(turn.world.objects.read(place)), RATE_HZ), RATE_HZ)[0]
    squeeze = fitting.squeeze(take.speech_ms, take.rate, line.slot)
    pcm = tempo.shorter(pcm, RATE_HZ, squeeze)
    before_ms = wave.duration_ms(pcm, RATE_HZ)
    pcm = tempo.longer(pcm, RATE_HZ, fitting.lacking_ms(before_ms, line.slot))
    spoken_ms = wave.duration_ms(pcm, RATE_HZ)
    doubts = [*take.doubts]
    if _wording(turn, line, reader).unlearnt:
        doubts.append(Doubt.UNLEARNT)
    if spoken_ms > line.slot.room_ms + fitting.TOLERANCE_MS:
        doubts.append(Doubt.CROWDED)
    if spoken_ms < line.slot.cue_ms - fitting.DEAD_AIR_MS:
        doubts.append(Doubt.DEAD_AIR)
    parts = tempo.split(pcm, RATE_HZ, [join.share for join in line.joins]) if line.joins else None
    return Reading(tuple(parts or [pcm]), take, takes, squeeze, spoken_ms - before_ms, tuple(doubts))


def _wording(turn: Turn, line: Line, reader: str) -> lexicon.Wording:
    known = {**turn.job.options.lexicon, **dict(line.say)}
    return lexicon.wording(line.text, known, str(voice_of(turn, reader)["model"]))


def _take(turn: Turn, line: Line, rate: float, number: int, pace: float, reader: str) -> Take:
    """One reading, a remembered effect: its audio is stored before it counts as done, and what was measured of it is
    written down with it, for the next call depends on that.
    """
    world, job = turn.world, turn.job
    voice = voice_of(turn, reader)
    place = Place(Bucket.WORK, keys.job_take(job.job_id, line.number, number))
    expected_ms = round(fitting.predict_ms(line.text, job.options.language) * pace / rate)
    sent = _wording(turn, line, reader)
    characters = prices.speech_characters(sent.text)

    def call() -> Answer:
        model, voice_id = voice["model"], voice["voice_id"]
        spoken = world.voices.speak(model, voice_id, sent.text, rate=rate, seed=number, is_ssml=sent.is_ssml)
        try:
            world.objects.write(place, spoken.wav, "audio/wav")
        except Retry as error:  # the line is spoken and paid for: that its audio was not stored does not undo it
            raise Unknown(error.code, error.detail, **error.fields) from error
        return Finished({"characters": spoken.characters, "rate": rate, **_measured(spoken.wav, expected_ms)})

    def find(since: float) -> Answer | NotSent:
        del since
        if world.objects.head(place) is None:
            return NotSent()
        measured = _measured(world.objects.read(place), expected_ms)
        return Finished({"characters": characters, "rate": rate, **measured})

    inputs = {"text": sent.text, "rate": rate, "voice": voice["voice_id"]}
    name = f"{CUE}{line.number:04d}-{number}"
    found = turn.do(Effect(name, Kind.NONE, inputs, call, find, price=str(voice["model"]), quantity=characters))
    if "speech_ms" not in found:  # spoken by a release that wrote down less
        found = _measured(world.objects.read(place), expected_ms)
    # An earlier edition may have read it at another rate: by then the voice was known differently well.
    return Take(number, float(found.get("rate", rate)), found["speech_ms"], tuple(map(Doubt, found["doubts"])))


def _measured(wav: bytes, expected_ms: int) -> Mapping[str, Any]:
    pcm = wave.resampled(wave.read(wav), RATE_HZ)
    spoken, _ = wave.trim_silence(pcm, RATE_HZ)
    doubts = [doubt.value for doubt in hearing.doubts(pcm, RATE_HZ, expected_ms)]
    return {"speech_ms": wave.duration_ms(spoken, RATE_HZ), "doubts": doubts}


def starts_of(line: Line, reading: Reading, place: fitting.Placement) -> tuple[int, ...]:
    """When each part of a reading begins in the film."""
    if len(reading.parts) == 1:
        return (place.start_ms,)
    wanted = [line.slot.start_ms, *(join.start_ms for join in line.joins)]
    lengths = [wave.duration_ms(part, RATE_HZ) for part in reading.parts]
    until_ms = max(place.end_ms, line.slot.end_ms)
    return fitting.spread(place.start_ms, until_ms, list(zip(wanted, lengths, strict=True)))


def line_reports(line: Line, reading: Reading, place: fitting.Placement) -> list[Mapping[str, object]]:
    """What the report says of a line; of each cue that was joined to it, when its words begin."""
    starts = starts_of(line, reading, place)
    end_ms = starts[-1] + wave.duration_ms(reading.parts[-1], RATE_HZ)
    report: Mapping[str, object] = {
        "number": line.number,
        "text": line.text,
        "slot": [line.slot.start_ms, line.slot.end_ms],
        "spoken": [place.start_ms, end_ms],
        "rate": reading.take.rate,
        "squeeze": round(reading.squeeze, 3),
        "pauses_added_ms": reading.added_ms,
        "takes": reading.takes,
        "late_ms": place.late_ms,
        "overrun_ms": max(0, end_ms - line.slot.end_ms),
        "doubts": [doubt.value for doubt in reading.doubts],
    }
    if not line.joins:
        return [report]
    begins = starts[1:] or [place.start_ms + round(join.share * reading.speech_ms) for join in line.joins]
    joined = [
        {"number": join.number, "text": join.text, "late_ms": begin_ms - join.start_ms, "joined_to": line.number}
        for join, begin_ms in zip(line.joins, begins, strict=True)
    ]
    return [report, *joined]
