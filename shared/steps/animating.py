"""One segment shown by an avatar engine; by the next ones from where an engine was switched off.

Nothing is kept beside the ledger: which engines were tried, what they were given and what came of it follows from its
rows each time anew. What one engine has made stays; the rest is cut to what the next one takes, its words as they were
spoken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.engines import ENGINES, PHOTO, Engine
from shared.domain.errors import EchobotError, Offline, Refused
from shared.domain.pieces import Piece
from shared.domain.readers import asset_of
from shared.engine import forecast, studio
from shared.engine.effects import EffectRow
from shared.engine.turn import Done, Later, Outcome, Turn, Waits
from shared.steps import clips, faces, stills

QUEUE_S = 1800.0  # a net only: whoever leaves the studio wakes the next
WITHOUT_LIST = ("still",)
"""What follows an engine that was chosen before the list of its successors was written down."""


@dataclass
class Shown:
    """How far the segment has come: its parts, the engines that were passed over, and where the rest begins."""

    at_ms: int
    parts: list[dict[str, object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def advance(turn: Turn) -> Outcome:
    """Go on with the first piece that is not made yet."""
    chosen, reader = turn.result("detect"), clips.reader_of(turn, turn.item)
    order = [ENGINES[name] for name in (chosen["engine"], *chosen.get("then", WITHOUT_LIST))]
    begun = max([0, *(place for place, engine in enumerate(order) if _has_begun(turn, engine, place))])
    whole = clips.segment_of(turn)
    shown = Shown(whole.start_ms)
    for place, engine in enumerate(order):
        rest = Piece(shown.at_ms, whole.end_ms)
        try:
            face = faces.of(chosen, reader) if place == 0 else _taking_over(turn, engine, rest, is_begun=place <= begun)
            outcome = _show(turn, engine, place, face, shown)
        except Refused as error:
            if place == 0 and not isinstance(error, Offline):
                raise
            shown.notes.append(faces.note(engine, error))
            continue
        return outcome or _done(turn, shown)
    last = ENGINES["still" if asset_of(PHOTO, reader) in turn.job.assets else "none"]
    shown.parts += clips.stand_in(turn, last, Piece(shown.at_ms, whole.end_ms))
    return _done(turn, shown)


def name_of(engine: Engine, place: int, number: int) -> str:
    """The effect that makes a piece; `place` is the engine's in the list, `number` the piece's, from 0."""
    return "clip" if (place, number) == (0, 0) else f"clip-{engine.name}-{number + 1}"


def _has_begun(turn: Turn, engine: Engine, place: int) -> bool:
    return name_of(engine, place, 0) in turn.ledger.rows()


def _taking_over(turn: Turn, engine: Engine, rest: Piece, *, is_begun: bool) -> Mapping[str, Any]:
    """The face for an engine that takes over; `Refused` when it cannot be had. What was begun is not weighed again."""
    if not is_begun and (objection := faces.objection(turn, engine, rest.length_ms / 1000)):
        raise objection
    reader = clips.reader_of(turn, turn.item)
    return turn.do(faces.check_of(turn, engine, reader)) if engine.detects else {}


def _show(turn: Turn, engine: Engine, place: int, face: Mapping[str, Any], shown: Shown) -> Outcome | None:
    """What is waited for: a turn in the studio, or a verdict; None when all that was left is shown. `Offline` when the
    engine is switched off: what it has made by then stays.
    """
    rows = turn.ledger.rows()
    if not engine.has_task:
        shown.parts += clips.stand_in(turn, engine, Piece(shown.at_ms, clips.segment_of(turn).end_ms))
        return None
    pieces = clips.pieces_of(turn, engine, shown.at_ms)
    names = [name_of(engine, place, number) for number in range(len(pieces))]
    for piece, name, after in zip(pieces, names, [*names[1:], ""], strict=True):
        row = rows.get(name)
        if row is None or not row.has_verdict:
            return _submit(turn, engine, piece, name, face)
        if after not in rows:  # else it was brought in before the next one was begun
            _bring_in(turn, engine, piece, row)
        shown.parts.append(clips.kept(turn, piece))
        shown.at_ms = piece.end_ms
    _leave(turn, engine)
    return None


def _submit(turn: Turn, engine: Engine, piece: Piece, name: str, face: Mapping[str, Any]) -> Outcome:
    who = studio.Waiting(turn.job.job_id, turn.item, turn.job.family, turn.world.clock.now())
    if not studio.enter(turn.world, engine.name, who):
        return Later(QUEUE_S, studio.TURN, lambda: studio.is_holder(turn.world, engine.name, who))
    try:
        turn.submit(clips.animate(turn, engine, piece, name, face))
    except Offline:
        _leave(turn, engine)
        raise
    return Waits(f"the clip from {engine.name}")


def _bring_in(turn: Turn, engine: Engine, piece: Piece, row: EffectRow) -> None:
    """The studio is held until the clip is in our bucket, and no longer whatever may be wrong with it."""
    try:
        made = turn.outcome(row.name) or {}
        clips.keep(turn, engine, piece, str(made["url"]))
    except EchobotError:
        _leave(turn, engine)
        raise
    forecast.learn(turn.world, engine.name, turn.world.clock.now() - row.since)


def _leave(turn: Turn, engine: Engine) -> None:
    studio.leave(turn.world, engine.name, turn.job.job_id, turn.item)


def _done(turn: Turn, shown: Shown) -> Done:
    """The stills are made here, while other segments are at work, and not when all wait for the film."""
    stills.make(turn, turn.item, shown.parts)
    return Done({"parts": shown.parts, "notes": shown.notes})
