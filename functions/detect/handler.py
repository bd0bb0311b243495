"""Choose the avatar engine and check each reader's photo: boxes for the clips, or a refusal that a parent can act on.

This and the voice check come before anything that is paid for by the minute (docs/adr/0002). An engine that is switched
off, that has nothing to show, or that costs more than the job may is passed over, and the report says so; a photo that
is refused is not shown to the next one.
"""

from collections.abc import Sequence
from functools import partial

from shared.domain import engines, prices
from shared.domain.engines import ENGINES
from shared.domain.errors import Corrupt, EchobotError, Offline, Refused, Review
from shared.engine import step
from shared.engine.spending import BUDGET
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.steps import faces
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    order = engines.order(turn.job.options.engines, turn.world.settings.engine_order, turn.job.sources)
    seconds = turn.job.seconds * prices.SPEECH_SHARE[1]
    refusals: list[Refused] = []
    for place, name in enumerate(order):
        engine = ENGINES[name]
        passed_over = [faces.note(ENGINES[order[at]], error) for at, error in enumerate(refusals)]
        refusal = faces.objection(turn, engine, seconds)
        if refusal is None:
            try:
                face = faces.all_checked(turn, engine)
            except Offline as error:
                refusal = error
            else:
                return Done({"engine": name, "passed_over": passed_over, "then": order[place + 1 :], **face})
        refusals.append(refusal)
    raise _nobody(refusals)


def _nobody(refusals: Sequence[Refused]) -> EchobotError:
    """When it is only for the money, a person may allow more."""
    dear = next((error for error in refusals if error.code == "engine.dear"), None)
    if dear is not None:
        left = str(dear.fields["left"])
        return Review(BUDGET, dear.sentence.en, budget=left, spent=prices.yuan(0), next=dear.fields["cost"])
    return Corrupt("engine.none_left", "; ".join(error.detail or error.code for error in refusals))


run = partial(step.run, STEPS["detect"], Act(begin))
handler = entry(run)
