"""Hand the story over: film, captions, cover and report to the output bucket, the word to whoever listens, then clean up.

Every write here may be repeated: keys are fixed and the film is put whole or not at all.
"""

from functools import partial

from shared.domain import keys
from shared.domain.job import JobState
from shared.engine import step
from shared.steps import enrolment, publishing
from shared.engine.ending import announce
from shared.engine.records import move_job
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    world, job = turn.world, turn.job
    publishing.put_film(turn)
    publishing.put_captions(turn)
    publishing.put_cover(turn)
    report = publishing.put_report(turn)
    wanted = enrolment.of(turn)
    if not wanted.is_shared:
        enrolment.forget(world, wanted)
    publishing.clean_up(turn)
    move_job(world, job, JobState.DONE, {"ended_at": world.clock.now()}, f"spent {report['spent']['total']} yuan")
    announce(world, job.job_id, JobState.DONE)
    return Done({"film": keys.story_film(job.job_id)})


run = partial(step.run, STEPS["publish"], Act(begin))
handler = entry(run)
