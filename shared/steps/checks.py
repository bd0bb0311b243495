"""Checks of a file that answer at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shared.domain.errors import Refused, Retry
from shared.engine.turn import Turn

T = TypeVar("T")

REPEATS = 2  # a check costs 0.004 yuan and changes nothing
STUMBLES_MAX = 8
"""With their pauses some minutes: a vendor that cannot reach the bucket for a moment is forgiven."""


def opened(turn: Turn, ask: Callable[[], T], refusal: str) -> T:
    """What a check answers. `Refused(refusal)` when it cannot open the file again and again: the address was signed for
    this very call, so it has not died in a queue. The vendors have one code for both (`InvalidURL`).
    """
    try:
        return ask()
    except Retry as error:
        if error.code != "url.expired" or turn.troubles < STUMBLES_MAX:
            raise
        raise Refused(refusal, error.detail, **error.fields) from error
