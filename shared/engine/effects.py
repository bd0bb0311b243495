"""Calls that change the outside world: what each is, and its row as the ledger keeps it (`shared.engine.ledger`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from shared.domain.errors import Corrupt, EchobotError, Offline, Refused, Retry, Review, Unknown
from shared.domain.frozen import frozen
from shared.engine.records import dump, remember
from shared.engine.world import World
from shared.ports import Columns, Key, Kind, Table

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
