"""Hand the story over: film, captions, cover and report to the output bucket, then clean up.

A film that does not show, sound and carry the label of synthetic content is not handed over. Every write here may be
repeated: keys are fixed, and the film appears whole or not at all. The engine flips the job when this, the last step,
is done. Of a story that is tasted first its taste is handed over before, looked at in the same way.
"""

from functools import partial

from shared.domain import keys
from shared.domain.job import TASTE
from shared.engine import enrolment, step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.steps import labelling, publishing, tasting
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    if turn.item == TASTE:
        return tasting.hand_over(turn)
    label = labelling.apply(turn)
    publishing.put_film(turn, label)
    publishing.take_back_error(turn)
    tasting.take_back(turn)
    publishing.put_captions(turn)
    publishing.put_cover(turn)
    seal = publishing.put_report(turn, label)
    enrolment.forget(turn.world, turn.job)
    publishing.clean_up(turn)
    return Done({"film": keys.story_film(turn.job.job_id), "report": seal})


run = partial(step.run, STEPS["publish"], Act(begin))
handler = entry(run)
