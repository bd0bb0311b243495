"""Talking clips: what is sent to the avatar engine for a stretch of speech, and whether what comes back can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain import keys, wave
from shared.domain.engines import OVERRUN_MS, PHOTO, Engine
from shared.domain.errors import Corrupt, Review
from shared.domain.pieces import Piece, cut, sound_of
from shared.domain.readers import OWN
from shared.engine import studio
from shared.engine.effects import Answer, Effect, NotSent, Sent
from shared.engine.records import settings_of
from shared.engine.turn import Turn
from shared.ports import Bucket, Face, Kind, Place, Table
from shared.steps import faces

CLIP_MB_MAX = 500

CLOCK_SKEW_S = 120.0
"""How far the vendor's clock and ours may differ when a submission is looked for in the vendor's list."""

SUBMITS_S_MAX = 300.0
"""How long after its intent a submission may arrive: the lease of the claim that makes it."""

LENGTH_MS_OFF_MAX = 1500
"""A clip may be this much shorter or longer than its speech; more means that it is another one's."""


def reader_of(turn: Turn, item: str) -> str:
    """Who is heard and shown in a segment."""
    return str(turn.result("speak", item).get("reader", OWN))


def segment_of(turn: Turn) -> Piece:
    """The stretch of the film that the turn's segment covers, as it was spoken."""
    spoken = turn.result("speak", turn.item)
    return Piece(spoken["start_ms"], spoken["end_ms"])


def pieces_of(turn: Turn, engine: Engine, at_ms: int) -> tuple[Piece, ...]:
    """What is left of the segment from `at_ms` on, in pieces that the engine takes."""
    lines = turn.result("speak", turn.item)["lines"]
    spoken = [
        (line["spoken"][0], line["spoken"][1]) for line in lines if "spoken" in line
    ]  # not those read with another
    return cut(Piece(at_ms, segment_of(turn).end_ms), sorted(spoken), engine.speech_ms_max + OVERRUN_MS)


def parts_of(turn: Turn, item: str) -> list[Mapping[str, Any]]:
    """What a segment that is done shows, one after the other."""
    made = turn.result("animate", item)
    if "parts" in made:
        return list(made["parts"])
    spoken = turn.result("speak", item)  # a row of the release before: one clip for the whole segment, or none
    span = Piece(spoken["start_ms"], spoken["end_ms"])
    return [_shown(made["clip"], span, is_image=made["is_image"])] if made["clip"] else []


def stand_in(turn: Turn, engine: Engine, piece: Piece) -> list[dict[str, object]]:
    """The portrait as it is, or nothing at all."""
    photo = turn.job.asset(PHOTO, reader_of(turn, turn.item)) if engine.shows else None
    return [_shown(photo.key, piece, is_image=True)] if photo else []


def animate(turn: Turn, engine: Engine, piece: Piece, name: str, face: Mapping[str, Any]) -> Effect:
    """The one expensive call that takes no token. Urls are signed when the slot is ours, not when it was planned."""
    world, job, shown = turn.world, turn.job, turn.job.asset(engine.source, reader_of(turn, turn.item))
    speech = _speech_of(turn, engine, piece)
    boxes = Face(face.get("face_bbox"), face.get("ext_bbox"))
    model, style = settings_of(world, job).model(engine.name), job.options.style

    def call() -> Answer:
        lasting_s = world.settings.share_s
        shown_url, speech_url = world.objects.share(shown.place, lasting_s), world.objects.share(speech, lasting_s)
        return Sent(world.avatars.animate(engine.name, model, shown_url, speech_url, boxes, style))

    def find(since: float) -> Answer | NotSent:
        return orphan(turn, model, since)

    inputs = {"photo": shown.etag, "speech": speech.key, "model": model, "style": style, "face": face.get("face_bbox")}
    seconds = _sound_ms(engine, piece) / 1000
    price = faces.tariff(turn, engine)
    return Effect(name, Kind.MODEL_STUDIO, inputs, call, find, price=price, quantity=seconds)


