"""Enrol the voice of each reader, or reuse the one that was enrolled from the same sample for the same model."""

from functools import partial

from shared.domain.errors import Refused, of_reader
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.steps import voicing
from shared.wiring import entry


def advance(turn: Turn) -> Outcome:
    """Go on with the first voice that does not stand yet."""
    found: dict[str, dict[str, object]] = {}
    for reader in turn.job.all_readers:
        try:
            voice = voicing.voice_of(turn, reader)
        except Refused as error:
            raise of_reader(error, reader) if reader else error from error
        if not isinstance(voice, dict):
            return voice
        found[reader] = voice
    others = {reader: voice for reader, voice in found.items() if reader}
    return Done({**found[""], **({"readers": others} if others else {})})


run = partial(step.run, STEPS["clone"], Act(advance, advance))
handler = entry(run)
