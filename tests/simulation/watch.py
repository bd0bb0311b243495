"""What must hold at every moment, checked at each change of a row and each object that is put.

S3: states move only along declared moves, and what is final stays. S6: nobody who has
lost a claim changes what it protects. S9: what a function cannot do it says by an error of the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.standins.oss.events import ObjectEvent
from local.standins.tablestore.tables import Row
from local.standins.tablestore.values import Key
from shared.domain.errors import EchobotError
from shared.domain.job import JOB_MOVES, STEP_MOVES, WHOLE, YES, JobState, StepState
from shared.domain.keys import Wake, edition_of
from shared.engine.spending import BUDGET_WAIT
from tests.simulation.sometimes import Seen, Sometimes
from tests.simulation.trace import Trace

if TYPE_CHECKING:
    from tests.simulation.errand import Errand

EFFECT_MOVES: dict[str, frozenset[str]] = {
    "": frozenset({"intent"}),
    "intent": frozenset({"intent", "sent", "done", "refused", "again", "unknown", "review"}),
    "unknown": frozenset({"intent", "sent", "done", "review"}),
    "again": frozenset({"intent"}),
    "sent": frozenset({"sent", "done", "refused", "again", "lost"}),
    "done": frozenset(),
    "refused": frozenset(),
    "review": frozenset(),
    "lost": frozenset(),
}
"""As the diagram in `shared.engine.ledger` has them. An operator's word may take a step or an effect elsewhere."""


SETTLES = frozenset({"jobs", "steps", "watch"})
"""Tables that say whether a job has come to rest; `changes` counts what is written to them."""

OVER = frozenset(state.value for state in (JobState.REFUSED, JobState.FAILED, JobState.CANCELLED, JobState.ERASED))
"""Of a job in one of these nobody acts any more: whoever hears of its task writes down what became of it."""


@dataclass(frozen=True, order=True)
class Violation:
    """Which invariant broke, and how."""

    letter: str
    what: str

    def __str__(self) -> str:
        return f"{self.letter}: {self.what}"


