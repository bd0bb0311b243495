"""The questions of the runbook, from `deploy/watching.py`: what to ask the log, what to type."""

from __future__ import annotations

from deploy.watching import ALARMS, QUESTIONS
from docs.languages import Language, Words, table

HEAD = Words("alarm | rings when | looked at", "报警 | 什么时候响 | 多久查一次")
EVERY = Words("every {} min, over {} min", "每 {} 分钟，看最近 {} 分钟")


def render(language: Language) -> str:
    """A paragraph for each question."""
    told = []
    for number, one in enumerate(QUESTIONS, 1):
        words = one.zh if language is Language.ZH else one.en
        told.append(f"### {number}. {words}\n\n```\n{one.command}\n```\n\n```sql\n{one.query}\n```\n")
    return "\n".join(told)


def alarms(language: Language) -> str:
    """A row for each alarm."""
    rows = [
        (one.title, f"`{one.condition}`", EVERY.said(language).format(one.every_minutes, one.minutes)) for one in ALARMS
    ]
    return table(HEAD.said(language).split(" | "), rows)
