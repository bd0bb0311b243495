"""Speak the cues of one segment in the parent's voice, each fitted to its slot, and join them at their times."""

from functools import partial

from shared.domain import fitting, keys, script, wave
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.ports import Bucket, Place
from shared.steps import speaking
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    world, job = turn.world, turn.job
    whole = script.load(world.objects.read(Place(Bucket.WORK, keys.job_script(job.job_id))))
    segment = whole.segment(turn.item)
    takes = [speaking.speak(turn, line) for line in segment.lines]
    measured = [(line.slot, take.speech_ms) for line, take in zip(segment.lines, takes, strict=True)]
    placed = fitting.place(measured, until_ms=whole.film_ms, from_ms=segment.start_ms)
    pieces = [
        (place.start_ms - segment.start_ms, take.pcm) for place, take in zip(placed, takes, strict=True) if take.pcm
    ]
    end_ms = max([segment.end_ms] + [place.end_ms for place in placed])
    speech = wave.assemble(pieces, end_ms - segment.start_ms, speaking.RATE_HZ)
    key = keys.job_speech(job.job_id, turn.item)
    world.objects.write(Place(Bucket.WORK, key), speech, "audio/wav")
    lines = [
        speaking.line_report(line, take, place) for line, take, place in zip(segment.lines, takes, placed, strict=True)
    ]
    return Done({"speech": key, "start_ms": segment.start_ms, "end_ms": end_ms, "lines": lines})


run = partial(step.run, STEPS["speak"], Act(begin))
handler = entry(run)
