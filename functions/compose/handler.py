"""Put the story together: the film without its narrator, the parent's speech, the music, the portrait, the label;
before that its beginning alone, when it shall be tasted.
"""

from collections.abc import Mapping
from functools import partial

from shared.domain.timeline import opening_timeline
from shared.engine import step
from shared.engine.effects import Effect, Sent
from shared.engine.turn import Act, Done, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Film, Place
from shared.steps import composing, extents
from shared.wiring import entry

REPEATS = 4  # the token makes a repeat the same job


def begin(turn: Turn) -> Outcome:
    if "opening" in turn.ledger.rows():
        return _listen(turn)
    _submit(turn, "film", composing.timeline(turn), extents.of(turn).film, composing.output(turn))
    return Waits("the film from IMS")


def finish(turn: Turn) -> Outcome:
    """First the film; then, as nothing here can decode its sound, its opening as a WAV, for `publish` to listen to."""
    turn.outcome("film")
    film = extents.of(turn).film
    seconds = composing.check(turn, film)
    if "opening" not in turn.ledger.rows():
        return _listen(turn)
    turn.outcome("opening")
    return Done({"film": film.key, "seconds": seconds})


def _listen(turn: Turn) -> Outcome:
    extent = extents.of(turn)
    timeline = opening_timeline(turn.world.objects.plain_url(extent.film))
    _submit(turn, "opening", timeline, extent.opening, composing.opening(turn))
    return Waits("the film's opening from IMS")


def _submit(turn: Turn, name: str, timeline: Mapping[str, object], place: Place, film: Film) -> None:
    world, job = turn.world, turn.job
    inputs = {"timeline": timeline, "film": job.assets["film"].etag}
    token = composing.token(turn, name, inputs)

    def call() -> Sent:
        return Sent(world.media.compose(timeline, place, film, token, f"{job.job_id}/{name}"))

    kind = STEPS["compose"].effects[name]
    turn.submit(Effect(name, kind, inputs, call, repeats=REPEATS, price=f"ims.{name}", quantity=film.seconds))


run = partial(step.run, STEPS["compose"], Act(begin, finish))
handler = entry(run)