class Watch:
    """`writer` tells whose call is being made; None for the vendors and for an operator."""

    def __init__(
        self, seen: Seen, trace: Trace, now_s: Callable[[], float], writer: Callable[[], Errand | None]
    ) -> None:
        self.violations: list[Violation] = []
        self.changes = 0
        self.jobs: dict[str, str] = {}
        self.in_review: set[str] = set()
        self.asked: set[tuple[str, str, str]] = set()
        self.ends: dict[str, list[str]] = {}
        self.ends_at: dict[str, list[float]] = {}
        self.ended: dict[str, float] = {}
        self.let_go: dict[tuple[str, str], list[float]] = {}
        self.handed_over: dict[str, set[str]] = {}
        self._seen = seen
        self._trace = trace
        self._now_s = now_s
        self._writer = writer
        self.queued_at: dict[str, float] = {}
        self.asked_jobs: Callable[[str], None] = lambda _job_id: None
        self.paused: Callable[[str], None] = lambda _job_id: None
        self.told: Callable[[str], None] = lambda _job_id: None
        self.scripted: Callable[[str], None] = lambda _job_id: None
        self.clipped: dict[str, float] = {}
        self.taken_back: list[tuple[str, str, float]] = []
        self._is_due: dict[Key, bool] = {}
        self._held_by = ""
        self._claims: dict[Key, tuple[str, Errand | None]] = {}
        self._rules = {"jobs": self._job, "steps": self._step, "effects": self._effect, "studio": self._slot}

    def row(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """A watcher of Tablestore."""
        if table in SETTLES:
            self.changes += 1
        rule = self._rules.get(table)
        if rule is not None and new is not None:
            rule(key, old, new)

    def put(self, event: ObjectEvent) -> None:
        """A listener of OSS: which films were handed over under a story's one name."""
        if event.key.startswith("stories/") and event.key.endswith("/story.mp4"):
            self.handed_over.setdefault(event.key, set()).add(event.etag)

    def bought(self, name: str, wake: Wake) -> None:
        """Somebody makes a call that costs. S2: not where the job had ended before the intent was written."""
        if not self._is_due.get((wake.job, wake.step, wake.item or WHOLE), True):
            self._break(
                "S2", f"{name} for {wake.job}/{wake.step}/{wake.item or WHOLE}, which was over before its intent"
            )

    def raised(self, errand: Errand, error: Exception) -> None:
        """A function has ended in an error. FC tries again, and that would hide a fault of the code."""
        if not isinstance(error, EchobotError):
            self._break("S9", f"{errand.name} raised {error!r:.200}")

    def _job(self, key: Key, old: Row | None, new: Row) -> None:
        before, after = _text(old, "state"), _text(new, "state")
        job_id = str(key[0])
        self.jobs[job_id] = after
        if before == after:
            return
        self._note(f"job {job_id}", before, after)
        if after == JobState.ASKED.value:
            self.asked_jobs(job_id)
        elif after not in {JobState.COLLECTING.value, JobState.OPEN.value}:
            self.ended[job_id] = self._now_s()
            self.ends.setdefault(job_id, []).append(after)
            self.ends_at.setdefault(job_id, []).append(self._now_s())
        if after == JobState.DONE.value:
            self.told(job_id)
        if before and JobState(after) not in JOB_MOVES[JobState(before)]:
            self._break("S3", f"job {job_id} went from {before} to {after}")
        writer = self._writer()
        if after == JobState.DONE.value and writer is not None and writer.function == "sweep":
            self._seen.counts[Sometimes.SWEPT_END] += 1

    def _step(self, key: Key, old: Row | None, new: Row) -> None:
        before, after = _text(old, "state"), _text(new, "state")
        writer, fence = self._writer(), _text(new, "fence")
        if before != after:
            self._note(f"step {'/'.join(map(str, key))}", before, after)
            moves = STEP_MOVES[StepState(before) if before else None]
            is_declared = StepState(after) in moves or _is_granted(old) or _is_written_down(key, before, after)
            if writer is not None and not is_declared:
                self._break("S3", f"step {key} went from {before or 'nothing'} to {after}")
        if after == StepState.CLAIMED.value and fence != _text(old, "fence"):
            if before == StepState.CLAIMED.value:
                self._seen.counts[Sometimes.TOOK_OVER] += 1
            self._claims[key] = fence, writer
        elif before == StepState.CLAIMED.value and after != before and writer is not None:
            holder = self._claims.get(key)
            if holder is None or holder[1] is not writer or holder[0] != fence:
                self._break("S6", f"step {key}: {writer.name} let go of a claim that was not its own")
        if after == StepState.REVIEW.value:
            self.in_review.add(str(key[0]))
            if _text(new, "waits_for") == BUDGET_WAIT:
                self.paused(str(key[0]))
            else:
                self.asked.add((str(key[0]), str(key[1]), str(key[2])))
        if after == StepState.DONE.value and before != after:
            self._done(str(key[0]), str(key[1]))
        if key[1] in {"animate", "generate"} and after not in {StepState.CLAIMED.value, StepState.WAITING.value}:
            self.let_go.setdefault((str(key[0]), str(key[2])), []).append(self._now_s())

    def _done(self, job_id: str, step: str) -> None:
        if step == "script":
            self.scripted(job_id)
        elif step == "animate":
            self.clipped[job_id] = self._now_s()

    def _effect(self, key: Key, old: Row | None, new: Row) -> None:
        before, after = _text(old, "state"), _text(new, "state")
        writer = self._writer()
        if before != after:
            self._note(f"effect {'/'.join(map(str, key))}", before, after)
        self._seen.effect(str(key[3]), before, after, new)
        if after == "intent" and (before != after or _text(old, "since") != _text(new, "since")):
            self._is_due[key[:3]] = self.jobs.get(str(key[0])) == JobState.OPEN.value
        if writer is None:
            return
        if after not in EFFECT_MOVES[before]:
            self._break("S3", f"effect {key} went from {before or 'nothing'} to {after}")
        holder, is_over = self._claims.get(key[:3]), self.jobs.get(str(key[0])) in OVER
        if holder is not None and holder[1] is not writer and not is_over:
            self._break("S6", f"effect {key} to {after}: {writer.name} wrote it, the claim is another's")

    def _slot(self, key: Key, old: Row | None, new: Row) -> None:
        holder = _text(new, "job")
        if key[1] != "slot":
            if old is None:
                self.queued_at[holder] = self._now_s()
            return
        if not holder:
            return
        before = _text(old, "job")
        if before and self.jobs.get(before) != JobState.OPEN.value:
            self.taken_back.append((before, holder, self._now_s()))
        if self._held_by not in {"", holder}:
            self._seen.counts[Sometimes.NEXT_IN_STUDIO] += 1
        self._held_by = holder

    def _note(self, what: str, before: str, after: str) -> None:
        self._trace.note(self._now_s(), f"{what}: {before or 'nothing'} -> {after}")

    def _break(self, letter: str, what: str) -> None:
        self.violations.append(Violation(letter, what))
        self._trace.note(self._now_s(), f"VIOLATION {letter} {what}")


def _is_granted(old: Row | None) -> bool:
    """Whether a step waited for a family's word alone, which whoever hears it carries out."""
    return _text(old, "waits_for") == BUDGET_WAIT


def _is_written_down(key: Key, before: str, after: str) -> bool:
    """Whether it is a person's yes, or a corrected edition begins with a step that the one before has made."""
    is_new = not before and after == StepState.DONE.value
    return is_new and (key[1] == YES or edition_of(str(key[0]))[1] > 1)


def _text(row: Row | None, column: str) -> str:
    cells = row.columns.get(column) if row is not None else None
    return str(cells[0].value) if cells else ""