def keep(turn: Turn, engine: Engine, piece: Piece, url: str) -> None:
    """Bring a clip into our bucket; `Corrupt` or `Review` for what cannot be this stretch's."""
    place = Place(Bucket.WORK, _keys_of(turn, piece)[1])
    turn.world.objects.keep(url, place, CLIP_MB_MAX)
    facts = turn.world.probe.facts(place)
    if not facts.has_video or facts.seconds <= 0:
        raise Corrupt("vendor.contract", f"the clip {place.key} is not a film")
    off_ms = abs(facts.seconds * 1000 - _sound_ms(engine, piece))
    if off_ms > LENGTH_MS_OFF_MAX:
        raise Review("ledger.ambiguous", f"the clip is {off_ms:.0f} ms off its speech: is it another task's?")


def kept(turn: Turn, piece: Piece) -> dict[str, object]:
    """A clip that was brought in, and its time in the film."""
    return _shown(_keys_of(turn, piece)[1], piece, is_image=False)


def _shown(key: str, piece: Piece, *, is_image: bool) -> dict[str, object]:
    return {"clip": key, "is_image": is_image, "start_ms": piece.start_ms, "end_ms": piece.end_ms}


def _keys_of(turn: Turn, piece: Piece) -> tuple[str, str]:
    """Speech and clip of a stretch. A whole segment's have the segment's own names."""
    if piece == segment_of(turn):
        return str(turn.result("speak", turn.item)["speech"]), keys.job_clip(turn.job.job_id, turn.item)
    return keys.job_piece(turn.job.job_id, turn.item, piece.start_ms, piece.end_ms)


def _sound_ms(engine: Engine, piece: Piece) -> int:
    """How long the sound is that the engine is given: what is too short for it is followed by silence."""
    return max(piece.length_ms, engine.speech_ms_min)


def _speech_of(turn: Turn, engine: Engine, piece: Piece) -> Place:
    """The stretch's speech as a file of its own; written again it is the same."""
    whole, length_ms = segment_of(turn), _sound_ms(engine, piece)
    source = Place(Bucket.WORK, str(turn.result("speak", turn.item)["speech"]))
    if piece == whole and length_ms == piece.length_ms:
        return source
    sound = wave.read(turn.world.objects.read(source))
    heard = sound_of(piece, whole, sound.pcm, sound.rate)
    key, _ = keys.job_piece(turn.job.job_id, turn.item, piece.start_ms, piece.start_ms + length_ms)
    place = Place(Bucket.WORK, key)
    turn.world.objects.write(place, wave.assemble([(0, heard)], length_ms, sound.rate), "audio/wav")
    return place


def orphan(turn: Turn, model: str, since: float) -> Answer | NotSent:
    """What an unanswered submission left in the vendor's account-wide list: nothing, our task, or a riddle.

    Ours is the only one of its time that nobody owns, and only if no other submission of that time is in doubt. Later
    ones are foreign: by the end of the claim the call was over.
    """
    world = turn.world
    lasting_s = SUBMITS_S_MAX + CLOCK_SKEW_S
    seen = world.avatars.tasks(model, since - CLOCK_SKEW_S, since + lasting_s)
    unowned = [
        task.task_id
        for task in seen
        if "job" not in (world.rows.get(Table.TASKS, (Kind.MODEL_STUDIO.provider, task.task_id)) or {})
    ]
    if not unowned:
        return NotSent()
    others = studio.doubts(world, model, turn.job.job_id, turn.item)
    if any(abs(other - since) <= lasting_s + CLOCK_SKEW_S for other in others):
        raise Review("ledger.ambiguous", f"{unowned[0]} may be another submission's that is in doubt, too")
    if len(unowned) > 1:
        raise Review("ledger.ambiguous", f"{len(unowned)} tasks without an owner: {', '.join(unowned[:5])}")
    return Sent(unowned[0])
