"""What a story will cost, told before anything is paid for, and afterwards what it did cost, step by step.

Apart from the tariffs: these are the words and numbers that a person gets (`quote.json`, the receipt in the report).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.domain import fitting, prices, taste
from shared.domain.cues import Cue, speakable
from shared.domain.engines import ENGINES
from shared.domain.frozen import frozen
from shared.domain.prices import Facts, Item, Quote
from shared.domain.script import Draft
from shared.domain.segments import BORROW_MS_MAX
from shared.domain.sentences import Sentence

VERSION = 1
LEAD_MS = 1000
"""A portrait is there a moment before it speaks: more than that is never shown."""

QUICK_PACE = 0.8
"""Of the usual one: where a quick voice is silent nothing is animated."""
CROWDED_PACE = fitting.PACE_MAX / fitting.RATE_MAX
"""Of the usual one: as slow as a voice may be, at the fastest rate that is asked for."""
SEGMENTS_PER_MIN_MAX = 12
"""Segments in a minute of film, each listened to for a begun minute, and so often at most."""

LISTENS_MAX = 3
SEPARATED = ("ims.ocr", "ims.asr", "ims.music")
QUOTED_AS = {"script": "speak"}
"""The first line is read while the script is written, and was quoted with the others."""


def facts(
    *,
    film_ms: int,
    engine: str,
    voice_model: str,
    ratio: str,
    keeps_music: bool,
    cues: Sequence[Cue] | None,
    language: str,
) -> Facts:
    """What is known of a story before it begins: with its captions nearly all, without them only the film's length."""
    guessed = prices.guess(film_ms, engine, voice_model, ratio=ratio)
    if cues is None:
        return replace(guessed, keeps_music=keeps_music)
    known = _read(guessed, _spoken(cues, film_ms, language), film_ms, language)
    return replace(known, reads_captions=False, keeps_music=keeps_music)


def divided(whole: Facts, cues: Sequence[Cue] | None, language: str) -> tuple[Facts, Facts]:
    """Of a story that is tasted first what the taste needs, and what the rest. The film is taken apart once, for both;
    it is put together twice.
    """
    first = replace(prices.guess(taste.LENGTH_MS_MAX, whole.engine, whole.voice_model), composed_ms=taste.LENGTH_MS_MAX)
    if cues is not None:
        spoken = _spoken(cues, whole.film_ms, language)
        tasted = spoken[: taste.lines([cue for cue, _ in spoken])] if spoken else []
        until_ms = min(whole.film_ms, max((cue.end_ms for cue, _ in tasted), default=0) + BORROW_MS_MAX)
        first = replace(_read(first, tasted, until_ms, language), composed_ms=until_ms)
    animated, characters = (
        tuple(map(min, one, other))
        for one, other in ((first.animated_ms, whole.animated_ms), (first.characters, whole.characters))
    )
    begun = replace(
        whole,
        animated_ms=(animated[0], animated[1]),
        characters=(characters[0], characters[1]),
        composed_ms=first.composed_ms,
        listens=listens(first.composed_ms) if whole.listens[1] else whole.listens,
    )
    rest = replace(
        whole,
        animated_ms=_less(whole.animated_ms, begun.animated_ms),
        characters=_less(whole.characters, begun.characters),
        reads_captions=False,
        keeps_music=False,
        checks_photo=False,
        listens=_less(whole.listens, begun.listens),
    )
    return begun, rest


def _spoken(cues: Sequence[Cue], film_ms: int, language: str) -> list[tuple[Cue, str]]:
    return [(cue, text) for cue in cues if cue.start_ms < film_ms and (text := speakable(cue.text, language))]


def _read(guessed: Facts, spoken: Sequence[tuple[Cue, str]], until_ms: int, language: str) -> Facts:
    """What these lines need, in a film that ends then."""
    characters = sum(prices.speech_characters(text) for _, text in spoken)
    shown = [min(cue.end_ms, until_ms) - cue.start_ms for cue, _ in spoken]
    said = [fitting.predict_ms(text, language) for _, text in spoken]
    quick = [round(length_ms * QUICK_PACE) for length_ms in said]
    least = sum(map(min, shown, quick))
    left = [min(until_ms, until_ms - cue.start_ms + LEAD_MS) for cue, _ in spoken]
    # Words that no slot holds are animated to their end, or the film's, whoever speaks after them.
    crowded = [max(one, round(length_ms * CROWDED_PACE)) for one, length_ms in zip(shown, said, strict=True)]
    most = max(sum(shown), *left[:1], sum(map(min, crowded, left)))
    return replace(guessed, animated_ms=(least, most), characters=(characters, characters))


def _less(whole: tuple[int, int], part: tuple[int, int]) -> tuple[int, int]:
    return max(0, whole[0] - part[0]), max(0, whole[1] - part[1])


