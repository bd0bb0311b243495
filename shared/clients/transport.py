"""What all clients share below their SDKs: which failures prove that nothing was sent, and when a kept connection
is too old to be trusted. No SDK is imported here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator

CONNECT_S = 5.0
"""Long enough for one lost SYN, short beside every call timeout."""

IDLE_S_MAX = 20.0
"""A function instance is frozen between invocations; sockets kept over a freeze are dead without anyone knowing."""

_NEVER_CONNECTED = frozenset(
    {
        "NewConnectionError",
        "NameResolutionError",
        "ConnectTimeoutError",
        "ConnectTimeout",
        "ConnectionRefusedError",
        "gaierror",
    }
)


HARMLESS_READ_MAX = 20_000
"""Of a longer text nothing beyond is looked at: 300 characters of it are told."""

_QUERY = re.compile(r"\?[^\s'\"<>)]+")


def harmless(text: str) -> str:
    """A text of a vendor or a library for our own line: short, UTF-8 can hold it, its urls without what may hold a
    signature.
    """
    return _QUERY.sub("?…", text[:HARMLESS_READ_MAX])[:300].encode("utf-8", "replace").decode()


def never_sent(error: BaseException) -> bool:
    """True when the connection was never made, so that the vendor cannot have seen the call.

    By class name, because requests, its vendored copy and urllib3 raise classes of the same names that share no base,
    and wrap them in each other's `reason`, `exception` and arguments.
    """
    return any(type(cause).__name__ in _NEVER_CONNECTED for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: list[BaseException] = [error]
    seen: set[int] = set()
    while found:
        cause = found.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        wrapped = (
            cause.__cause__,
            cause.__context__,
            getattr(cause, "reason", None),
            getattr(cause, "exception", None),
        )
        found.extend(inner for inner in (*wrapped, *cause.args) if isinstance(inner, BaseException))


def hush(name: str) -> None:
    """Silence an SDK's own logger. It would print each refused call, some with the signed parameters; the line that
    Echobot writes itself says the same without them.
    """
    logging.getLogger(name).setLevel(logging.CRITICAL)


class Idle:
    """Tells when connections have rested too long. The wall clock goes on while an instance is frozen, the monotonic
    one may not.
    """

    def __init__(self, clock: Callable[[], float] = time.time, limit_s: float = IDLE_S_MAX) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._used_at = clock()

    def passed(self) -> bool:
        """Ask before each use; true when whatever was kept since the last use should be thrown away."""
        now = self._clock()
        rested = now - self._used_at > self._limit_s
        self._used_at = now
        return rested
