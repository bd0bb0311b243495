"""The timeline of a job, and whether the film that IMS made of it is whole."""

from __future__ import annotations

from shared.domain import cues, keys, script
from shared.domain.errors import Corrupt
from shared.domain.timeline import Bed, FilmTrack, PortraitClip, PortraitPlace, SpeechTrack, compose_timeline, film_size
from shared.engine.turn import Turn
from shared.ports import Bucket, Film, Place
from shared.steps import captions, clips

LENGTH_S_OFF_MAX = 0.2


def timeline(turn: Turn) -> dict[str, object]:
    """IMS's edit document for the whole story."""
    world, job = turn.world, turn.job
    items = [item for step, item in sorted(turn.rows) if step == "speak"]
    speech = [SpeechTrack(_url(turn, turn.result("speak", item)["speech"]), *_span(turn, item)) for item in items]
    clips = [clip for item in items for clip in _clips(turn, item)]
    options = job.options
    return compose_timeline(
        FilmTrack(
            world.objects.plain_url(job.assets["film"].place),
            int(job.film["width"]),
            int(job.film["height"]),
            int(job.seconds * 1000),
        ),
        speech,
        clips,
        bed=_bed(turn),
        captions_url=_captions_url(turn) if options.burn_captions else None,
        portrait=PortraitPlace(corner=options.corner, size=options.portrait_size, ratio=options.ratio),
    )


def output(turn: Turn) -> Film:
    """How the composed film is written: as large as IMS can write it."""
    width, height = film_size(int(turn.job.film["width"]), int(turn.job.film["height"]))
    return Film(width, height, turn.job.seconds)


def check(turn: Turn, place: Place) -> float:
    """Seconds of the composed film; `Corrupt` when it is not a whole film of the right length with sound."""
    facts = turn.world.probe.facts(place)
    if not (facts.has_video and facts.has_audio):
        raise Corrupt("film.bad_result", f"video {facts.has_video}, audio {facts.has_audio}")
    if abs(facts.seconds - turn.job.seconds) > LENGTH_S_OFF_MAX:
        raise Corrupt("film.bad_result", f"{facts.seconds:.2f} s instead of {turn.job.seconds:.2f} s")
    return facts.seconds


def _clips(turn: Turn, item: str) -> list[PortraitClip]:
    """What the segment shows, one after the other."""
    return [
        PortraitClip(
            turn.world.objects.plain_url(Place(Bucket.INPUT if part["is_image"] else Bucket.WORK, part["clip"])),
            part["start_ms"],
            min(part["end_ms"], int(turn.job.seconds * 1000)),
            is_image=part["is_image"],
        )
        for part in clips.parts_of(turn, item)
    ]


def _span(turn: Turn, item: str) -> tuple[int, int]:
    spoken = turn.result("speak", item)
    return spoken["start_ms"], min(spoken["end_ms"], int(turn.job.seconds * 1000))


def _captions_url(turn: Turn) -> str:
    """The captions as they were read and repaired, for IMS to burn in."""
    written = script.load(turn.world.objects.read(Place(Bucket.WORK, keys.job_script(turn.job.job_id))))
    place = Place(Bucket.WORK, keys.job_clean_captions(turn.job.job_id))
    turn.world.objects.write(place, cues.write_srt(written.cues).encode(), captions.SRT)
    return turn.world.objects.plain_url(place)


def _bed(turn: Turn) -> Bed | None:
    """New music from the family, else the film's own without its voice, else none."""
    given = turn.job.assets.get("music")
    if given is not None and turn.job.options.music == "replace":
        return Bed(turn.world.objects.plain_url(given.place), is_given=True)
    key = turn.result("separate", "music")["music"]
    return Bed(_url(turn, key)) if key else None


def _url(turn: Turn, key: str) -> str:
    return turn.world.objects.plain_url(Place(Bucket.WORK, key))