@frozen
class Offer:
    """What a story will cost; where it is tasted first, also what the taste and the rest will."""

    whole: Quote
    taste: Quote | None = None
    rest: Quote | None = None

    @property
    def first(self) -> Quote:
        """What is bought before anybody is asked again."""
        return self.taste or self.whole


def offer(known: Facts, cues: Sequence[Cue] | None, language: str, *, is_tasted: bool) -> Offer:
    """`price.unknown` for an engine or a voice model without a price."""
    if not is_tasted:
        return Offer(prices.estimate(known))
    begun, rest = map(prices.estimate, divided(known, cues, language))
    return Offer(_sum_of(begun, rest), begun, rest)


def _sum_of(one: Quote, other: Quote) -> Quote:
    """A line for each tariff of either."""
    found: dict[str, Item] = {}
    for item in (*one.items, *other.items):
        had = found.get(item.name)
        found[item.name] = replace(item, low=item.low + had.low, high=item.high + had.high) if had else item
    return Quote(tuple(found.values()))


def listens(film_ms: int) -> tuple[int, int]:
    """Minutes that a recogniser listens, at least and at most."""
    minutes = math.ceil(film_ms / 60_000)
    return minutes, minutes * SEGMENTS_PER_MIN_MAX * LISTENS_MAX


def by_reader(draft: Draft, narrator: str | None) -> list[dict[str, object]]:
    """How much each narrator will read: lines, characters as they are billed, and about how many seconds."""
    told: dict[str, list[str]] = {}
    for run in draft.runs:
        told.setdefault(run.reader, []).extend(cue.text for cue in run.cues)
    return [
        {
            "name": reader or narrator,
            "lines": len(texts),
            "characters": sum(map(prices.speech_characters, texts)),
            "seconds": round(sum(fitting.predict_ms(text, draft.language) for text in texts) / 1000, 1),
        }
        for reader, texts in told.items()
    ]


def step_of(price: str, facts: Facts) -> str:
    """The step that pays for a tariff."""
    engine = ENGINES[facts.engine]
    if price in SEPARATED:
        return "separate"
    if price == engine.detect_price:
        return "detect"
    if price in {facts.voice_model, "ims.listen"}:
        return "speak"
    return "compose" if price.startswith("ims.") else "animate"


def document(
    job_id: str,
    facts: Facts,
    offered: Offer,
    *,
    budget: int,
    at: float,
    said: Sentence,
    waits: bool,
    readers: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """`quote.json`: amounts in yuan. `budget` in millionths; 0 for none. `readers` as `by_reader` has them."""
    quote = offered.whole
    steps = [
        {
            "step": step_of(item.name, facts),
            "price": item.name,
            "low_yuan": prices.yuan(item.low),
            "high_yuan": prices.yuan(item.high),
            "estimate": item.estimate,
        }
        for item in quote.items
    ]
    return {
        "version": VERSION,
        "job": job_id,
        "at": round(at, 3),
        "engine": facts.engine,
        "low_yuan": prices.yuan(quote.low),
        "high_yuan": prices.yuan(quote.high),
        "has_estimates": quote.has_estimates,
        "budget_yuan": prices.yuan(budget) if budget else None,
        "waits": waits,
        "steps": steps,
        **{name: part(one) for name, one in (("taste", offered.taste), ("rest", offered.rest)) if one is not None},
        "readers": list(readers),
        "zh": said.zh,
        "en": said.en,
    }


def part(quote: Quote) -> dict[str, object]:
    """What the taste, or the rest, will cost."""
    return {"low_yuan": prices.yuan(quote.low), "high_yuan": prices.yuan(quote.high)}


def receipt(quoted: Mapping[str, object] | None, spent: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    """Quoted against spent, a line for each step that either knows of; `spent` are steps with what a call cost."""
    paid: dict[str, int] = {}
    for step, amount in ((QUOTED_AS.get(step, step), amount) for step, amount in spent):
        paid[step] = paid.get(step, 0) + amount
    lines = quoted.get("steps") if quoted else None
    offered: dict[str, list[float]] = {}
    for line in lines if isinstance(lines, list) else []:
        sums = offered.setdefault(str(line["step"]), [0.0, 0.0])
        sums[0] += float(line["low_yuan"])
        sums[1] += float(line["high_yuan"])
    return [
        {
            "step": step,
            "quoted_low_yuan": _sum(offered, step, 0),
            "quoted_high_yuan": _sum(offered, step, 1),
            "spent_yuan": prices.yuan(paid.get(step, 0)),
        }
        for step in dict.fromkeys([*offered, *(step for step, amount in paid.items() if amount)])
    ]


def _sum(offered: Mapping[str, Sequence[float]], step: str, end: int) -> str | None:
    return prices.yuan(round(offered[step][end] * prices.YUAN)) if step in offered else None
