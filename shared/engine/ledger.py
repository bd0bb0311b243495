"""The ledger: calls that change the outside world, remembered before they are made.

    (absent) --> INTENT --> SENT --> DONE | REFUSED | LOST
                  |  ^        |
                  |  +- AGAIN <+      known not to have happened, or failed and worth another try
                  v
               UNKNOWN --> adopt what the vendor's own list shows, or send again after proof, or REVIEW

An INTENT of an older claim was left by a crash: that claim's lease has ended, so nothing of it is on its way any
more, and it is treated as UNKNOWN. Errors tell which way: `Retry` certainly did not happen, `Unknown` may have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from shared.domain import prices
from shared.domain.errors import Conflict, Corrupt, EchobotError, Refused, Retry, Review, Unknown
from shared.domain.frozen import frozen
from shared.engine import spending
from shared.engine.effects import (
    DOUBTFUL,
    INHERITED,
    OPEN,
    Answer,
    Effect,
    EffectRow,
    EffectState,
    Finished,
    NotSent,
    columns_of,
    digest,
    row_at,
    rows_of,
)
from shared.engine.records import Job, budget_of, dump, error_of, remember, settle
from shared.engine.world import World
from shared.ports import Columns, Fate, Kind, Table, Verdict

SENDS_MAX = 5


@frozen
class Ledger:
    """The effects of one step of one job for one item, in the hands of one claim: nobody else writes them meanwhile, so
    they are read once. Each write asks for the fence that was read; who has lost the claim loses there.
    """

    world: World
    job_id: str
    step: str
    item: str
    fence: str

    def rows(self) -> Mapping[str, EffectRow]:
        return self._known

    @cached_property
    def _known(self) -> dict[str, EffectRow]:
        return {row.name: row for row in rows_of(self.world, self.job_id, self.step, self.item)}

    def _know(self, name: str, columns: Columns) -> EffectRow:
        """A row as it was just written, or read."""
        row = row_at((self.job_id, self.step, self.item, name), columns)
        if "_known" in self.__dict__:
            self._known[name] = row
        return row

    def perform(self, effect: Effect) -> EffectRow:
        """Make the call unless it was made. The row is then SENT, DONE or REFUSED; raises what the call raises."""
        row = self._intend(effect)
        if row.is_taken:
            return self._announce(row)
        if row.is_unanswered and row.fence != self.fence:
            found = self._resolve(effect, row)
            if not isinstance(found, NotSent):
                return self._answered(row, found, "adopted")
        if row.fence != self.fence or row.state is not EffectState.INTENT:
            row = self._intend_again(effect, row)
        try:
            was_closed = self._check(effect, row)
        except (Conflict, Retry, Review) as error:
            note = f"not sent: {error.code}"
            self._record(row, EffectState.AGAIN, {"error": error_of(error), "sends": row.sends - 1}, note)
            raise
        try:
            answer = effect.call()
        except Retry as error:
            # It certainly did not happen: only calls that may have count as sent.
            self._record(row, EffectState.AGAIN, {"error": error_of(error), "sends": row.sends - 1}, error.code)
            spending.note_refusal(self.world, effect.kind, error)
            raise
        except Refused as error:
            self._record(row, EffectState.REFUSED, {"error": error_of(error)}, error.code)
            raise
        except Unknown as error:
            self._record(row, EffectState.UNKNOWN, {"error": error_of(error)}, error.code)
            raise
        answered = self._answered(row, answer, "answered")
        if was_closed:
            spending.reopen(self.world, spending.vendor_of(effect.kind))
        return answered

    def _check(self, effect: Effect, row: EffectRow) -> bool:
        """Buy nothing that may not be bought now. Looked at after the intent is written: so whoever ends the job and
        then reads the ledger sees each call that may still be made. Whether the vendor was closed until now.
        """
        was_closed = bool(effect.price) and spending.check_account(self.world, effect.kind)
        cost = spending.foreseen(effect.price, effect.quantity)
        spending.check_job(self.world, self.job_id, cost, self._bought(row))
        return was_closed

    def left(self, job: Job) -> int | None:
        """What may still be spent on the job, in millionths of a yuan; None when nothing limits it."""
        budget = budget_of(self.world, job)
        return budget - sum(self._bought()) if budget else None

    def _bought(self, row: EffectRow | None = None) -> Iterator[int]:
        """What the job's calls have cost, and what those that are open may cost, without this one."""
        for other in rows_of(self.world, self.job_id):
            yield other.spent
            is_this = row is not None and (other.step, other.item, other.name) == (self.step, self.item, row.name)
            if other.state in OPEN and not is_this:
                yield spending.foreseen(other.price, other.quantity)

    def ask(self, row: EffectRow) -> EffectRow:
        """Ask the vendor once for the verdict of a SENT task and write it down."""
        now, key = self.world.clock.now(), (row.kind.provider, row.task)
        # Which report is answered by this question: one that comes while we ask is news again.
        report = str((self.world.rows.get(Table.TASKS, key) or {}).get("report", ""))
        verdict = verdict_of(self.world, row)
        self.world.rows.merge(Table.TASKS, key, {"asked": report, "asked_at": now})
        if verdict.fate is Fate.RUNNING:
            wait_s = wait_of(self.world, row.kind, row.asks + 1)
            return self._record(row, EffectState.SENT, {"ask_at": now + wait_s, "asks": row.asks + 1}, "still running")
        if verdict.fate is Fate.SUCCEEDED:
            return self._done(row, verdict.result, "succeeded")
        if verdict.fate is Fate.FORGOTTEN:
            return self._record(row, EffectState.LOST, {}, "the vendor knows no such task")
        return self._failed(row, verdict.error)

    def _failed(self, row: EffectRow, error: Exception | None) -> EffectRow:
        known = error if isinstance(error, EchobotError) else Corrupt("vendor.contract", str(error))
        state = EffectState.AGAIN if isinstance(known, Retry) else EffectState.REFUSED
        if isinstance(known, Retry) and row.sends >= SENDS_MAX:
            state = EffectState.REFUSED
            vendor_code = known.fields.get("vendor_code", known.code)
            known = Corrupt("vendor.rejected", f"failed {row.sends} times, last: {known}", vendor_code=vendor_code)
        return self._record(row, state, {"error": error_of(known), "failures": row.failures + 1}, known.code)

    def _intend(self, effect: Effect) -> EffectRow:
        """The effect's row; a new INTENT of ours when there was none."""
        now = self.world.clock.now()
        columns: dict[str, str | int | float] = {
            "state": EffectState.INTENT.value,
            "kind": effect.kind.value,
            "fence": self.fence,
            "inputs": digest(effect.inputs),
            "sends": 1,
            "since": now,
            "price": effect.price,
            "quantity": effect.quantity,
            "history": remember({}, now, EffectState.INTENT.value, ""),
        }
        key = (self.job_id, self.step, self.item, effect.name)
        row = self._known.get(effect.name)
        if row is None:
            # An insert that timed out may have won: the row is read again and tells by its fence.
            is_new = self.world.rows.insert(Table.EFFECTS, key, columns)
            row = self._know(effect.name, columns if is_new else self.world.rows.get(Table.EFFECTS, key) or columns)
        if row.inputs not in {digest(effect.inputs), INHERITED}:
            raise Corrupt("ledger.other_inputs", f"{self.step}/{self.item}/{effect.name}")
        return row

    def _resolve(self, effect: Effect, row: EffectRow) -> Answer | NotSent:
        if effect.find is not None:
            try:
                return effect.find(row.since)
            except Review as error:
                self._record(row, EffectState.REVIEW, {"error": error_of(error)}, error.code)
                raise
        if row.doubts >= effect.repeats:
            self._record(row, EffectState.REVIEW, {}, "sent, unanswered, and no repeat is left")
            raise Review("ledger.ambiguous", f"{self.step}/{self.item}/{effect.name}")
        return NotSent()

    def _intend_again(self, effect: Effect, row: EffectRow) -> EffectRow:
        if row.state in DOUBTFUL:
            raise Review("ledger.ambiguous", f"{self.step}/{self.item}/{effect.name} is {row.state.value}")
        if row.sends >= SENDS_MAX:
            raise Corrupt("vendor.rejected", f"sent {row.sends} times", vendor_code=row.error.get("code", "?"))
        blind = effect.find is None and row.is_unanswered
        changes: Columns = {"sends": row.sends + 1, "since": self.world.clock.now(), "fence": self.fence}
        return self._record(row, EffectState.INTENT, {**changes, "doubts": row.doubts + blind}, "once more")

    def _answered(self, row: EffectRow, answer: Answer, note: str) -> EffectRow:
        if isinstance(answer, Finished):
            return self._done(row, answer.result, note)
        ask_at = self.world.clock.now() + wait_of(self.world, row.kind, 0)
        sent = self._record(row, EffectState.SENT, {"task": answer.task, "ask_at": ask_at}, f"{note}: {answer.task}")
        return self._announce(sent)

    def _done(self, row: EffectRow, result: Mapping[str, object], note: str) -> EffectRow:
        spent = prices.cost(row.price, {"seconds": row.quantity, **result}) if row.price else 0
        return self._record(row, EffectState.DONE, {"result": dump(result), "spent": row.spent + spent}, note)

    def _announce(self, row: EffectRow) -> EffectRow:
        """Let callbacks find us. Written after the ledger; a crash between the two is mended by the next claim."""
        if row.state is EffectState.SENT:
            owner = {"job": self.job_id, "step": self.step, "item": self.item}
            self.world.rows.merge(Table.TASKS, (row.kind.provider, row.task), owner)
        return row

    def _record(self, row: EffectRow, state: EffectState, changes: Columns, note: str) -> EffectRow:
        history = remember({"history": row.history}, self.world.clock.now(), state.value, note)
        put = {"fence": self.fence, **changes, "state": state.value, "history": history}
        # The fence that we last saw must still stand: a late writer of an older claim loses here.
        settle(
            self.world,
            Table.EFFECTS,
            (self.job_id, self.step, self.item, row.name),
            put,
            expect={"fence": row.fence, "state": row.state.value},
        )
        after = self._know(row.name, {**columns_of(row), **put})
        told = {"effect": row.name, "state": state.value, "spent": (after.spent - row.spent) / 1_000_000, "note": note}
        self.world.log("effect", {"job": self.job_id, "step": self.step, "item": self.item, **told})
        return after


