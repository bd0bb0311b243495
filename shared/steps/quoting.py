"""The quote: what a story will cost, said before anything of it is bought; where it is tasted first, said once more
when the taste is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain import cues, engines, keys, prices, quotes, script, taste
from shared.domain.cast import casting
from shared.domain.cues import Cue
from shared.domain.errors import Refused
from shared.domain.keys import Asset
from shared.domain.prices import Facts
from shared.domain.quotes import Offer
from shared.domain.sentences import sentence
from shared.engine.records import Job, budget_of
from shared.engine.world import World
from shared.ports import Bucket, Place


def tell(world: World, job: Job) -> bool:
    """Put the job's `quote.json`; whether the job must wait for a yes: it was wished, or the budget cannot do.

    A film that is too short to be tasted is asked about as a whole.
    """
    is_tasted = _is_tasted(job)
    wished, budget = job.options.quote != "tell" and not is_tasted, budget_of(world, job)
    given = _given(world, job)
    read = None if given is None else cues.read_srt(given).cues
    facts = _facts(world, job, read)
    try:
        offered, problem = quotes.offer(facts, read, job.options.language, is_tasted=is_tasted), ""
    except Refused as error:
        offered, problem = Offer(prices.Quote()), str(error.fields["name"])
    is_over = bool(budget) and offered.first.low > budget
    fields = {
        "low": prices.yuan(offered.whole.low),
        "high": prices.yuan(offered.whole.high),
        "first_low": prices.yuan(offered.first.low),
        "first_high": prices.yuan(offered.first.high),
        "budget": prices.yuan(budget),
        "job": job.job_id,
        "name": problem,
    }
    told = "quote.taste" if is_tasted else "quote.asked" if wished else "quote.told"
    over = "quote.taste_over" if is_tasted else "quote.over"
    said, waits = sentence("quote.unknown" if problem else over if is_over else told, fields), wished or is_over
    at, readers = world.clock.now(), _readers(job, given)
    body = quotes.document(job.job_id, facts, offered, budget=budget, at=at, said=said, waits=waits, readers=readers)
    if waits and not (problem or is_tasted) and taste.is_wanted(taste.WISHED, int(job.seconds * 1000)):
        # Whoever is asked may wish to taste it first.
        first = quotes.offer(facts, read, job.options.language, is_tasted=True).first
        body = {**body, "taste": quotes.part(first)}
    _put(world, job.job_id, body)
    return waits


def tell_tasted(world: World, job: Job, written: Sequence[Cue], engine: str, spent: int) -> None:
    """The taste is there: what it has cost (in millionths), and what the rest will, now that all captions are known and
    the engine is chosen.
    """
    known = _facts(world, job, written)
    facts, budget = replace(known, engine=engine), budget_of(world, job)
    try:
        rest = quotes.offer(facts, written, job.options.language, is_tasted=True).rest or prices.Quote()
    except Refused:
        rest = prices.Quote()  # no price is known, as the quote said
    is_over = bool(budget) and spent + rest.low > budget
    amounts = {"low": rest.low, "high": rest.high, "spent": spent, "budget": budget}
    fields = {**{name: prices.yuan(amount) for name, amount in amounts.items()}, "job": job.job_id}
    said = sentence("quote.tasted_over" if is_over else "quote.tasted", fields)
    found = read(world, job.job_id) or quotes.document(
        job.job_id, facts, Offer(rest), budget=budget, at=world.clock.now(), said=said, waits=True
    )
    begun = found.get("taste")
    taste_part = {**(begun if isinstance(begun, dict) else {}), "spent_yuan": prices.yuan(spent)}
    told = {"waits": True, "taste": taste_part, "rest": quotes.part(rest), "zh": said.zh, "en": said.en}
    _put(world, job.job_id, {**found, **told})


def read(world: World, job_id: str) -> Mapping[str, object] | None:
    """What `quote.json` says; None when there is none."""
    place = Place(Bucket.OUTPUT, keys.story_quote(job_id))
    if world.objects.head(place) is None:
        return None
    found = json.loads(world.objects.read(place))
    return found if isinstance(found, dict) else None


def _put(world: World, job_id: str, body: Mapping[str, object]) -> None:
    place = Place(Bucket.OUTPUT, keys.story_quote(job_id))
    world.objects.write(place, json.dumps(body, ensure_ascii=False, indent=2).encode(), "application/json")


def _is_tasted(job: Job) -> bool:
    return taste.is_wanted(job.options.quote, int(job.seconds * 1000))


def _facts(world: World, job: Job, read: Sequence[Cue] | None) -> Facts:
    """By the engine that is tried first: another one takes its place only when that is switched off."""
    options, film_ms = job.options, round(job.seconds * 1000)
    facts = quotes.facts(
        film_ms=film_ms,
        engine=engines.order(options.engines, world.settings.engine_order, job.sources)[0],
        voice_model=world.settings.voice_model,
        ratio=options.ratio,
        keeps_music=options.keeps_music,
        cues=read,
        language=options.language,
    )
    return replace(
        facts, photos=len(job.all_readers), listens=quotes.listens(film_ms) if options.listen else facts.listens
    )


def _readers(job: Job, given: bytes | None) -> list[dict[str, object]]:
    """What each of several narrators will read, as far as captions that were given tell."""
    options = job.options
    if given is None or not job.readers:
        return []
    who = casting(options.cast, options.narrator)
    try:
        draft = script.read(given, language=options.language, film_ms=round(job.seconds * 1000), who=who)
    except Refused:
        return []  # the step that writes the script will say so
    return quotes.by_reader(draft, options.narrator)


def _given(world: World, job: Job) -> bytes | None:
    found = job.assets.get(Asset.CAPTIONS.value)
    return None if found is None else world.objects.read(found.place, 0, cues.FILE_BYTES_MAX + 1)
