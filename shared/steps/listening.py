"""A second listening: a recogniser writes down what it hears in a segment; what it did not understand is read again.

Only where the job's options ask for it: it costs a minute of recognition a segment. Where none can be had the story
goes on without, and the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from shared.domain import listening, prices
from shared.domain.engines import ENGINES
from shared.domain.errors import Corrupt, Refused
from shared.domain.frozen import frozen
from shared.domain.script import Line
from shared.engine import spending
from shared.engine.effects import Effect, Sent
from shared.engine.records import told_of
from shared.engine.turn import Turn, Waits
from shared.pipeline import STEPS
from shared.ports import Place
from shared.steps import faces
from shared.steps.speaking import Reading

EFFECT = "listen"
PRICE = "ims.listen"
REPEATS = 4  # a recognition that is made twice does no harm


@frozen
class Listened:
    """What came of listening so far: by line, the takes that were not understood and how much of the last one was;
    after how many rounds; and why there is no more of it.
    """

    misheard: Mapping[int, frozenset[int]] = field(default_factory=dict)
    shares: Mapping[int, float] = field(default_factory=dict)
    rounds: int = 0
    note: str = ""


def listen(
    turn: Turn, told: Sequence[tuple[Line, Reading]], place: Place, seconds: float, before: Listened
) -> Listened | Waits:
    """Have the speech at `place` written down, or compare what was written; a note says why that could not be."""
    name = f"{EFFECT}-{before.rounds + 1}"
    row = turn.ledger.rows().get(name)
    try:
        if row is None or not row.has_verdict:
            if row is None and (objection := _objection(turn, seconds)):
                return Listened(before.misheard, before.shares, before.rounds, objection)
            turn.submit(_effect(turn, name, told, place, seconds))
            return Waits("a recogniser to listen")
        heard = turn.outcome(name) or {}
    except (Refused, Corrupt) as error:
        return Listened(before.misheard, before.shares, before.rounds, told_of(error, 240))
    words = " ".join(str(one["text"]) for one in heard["sentences"])
    shares = listening.understood([line.text for line, _ in told], words)
    misheard = dict(before.misheard)
    for (line, reading), share in zip(told, shares, strict=True):
        if listening.is_misheard(share):
            misheard[line.number] = misheard.get(line.number, frozenset()) | {reading.take.number}
    by_line = {line.number: share for (line, _), share in zip(told, shares, strict=True)}
    return Listened(misheard, by_line, before.rounds + 1)


def _objection(turn: Turn, seconds: float) -> str:
    """Listening is never what a story stops for: what it needs to be finished is kept back."""
    left, cost = turn.ledger.left(turn.job), spending.foreseen(PRICE, seconds) + _to_come(turn)
    return f"{PRICE} ¥{prices.yuan(cost)}: over the budget" if left is not None and cost > left else ""


def _to_come(turn: Turn) -> int:
    engine, seconds = ENGINES[turn.result("detect")["engine"]], turn.job.seconds
    clips = spending.foreseen(faces.tariff(turn, engine), seconds * prices.SPEECH_SHARE[1]) if engine.has_task else 0
    return clips + sum(spending.foreseen(name, seconds) for name in ("ims.film", "ims.opening"))


def _effect(turn: Turn, name: str, told: Sequence[tuple[Line, Reading]], place: Place, seconds: float) -> Effect:
    label = f"{turn.job.job_id}/{turn.item}/{name}"
    inputs = {"takes": [[line.number, reading.take.number] for line, reading in told]}

    def call() -> Sent:
        return Sent(turn.world.media.recognise(place, label))

    kind = STEPS["speak"].effects[EFFECT]
    return Effect(name, kind, inputs, call, repeats=REPEATS, price=PRICE, quantity=seconds)
