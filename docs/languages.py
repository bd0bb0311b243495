"""The two languages of the documents, and tables in either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple


class Language(str, Enum):
    EN = "en"
    ZH = "zh"


class Words(NamedTuple):
    """The same thing said twice."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
