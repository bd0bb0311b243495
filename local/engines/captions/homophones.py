"""Words that sound as what was written and are likelier: 攻击 for 公鸡, 怀术 for 槐树.

Whisper base hears the syllables of Chinese and often takes the wrong characters for them. How common a word is says the
list of words that sentences are parted with (rjieba). These are proposals: whether one fits, the sound must say.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import rjieba
from pypinyin import Style, pinyin

WORD_MIN, WORD_MAX = 2, 3  # characters of a word proposed: what a single one means no count of words can say
KNOWN_MAX = 4  # characters of a word looked up
AROUND = 6  # characters on either side that a change is judged in
COUNTED = 60_101_967  # words in the texts that the list was counted in
UNKNOWN = 0.5  # count of a character that is no word
COMMON = 3  # count that a proposed word has at least
TONE, FINAL = 1.0, 2.0  # nepers that another tone costs, and -n for -ng
GAIN_MIN = 1.0  # nepers by which the words become likelier
NUMERALS = frozenset("零一二三四五六七八九十百千万亿两几")  # several are a word, though no list has it: 十七, not 时期
PROPOSED_MAX, IN_PLACE_MAX = 24, 4  # in all, and of the same characters


@dataclass(frozen=True)
class Proposal:
    """Characters `first` to `last` (one past) should be `text`, which makes the words likelier by `gain` nepers."""

    first: int
    last: int
    text: str
    gain: float


def proposals(text: str, is_sure: Sequence[bool]) -> list[Proposal]:
    """Changes of the text, the most promising first. Each has a character that the recogniser is not sure of."""
    found = sorted(_all(text, is_sure), key=lambda one: _promise(text, one), reverse=True)
    places: dict[tuple[int, int], int] = {}
    kept = []
    for one in found:
        place = one.first, one.last
        places[place] = places.get(place, 0) + 1
        if places[place] <= IN_PLACE_MAX:
            kept.append(one)
    return kept[:PROPOSED_MAX]


def _all(text: str, is_sure: Sequence[bool]) -> Iterator[Proposal]:
    for first in range(len(text)):
        for last in range(first + WORD_MIN, min(first + WORD_MAX, len(text)) + 1):
            run = text[first:last]
            if not _is_known_script(run):
                break
            if all(is_sure[first:last]) or NUMERALS.issuperset(run):
                continue
            before, after = text[max(0, first - AROUND) : first], text[last : last + AROUND]
            now = _likelihood(before + run + after)
            for word in _alike_words(run):
                proposal = Proposal(first, last, word, _likelihood(before + word + after) - now)
                if proposal.gain > GAIN_MIN and _promise(text, proposal) > 0:
                    yield proposal


def _promise(text: str, proposal: Proposal) -> float:
    """The gain less what is heard otherwise."""
    written = text[proposal.first : proposal.last]
    return proposal.gain - sum(_unlike(old, new) for old, new in zip(written, proposal.text, strict=True))


@cache
def _unlike(old: str, new: str) -> float:
    """Nepers between the first reading of a character and the nearest of another."""
    sound, tone = _readings(old)[0]
    return min(
        (TONE if tone != other_tone else 0.0) + (FINAL if sound != other_sound else 0.0)
        for other_sound, other_tone in _readings(new)
        if _blurred(sound) == _blurred(other_sound)
    )


@cache
def _alike_words(run: str) -> tuple[str, ...]:
    words = map("".join, itertools.product(*map(_alike, run)))
    return tuple(word for word in words if word != run and _count(word) >= COMMON)


@cache
def _alike(character: str) -> tuple[str, ...]:
    """Characters in its place: itself, and those that sound alike but for the tone, or for -n and -ng."""
    return tuple(dict.fromkeys((character, *_by_sound().get(_blurred(_readings(character)[0][0]), ()))))


@cache
def _by_sound() -> dict[str, list[str]]:
    """The characters of simplified Chinese by how they sound, roughly."""
    table: dict[str, list[str]] = {}
    for row, column in itertools.product(range(0xB0, 0xF8), range(0xA1, 0xFF)):
        character = bytes((row, column)).decode("gb2312", "ignore")
        for sound in {_blurred(sound) for sound, _ in _readings(character)} if character else ():
            table.setdefault(sound, []).append(character)
    return table


@cache
def _readings(character: str) -> tuple[tuple[str, str], ...]:
    """Syllable and tone of each reading, the usual one first."""
    (read,) = pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)
    return tuple((one[:-1], one[-1]) for one in read)


def _blurred(syllable: str) -> str:
    return syllable[:-1] if syllable.endswith("ng") else syllable


def _likelihood(text: str) -> float:
    """Nepers of the likeliest parting of the text into words."""
    best = [0.0, *[-math.inf] * len(text)]
    for first in range(len(text)):
        for last in range(first + 1, min(first + KNOWN_MAX, len(text)) + 1):
            run = text[first:last]
            if not _is_known_script(run):
                if last == first + 1:  # a mark parts words, and says nothing else
                    best[last] = max(best[last], best[first])
                break
            count = _count(run)
            if count or last == first + 1:
                best[last] = max(best[last], best[first] + math.log(max(count, UNKNOWN) / COUNTED))
    return best[-1]


@cache
def _count(word: str) -> int:
    """How often the list's texts have the word; the list tells the count that would make it one, which is one more."""
    return rjieba.suggest_freq(word) - 1 if rjieba.has_word(word) else 0


def _is_known_script(run: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in run)
