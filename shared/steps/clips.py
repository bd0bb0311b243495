"""Talking clips: what is sent to the avatar engine for one segment, and whether what comes back can be used."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.engines import Engine
from shared.domain.errors import Corrupt, Review
from shared.engine import studio
from shared.engine.effects import Answer, Effect, NotSent, Sent
from shared.engine.records import settings_of
from shared.engine.turn import Turn
from shared.ports import Bucket, Face, Kind, Place, Table

CLOCK_SKEW_S = 120.0
"""How far the vendor's clock and ours may differ when a submission is looked for in the vendor's list."""

SUBMITS_S_MAX = 300.0
"""How long after its intent a submission may arrive: the lease of the claim that makes it."""

LENGTH_MS_OFF_MAX = 1500
"""A clip may be this much shorter or longer than its speech; more means that it is another one's."""


def without_task(turn: Turn, engine: Engine) -> Mapping[str, object]:
    """The portrait as it is, or nothing at all."""
    return still(turn, "") if engine.shows else {"clip": "", "is_image": False, "seconds": 0.0, "note": ""}


def still(turn: Turn, note: str) -> Mapping[str, object]:
    """The photo itself stands in for the clip."""
    return {"clip": turn.job.assets["photo"].key, "is_image": True, "seconds": 0.0, "note": note}


def animate(turn: Turn, engine: Engine) -> Effect:
    """The one expensive call that takes no token. Urls are signed when the slot is ours, not when it was planned."""
    world, job, photo = turn.world, turn.job, turn.job.assets["photo"]
    speech = Place(Bucket.WORK, str(turn.result("speak", turn.item)["speech"]))
    found = turn.result("detect")
    face = Face(found.get("face_bbox"), found.get("ext_bbox"))
    model, style = settings_of(world, job).model(engine.name), job.options.style

    def call() -> Answer:
        lasting_s = world.settings.share_s
        photo_url, speech_url = world.objects.share(photo.place, lasting_s), world.objects.share(speech, lasting_s)
        return Sent(world.avatars.animate(engine.name, model, photo_url, speech_url, face, style))

    def find(since: float) -> Answer | NotSent:
        return orphan(turn, model, since)

    inputs = {"photo": photo.etag, "speech": speech.key, "model": model, "style": style, "face": found.get("face_bbox")}
    spoken = turn.result("speak", turn.item)
    seconds = (spoken["end_ms"] - spoken["start_ms"]) / 1000
    price = engine.price(job.options.ratio)
    return Effect("clip", Kind.MODEL_STUDIO, inputs, call, find, price=price, quantity=seconds)


def check(turn: Turn, place: Place) -> float:
    """Seconds of a clip that is one; `Corrupt` or `Review` for what cannot be this segment's."""
    speech = turn.result("speak", turn.item)
    facts = turn.world.probe.facts(place)
    if not facts.has_video or facts.seconds <= 0:
        raise Corrupt("vendor.contract", f"the clip {place.key} is not a film")
    off_ms = abs(facts.seconds * 1000 - (speech["end_ms"] - speech["start_ms"]))
    if off_ms > LENGTH_MS_OFF_MAX:
        raise Review("ledger.ambiguous", f"the clip is {off_ms:.0f} ms off its speech: is it another task's?")
    return facts.seconds


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
    others = studio.doubts(world, turn.job.job_id, turn.item)
    if any(abs(other - since) <= lasting_s + CLOCK_SKEW_S for other in others):
        raise Review("ledger.ambiguous", f"{unowned[0]} may be another submission's that is in doubt, too")
    if len(unowned) > 1:
        raise Review("ledger.ambiguous", f"{len(unowned)} tasks without an owner: {', '.join(unowned[:5])}")
    return Sent(unowned[0])
