"""What is still to be announced of a job, in the job's own row: written in the same moment as the state it is about, so
that no death in between can lose it.

`news` names the announcement, `news_fence` whose turn it is to make it, `news_at` when it is due again, `news_tries`
counts turns, `news_told` lists channels that have it. `heard` remembers the names of all that were made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.domain.announcement import ANNOUNCED, name_of
from shared.domain.job import JobState
from shared.ports import Columns, Value

COLUMNS = ("news", "news_fence", "news_at", "news_tries", "news_told")


def of_move(row: Columns, job_id: str, state: JobState, why: str) -> tuple[dict[str, Value], Sequence[str]]:
    """Columns to put and to remove when a job moves to a state: what was news before is none any more."""
    name = name_of(job_id, state, why)
    if state not in ANNOUNCED or name in heard(row):
        return {}, [column for column in COLUMNS if column in row]
    if row.get("news") == name:
        return {}, []
    return {"news": name, "news_fence": name, "news_at": 0.0, "news_tries": 0, "news_told": "[]"}, []


def heard(row: Columns) -> list[str]:
    """Names of the announcements of a job that were made."""
    return list(json.loads(str(row.get("heard", "[]"))))


def told(row: Columns) -> list[str]:
    """Channels that have what is news now."""
    return list(json.loads(str(row.get("news_told", "[]"))))
