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

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import Enum
from functools import cached_property
from typing import Any

from shared.domain import prices
from shared.domain.errors import Conflict, Corrupt, EchobotError, Offline, Refused, Retry, Review, Unknown
from shared.domain.frozen import frozen
from shared.engine import spending
from shared.engine.records import Job, budget_of, dump, error_of, remember, settle
from shared.engine.world import World
from shared.ports import Columns, Fate, Key, Kind, Table, Verdict

SENDS_MAX = 5

INHERITED = "inherited"
"""Stands for the inputs of a call that an earlier edition of the story has made: whoever wrote it has compared them."""


class EffectState(str, Enum):
    INTENT = "intent"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    AGAIN = "again"
    UNKNOWN = "unknown"
    REVIEW = "review"
    LOST = "lost"


OPEN = frozenset({EffectState.INTENT, EffectState.SENT, EffectState.UNKNOWN, EffectState.REVIEW})
"""May still have to be paid for."""

DOUBTFUL = {EffectState.LOST: "vendor.lost", EffectState.REVIEW: "ledger.ambiguous"}
"""A person decides; and the code by which a person is asked."""


@frozen
class Sent:
    """The vendor took the request and will answer about this task later."""

    task: str


@frozen
class Finished:
    """The vendor answered at once. `result` must be JSON-able and small: keys, not bytes."""

    result: Mapping[str, object]


@frozen
class NotSent:
    """It is proven, or harmless to assume, that the request never took effect."""


Answer = Sent | Finished


@frozen
class Effect:
    """One call. `inputs` identify it: the same name with other inputs is a broken invariant, not a new call.

    `find` looks for what an earlier, unanswered call may have left behind; it gets the time of the intent and may
    raise `Review`. Without it the call is repeated blindly, at most `repeats` times. `price` names the tariff and
    `quantity` how many units of it are foreseen (seconds where it counts minutes); the answer may know better.
    """

    name: str
    kind: Kind
    inputs: Mapping[str, object]
    call: Callable[[], Answer]
    find: Callable[[float], Answer | NotSent] | None = None
    repeats: int = 0
    price: str = ""
    quantity: float = 0.0


@frozen
class EffectRow:
    """`sends` counts calls that may have happened, `failures` those that the vendor, or a person, called failed, and
    `doubts` those that were made again without knowing what became of them.
    """

    name: str
    state: EffectState
    kind: Kind
    inputs: str = ""
    fence: str = ""
    task: str = ""
    sends: int = 0
    failures: int = 0
    doubts: int = 0
    since: float = 0.0
    ask_at: float = 0.0
    asks: int = 0
    price: str = ""
    quantity: float = 0.0
    spent: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)
    history: str = "[]"
    step: str = ""
    item: str = ""

    @property
    def is_taken(self) -> bool:
        """The vendor has the call, or is through with it: nothing is to be sent."""
        return self.state is EffectState.SENT or self.has_verdict

    @property
    def has_verdict(self) -> bool:
        return self.state in {EffectState.DONE, EffectState.REFUSED}

    @property
    def is_unanswered(self) -> bool:
        """It may have been sent; nobody knows."""
        return self.state in {EffectState.INTENT, EffectState.UNKNOWN}


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


def inherit(world: World, key: Key, row: EffectRow) -> None:
    """Let a call of this key count as made: its result is that of a row of an earlier edition, and cost nothing now."""
    now = world.clock.now()
    columns = {
        **columns_of(row),
        "inputs": INHERITED,
        "fence": INHERITED,
        "spent": 0,
        "since": now,
        "history": remember({}, now, row.state.value, "as in the edition before"),
    }
    world.rows.insert(Table.EFFECTS, key, columns)


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


def rows_of(world: World, job_id: str, *prefix: str) -> list[EffectRow]:
    """Ledger rows of a job, or of one of its steps (and items)."""
    found = world.rows.range(Table.EFFECTS, (job_id, *prefix))
    return [row_at(key, columns) for key, columns in found]


def row_of(name: str, columns: Columns) -> EffectRow:
    """A row whose place does not matter."""
    return row_at(("", "", "", name), columns)


def row_at(key: Key, columns: Columns) -> EffectRow:
    """A row that knows its place."""
    return EffectRow(
        name=key[3],
        state=EffectState(columns["state"]),
        kind=Kind(columns["kind"]),
        inputs=str(columns.get("inputs", "")),
        fence=str(columns.get("fence", "")),
        task=str(columns.get("task", "")),
        sends=int(columns.get("sends", 0)),
        failures=int(columns.get("failures", 0)),
        doubts=int(columns.get("doubts", 0)),
        since=float(columns.get("since", 0.0)),
        ask_at=float(columns.get("ask_at", 0.0)),
        asks=int(columns.get("asks", 0)),
        price=str(columns.get("price", "")),
        quantity=float(columns.get("quantity", 0.0)),
        spent=int(columns.get("spent", 0)),
        result=json.loads(str(columns.get("result", "{}"))),
        error=json.loads(str(columns.get("error", "{}"))),
        history=str(columns.get("history", "[]")),
        step=key[1],
        item=key[2],
    )


def columns_of(row: EffectRow) -> dict[str, str | int | float]:
    return {
        "state": row.state.value,
        "kind": row.kind.value,
        "inputs": row.inputs,
        "fence": row.fence,
        "task": row.task,
        "sends": row.sends,
        "failures": row.failures,
        "doubts": row.doubts,
        "since": row.since,
        "ask_at": row.ask_at,
        "asks": row.asks,
        "price": row.price,
        "quantity": row.quantity,
        "spent": row.spent,
        "result": dump(row.result),
        "error": dump(row.error),
        "history": row.history,
    }


def restore(error: Mapping[str, Any]) -> EchobotError:
    """The error that a row holds."""
    kinds: dict[str, type[EchobotError]] = {
        kind.__name__: kind for kind in (Refused, Offline, Retry, Unknown, Review, Corrupt)
    }
    kind = kinds.get(str(error.get("kind")), Corrupt)
    return kind(str(error.get("code", "internal")), str(error.get("detail", "")), **error.get("fields", {}))


def digest(inputs: Mapping[str, object]) -> str:
    """`v1:` and the sha256 of the inputs as canonical JSON; the prefix tells a change of form from one of substance."""
    return "v1:" + hashlib.sha256(dump(inputs).encode()).hexdigest()
