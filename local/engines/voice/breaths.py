"""Cut units into breaths: what the model says in one go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from local.engines.voice import kokoro
from local.engines.voice.unit import Unit

TOKENS_WANTED = 300  # past this a breath ends at the last good place; the model hurries in longer ones

_ENDINGS = (".!?…", ";:,—", " ")  # where to cut, best first


@dataclass(frozen=True)
class Span:
    """A word, and its first and last token counted from 0."""

    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Breath:
    tokens: tuple[int, ...]
    words: tuple[Span, ...]


def breaths(units: list[Unit]) -> Iterator[Breath]:
    """In order, each with at least one word and at most the model's limit of tokens."""
    while units:
        count = _take(units)
        breath = _breath(units[:count])
        if breath.words:
            yield breath
        units = units[count:]


def _take(units: list[Unit]) -> int:
    """How many units make the next breath."""
    total = 0
    fitting = len(units)
    for at, unit in enumerate(units):
        total += len(kokoro.tokens(unit.phonemes))
        if total > TOKENS_WANTED:
            fitting = max(1, at)
            break
    else:
        return fitting
    for endings in _ENDINGS:
        for at in range(fitting - 1, fitting // 3, -1):
            phonemes = units[at].phonemes.strip() or " "
            if not units[at].text and phonemes[-1] in endings:
                return at + 1
    return fitting


def _breath(units: list[Unit]) -> Breath:
    tokens: list[int] = []
    words: list[Span] = []
    space = kokoro.tokens(" ")
    for unit in units:
        added = kokoro.tokens(unit.phonemes)
        if added[:1] == space and (not tokens or tokens[-1:] == space):
            added = added[1:]
        if len(tokens) + len(added) > kokoro.TOKENS_MAX:
            break  # a single word that long is noise
        if unit.text and added:
            words.append(Span(unit.text, len(tokens), len(tokens) + len(added) - 1))
        tokens += added
    return Breath(tuple(tokens), tuple(words))
