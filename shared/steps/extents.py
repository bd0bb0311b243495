"""How much of a story `compose` and `publish` make at a turn: the whole, or the taste, each under keys of its own."""

from __future__ import annotations

from shared.domain import keys
from shared.domain.frozen import frozen
from shared.domain.job import TASTE
from shared.engine.turn import Turn
from shared.ports import Bucket, Place
from shared.steps import spoken


@frozen
class Extent:
    """The segments that are heard, from the film's beginning to its end or to the taste's, and where what is made lies:
    the film as IMS wrote it, its opening as sound alone, the film with the label, and captions to burn in.
    """

    items: tuple[str, ...]
    seconds: float
    film: Place
    opening: Place
    labelled: Place
    captions: Place
    is_taste: bool = False

    @property
    def ms(self) -> int:
        return int(self.seconds * 1000)


def of(turn: Turn) -> Extent:
    """What the turn's item stands for."""
    return _taste(turn) if turn.item == TASTE else _whole(turn)


def _whole(turn: Turn) -> Extent:
    job_id = turn.job.job_id
    return Extent(
        items=tuple(item for step, item in sorted(turn.rows) if step == "speak"),
        seconds=turn.job.seconds,
        film=_work(keys.job_film(job_id)),
        opening=_work(keys.job_opening(job_id)),
        labelled=_work(keys.job_labelled(job_id)),
        captions=_work(keys.job_clean_captions(job_id)),
    )


def _taste(turn: Turn) -> Extent:
    """To the end of its last line's time; later, if the reading needed longer: a line is never cut."""
    job_id, divided = turn.job.job_id, turn.result("script")
    items = tuple(divided[TASTE])
    end_ms = max(divided["taste_ms"], spoken.of(turn, items)[-1].end_ms)
    return Extent(
        items=items,
        seconds=min(turn.job.seconds, end_ms / 1000),
        film=_work(keys.job_taste(job_id)),
        opening=_work(keys.job_taste_opening(job_id)),
        labelled=_work(keys.job_taste_labelled(job_id)),
        captions=_work(keys.job_taste_captions(job_id)),
        is_taste=True,
    )


def _work(key: str) -> Place:
    return Place(Bucket.WORK, key)
