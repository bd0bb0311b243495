"""Choose the avatar engine and check the photo: boxes for the clips, or a refusal that a parent can act on.

This and the voice check come before anything that is paid for by the minute (docs/adr/0002).
"""

from functools import partial

from shared.domain.engines import ENGINES, Engine
from shared.domain.errors import Corrupt, Offline
from shared.engine import step
from shared.engine.effects import Effect, Finished
from shared.engine.records import settings_of
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.ports import Kind
from shared.wiring import entry

REPEATS = 2  # a check costs 0.004 yuan and changes nothing


def begin(turn: Turn) -> Outcome:
    passed_over = []
    for name in turn.job.options.engines or turn.world.settings.engine_order:
        engine = ENGINES[name]
        try:
            face = turn.do(check_of(turn, engine)) if engine.detects else {}
        except Offline as error:
            passed_over.append(f"{name}: {error.code} {error.detail}"[:200])
            continue
        return Done({"engine": name, "passed_over": passed_over, **face})
    raise Corrupt("engine.offline", "; ".join(passed_over), model="all engines")


def check_of(turn: Turn, engine: Engine) -> Effect:
    world, photo = turn.world, turn.job.assets["photo"]
    model, ratio = settings_of(world, turn.job).detect_model(engine.name), turn.job.options.ratio

    def call() -> Finished:
        url = world.objects.share(photo.place, world.settings.share_s)
        face = world.avatars.detect(engine.name, model, url, ratio)
        return Finished({"face_bbox": face.face_bbox, "ext_bbox": face.ext_bbox, "images": 1})

    return Effect(
        name=f"face-{engine.name}",
        kind=Kind.NONE,
        inputs={"photo": photo.etag, "model": model, "ratio": ratio},
        call=call,
        repeats=REPEATS,
        price=engine.detect_price,
        quantity=1,
    )


run = partial(step.run, STEPS["detect"], Act(begin))
handler = entry(run)
