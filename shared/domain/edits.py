"""Corrections of a told story: `edits.json`, or the captions file with some lines changed.

Only what the family changed may change: each line keeps the time it had, so that all others stay as they were spoken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.cues import TEXT_CHARACTERS_MAX, Cue
from shared.domain.errors import Refused
from shared.domain.frozen import frozen

BYTES_MAX = 256 * 1024
FIELDS = frozenset({"text", "drop"})


@frozen
class Edit:
    """What becomes of one line: other words, or none at all."""

    text: str | None = None
    drop: bool = False


def read(data: bytes) -> dict[int, Edit]:
    """Edits by the number of the line in the story's `captions.srt`. `edits.wrong` says what is not right."""
    if len(data) > BYTES_MAX:
        raise Refused("edits.wrong", why=f"> {BYTES_MAX // 1024} KB")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("edits.wrong", why="JSON") from error
    lines = found.get("lines") if isinstance(found, dict) and found.keys() == {"lines"} else None
    if not isinstance(lines, dict) or not lines:
        raise Refused("edits.wrong", why='{"lines": {"7": {"text": "..."}}}')
    return {_number(number): _edit(number, edit) for number, edit in lines.items()}


def apply(cues: Sequence[Cue], edits: Mapping[int, Edit]) -> tuple[Cue, ...]:
    """The corrected cues; `edits.line` for a line that is not there."""
    missing = sorted(edits.keys() - {cue.number for cue in cues})
    if missing:
        raise Refused("edits.line", number=missing[0])
    return tuple(
        replace(cue, text=text if (text := edits.get(cue.number, Edit()).text) is not None else cue.text)
        for cue in cues
        if not edits.get(cue.number, Edit()).drop
    )


def retimed(corrected: Sequence[Cue], published: Sequence[Cue], original: Sequence[Cue]) -> tuple[Cue, ...]:
    """Corrected captions with the times that the lines had before they were spoken: those that were published may
    follow the new speech. A line whose time was not touched is the line it was.
    """
    if len(published) != len(original):
        return tuple(corrected)
    before = {(told.start_ms, told.end_ms): cue for told, cue in zip(published, original, strict=True)}
    return tuple(
        replace(cue, start_ms=was.start_ms, end_ms=was.end_ms)
        if (was := before.get((cue.start_ms, cue.end_ms)))
        else cue
        for cue in corrected
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Refused("edits.wrong", why=f"{text[:20]!r}: 1, 2, 3")
    return int(text)


def _edit(number: str, found: object) -> Edit:
    if not isinstance(found, dict) or not found or not found.keys() <= FIELDS:
        raise Refused("edits.wrong", why=f"{number}: {', '.join(sorted(FIELDS))}")
    text, drop = found.get("text"), found.get("drop", False)
    is_text = text is None or (isinstance(text, str) and 0 < len(text.strip()) <= TEXT_CHARACTERS_MAX)
    if not is_text or not isinstance(drop, bool) or (drop and text is not None):
        raise Refused("edits.wrong", why=f"{number}: text | drop: true")
    return Edit(text, drop)
