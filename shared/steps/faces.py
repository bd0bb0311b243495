"""The check of a photo by an avatar engine, and why an engine cannot be had for a story."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.domain import prices
from shared.domain.engines import Engine
from shared.domain.errors import EchobotError, Offline, Refused, of_reader
from shared.domain.readers import OWN
from shared.engine import spending
from shared.engine.effects import Effect, Finished, digest
from shared.engine.narrators import FACE
from shared.engine.records import dump, settings_of
from shared.engine.turn import Turn
from shared.log import redact_text
from shared.ports import Kind, Table
from shared.steps import checks


def name_of(engine: Engine, reader: str = OWN) -> str:
    return f"face-{engine.name}" + (f"-{reader}" if reader else "")


def all_checked(turn: Turn, engine: Engine) -> Mapping[str, Any]:
    """The checks of everybody who reads; `Offline` when the engine is switched off, `Refused` when one will not do."""
    if not engine.detects:
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for reader in turn.job.all_readers:
        try:
            found[reader] = checked(turn, engine, reader)
        except Refused as error:
            if isinstance(error, Offline) or not reader:
                raise
            raise of_reader(error, reader) from error
    others = {reader: face for reader, face in found.items() if reader}
    return {**found[OWN], **({"readers": others} if others else {})}


def of(chosen: Mapping[str, Any], reader: str) -> Mapping[str, Any]:
    """Of what `all_checked` has found, one reader's."""
    return dict(chosen.get("readers", {}).get(reader, {})) if reader else chosen


def check_of(turn: Turn, engine: Engine, reader: str = OWN) -> Effect:
    """Boxes for the clips, where the engine needs them, or a refusal that a parent can act on."""
    world, photo = turn.world, turn.job.asset(engine.source, reader)
    model, ratio = settings_of(world, turn.job).detect_model(engine.name), turn.job.options.ratio

    def call() -> Finished:
        url = world.objects.share(photo.place, world.settings.share_s)
        face = checks.opened(turn, lambda: world.avatars.detect(engine.name, model, url, ratio), "photo.rejected")
        return Finished({"face_bbox": face.face_bbox, "ext_bbox": face.ext_bbox, "images": 1})

    return Effect(
        name=name_of(engine, reader),
        kind=Kind.NONE,
        inputs={"photo": photo.etag, "model": model, "ratio": ratio},
        call=call,
        repeats=checks.REPEATS,
        price=engine.detect_price if model == engine.detect_model else prices.INSTANCE,
        quantity=1,
    )


def checked(turn: Turn, engine: Engine, reader: str = OWN) -> Mapping[str, Any]:
    """The check's result; for a narrator's photo that was checked for an earlier story, that one's."""
    effect, narrator = check_of(turn, engine, reader), reader or turn.job.options.narrator
    if narrator is None:
        return turn.do(effect)
    key = (FACE, digest({"narrator": narrator, "engine": engine.name, **effect.inputs}).removeprefix("v1:"))
    row = turn.world.rows.get(Table.WATCH, key)
    if row is not None and effect.name not in turn.ledger.rows():
        return {**json.loads(str(row["result"])), "reused": True, "saved": spending.foreseen(effect.price, 1)}
    result = turn.do(effect)
    turn.world.rows.merge(Table.WATCH, key, {"narrator": narrator, "result": dump(result)})
    return result


def objection(turn: Turn, engine: Engine, seconds: float) -> Refused | None:
    """Why an engine is not to be chosen for so many seconds of clips: there is nothing that it could show, or it takes
    more than may still be spent. Nobody is asked for that.
    """
    if engine.source and engine.source not in turn.job.sources:
        return Refused("engine.no_source", engine=engine.name, source=engine.source)
    cost = prices.cost(tariff(turn, engine), {prices.Unit.SECOND.value: seconds}) if engine.has_task else 0
    left = turn.ledger.left(turn.job) if cost else None
    if left is not None and cost > left:
        amounts = {"cost": prices.yuan(cost), "left": prices.yuan(max(0, left))}
        return Refused("engine.dear", engine=engine.name, **amounts)
    return None


def tariff(turn: Turn, engine: Engine) -> str:
    """What a second of a clip costs: the vendor's price, or for an instance of one's own what the deployment says."""
    settings = settings_of(turn.world, turn.job)
    if settings.model(engine.name) == engine.model:
        return engine.price(turn.job.options.ratio)
    return prices.instance(settings.instance_yuan_s)


def note(engine: Engine, error: EchobotError) -> str:
    """A line for the report: which engine was passed over, and why."""
    return redact_text(f"{engine.name}: {error.code} {error.detail or error.sentence.en}")[:240]
