"""What a person sees of a job: one line a step while it runs, the whole history afterwards. Pure: rows in, text out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from shared.domain import prices
from shared.domain.job import WHOLE, JobState, Rows, StepState
from shared.engine.forecast import Forecast
from shared.engine.narrators import Receipt as NarratorReceipt
from shared.engine.spending import BUDGET_WAIT
from shared.engine.studio import STEP as STUDIO_STEP
from shared.engine.withdrawal import Receipt
from shared.ports import Columns, Key

PLACES = {
    "uploads": "uploaded files",
    "work": "intermediate files",
    "wakes": "wakes",
    "story": "files of the story",
    "voices": "voices enrolled for this job",
    "rows": "rows",
    "tasks": "tasks taken back from the vendor's queue",
    "places": "places in the studio's queue",
}
"""What `shared.engine.leftovers` counts."""


def history(job: Columns, steps: Iterable[tuple[Key, Columns]], effects: Iterable[tuple[Key, Columns]]) -> list[str]:
    """Everything that the rows remember, in the order in which it happened."""
    told: list[tuple[float, str]] = [(at, f"job: {state} {note}".rstrip()) for at, state, note in _history(job)]
    for key, columns in steps:
        name = key[1] if key[2] == WHOLE else f"{key[1]}/{key[2]}"
        told += [(at, f"{name}: {state} {note}".rstrip()) for at, state, note in _history(columns)]
    for key, columns in effects:
        name = "/".join(part for part in key[1:] if part != WHOLE)
        spent = int(columns.get("spent", 0))
        events = [(at, f"  {name}: {state} {note}".rstrip()) for at, state, note in _history(columns)]
        if events and spent:
            at, text = events[-1]
            events[-1] = (at, f"{text} ({prices.yuan(spent)} yuan)")
        told += events
    return [f"{_clock(at)}  {text}" for at, text in sorted(told, key=lambda one: one[0])]


def at_door(job: Columns) -> list[str]:
    """What a job that is not whole waits for, as the door has last written it."""
    is_whole = job.get("state") != JobState.COLLECTING.value
    return [] if is_whole else [note for _, _, note in _history(job)[-1:] if note]


def wait_for_clips(forecast: Forecast | None) -> list[str]:
    """About when the last clip of a story will be there."""
    if forecast is None:
        return []
    minutes, own, others = max(1, round(forecast.seconds / 60)), forecast.own, forecast.others
    return [
        f"还要约 {minutes} 分钟做人像动画：自己的 {own} 段，前面还有别人的 {others} 段",
        f"about {minutes} min for the talking portrait: {own} of its clips, {others} of others before the last",
    ]


def quote(told: Mapping[str, Any] | None) -> list[str]:
    """What a story will cost, by step; nothing where nobody has asked yet."""
    if told is None:
        return []
    steps = [f"  {one['low_yuan']:>8} - {one['high_yuan']:<8}  {one['step']}: {one['price']}" for one in told["steps"]]
    return [str(told["zh"]), str(told["en"]), *steps]


def taste(url: str, job_id: str) -> list[str]:
    """Where the taste of a story can be watched, and what may be answered; nothing where there is none."""
    if not url:
        return []
    return [
        f"试听 / the taste: {url}",
        f"同意 / yes: echobot approve {job_id}    不要 / no: echobot cancel {job_id}",
    ]


def doubtful(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines to listen to, and why, as the report has them; nothing where every reading went well."""
    told = []
    for line in lines:
        why = " ".join(f"{doubt['zh']} {doubt['en']}" for doubt in line["doubts"])
        told.append(f"  {line['number']}  {line['text']}: {why}")
    return ["请听一听这些句子 / Lines to listen to:", *told] if told else []


def advice(job_id: str, rows: Rows) -> list[str]:
    """What an operator may do about each step that waits for a person."""
    told = []
    for row in rows.values():
        if row.state is not StepState.REVIEW:
            continue
        name = row.step if row.item == WHOLE else f"{row.step}/{row.item}"
        if row.waits_for == BUDGET_WAIT:
            command = f"echobot approve {job_id} --budget YUAN"
        elif row.step == STUDIO_STEP:
            command = f"echobot decide {job_id} --segment {int(row.item)} --resubmit (or --adopt TASK)"
        else:
            command = f"echobot redrive {job_id}"
        told.append(f"{name} waits for {row.waits_for or 'a person'}: {command}")
    return told


def counted(counts: Mapping[str, int]) -> list[str]:
    """What was deleted or taken back, a line a kind, without what there was nothing of."""
    return [f"  {count:>5}  {PLACES[name]}" for name, count in counts.items() if count]


def receipt(receipt: Receipt) -> list[str]:
    """What was deleted of an erased job, when, and whether anything is there now."""
    told = [f"{receipt.job_id}: erased {_clock(receipt.erased_at)}", *counted(receipt.deleted)]
    if receipt.of_narrator:
        told.append("the narrator's own files and voice are not the job's, and stay")
    if receipt.under_way:
        told.append(
            f"a vendor works on {receipt.under_way} call(s), or may: the sweep deletes what they make, within a day. "
            f"To see whether it is over: echobot erase {receipt.job_id} --check"
        )
    left = counted(receipt.left)
    return [*told, *(["still there:", *left] if left else ["nothing is left (listed just now)"])]


def narrator_receipt(receipt: NarratorReceipt) -> list[str]:
    """What was deleted of an erased narrator, when, and whether anything is there now."""
    told = [f"{receipt.name}: erased {_clock(receipt.erased_at)}", *counted(receipt.deleted)]
    if receipt.under_way:
        told.append(f"{receipt.under_way} voice(s) may still be on their way at the vendor")
    left = counted(receipt.left)
    told += ["still there:", *left] if left else ["nothing is left (listed just now)"]
    if receipt.is_open and not receipt.is_clean:
        again = f"echobot narrator erase {receipt.name} --check"
        told.append(f"not yet; the sweep finishes it within half an hour. To see whether it has: {again}")
    return told


def problems(error: Mapping[str, object]) -> list[str]:
    """The words of an `error.json`, Chinese first."""
    found = error.get("problems")
    listed = found if isinstance(found, list) else []
    return [text for one in listed for text in (str(one["zh"]), str(one["en"]))]


def _history(columns: Columns) -> list[tuple[float, str, str]]:
    return [(float(at), str(state), str(note)) for at, state, note in json.loads(str(columns.get("history", "[]")))]


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"
