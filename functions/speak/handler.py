"""Speak the cues of one segment in the parent's voice, each fitted to its slot, and join them at
their times, at one loudness throughout the story.

Where the job asks for it a recogniser listens, and what it does not understand is read again.
"""

from functools import partial

from shared.domain import keys, script
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Bucket, Place
from shared.steps import listening, redoing, speaking
from shared.steps.assembling import Told, tell
from shared.steps.listening import Listened
from shared.wiring import entry


def advance(turn: Turn) -> Outcome:
    """Speak, listen, and speak again what was misheard, until nothing changes any more."""
    whole = script.load(turn.world.objects.read(Place(Bucket.WORK, keys.job_script(turn.job.job_id))))
    segment = whole.segment(turn.item)
    key, heard, is_over = keys.job_speech(turn.job.job_id, turn.item), Listened(), not turn.job.options.listen
    told = tell(turn, whole, segment, heard.misheard)
    while not is_over:
        turn.world.objects.write(Place(Bucket.WORK, key), told.speech, "audio/wav")
        readings = [(line, reading) for line, reading, _ in told.lines]
        before, seconds = heard, (told.end_ms - segment.start_ms) / 1000
        found = listening.listen(turn, readings, key, seconds, before)
        if isinstance(found, Waits):
            return found
        heard = found
        again = told if heard.misheard == before.misheard else tell(turn, whole, segment, heard.misheard)
        is_over, told = again.takes == told.takes, again
    turn.world.objects.write(Place(Bucket.WORK, key), told.speech, "audio/wav")
    who = {"reader": segment.reader} if segment.reader else {}
    notes = {"notes": [heard.note]} if heard.note else {}
    lines = _lines(told, heard)
    return Done({"speech": key, "start_ms": segment.start_ms, "end_ms": told.end_ms, "lines": lines, **who, **notes})


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