def verdict_of(world: World, row: EffectRow) -> Verdict:
    """What the vendor says of a task, asked where tasks of its kind are known."""
    if row.kind is Kind.MODEL_STUDIO:
        return world.avatars.verdict(row.task)
    if row.kind is Kind.GENERATION:
        return world.generators.verdict(row.task)
    if row.kind is Kind.VOICE:
        return world.voices.verdict(row.task)
    return world.media.verdict(row.kind, row.task)


def is_news(world: World, row: EffectRow, now: float) -> bool:
    """Whether the vendor may be asked: it announced an end that we have not asked about, or its time is over.

    Reports are told apart by a name of their own, not by times: those come from the clocks of two machines.
    """
    if row.state is not EffectState.SENT:
        return False
    if row.ask_at <= now:
        return True
    task = world.rows.get(Table.TASKS, (row.kind.provider, row.task)) or {}
    return str(task.get("report", "")) != str(task.get("asked", ""))


def wait_of(world: World, kind: Kind, asks: int) -> float:
    """Seconds until we ask unbidden. Only enrolment has no event; for the others this is the net under a lost one."""
    if kind is Kind.VOICE:
        return float(min(60.0, world.settings.voice_recheck_s * 2**asks))
    is_studios = kind.provider == Kind.MODEL_STUDIO.provider
    first_s = world.settings.verdict_s_model_studio if is_studios else world.settings.verdict_s_ims
    return float(min(3600.0, first_s * 2**asks))
