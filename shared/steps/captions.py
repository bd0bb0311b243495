"""Where a job's captions come from, and where they lie."""

from __future__ import annotations

from shared.domain import cues, following, keys
from shared.domain.errors import Refused
from shared.engine.turn import Done, Turn
from shared.ports import Bucket, Place
from shared.steps import extents, scripts, spoken
from shared.steps.extents import Extent

SRT = "application/x-subrip"


def place(job_id: str) -> Place:
    return Place(Bucket.WORK, keys.job_captions(job_id))


def place_of_reading(job_id: str) -> Place:
    """Where OCR writes. A call that was thought lost and made again may write there a second time, long after the story
    has gone on; what the story is told from is ours alone.
    """
    return Place(Bucket.WORK, keys.job_read_captions(job_id))


def times(turn: Turn, extent: Extent) -> tuple[tuple[int, int], ...]:
    """When each line is spoken, in order."""
    return tuple(time for one in spoken.of(turn, extent.items) for time in one.times)


def followed(turn: Turn) -> bytes:
    """The captions at the times at which they are spoken, as SRT; what nobody speaks stays where it was. Of a taste
    those that begin in it.
    """
    extent = extents.of(turn)
    written = scripts.read(turn.world, turn.job.job_id)
    lines = [line for one in spoken.of(turn, extent.items) for line in one.lines]
    said = following.times_of(written.cues, lines)
    begun = [cue for cue in written.cues if cue.start_ms < extent.ms]
    return cues.write_srt(following.followed(begun, said, min(extent.ms, written.film_ms))).encode()


def take_given(turn: Turn) -> Done:
    """The family's own file, as it was checked at the door."""
    turn.world.objects.copy(turn.job.assets["captions"].place, place(turn.job.job_id))
    return Done({"from": "given"})


def take_read(turn: Turn) -> Done | None:
    """What OCR found in the picture; None when there is nothing to read."""
    objects, job_id = turn.world.objects, turn.job.job_id
    try:
        told = (turn.outcome("ocr") or {}).get("keys")
        # The vendor says where it wrote: a release before this one may have sent the call, to another place.
        where = Place(Bucket.WORK, told[0]) if told else place_of_reading(job_id)
        found = objects.read(where, 0, cues.FILE_BYTES_MAX + 1)
        if not cues.read_srt(found).cues:
            return None
    except Refused:
        return None  # no such file, or nothing in it: films without captions are common, the narration may still do
    objects.write(place(job_id), found, SRT)
    return Done({"from": "picture"})


def take_heard(turn: Turn) -> Done:
    """What ASR heard in the narration."""
    try:
        heard = turn.outcome("asr") or {}
    except Refused as error:
        raise Refused("captions.none", error.detail) from error
    reading = cues.from_sentences([(one["start_ms"], one["end_ms"], one["text"]) for one in heard["sentences"]])
    if not reading.cues:
        raise Refused("captions.none")
    turn.world.objects.write(place(turn.job.job_id), cues.write_srt(reading.cues).encode(), SRT)
    return Done({"from": "narration"})
