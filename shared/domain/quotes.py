"""What a story will cost, told before anything is paid for, and afterwards what it did cost, step by step.

Apart from the tariffs: these are the words and numbers that a person gets (`quote.json`, the receipt in the report).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shared.domain import fitting, prices
from shared.domain.cues import Cue, speakable
from shared.domain.engines import ENGINES
from shared.domain.prices import Facts, Quote
from shared.domain.sentences import Sentence

VERSION = 1
LEAD_MS = 1000
"""A portrait is there a moment before it speaks: more than that is never shown."""

QUICK_PACE = 0.8
"""Of the usual one: where a quick voice is silent nothing is animated."""
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
    spoken = [(cue, text) for cue in cues if cue.start_ms < film_ms and (text := speakable(cue.text, language))]
    characters = sum(prices.speech_characters(text) for _, text in spoken)
    shown = [min(cue.end_ms, film_ms) - cue.start_ms for cue, _ in spoken]
    quick = [round(fitting.predict_ms(text, language) * QUICK_PACE) for _, text in spoken]
    least = sum(map(min, shown, quick))
    most = max([sum(shown), *(min(film_ms, film_ms - cue.start_ms + LEAD_MS) for cue, _ in spoken[:1])])
    return replace(
        guessed,
        animated_ms=(least, most),
        characters=(characters, characters),
        reads_captions=False,
        keeps_music=keeps_music,
    )


def step_of(price: str, facts: Facts) -> str:
    """The step that pays for a tariff."""
    engine = ENGINES[facts.engine]
    if price in SEPARATED:
        return "separate"
    if price == engine.detect_price:
        return "detect"
    if price == facts.voice_model:
        return "speak"
    return "compose" if price.startswith("ims.") else "animate"


def document(
    job_id: str, facts: Facts, quote: Quote, *, budget: int, at: float, said: Sentence, waits: bool
) -> dict[str, object]:
    """`quote.json`: amounts in yuan. `budget` in millionths; 0 for none."""
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
        "zh": said.zh,
        "en": said.en,
    }


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
