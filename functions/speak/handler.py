"""Speak the cues of one segment in the parent's voice, each fitted to its slot, and join them at
their times, at one loudness throughout the story.

Where the job asks for it a recogniser listens, and what it does not understand is read again.
"""

from functools import partial

from shared.domain import keys
from shared.domain.hearing import Doubt
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Bucket, Place
from shared.steps import listening, redoing, scripts, speaking
from shared.steps.assembling import Told, tell
from shared.steps.listening import Listened
from shared.wiring import entry


def advance(turn: Turn) -> Outcome:
    """Speak, listen, and speak again what was misheard, until nothing changes any more."""
    whole = scripts.read(turn.world, turn.job.job_id)
    segment = whole.segment(turn.item)
    place, heard = Place(Bucket.WORK, keys.job_speech(turn.job.job_id, turn.item)), Listened()
    told = tell(turn, whole, segment, heard.misheard)
    turn.world.objects.write(place, told.speech, "audio/wav")
    while turn.job.options.listen:
        readings = [(line, reading) for line, reading, _ in told.lines if Doubt.UNHEARD not in reading.doubts]
        if not readings:
            break
        seconds = (told.end_ms - segment.start_ms) / 1000
        found = listening.listen(turn, readings, place, seconds, heard)
        if isinstance(found, Waits):
            return found
        again = told if found.misheard == heard.misheard else tell(turn, whole, segment, found.misheard)
        is_over = again.takes == told.takes
        told, heard = again, found
        if is_over:
            break
        turn.world.objects.write(place, told.speech, "audio/wav")
    who = {"reader": segment.reader} if segment.reader else {}
    notes = {"notes": [heard.note]} if heard.note else {}
    lines = _lines(told, heard)
    span = {"start_ms": segment.start_ms, "end_ms": told.end_ms}
    return Done({"speech": place.key, **span, "lines": lines, **who, **notes})


def _lines(told: Told, heard: Listened) -> list[dict[str, object]]:
    """What the report says of each line; where somebody listened, how much was understood."""
    found = []
    for line, reading, place in told.lines:
        share = {"understood": heard.shares[line.number]} if line.number in heard.shares else {}
        own, *joined = speaking.line_reports(line, reading, place)
        found += [{**own, **share}, *(dict(one) for one in joined)]
    return found


run = partial(step.run, STEPS["speak"], Act(redoing.spoken(advance), advance))
handler = entry(run)
