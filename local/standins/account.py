"""The one made-up account that all stand-ins share: who may call, what time it is, what was asked of them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from local.standins.progress import ProgressBoard
from local.standins.store import MemoryStore, Store
from local.standins.timing import Timing, VirtualTiming


@dataclass(frozen=True)
class Asked:
    """One call a stand-in answered: `Asked("ims", "SubmitMediaProducingJob", 200)`. Tests count these."""

    service: str
    operation: str
    status: int
    detail: str = ""


@dataclass
class Account:
    """Shared state of the stand-ins. `keys` maps access key id to secret, as STS triples need none here."""

    timing: Timing = field(default_factory=VirtualTiming)
    randomness: random.Random = field(default_factory=lambda: random.Random(0))
    store: Store = field(default_factory=MemoryStore)
    keys: dict[str, str] = field(default_factory=lambda: {"test-id": "test-secret"})
    api_keys: frozenset[str] = frozenset({"sk-test"})
    account_id: str = "1234567890123456"
    region: str = "cn-beijing"
    lock: threading.RLock = field(default_factory=threading.RLock)
    asked: list[Asked] = field(default_factory=list)
    progress: ProgressBoard = field(default_factory=ProgressBoard)

    def now(self) -> float:
        return self.timing.now()

    def new_id(self, length: int = 24) -> str:
        """Upper-case hexadecimal, as request ids of the services look."""
        return f"{self.randomness.getrandbits(length * 4):0{length}X}"

    def new_uuid(self) -> str:
        digits = self.new_id(32).lower()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def note(self, service: str, operation: str, status: int, detail: str = "") -> None:
        self.asked.append(Asked(service, operation, status, detail))

    def count(self, service: str) -> Counter[str]:
        """How often each operation of a service was asked."""
        return Counter(asked.operation for asked in self.asked if asked.service == service)
