"""What the commands say, as JSON for scripts. Pure: rows in, plain documents out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from shared.domain.job import WHOLE, JobState, Rows
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
    return {"job": job, "state": state.value, "steps": steps, "problems": problems}


def woken(job: str, steps: Iterable[tuple[str, str]]) -> Document:
    return {"job": job, "woken": [{"step": step, "item": _item(item)} for step, item in steps]}


def receipt(told: withdrawal.Receipt | narrators.Receipt) -> Document:
    """Of an erased job or narrator, and whether anything of it is there now."""
    return {**asdict(told), "is_clean": told.is_clean}


def _item(item: str) -> str:
    """Empty for a step that does not fan out."""
    return "" if item == WHOLE else item
