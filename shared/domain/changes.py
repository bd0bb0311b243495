"""What a correction of a told story is about to buy, before it is agreed to: the readings of its changed lines, the
clips of their segments, the film.

An estimate: lines are joined and timed anew with the words that they then have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from shared.domain import fitting, prices
from shared.domain.cues import speakable
from shared.domain.edits import Edit
from shared.domain.frozen import frozen
from shared.domain.prices import Facts
from shared.domain.quotes import LEAD_MS, QUICK_PACE
from shared.domain.script import Line, Script, ScriptSegment


@frozen
class Touched:
    """Lines that are read again, with the words that they will have, and segments that are animated again."""

    lines: Mapping[int, str]
    segments: tuple[ScriptSegment, ...]


def touched(whole: Script, edits: Mapping[int, Edit]) -> Touched:
    """A line that goes leaves its time to the one before, which is spoken as it was but shown anew."""
    words = {cue.number: cue.text for cue in whole.cues} | {
        number: edit.text or "" for number, edit in edits.items() if edit.drop or edit.text is not None
    }
    lines = list(chain.from_iterable(segment.lines for segment in whole.segments))
    changed = [line for line in lines if edits.keys() & set(_numbers(line))]
    gone = {number for number, edit in edits.items() if edit.drop}
    beside = [before for before, line in pairwise(lines) if gone & set(_numbers(line))]
    shown = {line.number for line in (*changed, *beside)}
    said = {line.number: " ".join(filter(None, _said(line, words, whole.language))) for line in changed}
    segments = [one for one in whole.segments if any(line.number in shown for line in one.lines)]
    return Touched({number: text for number, text in said.items() if text}, tuple(segments))


def facts(whole: Script, edits: Mapping[int, Edit], *, engine: str, voice_model: str, ratio: str) -> Facts:
    """What the tariffs want to know of it. The photo's check, the captions' source and the music are inherited."""
    found = touched(whole, edits)
    characters = sum(prices.speech_characters(text) for text in found.lines.values())
    spans = [segment.end_ms - segment.start_ms for segment in found.segments]
    quick = [_quick_ms(segment, whole.language) for segment in found.segments]
    most = sum(spans) + (LEAD_MS if spans else 0)
    return Facts(
        film_ms=whole.film_ms,
        engine=engine,
        voice_model=voice_model,
        animated_ms=(min(sum(quick), most), most),
        characters=(characters, characters),
        ratio=ratio,
        reads_captions=False,
        keeps_music=False,
        checks_photo=False,
    )


def _numbers(line: Line) -> Sequence[int]:
    return (line.number, *(join.number for join in line.joins))


def _said(line: Line, words: Mapping[int, str], language: str) -> Sequence[str]:
    return [speakable(words.get(number, ""), language) for number in _numbers(line)]


def _quick_ms(segment: ScriptSegment, language: str) -> int:
    return sum(
        min(line.slot.end_ms - line.slot.start_ms, round(fitting.predict_ms(line.text, language) * QUICK_PACE))
        for line in segment.lines
    )
