"""Times as Model Studio writes them: China's clock in tasks and voices, UTC in events, milliseconds in lists."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_CHINA = timezone(timedelta(hours=8))


def china_ms(at: float) -> str:
    """`2025-09-11 14:33:38.716`, as tasks have it."""
    return datetime.fromtimestamp(at, _CHINA).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def china_s(at: float) -> str:
    """`2025-09-11 14:33:38`, as voices and events have it."""
    return datetime.fromtimestamp(at, _CHINA).strftime("%Y-%m-%d %H:%M:%S")


def utc_ms(at: float) -> str:
    """`2023-10-25T01:45:16.993Z`, as the envelope of an event has it."""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def from_stamp(text: str) -> float:
    """The moment of `20230420193058`, as the task list is asked; ValueError when it is no such stamp."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=_CHINA).timestamp()
