"""Take the film apart: its captions with their times, and its music without the voice.

Captions come from the family's own file, else from the picture (OCR), else from the narration (ASR).
"""

from collections.abc import Callable
from functools import partial

from shared.domain import keys
from shared.domain.errors import Corrupt, Refused
from shared.engine import step
from shared.engine.effects import Effect, Sent
from shared.engine.turn import Act, Done, Outcome, Turn, Waits
from shared.pipeline import STEPS
from shared.steps import captions, mixing
from shared.wiring import entry

REPEATS = 1  # IMS takes no token for these jobs: at most twice


def begin(turn: Turn) -> Outcome:
    if turn.item == "music":
        if not turn.job.options.keeps_music:
            return Done({"music": "", "note": "not asked for"})
        try:
            return submit(turn, "music")
        except (Refused, Corrupt) as error:
            return Done(mixing.none(error))
    if "captions" in turn.job.assets:
        return captions.take_given(turn)
    return submit(turn, "asr" if "asr" in turn.ledger.rows() else "ocr")


def finish(turn: Turn) -> Outcome:
    if turn.item == "music":
        try:
            stems = turn.outcome("music") or {}
            return Done(mixing.kept(turn, keys.music_of(stems["keys"])))
        except (Refused, Corrupt) as error:
            return Done(mixing.none(error))
    if "asr" in turn.ledger.rows():
        return captions.take_heard(turn)
    return captions.take_read(turn) or submit(turn, "asr")


def submit(turn: Turn, name: str) -> Outcome:
    media, film, job_id = turn.world.media, turn.job.assets["film"], turn.job.job_id
    calls: dict[str, Callable[[], str]] = {
        "ocr": lambda: media.read_captions(film.place, captions.place_of_reading(job_id), f"{job_id}/ocr"),
        "asr": lambda: media.recognise(film.place, f"{job_id}/asr"),
        "music": lambda: media.split_music(film.place, mixing.stems(job_id), f"{job_id}/music"),
    }
    kind, call, inputs = STEPS["separate"].effects[name], calls[name], {"film": film.etag}
    turn.submit(Effect(name, kind, inputs, lambda: Sent(call()), None, REPEATS, f"ims.{name}", turn.job.seconds))
    return Waits(f"{name} of the film")


run = partial(step.run, STEPS["separate"], Act(begin, finish))
handler = entry(run)
