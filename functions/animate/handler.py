"""Animate one segment: a portrait and up to a minute of speech become a talking clip.

The engine runs one task at a time for the whole account and takes no idempotency token, so this step holds the studio
slot from before the submission until the verdict (docs/adr/0003).
"""

from functools import partial

from shared.domain import keys
from shared.domain.engines import ENGINES
from shared.domain.errors import EchobotError, Offline
from shared.engine import forecast, step, studio
from shared.engine.turn import Act, Done, Later, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Bucket, Place
from shared.steps import clips
from shared.wiring import entry

CLIP_MB_MAX = 500
QUEUE_S = 1800.0  # a net only: whoever leaves the studio wakes the next


def begin(turn: Turn) -> Outcome:
    engine = ENGINES[turn.result("detect")["engine"]]
    if not engine.has_task:
        return Done(clips.without_task(turn, engine))
    who = studio.Waiting(turn.job.job_id, turn.item, turn.job.family, turn.world.clock.now())
    if not studio.enter(turn.world, engine.name, who):
        return Later(QUEUE_S, studio.TURN, lambda: studio.is_holder(turn.world, engine.name, who))
    try:
        turn.submit(clips.animate(turn, engine))
    except Offline as error:
        studio.leave(turn.world, engine.name, turn.job.job_id, turn.item)
        return Done(clips.still(turn, f"{error.code} {error.detail}"))
    return Waits(f"the clip from {engine.name}")


def finish(turn: Turn) -> Outcome:
    engine = ENGINES[turn.result("detect")["engine"]]
    try:
        made = turn.outcome("clip") or {}
        place = Place(Bucket.WORK, keys.job_clip(turn.job.job_id, turn.item))
        turn.world.objects.keep(str(made["url"]), place, CLIP_MB_MAX)
        seconds = clips.check(turn, place)
    except Offline as error:
        # Switched off while the task queued: its own verdict says so. As in `begin`, the photo stands in.
        studio.leave(turn.world, engine.name, turn.job.job_id, turn.item)
        return Done(clips.still(turn, f"{error.code} {error.detail}"))
    except EchobotError:
        studio.leave(turn.world, engine.name, turn.job.job_id, turn.item)
        raise
    studio.leave(turn.world, engine.name, turn.job.job_id, turn.item)
    forecast.learn(turn.world, engine.name, turn.world.clock.now() - turn.ledger.rows()["clip"].since)
    return Done({"clip": place.key, "seconds": seconds, "is_image": False})


run = partial(step.run, STEPS["animate"], Act(begin, finish))
handler = entry(run)
