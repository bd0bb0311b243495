"""The quote: what a story will cost, said before anything of it is bought."""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.domain import cues, engines, keys, prices, quotes
from shared.domain.errors import Refused
from shared.domain.keys import Asset
from shared.domain.options import Options
from shared.domain.sentences import sentence
from shared.engine.records import Asset as Kept
from shared.engine.records import Job, budget_of
from shared.engine.world import World
from shared.ports import Bucket, Place


def tell(world: World, job: Job) -> bool:
    """Put the job's `quote.json`; whether the job must wait for a yes: it was wished, or the budget cannot do."""
    options = job.options
    wished, budget = options.quote == "wait", budget_of(world, job)
    facts = _facts(world, options, job.assets, job.seconds)
    try:
        quote = prices.estimate(facts)
        problem = ""
    except Refused as error:
        quote, problem = prices.Quote(), str(error.fields["name"])
    is_over = bool(budget) and quote.low > budget
    fields = {
        "low": prices.yuan(quote.low),
        "high": prices.yuan(quote.high),
        "budget": prices.yuan(budget),
        "job": job.job_id,
        "name": problem,
    }
    code = "quote.unknown" if problem else "quote.over" if is_over else "quote.asked" if wished else "quote.told"
    said, waits = sentence(code, fields), wished or is_over
    body = quotes.document(job.job_id, facts, quote, budget=budget, at=world.clock.now(), said=said, waits=waits)
    place = Place(Bucket.OUTPUT, keys.story_quote(job.job_id))
    world.objects.write(place, json.dumps(body, ensure_ascii=False, indent=2).encode(), "application/json")
    return waits


def read(world: World, job_id: str) -> Mapping[str, object] | None:
    """What `quote.json` says; None when there is none."""
    place = Place(Bucket.OUTPUT, keys.story_quote(job_id))
    if world.objects.head(place) is None:
        return None
    found = json.loads(world.objects.read(place))
    return found if isinstance(found, dict) else None


def _facts(world: World, options: Options, assets: Mapping[str, Kept], seconds: float) -> prices.Facts:
    """By the engine that is tried first: another one takes its place only when that is switched off."""
    given = assets.get(Asset.CAPTIONS.value)
    read = None if given is None else cues.read_srt(world.objects.read(given.place, 0, cues.FILE_BYTES_MAX + 1)).cues
    return quotes.facts(
        film_ms=round(seconds * 1000),
        engine=engines.order(options.engines, world.settings.engine_order, assets)[0],
        voice_model=world.settings.voice_model,
        ratio=options.ratio,
        keeps_music=options.music == "keep",
        cues=read,
        language=options.language,
    )
