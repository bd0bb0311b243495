"""What a family gets: film, captions, cover and report, each put so that putting it again is harmless."""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.domain import keys
from shared.domain.errors import Corrupt, Refused
from shared.domain.page import page
from shared.engine import leftovers
from shared.engine.turn import Turn
from shared.ports import Bucket, Place
from shared.steps import captions, reporting, scripts

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
    if scripts.find(turn.world, turn.job.job_id) is not None:
        place = Place(Bucket.OUTPUT, keys.story_captions(turn.job.job_id))
        turn.world.objects.write(place, captions.followed(turn), captions.SRT)


def put_cover(turn: Turn) -> None:
    film = Place(Bucket.OUTPUT, keys.story_film(turn.job.job_id))
    cover = turn.world.objects.frame(film, turn.job.seconds * COVER_AT)
    turn.world.objects.write(Place(Bucket.OUTPUT, keys.story_cover(turn.job.job_id)), cover, "image/jpeg")


def put_report(turn: Turn, label: Mapping[str, object] | None) -> str:
    """What was made of what, how it fits, and what it cost, as data and as a page; the digest of the data, by which
    `echobot report --check` knows it. Empty when a first try of this step has put it already.
    """
    written = scripts.find(turn.world, turn.job.job_id)
    if written is None or label is None:
        return _digest_of_put(turn)
    found = reporting.report(turn, written, label)
    body = json.dumps(found, ensure_ascii=False, indent=2).encode()
    place = Place(Bucket.OUTPUT, keys.story_report(turn.job.job_id))
    turn.world.objects.write(place, body, "application/json")
    page_place = Place(Bucket.OUTPUT, keys.story_page(turn.job.job_id))
    turn.world.objects.write(page_place, page(found).encode(), "text/html; charset=utf-8")
    return reporting.seal(body)


def _digest_of_put(turn: Turn) -> str:
    place = Place(Bucket.OUTPUT, keys.story_report(turn.job.job_id))
    return reporting.seal(turn.world.objects.read(place))


def clean_up(turn: Turn) -> None:
    """Forget what the story was made of; the rows stay, so `explain` can still tell."""
    if not turn.world.settings.keep_work:
        leftovers.clear_work(turn.world, turn.job, turn.rows)
