"""The parents who read a story, by name: those whom the cast of its options says, and whose files are which.

Apart from `cast`, which tells captions apart: every step asks who reads, few of them what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ORIGINAL = "original"
"""The film's own voice."""

ALTERNATE = "alternate"
OWN = ""
"""The story's own narrator: a saved one, or whoever came with the story."""

READERS_MAX = 4


def readers(wanted: Mapping[str, Sequence[object]], narrator: str | None) -> tuple[str, ...]:
    """The saved narrators whom a cast names beside the story's own, in order."""
    named = [*map(str, wanted.get(ALTERNATE, ())), *(name for name in wanted if name not in {ORIGINAL, ALTERNATE})]
    return tuple(name for name in dict.fromkeys(named) if name != narrator)


def asset_of(asset: str, reader: str) -> str:
    """Under which name a job keeps a reader's voice, photo, film or consent."""
    return f"{asset}@{reader}" if reader else asset
