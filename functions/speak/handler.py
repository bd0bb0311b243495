"""Speak the cues of one segment in the parent's voice, each fitted to its slot, and join them at
their times, at one loudness throughout the story.
"""

from functools import partial

from shared.domain import fitting, keys, loudness, mix, script, wave
from shared.domain.segments import TAIL_MS
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.ports import Bucket, Place
from shared.steps import redoing, speaking
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    world, job = turn.world, turn.job
    whole = script.load(world.objects.read(Place(Bucket.WORK, keys.job_script(job.job_id))))
    segment = whole.segment(turn.item)
    readings = speaking.speak(turn, whole, segment.lines)
    measured = [(line.slot, reading.speech_ms) for line, reading in zip(segment.lines, readings, strict=True)]
    placed = fitting.place(measured, until_ms=whole.film_ms, from_ms=segment.start_ms)
    told = list(zip(segment.lines, readings, placed, strict=True))
    pieces = [
        # words begin that much after the sound that is kept before them
        (max(0, start_ms - segment.start_ms - wave.KEPT_BEFORE_MS), part)
        for line, reading, place in told
        for start_ms, part in zip(speaking.starts_of(line, reading, place), reading.parts, strict=True)
    ]
    last_ms = segment.start_ms + max(at_ms + wave.duration_ms(part, speaking.RATE_HZ) for at_ms, part in pieces)
    end_ms = max(last_ms, min(last_ms + TAIL_MS, segment.end_ms))
    sound = wave.read(wave.assemble(pieces, end_ms - segment.start_ms, speaking.RATE_HZ))
    speech = wave.write(loudness.levelled(sound.pcm, sound.rate, mix.SPEECH_LUFS), sound.rate)
    key = keys.job_speech(job.job_id, turn.item)
    world.objects.write(Place(Bucket.WORK, key), speech, "audio/wav")
    lines = [report for line, reading, place in told for report in speaking.line_reports(line, reading, place)]
    return Done({"speech": key, "start_ms": segment.start_ms, "end_ms": end_ms, "lines": lines})


run = partial(step.run, STEPS["speak"], Act(redoing.spoken(begin)))
handler = entry(run)
