"""The taste of a story, handed over: the film of its beginning, its captions, and what the rest will cost.

After it the engine asks whether the rest is wanted (`asking.ask_about_taste`). Every write may be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.domain import keys, prices
from shared.domain.errors import Corrupt
from shared.domain.job import TASTE, WHOLE, YES, Rows
from shared.engine.effects import EffectRow, rows_of
from shared.engine.turn import Done, Outcome, Turn
from shared.engine.world import World
from shared.ports import Bucket, Place
from shared.steps import captions, extents, labelling, quoting, scripts


def hand_over(turn: Turn) -> Outcome:
    """Like the whole story, a taste without the label is not handed over. What it is made of stays for the story."""
    world, job_id, extent = turn.world, turn.job.job_id, extents.of(turn)
    label = labelling.apply(turn)
    if label is None:
        raise Corrupt("internal", "the taste is gone before it was handed over")
    world.objects.copy(extent.labelled, Place(Bucket.OUTPUT, keys.story_taste(job_id)))
    told = Place(Bucket.OUTPUT, keys.story_taste_captions(job_id))
    world.objects.write(told, captions.followed(turn), captions.SRT)
    written = scripts.read(world, job_id)
    effects, engine = rows_of(world, job_id), turn.result("detect")["engine"]
    quoting.tell_tasted(world, turn.job, written.cues, engine, sum(one.spent for one in effects))
    return Done({"film": keys.story_taste(job_id), "seconds": extent.seconds, "label": label, "spent": spent(effects)})


def take_back(turn: Turn) -> None:
    """Where the whole story is, its taste is not needed any more."""
    if ("publish", TASTE) in turn.rows:
        for key in (keys.story_taste(turn.job.job_id), keys.story_taste_captions(turn.job.job_id)):
            turn.world.objects.delete(Place(Bucket.OUTPUT, key))


def note(rows: Rows) -> Mapping[str, object] | None:
    """What the report says of the taste: how long it was, what had been bought by then, when somebody was asked about
    it and said yes. None for a story without one.
    """
    taste, yes = rows.get(("publish", TASTE)), rows.get((YES, WHOLE))
    if taste is None or yes is None:
        return None
    told = {name: taste.result[name] for name in ("seconds", "label", "spent")}
    return {**told, "asked_at": yes.result["asked_at"], "approved_at": yes.updated_at}


def spent(effects: Sequence[EffectRow]) -> Mapping[str, object]:
    """What calls have cost, in all and by price."""
    return prices.bill((effect.price, effect.spent) for effect in effects if effect.spent)


def url(world: World, job_id: str) -> str:
    """Where somebody may watch the taste for a while; empty when there is none, or none any more."""
    place = Place(Bucket.OUTPUT, keys.story_taste(job_id))
    return world.objects.share(place, world.settings.share_s) if world.objects.head(place) is not None else ""
