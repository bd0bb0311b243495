"""What a family gets: film, captions, cover and report, each put so that putting it again is harmless."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.domain import keys, prices, quotes, script
from shared.domain.errors import Corrupt, Refused
from shared.engine import leftovers
from shared.engine.effects import EffectRow, rows_of
from shared.engine.turn import Turn
from shared.ports import Bucket, Place
from shared.steps import captions, quoting

COVER_AT = 0.3  # of the film: past its titles, before its end


def put_film(turn: Turn, label: Mapping[str, object] | None) -> None:
    """A server-side copy appears whole or not at all. Without a label that was found nothing is copied: either a first
    try of this step has handed the film over and begun to clean up after itself, or it is lost.
    """
    target = Place(Bucket.OUTPUT, keys.story_film(turn.job.job_id))
    if label is None:
        if turn.world.objects.head(target) is None:
            raise Corrupt("internal", "the film is gone before it was handed over")
        return
    source = Place(Bucket.WORK, keys.job_labelled(turn.job.job_id))
    try:
        turn.world.objects.copy(source, target)
    except Refused as error:
        raise Corrupt("internal", f"{source.key} is gone before it was handed over") from error


def take_back_error(turn: Turn) -> None:
    """A step may have been about to fail the job, died over it, and succeeded after all."""
    turn.world.objects.delete(Place(Bucket.OUTPUT, keys.story_error(turn.job.job_id)))


def put_captions(turn: Turn) -> None:
    """The captions as they are spoken."""
    if _script(turn) is not None:
        place = Place(Bucket.OUTPUT, keys.story_captions(turn.job.job_id))
        turn.world.objects.write(place, captions.followed(turn), captions.SRT)


def put_cover(turn: Turn) -> None:
    film = Place(Bucket.OUTPUT, keys.story_film(turn.job.job_id))
    cover = turn.world.objects.frame(film, turn.job.seconds * COVER_AT)
    turn.world.objects.write(Place(Bucket.OUTPUT, keys.story_cover(turn.job.job_id)), cover, "image/jpeg")


def put_report(turn: Turn, label: Mapping[str, object]) -> None:
    """What was made of what, how it fits, and what it cost. After clean-up it has been put already."""
    written = _script(turn)
    if written is None:
        return
    body = json.dumps(report(turn, written, label), ensure_ascii=False, indent=2).encode()
    turn.world.objects.write(Place(Bucket.OUTPUT, keys.story_report(turn.job.job_id)), body, "application/json")


def report(turn: Turn, written: script.Script, label: Mapping[str, object]) -> Mapping[str, Any]:
    job, now = turn.job, turn.world.clock.now()
    items = [item for step, item in sorted(turn.rows) if step == "speak"]
    effects = rows_of(turn.world, job.job_id)
    return {
        "job": job.job_id,
        "film": {"seconds": job.seconds, "width": job.film["width"], "height": job.film["height"]},
        "opened_at": job.opened_at,
        "published_at": now,
        "took_s": round(now - job.opened_at, 1),
        "captions": {
            "from": turn.result("separate", "captions")["from"],
            "cues": len(written.cues),
            "repairs": [f"{repair.number}: {repair.sentence.en}" for repair in written.repairs],
        },
        "voice": {"model": turn.result("clone")["model"], "reused": turn.result("clone")["reused"]},
        "music": turn.result("separate", "music")["note"] or "kept",
        "portrait": {
            "engine": turn.result("detect")["engine"],
            "passed_over": turn.result("detect")["passed_over"],
            "notes": [f"{item} {note}" for item in items for note in turn.result("animate", item).get("notes", ())],
        },
        "lines": [line for item in items for line in turn.result("speak", item)["lines"]],
        "spent": _spent(effects),
        "receipt": quotes.receipt(quoting.read(turn.world, job.job_id), ((one.step, one.spent) for one in effects)),
        "label": label,
    }


def clean_up(turn: Turn) -> None:
    """Forget what the story was made of; the rows stay, so `explain` can still tell."""
    if not turn.world.settings.keep_work:
        leftovers.clear_work(turn.world, turn.job.job_id, turn.rows)


def _spent(effects: list[EffectRow]) -> Mapping[str, object]:
    by_price: dict[str, int] = {}
    for effect in effects:
        if effect.spent:
            by_price[effect.price] = by_price.get(effect.price, 0) + effect.spent
    return {
        "total_yuan": prices.yuan(sum(by_price.values())),
        "by_price": {name: prices.yuan(amount) for name, amount in sorted(by_price.items())},
    }


def _script(turn: Turn) -> script.Script | None:
    """The script, or None when a first try of this step has already cleaned up after itself."""
    place = Place(Bucket.WORK, keys.job_script(turn.job.job_id))
    if turn.world.objects.head(place) is None:
        return None
    return script.load(turn.world.objects.read(place))
