"""What a campaign must have met at least once, or it was blind: the roads that only rare coincidences lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from local.standins.tablestore.tables import Row


class Sometimes(str, Enum):
    ADOPTED = "adopted what an unanswered call had left at the vendor"
    SENT_AGAIN = "sent again after proof that nothing had happened"
    LATE_WRITER = "a late writer lost"
    EARLY = "a vendor announced a task before our row named it"
    ANNOUNCED_TWICE = "a vendor announced a task twice"
    SIGNED_ANEW = "an address died in the vendor's queue and was signed anew"
    GAVE_UP = "FC gave up on an invocation, and the step was tried again"
    POISON = "a message that nobody can read was put aside"
    TOOK_OVER = "a claim whose lease had ended was taken over"
    FOREIGN = "somebody else's task was announced to us"
    REVIEW = "a riddle was left to a person"
    NEXT_IN_STUDIO = "the studio went from one job to another"
    RELEASE_BEFORE = "the release before ran an invocation while the next was rolled out"
    CANCELLED = "a story that was under way was cancelled"
    ERASED = "a story that was under way was erased"
    ASKED = "a family was asked whether a story is worth its price"
    PAUSED = "a story that had used up its budget waited for a larger one"
    CORRECTED = "a told story was corrected, and told anew"
    PARTED = "a narrator was forgotten while a story of theirs was under way"
    TASTED = "a family tasted its story, and was asked whether the rest is wanted"
    BY_TWO = "a story that two parents read was told"
    RETAKEN = "a line was misheard, read again, and listened to once more"
    REDRIVEN = "an operator took up a failed job"
    SWEPT_UPLOAD = "the sweep opened a job whose uploads nobody had announced"
    SWEPT_IDLE = "the sweep woke what was ready and idle"
    SWEPT_LEASE = "the sweep woke a step whose lease had ended"
    SWEPT_OVERDUE = "the sweep woke what was overdue"
    SWEPT_REPORT = "the sweep woke a step whose task had been reported"
    SWEPT_STUDIO = "the sweep found the studio free and somebody waiting"
    SWEPT_NARRATOR = "what was still to be deleted of a narrator was left to the sweep"
    SWEPT_END = "the sweep closed a job whose last step was done"


SWEEPS = {
    "sweep: uploaded, not opened": Sometimes.SWEPT_UPLOAD,
    "sweep: ready and idle": Sometimes.SWEPT_IDLE,
    "sweep: the lease ended": Sometimes.SWEPT_LEASE,
    "sweep: overdue": Sometimes.SWEPT_OVERDUE,
    "sweep: reported, not woken": Sometimes.SWEPT_REPORT,
    "sweep: the studio is free": Sometimes.SWEPT_STUDIO,
}


LOOKED_FOR = frozenset({"clip", "voice"})
"""Effects that are looked for at the vendor before they are sent again."""


LISTENED_AGAIN = frozenset({"listen-2", "listen-3"})


class Seen:
    """Counts the roads taken in one run."""

    def __init__(self) -> None:
        self.counts: Counter[Sometimes] = Counter()
        self._announced: set[tuple[str, str]] = set()

    def wake(self, why: str) -> None:
        """The reason that a wake carries."""
        if why in SWEEPS:
            self.counts[SWEEPS[why]] += 1
        elif why == "reported early":
            self.counts[Sometimes.EARLY] += 1

    def line(self, event: str, fields: Mapping[str, object]) -> None:
        """A line of the log."""
        if event == "lost":
            self.counts[Sometimes.LATE_WRITER] += 1
        elif event == "gave up":
            self.counts[Sometimes.GAVE_UP] += 1
        elif event == "put aside":
            self.counts[Sometimes.POISON] += 1
        elif event == "reported":
            self._reported(str(fields["provider"]), str(fields["task"]), is_ours=bool(fields["ours"]))

    def _reported(self, provider: str, task: str, *, is_ours: bool) -> None:
        if not is_ours:
            self.counts[Sometimes.FOREIGN] += 1
        elif (provider, task) in self._announced:
            self.counts[Sometimes.ANNOUNCED_TWICE] += 1
        else:
            self._announced.add((provider, task))

    def effect(self, name: str, before: str, after: str, row: Row) -> None:
        """A change of the ledger; its history says how it came about."""
        note = _history(row)[-160:]
        if after == "intent" and not before and name in LISTENED_AGAIN:
            self.counts[Sometimes.RETAKEN] += 1
        if '"adopted' in note and after in {"sent", "done"}:
            self.counts[Sometimes.ADOPTED] += 1
        elif after == "intent" and before in {"intent", "unknown"} and name in LOOKED_FOR:
            self.counts[Sometimes.SENT_AGAIN] += 1
        elif after == "again" and "url.expired" in note:
            self.counts[Sometimes.SIGNED_ANEW] += 1
        elif after in {"review", "lost"}:
            self.counts[Sometimes.REVIEW] += 1


def _history(row: Row) -> str:
    cells = row.columns.get("history")
    return str(cells[0].value) if cells else ""
