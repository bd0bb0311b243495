"""Spaces where English needs them: the reader of letters often sees words with thick edges as one.

Which words a run of letters holds is said by counts of English words and pairs of words (wordsegment).
"""

from __future__ import annotations

import itertools
import re

from wordsegment import Segmenter

from local.engines.weights import Once

RUN_MIN = 4  # letters; shorter runs are left alone
COMMON = 2e7  # count that one word has at least: a name is no row of rare words
KNOWN_SHARE = 0.7  # of the letters, in words of the list
PAIR = 100  # times as common as the word that the letters also are: "no way" and "noway"
ONE_WORD = frozenset({"cannot", "anew"})  # though the counts say otherwise

_RUN = re.compile(r"[A-Za-z]+(?:['’](?:s|t|m|d|re|ve|ll)\b)?")
# Not between digits, nor after a single letter (U.S.), nor before a closing quote.
_PAUSE = re.compile(r"(?<=[A-Za-z]{2})[,;:!?.…](?=[A-Za-z]{2}|[AaI]\b)|(?<=[A-Za-z])[,;:!?.…]?”(?=[A-Za-z])")
_MARKS = ",;:!?.…"
_LOOSE_MARK = re.compile(r"(?<=[A-Za-z]) ([,;:!?.…])(?!\S)")
_STRAY = re.compile(r"(?<![\w'’])([B-HJ-NP-Zb-z]) ([a-z]+)\b")  # one letter alone that is no word, and what comes after
_SHORTENED = re.compile(r"(['’](?:s|t|m|d|re|ve|ll))(?=[a-z]{2})")


def with_spaces(line: str) -> str:
    """A line of English with the spaces it should have; words that are whole stay as they are."""
    line = _STRAY.sub(_mended, _LOOSE_MARK.sub(r"\1", line))
    line = _quoted(_SHORTENED.sub(r"\1 ", _PAUSE.sub(r"\g<0> ", line)))
    return _RUN.sub(lambda run: " ".join(_words(run.group())), line)


def _quoted(line: str) -> str:
    """Spaces around what is said. Straight quotes open and close in turn; an odd one leaves open which do what."""
    parts = line.split('"')
    if len(parts) % 2 == 0:
        return line
    for said in range(1, len(parts), 2):
        before, after = parts[said - 1], parts[said + 1]
        if before and (before[-1].isalpha() or before[-1] in _MARKS):
            parts[said - 1] += " "
        if after[:1].isalpha():
            parts[said + 1] = f" {after}"
    return '"'.join(parts)


def _mended(stray: re.Match[str]) -> str:
    whole = stray[1] + stray[2]
    return whole if _is_word(whole) else stray[0]


def _is_word(letters: str) -> bool:
    return letters.lower() in _english()[1]


def _is_pair(word: str) -> bool:
    if word in ONE_WORD:
        return False
    segmenter, _ = _english()
    pairs = (f"{word[:at]} {word[at:]}" for at in range(1, len(word)))
    return bool(max(segmenter.bigrams.get(pair, 0) for pair in pairs) > PAIR * segmenter.unigrams.get(word, 1))


def _words(run: str) -> list[str]:
    segmenter, words = _english()
    letters = run.replace("'", "").replace("’", "")
    if len(letters) < RUN_MIN or (run.lower() in words and not _is_pair(run.lower())):
        return [run]
    *first, last = segmenter.segment(letters)
    pieces = [*first, last]
    known = [piece for piece in pieces if piece in words or (piece is last and len(letters) < len(run))]
    is_common = max(segmenter.unigrams.get(piece, 0) for piece in pieces) >= COMMON
    if not is_common or sum(map(len, known)) < KNOWN_SHARE * len(letters):
        return [run]
    starts = [0, *itertools.accumulate(map(len, first))]
    return [run[start:end] for start, end in itertools.zip_longest(starts, starts[1:])]


def _load() -> tuple[Segmenter, frozenset[str]]:
    segmenter = Segmenter()
    segmenter.load()
    return segmenter, frozenset(segmenter.words) | {"a", "i"}


_english = Once(_load)
