"""The report of a story: what was made of what, how each line fits, what was waited for, what it cost.

Its shape is `docs/report.schema.json`; a change that old readers would stumble over is a new `version` of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import chain
from typing import Any

from shared.domain import keys, prices, quotes, script, telling
from shared.domain.engines import ENGINES
from shared.engine.effects import EffectRow, rows_of
from shared.engine.records import histories, settings_of
from shared.engine.turn import Turn
from shared.steps import clips, faces, mixing, quoting, speaking, spoken, tasting
from shared.steps.spoken import Spoken

VERSION = 1


def report(turn: Turn, written: script.Script, label: Mapping[str, object]) -> dict[str, Any]:
    job, now = turn.job, turn.world.clock.now()
    items = [item for step, item in sorted(turn.rows) if step == "speak"]
    effects = rows_of(turn.world, job.job_id)
    told = spoken.of(turn, items)
    lines = [line for one in told for line in _lines(turn, one)]
    times = [time for one in told for time in one.times]
    return {
        "version": VERSION,
        "job": job.job_id,
        "edition": keys.edition_of(job.job_id)[1],
        "corrects": job.corrects or None,
        "film": {"seconds": job.seconds, "width": job.film["width"], "height": job.film["height"]},
        "opened_at": job.opened_at,
        "published_at": now,
        "took_s": round(now - job.opened_at, 1),
        "captions": {
            "from": turn.result("separate", "captions")["from"],
            "cues": len(written.cues),
            "repairs": [f"{repair.number}: {repair.sentence.en}" for repair in written.repairs],
        },
        "narrator": _narrator(turn),
        "readers": [_reader(turn, reader, items, written, effects) for reader in job.all_readers],
        "voice": {"model": turn.result("clone")["model"], "reused": turn.result("clone")["reused"]},
        "music": mixing.note(turn),
        "portrait": _portrait(turn, items, times),
        "listening": _listening(turn, items),
        "silence_share": telling.silence_share(times),
        "lines": lines,
        "doubtful": [line["number"] for line in lines if line.get("doubts")],
        "waits": telling.waits(histories(turn.world, job.job_id)),
        "taste": tasting.note(turn.rows),
        "spent": tasting.spent(effects),
        "receipt": quotes.receipt(quoting.read(turn.world, job.job_id), ((_payer(one), one.spent) for one in effects)),
        "label": label,
        "versions": _versions(turn),
    }


def seal(body: bytes) -> str:
    """By which a report is known again."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _portrait(turn: Turn, items: list[str], times: list[tuple[int, int]]) -> Mapping[str, Any]:
    parts = chain.from_iterable(clips.parts_of(turn, item) for item in items)
    seconds = sum(part["end_ms"] - part["start_ms"] for part in parts if not part["is_image"]) / 1000
    saved_s, share = telling.saved(seconds, times)
    return {
        "engine": turn.result("detect")["engine"],
        "passed_over": turn.result("detect")["passed_over"],
        "notes": [f"{item} {note}" for item in items for note in turn.result("animate", item).get("notes", ())],
        "seconds": round(seconds, 1),
        "saved_seconds": saved_s,
        "saved_share": share,
    }


def _narrator(turn: Turn) -> Mapping[str, object] | None:
    """What this story did not have to buy, because the narrator has told one before."""
    if turn.job.options.narrator is None:
        return None
    face = turn.result("detect")
    return {
        "name": turn.job.options.narrator,
        "voice_reused": turn.result("clone")["reused"],
        "photo_check_reused": bool(face.get("reused")),
        "saved_yuan": prices.yuan(int(face.get("saved", 0))),
    }


def _lines(turn: Turn, one: Spoken) -> list[Mapping[str, Any]]:
    """What was read in a segment; by whom, where it was not the story's own narrator."""
    reader = clips.reader_of(turn, one.item)
    who = {"reader": reader} if reader else {}
    return [{**line, **who} for line in one.lines]


def _listening(turn: Turn, items: list[str]) -> Mapping[str, object]:
    """Whether a recogniser was to listen, and in which segments it could not."""
    notes = [f"{item} {note}" for item in items for note in turn.result("speak", item).get("notes", ())]
    return {"asked": turn.job.options.listen, "notes": notes}


def _reader(
    turn: Turn, reader: str, told: list[str], written: script.Script, effects: list[EffectRow]
) -> Mapping[str, object]:
    """What one of those who read has told, and what that cost."""
    items = [item for item in told if written.segment(item).reader == reader]
    lines = [line for item in items for line in turn.result("speak", item)["lines"] if "spoken" in line]
    parts = [part for item in items for part in clips.parts_of(turn, item) if not part["is_image"]]
    paid = {(step, item) for step in ("speak", "animate") for item in items}
    calls = {f"{speaking.CUE}{heard.number:04d}-{heard.take}" for heard in written.heard if heard.reader == reader}
    checks = {faces.name_of(engine, reader) for engine in ENGINES.values()}
    spent = [
        one.spent
        for one in effects
        if (one.step, one.item) in paid
        or (one.step == "script" and one.name in calls)
        or (one.step == "detect" and one.name in checks)
    ]
    return {
        "name": reader or turn.job.options.narrator,
        "segments": len(items),
        "lines": len(lines),
        "spoken_seconds": round(sum(line["spoken"][1] - line["spoken"][0] for line in lines) / 1000, 1),
        "portrait_seconds": round(sum(part["end_ms"] - part["start_ms"] for part in parts) / 1000, 1),
        "voice_reused": bool(speaking.voice_of(turn, reader)["reused"]),
        "photo_check_reused": bool(faces.of(turn.result("detect"), reader).get("reused")),
        "spent_yuan": prices.yuan(sum(spent)),
    }


def _payer(row: EffectRow) -> str:
    """Whose quote a call belongs to: the script has one line read, as the speech's first."""
    return "speak" if row.step == "script" else row.step


def _versions(turn: Turn) -> Mapping[str, str]:
    """Of the report, and of the models that spoke and showed."""
    engine, settings = turn.result("detect")["engine"], settings_of(turn.world, turn.job)
    models = {"emo": settings.emo_model, "wan-s2v": settings.s2v_model}
    return {
        "report": str(VERSION),
        "voice": str(turn.result("clone")["model"]),
        "portrait": models.get(engine, engine),
    }
