"""Corrections of a told story: `edits.json`, or the captions file with some lines changed.

Only what the family changed may change: each line keeps the time it had, and who reads it how, so that all others stay
as they were spoken.

    {"lines": {"7": {"text": "…"}, "8": {"drop": true}, "9": {"rate": 0.95, "say": {"重山": "chong2 shan1"}}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.cues import TEXT_CHARACTERS_MAX, Cue, numbered, speakable
from shared.domain.directions import AS_USUAL, Direction, Directions
from shared.domain.errors import Refused
from shared.domain.fitting import RATE_MAX, RATE_MIN
from shared.domain.frozen import frozen
from shared.domain.lexicon import is_entry

BYTES_MAX = 256 * 1024
FIELDS = frozenset({"text", "drop", "rate", "say"})
SAID_MAX = 20


@frozen
class Edit:
    """What becomes of one line: other words, another speed, names said otherwise; or nothing at all. A rate of 0 leaves
    the speed to the line's slot again; None changes nothing.
    """

    text: str | None = None
    drop: bool = False
    rate: float | None = None
    say: Mapping[str, str] | None = None


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
    return numbered(
        replace(cue, text=text if (text := edits.get(cue.number, Edit()).text) is not None else cue.text)
        for cue in cues
        if not edits.get(cue.number, Edit()).drop
    )


def check(corrected: Sequence[Cue], language: str) -> None:
    """Refuses `edits.nothing` when there is nothing left to tell."""
    if not any(speakable(cue.text, language) for cue in corrected):
        raise Refused("edits.nothing")


def directed(edits: Mapping[int, Edit], told: Directions) -> dict[int, Direction]:
    """How the lines are told after the edits, by the numbers they had before."""
    found = dict(told)
    for number, edit in edits.items():
        one = found.get(number, AS_USUAL)
        rate = one.rate if edit.rate is None else edit.rate
        found[number] = replace(one, rate=rate, say=one.say if edit.say is None else edit.say)
    return found


def carried(corrected: Sequence[Cue], original: Sequence[Cue], told: Directions) -> dict[int, Direction]:
    """What was said of the original lines, for the corrected ones, by the time at which they begin: numbers change when
    a line is dropped. A line that was moved a little is the one during which it now begins.
    """
    found: dict[int, Direction] = {}
    place = 0
    for cue in corrected:
        while place + 1 < len(original) and original[place + 1].start_ms <= cue.start_ms:
            place += 1
        was = original[place]
        if was.start_ms <= cue.start_ms < was.end_ms and (one := told.get(was.number)):
            found[cue.start_ms] = one
    return found


def retimed(corrected: Sequence[Cue], published: Sequence[Cue], original: Sequence[Cue]) -> tuple[Cue, ...]:
    """Corrected captions with the times that the lines had before they were spoken: those that were published follow
    the new speech. A line whose time was not touched is the line it was. One that was never published, for it was not
    heard before the film's end, was not taken out by anybody: it stays.
    """
    was = {cue.number: cue for cue in original}
    before = {(told.start_ms, told.end_ms): was[told.number] for told in published if told.number in was}
    lines = [
        replace(cue, start_ms=old.start_ms, end_ms=old.end_ms)
        if (old := before.get((cue.start_ms, cue.end_ms)))
        else cue
        for cue in corrected
    ]
    seen, begins = {cue.number for cue in published}, {cue.start_ms for cue in lines}
    lines += [cue for cue in original if cue.number not in seen and cue.start_ms not in begins]
    return numbered(sorted(lines, key=lambda cue: cue.start_ms))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Refused("edits.wrong", why=f"{text[:20]!r}: 1, 2, 3")
    return int(text)


def _edit(number: str, found: object) -> Edit:
    if not isinstance(found, dict) or not found or not found.keys() <= FIELDS:
        raise Refused("edits.wrong", why=f"{number}: {', '.join(sorted(FIELDS))}")
    text, drop, rate, say = found.get("text"), found.get("drop", False), found.get("rate"), found.get("say")
    is_text = text is None or (isinstance(text, str) and 0 < len(text.strip()) <= TEXT_CHARACTERS_MAX)
    if not is_text or not isinstance(drop, bool) or (drop and found.keys() != {"drop"}):
        raise Refused("edits.wrong", why=f"{number}: text | drop: true")
    if not (rate is None or _is_rate(rate)):
        raise Refused("edits.wrong", why=f"{number}: rate: 0 | {RATE_MIN} - {RATE_MAX}")
    if not (say is None or _is_lexicon(say)):
        raise Refused("edits.wrong", why=f"{number}: say: {{word: pin1 yin1 | AA1 R P AH0 | spelling}}")
    return Edit(text, drop, rate, say)


def _is_rate(rate: object) -> bool:
    if not isinstance(rate, (int, float)) or isinstance(rate, bool):
        return False
    return rate == 0 or RATE_MIN <= rate <= RATE_MAX


def _is_lexicon(say: object) -> bool:
    return isinstance(say, dict) and len(say) <= SAID_MAX and all(is_entry(*entry) for entry in say.items())
