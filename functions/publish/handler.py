"""Hand the story over: film, captions, cover and report to the output bucket, then clean up.

Every write here may be repeated: keys are fixed, and the film appears whole or not at all. The engine flips the job
when this, the last step, is done.
"""

from functools import partial

from shared.domain import keys
from shared.engine import enrolment, step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.steps import publishing
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    publishing.put_film(turn)
    publishing.take_back_error(turn)
    publishing.put_captions(turn)
    publishing.put_cover(turn)
    publishing.put_report(turn)
    enrolment.forget(turn.world, turn.job)
    publishing.clean_up(turn)
    return Done({"film": keys.story_film(turn.job.job_id)})


run = partial(step.run, STEPS["publish"], Act(begin))
handler = entry(run)
