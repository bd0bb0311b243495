"""Spaces where English needs them: the reader of letters often sees words with thick edges as one.

Which words a run of letters holds is said by counts of English words and pairs of words (wordsegment).
"""

from __future__ import annotations

import itertools
import re

from wordsegment import Segmenter

from local.engines.weights import Once

RUN_MIN = 4  # letters; shorter runs are left alone
KNOWN_MIN = 2e7  # counts of one word at least: a name is no row of rare words

_RUN = re.compile(r"[A-Za-z]+(?:['’](?:s|t|m|d|re|ve|ll)\b)?")
# Not between digits, nor after a single letter (U.S.), nor before a closing quote.
_PAUSE = re.compile(r"(?<=[A-Za-z]{2})([,;:!?.…])(?=[A-Za-z]{2}|[AaI]\b)")
_LOOSE_MARK = re.compile(r"(?<=[A-Za-z]) ([,;:!?.…])(?!\S)")
_STRAY = re.compile(r"(?<![\w'’])([B-HJ-NP-Zb-z]) ([a-z]+)\b")  # one letter alone that is no word, and what comes after
_SHORTENED = re.compile(r"(['’](?:s|t|m|d|re|ve|ll))(?=[a-z]{2})")


def with_spaces(line: str) -> str:
    """A line of English with the spaces it should have; words that are whole stay as they are."""
    line = _STRAY.sub(_mended, _LOOSE_MARK.sub(r"\1", line))
    line = _SHORTENED.sub(r"\1 ", _PAUSE.sub(r"\1 ", line))
    return _RUN.sub(lambda run: " ".join(_words(run.group())), line)


def _mended(stray: re.Match[str]) -> str:
    whole = stray[1] + stray[2]
    return whole if _is_word(whole) else stray[0]


def _is_word(letters: str) -> bool:
    return letters.lower() in _english()[1]


def _words(run: str) -> list[str]:
    segmenter, words = _english()
    letters = run.replace("'", "").replace("’", "")
    if len(letters) < RUN_MIN or run.lower() in words:
        return [run]
    *first, last = segmenter.segment(letters)
    is_known = words.issuperset(first) and (last in words or (len(letters) < len(run) and last in segmenter.unigrams))
    if not is_known or max(segmenter.unigrams.get(piece, 0) for piece in [*first, last]) < KNOWN_MIN:
        return [run]
    starts = [0, *itertools.accumulate(map(len, first))]
    return [run[start:end] for start, end in itertools.zip_longest(starts, starts[1:])]


def _load() -> tuple[Segmenter, frozenset[str]]:
    segmenter = Segmenter()
    segmenter.load()
    return segmenter, frozenset(segmenter.words) | {"a", "i"}


_english = Once(_load)
