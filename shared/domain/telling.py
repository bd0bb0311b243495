"""What a told story amounts to, reckoned from its rows: silence, portrait saved, waiting. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

Span = tuple[int, int]


def silence_share(spoken: Sequence[Span]) -> float:
    """How much of the narration, from its first word to its last, nobody speaks."""
    whole = _reach(spoken)
    return round(1 - _covered(spoken) / whole, 3) if whole else 0.0


def saved(animated_s: float, spoken: Sequence[Span]) -> tuple[float, float]:
    """Seconds of portrait that were not bought against sending the whole narration, and their share of it."""
    whole_s = _reach(spoken) / 1000
    left_s = max(0.0, whole_s - animated_s)
    return round(left_s, 1), round(left_s / whole_s, 3) if whole_s else 0.0


def waits(histories: Iterable[Sequence[tuple[float, str, str]]]) -> list[Mapping[str, object]]:
    """Seconds by what was waited for, longest first; what waited side by side is counted each by itself."""
    found: dict[str, float] = {}
    for history in histories:
        for (at, state, note), (until, _, _) in pairwise(history):
            if state == "waiting" and note:
                found[note] = found.get(note, 0.0) + until - at
    return [
        {"what": what, "seconds": round(s, 1)} for what, s in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def _reach(spans: Sequence[Span]) -> int:
    return max((end for _, end in spans), default=0) - min((start for start, _ in spans), default=0)


def _covered(spans: Sequence[Span]) -> int:
    total, done = 0, 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, done))
        done = max(done, end)
    return total
