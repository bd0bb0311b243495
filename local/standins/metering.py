"""What the media services measure: calls per second, and money."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.store import Store


@dataclass(frozen=True)
class Charge:
    """One billed thing: `Charge("emo-v1", 1.11, task_id)`."""

    what: str
    amount_yuan: float
    ref: str


class Register(list[Charge]):
    """Everything billed, in order, so that tests can compare it with the project's own ledger. Survives a restart."""

    def __init__(self, store: Store, name: str) -> None:
        kept = sorted(store.load(name).items(), key=lambda row: int(row[0]))
        super().__init__(Charge(**json.loads(value)) for _, value in kept)
        self._store = store
        self._name = name
        self._lock = threading.Lock()

    def charge(self, what: str, amount_yuan: float, ref: str) -> None:
        entry = Charge(what, round(amount_yuan, 6), ref)
        with self._lock:
            self._store.save(self._name, str(len(self)), json.dumps(asdict(entry)).encode())
            self.append(entry)

    @property
    def total_yuan(self) -> float:
        return round(sum(entry.amount_yuan for entry in self), 6)


class RateLimit:
    """At most so many calls within any one second of the account's clock, counted apart for each key."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._calls: dict[str, deque[float]] = {}

    def allows(self, key: str, per_s: int) -> bool:
        """Whether one more call fits now; a call that does not fit is not counted."""
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= self._now() - 1.0:
            calls.popleft()
        if len(calls) >= per_s:
            return False
        calls.append(self._now())
        return True


@contextmanager
def noted(account: Account, service: str, operation: str, detail: str = "") -> Iterator[None]:
    """Note the answer of a state method, so that calls in process count like calls over the wire."""
    try:
        yield
    except VendorError as error:
        account.note(service, operation, error.status, error.code)
        raise
    account.note(service, operation, 200, detail)
