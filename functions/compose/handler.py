"""Put the story together: the film without its narrator, the parent's speech, the music, the portrait, the label."""

from functools import partial

from shared.domain import keys
from shared.engine import step
from shared.engine.effects import Effect, Sent, digest
from shared.engine.turn import Act, Done, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Bucket, Kind, Place
from shared.steps import composing
from shared.wiring import entry

REPEATS = 4  # the token makes a repeat the same job


def begin(turn: Turn) -> Outcome:
    world, job = turn.world, turn.job
    timeline = composing.timeline(turn)
    place = Place(Bucket.WORK, keys.job_film(job.job_id))
    film = composing.output(turn)
    inputs = {"timeline": timeline, "film": job.assets["film"].etag}
    token = digest({"job": job.job_id, **inputs, **_attempt(turn)}).removeprefix("v1:")  # 64 digits, IMS's longest

    def call() -> Sent:
        return Sent(world.media.compose(timeline, place, film, token, f"{job.job_id}/compose"))

    turn.submit(
        Effect("film", Kind.IMS_PRODUCING, inputs, call, repeats=REPEATS, price="ims.film", quantity=job.seconds)
    )
    return Waits("the film from IMS")


def _attempt(turn: Turn) -> dict[str, object]:
    """Without an answer the same token again; after a failure another one, since the same would give the failed job."""
    film = turn.ledger.rows().get("film")
    return {"failures": film.failures} if film is not None and film.failures else {}


def finish(turn: Turn) -> Outcome:
    turn.outcome("film")
    place = Place(Bucket.WORK, keys.job_film(turn.job.job_id))
    return Done({"film": place.key, "seconds": composing.check(turn, place)})


run = partial(step.run, STEPS["compose"], Act(begin, finish))
handler = entry(run)
