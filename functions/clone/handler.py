"""Enrol the parent's voice, or reuse the one that was enrolled from the same sample for the same model."""

from functools import partial

from shared.engine import enrolment, step
from shared.engine.effects import Effect, NotSent, Sent
from shared.engine.enrolment import Enrolment
from shared.engine.turn import Act, Done, Later, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Kind
from shared.wiring import entry

OTHERS_TURN_S = 15.0


def begin(turn: Turn) -> Outcome:
    wanted = enrolment.of(turn.world, turn.job)
    standing = enrolment.reserve(turn.world, wanted, turn.job.job_id)
    if standing.voice_id:
        return Done({"voice_id": standing.voice_id, "model": wanted.model, "reused": True})
    if standing.job_id != turn.job.job_id:
        return Later(OTHERS_TURN_S, f"{standing.job_id} enrols this voice")
    turn.submit(enrol(turn, wanted))
    return Waits("voice enrolment")


def finish(turn: Turn) -> Outcome:
    wanted = enrolment.of(turn.world, turn.job)
    turn.outcome("voice")
    voice_id = turn.ledger.rows()["voice"].task
    standing = enrolment.keep(turn.world, wanted, turn.job.job_id, voice_id)
    return Done({"voice_id": standing, "model": wanted.model, "reused": standing != voice_id})


def enrol(turn: Turn, wanted: Enrolment) -> Effect:
    world, sample = turn.world, turn.job.assets["voice"]

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
    return Effect("voice", Kind.VOICE, inputs, call, find)


run = partial(step.run, STEPS["clone"], Act(begin, finish))
handler = entry(run)
