"""The error tree. Callers choose the level they catch; the engine is the only one that acts on it.

EchobotError
  Refused      final: the family must change something (photo, sample, film, options, consent)
    Offline    the model is switched off for this account: choose another engine
  Retry        it did not happen; try again after `after_s` (throttled, no connection, vendor busy)
  Unknown      it may have happened; never retried blindly, only resolved
  Conflict     someone else moved the row first: reload, usually a no-op
  Review       only a person can decide (two candidates for one paid task)
  Corrupt      an invariant of ours broke: stop the job, tell the operator
"""

from __future__ import annotations

from enum import Enum

from shared.domain.sentences import Sentence, sentence


class Audience(str, Enum):
    """Who can do something about it."""

    FAMILY = "family"
    OPERATOR = "operator"


class EchobotError(Exception):
    """`code` is stable and names a sentence; `fields` fill it; `detail` is for the operator, never for a family."""

    audience = Audience.OPERATOR

    def __init__(self, code: str, detail: str = "", **fields: object) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.fields = fields

    @property
    def sentence(self) -> Sentence:
        return sentence(self.code, self.fields)


class Refused(EchobotError):  # noqa: N818  the tree's words, not Python's suffix
    audience = Audience.FAMILY


class Offline(Refused):
    audience = Audience.OPERATOR


def of_reader(error: EchobotError, name: str) -> Refused:
    """What a family must change in the files of one of several narrators: it says whose."""
    said = error.sentence
    return Refused("narrator.refused", error.detail or error.code, name=name, why_zh=said.zh, why_en=said.en)


class Retry(EchobotError):  # noqa: N818
    """`after_s` None lets the engine's own backoff decide."""

    def __init__(self, code: str, detail: str = "", *, after_s: float | None = None, **fields: object) -> None:
        super().__init__(code, detail, **fields)
        self.after_s = after_s


class Unknown(EchobotError):  # noqa: N818
    pass


class Conflict(EchobotError):  # noqa: N818
    pass


class Review(EchobotError):  # noqa: N818
    pass


class Corrupt(EchobotError):  # noqa: N818
    pass
