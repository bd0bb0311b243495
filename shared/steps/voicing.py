"""One reader's voice on its way to standing: reused, enrolled, or waited for."""

from __future__ import annotations

from shared.engine import enrolment
from shared.engine.effects import Effect, NotSent, Sent
from shared.engine.enrolment import SAMPLE, Enrolment
from shared.engine.turn import Later, Turn, Waits
from shared.ports import Kind

OTHERS_TURN_S = 15.0


def voice_of(turn: Turn, reader: str) -> dict[str, object] | Waits | Later:
    """The reader's voice, or what has to be waited for until it stands."""
    wanted, name = enrolment.of(turn.world, turn.job, reader), f"voice-{reader}" if reader else "voice"
    row = turn.ledger.rows().get(name)
    if row is not None and row.has_verdict:
        turn.outcome(name)
        kept = enrolment.keep(turn.world, wanted, turn.job.job_id, row.task)
        return {"voice_id": kept, "model": wanted.model, "reused": kept != row.task}
    standing = enrolment.reserve(turn.world, wanted, turn.job.job_id)
    if standing.voice_id:
        return {"voice_id": standing.voice_id, "model": wanted.model, "reused": True}
    if standing.job_id != turn.job.job_id:
        return Later(OTHERS_TURN_S, f"{standing.job_id} enrols this voice")
    turn.submit(_enrol(turn, wanted, reader, name))
    return Waits("voice enrolment")


def _enrol(turn: Turn, wanted: Enrolment, reader: str, name: str) -> Effect:
    world, sample = turn.world, turn.job.asset(SAMPLE, reader)

    def call() -> Sent:
        url = world.objects.share(sample.place, world.settings.share_s)
        return Sent(world.voices.enrol(wanted.model, wanted.prefix, url, turn.job.options.language))

    def find(since: float) -> Sent | NotSent:
        # The prefix is this sample's own: whatever is enrolled under it came from a call of ours that got lost.
        del since
        found = world.voices.enrolled(wanted.prefix)
        for voice in found[:-1]:
            world.voices.delete(voice.voice_id)
        return Sent(found[-1].voice_id) if found else NotSent()

    inputs = {"sample": sample.etag, "model": wanted.model, "prefix": wanted.prefix}
    return Effect(name, Kind.VOICE, inputs, call, find)
