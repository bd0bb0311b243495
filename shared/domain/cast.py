"""Which captions the parent reads, and which keep the film's own voice.

A caption keeps it when `job.json` names its number (`{"cast": {"original": [3, 5]}}`), or when it begins with a tag
(`[original]`, `【原声】`), which is for us and not for whoever reads the captions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from shared.domain.cues import CUES_MAX, Cue
from shared.domain.frozen import frozen

ORIGINAL = "original"
# Cues of the film's own voice that lie so near together are one stretch of it.
TOUCHING_MS = 400

_TAG = re.compile(r"\s*(?:\[|【|［)\s*(?:original|原声|原聲)\s*(?:\]|】|］)\s*[:：]?\s*", re.IGNORECASE)


@frozen
class Cast:
    """All captions without their tags, and the numbers of those that keep the film's own voice."""

    cues: tuple[Cue, ...]
    originals: frozenset[int]


def is_cast(value: object) -> bool:
    """Whether `job.json` may say this."""
    return (
        isinstance(value, dict)
        and value.keys() <= {ORIGINAL}
        and all(isinstance(numbers, list) and all(map(_is_number, numbers)) for numbers in value.values())
    )


def cast(cues: Iterable[Cue], numbers: Collection[int]) -> Cast:
    """The captions, told apart. A tag with nothing behind it keeps its words: a caption is never empty."""
    untagged: list[Cue] = []
    originals: set[int] = set()
    for cue in cues:
        tag = _TAG.match(cue.text)
        words = cue.text[tag.end() :] if tag else cue.text
        if tag or cue.number in numbers:
            originals.add(cue.number)
        untagged.append(replace(cue, text=words or cue.text))
    return Cast(tuple(untagged), frozenset(originals))


def stretches(cues: Iterable[Cue], originals: Collection[int]) -> tuple[tuple[int, int], ...]:
    """From and to, in ms, where the film's own voice is heard."""
    found: list[tuple[int, int]] = []
    for cue in cues:
        if cue.number not in originals:
            continue
        if found and cue.start_ms - found[-1][1] <= TOUCHING_MS:
            found[-1] = found[-1][0], cue.end_ms
        else:
            found.append((cue.start_ms, cue.end_ms))
    return tuple(found)


def runs(spoken: Sequence[Cue], own: Sequence[tuple[int, int]], film_ms: int) -> list[tuple[list[Cue], int]]:
    """What is read between two stretches of the film's own voice, and until when it may be read."""
    found: list[tuple[list[Cue], int]] = []
    edges = [*(start_ms for start_ms, _ in own), film_ms]
    for cue in spoken:
        until_ms = next((edge for edge in edges if edge > cue.start_ms), film_ms)
        if found and found[-1][1] == until_ms:
            found[-1][0].append(cue)
        else:
            found.append(([cue], until_ms))
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= CUES_MAX
