"""The timeline of a job, and whether the film that IMS made of it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.errors import Corrupt
from shared.domain.job import WHOLE
from shared.domain.label import OPENING_S
from shared.domain.portrait import PortraitClip
from shared.domain.timeline import BurntCaptions, FilmTrack, Look, SpeechTrack, compose_timeline, film_size
from shared.engine.effects import digest
from shared.engine.turn import Turn
from shared.ports import Bucket, Film, Place
from shared.steps import captions, clips, extents, labelling, mixing, scripts, spoken, stills
from shared.steps.extents import Extent
from shared.steps.spoken import Spoken

LENGTH_S_OFF_MAX = 0.2


def timeline(turn: Turn) -> dict[str, object]:
    """IMS's edit document for the whole story, or for its taste."""
    world, job, extent = turn.world, turn.job, extents.of(turn)
    told = spoken.of(turn, extent.items)
    speech = [
        SpeechTrack(_url(turn, turn.result("speak", one.item)["speech"]), one.start_ms, min(one.end_ms, extent.ms))
        for one in told
    ]
    faces = [clip for one in told for clip in _clips(turn, one, extent.ms)]
    written = scripts.read(world, job.job_id)
    return compose_timeline(
        FilmTrack(
            world.objects.plain_url(job.assets["film"].place),
            int(job.film["width"]),
            int(job.film["height"]),
            extent.ms,
            is_cut=extent.is_taste,
        ),
        speech,
        faces,
        beds=mixing.beds(turn, captions.times(turn, extent)),
        look=Look(labelling.place_of(turn), stills.mask_url(turn), is_animated=labelling.is_animated(turn)),
        tone_url=labelling.tone_url(turn),
        captions=_captions(turn, extent) if job.options.burn_captions else None,
        own=[(start_ms, min(end_ms, extent.ms)) for start_ms, end_ms in written.own if start_ms < extent.ms],
    )


def output(turn: Turn) -> Film:
    """How the composed film is written: as large as IMS can write it."""
    width, height = film_size(int(turn.job.film["width"]), int(turn.job.film["height"]))
    return Film(width, height, extents.of(turn).seconds)


def opening(turn: Turn) -> Film:
    """How the film's opening is written: its sound alone."""
    return Film(0, 0, min(OPENING_S, extents.of(turn).seconds))


def token(turn: Turn, name: str, inputs: Mapping[str, object]) -> str:
    """64 digits, the longest that IMS takes. Without an answer the same again; after a failure another one, since the
    same would give the failed job.
    """
    row = turn.ledger.rows().get(name)
    attempt = {"failures": row.failures} if row is not None and row.failures else {}
    part = {} if turn.item == WHOLE else {"item": turn.item}
    return digest({"job": turn.job.job_id, **inputs, **attempt, **part}).removeprefix("v1:")


def check(turn: Turn, place: Place) -> float:
    """Seconds of the composed film; `Corrupt` when it is not a whole film of the right length with sound."""
    facts = turn.world.probe.facts(place)
    if not (facts.has_video and facts.has_audio):
        raise Corrupt("film.bad_result", f"video {facts.has_video}, audio {facts.has_audio}")
    wanted_s = extents.of(turn).seconds
    if abs(facts.seconds - wanted_s) > LENGTH_S_OFF_MAX:
        raise Corrupt("film.bad_result", f"{facts.seconds:.2f} s instead of {wanted_s:.2f} s")
    return facts.seconds


def _clips(turn: Turn, one: Spoken, film_ms: int) -> list[PortraitClip]:
    """What the segment shows, one after the other, while it is heard."""
    who = clips.reader_of(turn, one.item)
    return [
        PortraitClip(url, begin_ms, min(end_ms, film_ms), part["is_image"], still_url, who=who)
        for part in clips.parts_of(turn, one.item)
        for url, still_url in [_pictures(turn, one.item, part)]
        for begin_ms, end_ms in [(part["start_ms"] + one.late_ms, part["end_ms"] + one.late_ms)]
    ]


def _pictures(turn: Turn, item: str, part: Mapping[str, Any]) -> tuple[str, str]:
    """Where a part of a segment lies, and where a picture of how it begins."""
    place = Place(Bucket.INPUT if part["is_image"] else Bucket.WORK, part["clip"])
    url = turn.world.objects.plain_url(place)
    return url, url if part["is_image"] else stills.url_of(turn, item, place, part["start_ms"])


def _captions(turn: Turn, extent: Extent) -> BurntCaptions:
    """The captions as they are spoken, for IMS to burn in."""
    turn.world.objects.write(extent.captions, captions.followed(turn), captions.SRT)
    options = turn.job.options
    return BurntCaptions(turn.world.objects.plain_url(extent.captions), options.caption_style, options.caption_size)


def _url(turn: Turn, key: str) -> str:
    return turn.world.objects.plain_url(Place(Bucket.WORK, key))
