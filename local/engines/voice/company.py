"""Readings that only the company of a word tells: what a dictionary of single words gets wrong.

Other syllables that are weak in speech (狐狸, 粮食) keep the tones of the dictionary: the model learnt to speak with
them, and one voice was understood less without (on four lines that nothing was fitted to).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_DE_FULL = frozenset("获取难所心应不求赢夺博贪两自")  # 获得, 难得: there 得 is a verb of its own
_ROWED = frozenset("着过到走来去回向进出开船桨水行起")
_PLANTED = frozenset("了着过下上在满好地花树草菜田瓜豆")
_COUNTS_KINDS = frozenset("一二两三四五六七八九十几多各这那哪每某此何")


def weak(words: Sequence[str]) -> frozenset[int]:
    """The places, counted over all words, of particles that were taken for a part of a word: 冷得, 地往."""
    return frozenset(_weak(words))


def readings(words: Sequence[str]) -> dict[int, str]:
    """Pinyin with tone by place, where a character's company decides: 划 rows or plans, 种 plants or is a kind."""
    text = "".join(words)
    found: dict[int, str] = {}
    for word, first in zip(words, _starts(words), strict=True):
        before, after = text[first - 1 : first], text[first + 1 : first + 2]
        if word[0] == "划" and after in _ROWED:
            found[first] = "hua2"
        elif word[0] == "种" and after in _PLANTED and before not in _COUNTS_KINDS:
            found[first] = "zhong4"
    return found


def _weak(words: Sequence[str]) -> Iterator[int]:
    previous = ""
    for word, first in zip(words, _starts(words), strict=True):
        is_result = len(word) > 1 and word[-1] == "得" and word[-2] not in _DE_FULL
        if is_result or (word[-1] == "地" and _is_manner(word[:-1])):
            yield first + len(word) - 1
        elif word[0] == "地" and len(word) > 1 and _is_manner(previous):
            yield first
        previous = word


def _is_manner(word: str) -> bool:
    """Doubled: 轻轻, 慢慢, 急急忙忙."""
    return len(word) >= 2 and word[-1] == word[-2]


def _starts(words: Sequence[str]) -> Iterator[int]:
    at = 0
    for word in words:
        yield at
        at += len(word)
