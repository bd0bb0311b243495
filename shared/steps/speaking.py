"""One line spoken so that it fits its slot: predicted, spoken, measured, and spoken again at another rate if needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain import fitting, keys, prices, wave
from shared.domain.errors import Retry, Unknown
from shared.domain.script import Line
from shared.engine.effects import Answer, Effect, Finished, NotSent
from shared.engine.turn import Turn
from shared.ports import Bucket, Kind, Place

RATE_HZ = 24_000
TAKES_MAX = 2


@dataclass(frozen=True)
class Take:
    """`pcm` is mono, 16 bit, at RATE_HZ, without silence at its ends."""

    pcm: bytes
    speech_ms: int
    rate: float
    takes: int


def speak(turn: Turn, line: Line) -> Take:
    """The line's best take. Each take is a remembered effect; its audio is stored before it counts as done."""
    language = turn.job.options.language
    rate = fitting.choose_rate(line.text, line.slot, language=language)
    for number in range(1, TAKES_MAX + 1):
        pcm = _take(turn, line, rate, number)
        take = Take(pcm, wave.duration_ms(pcm, RATE_HZ), rate, number)
        better = fitting.retake(take.speech_ms, rate, line.slot)
        if better is None or number == TAKES_MAX:
            break
        rate = better
    return take


def line_report(line: Line, take: Take, place: fitting.Placement) -> Mapping[str, object]:
    """What the report says of a line."""
    return {
        "number": line.number,
        "text": line.text,
        "slot": [line.slot.start_ms, line.slot.end_ms],
        "spoken": [place.start_ms, place.end_ms],
        "rate": take.rate,
        "takes": take.takes,
        "late_ms": place.late_ms,
        "overrun_ms": place.overrun_ms,
    }


def _take(turn: Turn, line: Line, rate: float, number: int) -> bytes:
    world, job = turn.world, turn.job
    voice = turn.result("clone")
    place = Place(Bucket.WORK, keys.job_take(job.job_id, line.number, number))

    def call() -> Answer:
        spoken = world.voices.speak(voice["model"], voice["voice_id"], line.text, rate=rate, seed=number)
        try:
            world.objects.write(place, spoken.wav, "audio/wav")
        except Retry as error:  # the line is spoken and paid for: that its audio was not stored does not undo it
            raise Unknown(error.code, error.detail, **error.fields) from error
        return Finished({"characters": spoken.characters})

    def find(since: float) -> Answer | NotSent:
        del since
        if world.objects.head(place) is None:
            return NotSent()
        return Finished({"characters": prices.speech_characters(line.text)})

    inputs = {"text": line.text, "rate": rate, "voice": voice["voice_id"]}
    name = f"cue-{line.number:04d}-{number}"
    characters = prices.speech_characters(line.text)
    turn.do(Effect(name, Kind.NONE, inputs, call, find, price=str(voice["model"]), quantity=characters))
    sound = wave.read(world.objects.read(place))
    return wave.trim_silence(wave.resampled(sound, RATE_HZ), RATE_HZ)[0]
