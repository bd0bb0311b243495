"""What the three kinds of IMS jobs share: what they need, how they pass through their states, how they fail."""

from __future__ import annotations

import json
import logging
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from pymediainfo import MediaInfo

from local.engines.contract import Engines, RejectionError
from local.standins.account import Account
from local.standins.errors import FetchError, VendorError
from local.standins.ims.callbacks import Callbacks
from local.standins.ims.places import MediaAccess
from local.standins.metering import Register
from local.standins.work import Pace, Work
from shared.clients.untrusted import Guarded

T = TypeVar("T")
# Yuan per started minute. The vendor's prices were not found: upper guesses. Failed jobs are free.
PRODUCE_YUAN_PER_MIN = 0.45
CAPTIONS_YUAN_PER_MIN = 0.5
DEMIX_YUAN_PER_MIN = 0.5
RECOGNISE_YUAN_PER_MIN = 0.5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tools:
    """Everything a job needs from outside."""

    account: Account
    engines: Engines
    media: MediaAccess
    callbacks: Callbacks
    work: Work
    pace: Pace
    register: Register

    def moment(self) -> str:
        """Now, as IMS writes times."""
        return datetime.fromtimestamp(self.account.now(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, bucket: str, key: str, folder: Path) -> Path:
        """An input of a job; VendorError when IMS could not read it. Objects of one name do not get into each other's
        way: each has a folder of its own.
        """
        try:
            return self.media.read(bucket, key, Path(tempfile.mkdtemp(dir=folder)))
        except FetchError as error:
            raise VendorError(400, "InvalidParameter", f"The media oss://{bucket}/{key} cannot be read.") from error


def carry_out(
    tools: Tools,
    enter: Callable[[str], None],
    job: Callable[[Path], T],
    done: Callable[[T | VendorError], None],
) -> None:
    """Take a job through its states at the pace given: `enter("queued")`, `enter("started")`, then the blocking `job`
    with a folder of its own, then `done` with its result or with the reason of its failure.
    """
    timing, pace = tools.account.timing, tools.pace
    queue_s, run_s = (pace.vary(seconds, tools.account.randomness) for seconds in (pace.ims_queue_s, pace.ims_run_s))

    def in_a_folder() -> T:
        with tempfile.TemporaryDirectory(prefix="ims-") as folder:
            return job(Path(folder))

    def judged(outcome: T | Exception) -> None:
        done(failure(outcome) if isinstance(outcome, Exception) else outcome)

    timing.later(queue_s / 2, lambda: enter("queued"))
    timing.later(queue_s, lambda: enter("started"))
    timing.later(queue_s + run_s, lambda: tools.work(in_a_folder, judged))


def failure(error: Exception) -> VendorError:
    """The code and message under which IMS reports what went wrong in a job."""
    if isinstance(error, VendorError):
        return error
    if isinstance(error, RejectionError):
        return VendorError(400, error.code, error.message)
    _log.error("an engine behind IMS failed", exc_info=error)
    return VendorError(500, "InternalError", f"The request processing has failed: {error!r}")


def minutes_of(film: Path) -> int:
    """Started minutes of a film or sound, at least one: what IMS bills by."""
    with film.open("rb") as file:
        lengths_ms = [float(track.duration or 0) for track in MediaInfo.parse(Guarded(file)).tracks]
    return max(1, math.ceil(max(lengths_ms, default=0) / 60_000))


def required(params: Mapping[str, str], name: str) -> str:
    value = params.get(name, "")
    if not value:
        raise VendorError(400, "MissingParameter", f"{name} is mandatory for this action.")
    return value


def json_object(params: Mapping[str, str], name: str) -> dict[str, Any]:
    """A mandatory parameter that holds a JSON object; a string encoded twice is refused as the vendor does."""
    try:
        value = json.loads(required(params, name))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise VendorError(400, "InvalidParameter", f"{name} is not a JSON object.")
    return value


def at_most(params: Mapping[str, str], name: str, *, octets: int = 0, characters: int = 0) -> str:
    """An optional parameter with a length limit."""
    value = params.get(name, "")
    if (octets and len(value.encode()) > octets) or (characters and len(value) > characters):
        raise VendorError(400, "InvalidParameter", f"{name} is too long.")
    return value


def not_found(job_id: str) -> VendorError:
    """The vendor's own code for an unknown job was not found; clients must not branch on it."""
    return VendorError(404, "JobNotFound", f"The specified job {job_id} does not exist.")
