"""What every part of the Model Studio stand-in needs: the ports, the limits, the till, and which models are off."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.engines.contract import Engines
from local.standins.account import Account
from local.standins.errors import FetchError, VendorError
from local.standins.metering import RateLimit, Register, noted
from local.standins.model_studio import refusals
from local.standins.work import Pace, Work

SERVICE = "model_studio"

Fetch = Callable[[str], bytes]
Results = Callable[[str, bytes, str], str]
Publish = Callable[[dict[str, Any]], None]


@dataclass
class Bench:
    """`fetch(url)` raises FetchError; `results(name, body, content_type)` stores a result and gives a url that is valid
    for 24 h; `publish(event)` hands an event to the default bus and never raises.
    """

    account: Account
    engines: Engines
    fetch: Fetch
    results: Results
    publish: Publish
    work: Work
    pace: Pace
    register: Register = field(init=False)
    limit: RateLimit = field(init=False)
    offline: set[str] = field(default_factory=set)
    offline_answer: Callable[[], VendorError] = refusals.switched_off

    def __post_init__(self) -> None:
        self.register = Register(self.account.store, "model_studio.register")
        self.limit = RateLimit(self.account.now)

    @contextmanager
    def answer(self, operation: str, calls_per_s: int, *, shared: str = "", detail: str = "") -> Iterator[None]:
        """One answered call: noted with the account, and refused when it is too many. `shared` names a limit that
        several operations share.
        """
        with noted(self.account, SERVICE, operation, detail):
            with self.account.lock:
                if not self.limit.allows(shared or operation, calls_per_s):
                    raise refusals.too_many_requests()
            yield

    def check_is_on(self, model: str) -> None:
        if model in self.offline:
            raise self.offline_answer()

    def reply(self, **body: object) -> dict[str, Any]:
        return {**body, "request_id": self.account.new_uuid()}

    def fetched(self, url: object, refusal: Callable[[], VendorError]) -> bytes:
        """An input behind a url, or `refusal()` when there is none; a slow host has an answer of its own."""
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise refusals.bad_url()
        try:
            return self.fetch(url)
        except FetchError as error:
            raise (refusals.download_timed_out() if error.timed_out else refusal()) from error


@contextmanager
def as_files(bodies: Mapping[str, bytes]) -> Iterator[tuple[Path, dict[str, Path]]]:
    """Bodies as files in a folder of their own, gone afterwards; engines want paths."""
    with tempfile.TemporaryDirectory(prefix="model-studio-") as folder:
        files = {name: Path(folder) / name for name in bodies}
        for name, file in files.items():
            file.write_bytes(bodies[name])
        yield Path(folder), files
