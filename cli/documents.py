"""What the commands say, as JSON for scripts. Pure: rows in, plain documents out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from shared.domain.job import WHOLE, JobState, Rows
from shared.domain.sentences import sentence
from shared.engine import narrators, withdrawal

Document = dict[str, Any]


def status(job: str, state: JobState, rows: Rows, problems: object) -> Document:
    """Where a job stands. Times are seconds since the epoch."""
    steps = [
        {
            "step": row.step,
            "item": _item(row.item),
            "state": row.state.value,
            "attempt": row.attempt,
            "waits_for": row.waits_for,
            "updated_at": row.updated_at,
        }
        for row in rows.values()
    ]
    return {"job": job, "state": state.value, "steps": steps, "problems": problems, "doubtful": doubtful(rows)}


def doubtful(rows: Rows) -> list[Document]:
    """Lines that somebody should listen to, as the story's report lists them: each with what is doubtful about it."""
    spoken: list[Any] = [row.result.get("lines", ()) for (step, _), row in sorted(rows.items()) if step == "speak"]
    return [
        {
            "number": line["number"],
            "text": line["text"],
            "doubts": [{"code": code, **asdict(sentence(f"doubt.{code}", {}))} for code in line["doubts"]],
        }
        for lines in spoken
        for line in lines
        if line.get("doubts")
    ]


def woken(job: str, steps: Iterable[tuple[str, str]]) -> Document:
    return {"job": job, "woken": [{"step": step, "item": _item(item)} for step, item in steps]}


def cancelled(job: str, deleted: Mapping[str, int]) -> Document:
    """`deleted` counts what is gone, by kind."""
    return {"job": job, "state": JobState.CANCELLED.value, "deleted": dict(deleted)}


def approved(job: str, budget_yuan: float | None, *, taste: bool) -> Document:
    """What was said yes to: the whole, or a taste first; `budget_yuan` is null where none was named."""
    return {"job": job, "approved": "taste" if taste else "story", "budget_yuan": budget_yuan}


def decided(job: str, segment: int, adopt: str) -> Document:
    """`task` is the one that was adopted; null where the clip is bought once more."""
    return {"job": job, "segment": segment, "decision": "adopt" if adopt else "resubmit", "task": adopt or None}


def said(words: tuple[str, str]) -> Document:
    """A sentence in both languages."""
    return dict(zip(("zh", "en"), words, strict=True))


def receipt(told: withdrawal.Receipt | narrators.Receipt) -> Document:
    """Of an erased job or narrator, and whether anything of it is there now."""
    return {**asdict(told), "is_clean": told.is_clean}


def _item(item: str) -> str:
    """Empty for a step that does not fan out."""
    return "" if item == WHOLE else item
