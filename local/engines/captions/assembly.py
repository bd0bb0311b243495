"""Lines that were read become captions: what is no caption goes, what belongs together is joined. Pure.

Kept is the main track, as CaptionExtraction keeps it with `track: main`: the rows where most captions stand.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from local.engines.captions.reading import Line
from local.engines.captions.wording import word_characters, written

LEGIBLE_MIN = 0.7  # score; below it a line is a pattern that looks like letters
SURE_MIN = 0.85
WORD_MIN = 2  # characters; one alone may be a pattern too
SAME_ROW = 0.5
STACKED = 0.8  # line heights between a line and the one above
TOGETHER = 0.7  # of the shorter one's time
SIGN_STAYS_FOR = 3  # captions that come and go while it stands
SIGN_SHARE = 0.9  # of the film
MAIN_SHARE = 0.2  # of as many captions as stand in the favourite rows
MENDED_GAP_S = 0.3
LONG, LONG_GAP_S = 8, 1.0  # the same words again, if they are so many characters, were never gone
ALIKE = 0.8  # of an unsure reading to the next


@dataclass(frozen=True)
class Shown:
    """Lines that came and went together; frames, `end` not included."""

    start: int
    end: int
    lines: tuple[Line, ...]

    @property
    def characters(self) -> int:
        return sum(len(line.text) for line in self.lines)

    @property
    def score(self) -> float:
        return sum(line.score * len(line.text) for line in self.lines) / max(1, self.characters)

    def overlap(self, other: Shown) -> int:
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True)
class Timed:
    """A caption's text; frames, `end` not included."""

    start: int
    end: int
    text: str


def assembled(shown: Sequence[Shown], *, frames: int, fps: float) -> list[Timed]:
    """The captions of a film of that many frames, in order."""
    legible = [replace(one, lines=tuple(line for line in one.lines if _is_legible(line))) for one in shown]
    present = sorted((one for one in legible if one.lines), key=lambda one: (one.start, one.end))
    coming_and_going = [one for one in present if not _is_sign(one, present, frames)]
    captions = _main(_together(coming_and_going))
    whole = _mended(captions, fps)
    return [Timed(one.start, one.end, written(line.text for line in one.lines)) for one in whole]


def _is_legible(line: Line) -> bool:
    return line.score >= LEGIBLE_MIN and word_characters(line.text) > 0


def _is_sign(one: Shown, others: Sequence[Shown], frames: int) -> bool:
    """What stays while captions come and go, or all the film long: a channel's name, a sign in the picture."""
    if one.end - one.start >= SIGN_SHARE * frames:
        return True
    passing, free_from = 0, one.start
    for other in others:
        if other is not one and other.start >= free_from and other.end <= one.end:
            passing, free_from = passing + 1, other.end
    return passing >= SIGN_STAYS_FOR


def _together(shown: Sequence[Shown]) -> list[Shown]:
    """What shows at the same time becomes one; the part with the most text gives the time."""
    groups: list[list[Shown]] = []
    for one in shown:
        for group in groups:
            if all(one.overlap(other) >= TOGETHER * min(_length(one), _length(other)) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return sorted((_joined(group) for group in groups), key=lambda one: (one.start, one.end))


def _length(one: Shown) -> int:
    return one.end - one.start


def _joined(group: Sequence[Shown]) -> Shown:
    fullest, *others = sorted(group, key=lambda one: -one.characters * one.score)
    lines = list(fullest.lines)
    for line in (line for other in others for line in other.lines):
        if not any(
            line.box.rows_shared(other.box) > SAME_ROW and line.box.gap_across(other.box) < 0 for other in lines
        ):
            lines.append(line)
    return replace(fullest, lines=tuple(sorted(lines, key=lambda line: line.box.middle)))


def _main(captions: Sequence[Shown]) -> list[Shown]:
    """Only the lines in rows where captions usually stand, and those right above or below such a line."""
    usual = max((_company(line, captions) for one in captions for line in one.lines if _is_sure(line)), default=0)
    kept = []
    for one in captions:
        main = [line for line in one.lines if _is_main(line, _company(line, captions), usual)]
        main += [line for line in one.lines if line not in main and any(_stacked(line, other) for other in main)]
        if main:
            kept.append(replace(one, lines=tuple(line for line in one.lines if line in main)))
    return kept


def _company(line: Line, captions: Sequence[Shown]) -> int:
    """How many captions have a sure line in its row."""
    return sum(
        any(_is_sure(other) and line.box.rows_shared(other.box) > SAME_ROW for other in one.lines) for one in captions
    )


def _is_main(line: Line, company: int, usual: int) -> bool:
    return company >= max(1 if _is_sure(line) else 2, MAIN_SHARE * usual)


def _is_sure(line: Line) -> bool:
    return line.score >= SURE_MIN and word_characters(line.text) >= WORD_MIN


def _stacked(line: Line, other: Line) -> bool:
    height = min(line.box.height, other.box.height)
    return line.box.gap_down(other.box) < STACKED * height and line.box.gap_across(other.box) < 0


def _mended(captions: Sequence[Shown], fps: float) -> list[Shown]:
    """A caption that was lost for a moment, or read while it was still being written, is one."""
    mended: list[Shown] = []
    for one in captions:
        last = mended[-1] if mended else None
        if last is not None and _is_same(last, one, (one.start - last.end) / fps):
            better = max(last, one, key=lambda part: (part.characters, part.score))
            mended[-1] = replace(better, start=last.start, end=max(last.end, one.end))
        else:
            mended.append(one)
    return mended


def _is_same(one: Shown, other: Shown, gap_s: float) -> bool:
    first, second = ("".join(line.text for line in part.lines).replace(" ", "") for part in (one, other))
    if first == second and len(first) >= LONG:
        return gap_s <= LONG_GAP_S
    if gap_s > MENDED_GAP_S:
        return False
    is_unsure = min(one.score, other.score) < SURE_MIN
    is_like = difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() > ALIKE
    return second.startswith(first) or (is_unsure and is_like)
