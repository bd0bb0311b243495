"""What the recogniser wrote, where words that sound alike fit better: the words propose, and the sound decides.

A change is made when the words become likelier by more than the recogniser, forced to write it, finds it less likely to
have been said. Characters that it is sure of stay, so that a story's own names are not made into words of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.engines.captions.homophones import Proposal, proposals

SURE = 0.9  # probability of a character that stays
MARGIN = 2.0  # nepers by which a change must be better
HEARD_AFTER = 12  # tokens after a change that it is judged with: what follows may no longer fit

Tokens = list[int]
Judge = Callable[[Tokens], NDArray[np.float32]]


class Vocabulary:
    """The bytes of each token that is text; every byte is one."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self.words = tuple(words)
        self._numbers = {word: number for number, word in reversed(list(enumerate(words)))}

    def tokens_of(self, text: str) -> Tokens:
        """The longest token each time."""
        left, found = text.encode(), []
        while left:
            length = next(length for length in range(len(left), 0, -1) if left[:length] in self._numbers)
            found.append(self._numbers[left[:length]])
            left = left[length:]
        return found


@dataclass(frozen=True)
class _Character:
    """One character of the text, from which tokens (`last` is one past), and how probable they are together."""

    text: str
    first: int
    last: int
    probability: float


@dataclass(frozen=True)
class _Change:
    first: int
    last: int
    tokens: tuple[int, ...]
    better: float


def mended(tokens: Tokens, vocabulary: Vocabulary, judge: Judge) -> Tokens:
    """`judge` gives the probability of each of a text's tokens."""
    heard = judge(tokens)
    characters = _characters(tokens, vocabulary.words, heard)
    text = "".join(character.text for character in characters)
    is_sure = [character.probability > SURE for character in characters]
    found = []
    for proposal in proposals(text, is_sure):
        change = _judged(proposal, characters, tokens, heard, vocabulary, judge)
        if change is not None and change.better > MARGIN:
            found.append(change)
    return _changed(tokens, found)


def _judged(
    proposal: Proposal,
    characters: Sequence[_Character],
    tokens: Tokens,
    heard: NDArray[np.float32],
    vocabulary: Vocabulary,
    judge: Judge,
) -> _Change | None:
    """None where the tokens of the characters are those of others besides."""
    replaced = characters[proposal.first : proposal.last]
    first, last = replaced[0].first, replaced[-1].last
    covered = [character for character in characters if first <= character.first < last]
    if len(covered) != len(replaced):
        return None
    new = vocabulary.tokens_of(proposal.text)
    after = tokens[last : last + HEARD_AFTER]
    then = judge([*tokens[:first], *new, *after])[first:]
    lost = float(np.log(heard[first : last + len(after)]).sum() - np.log(then).sum())
    return _Change(first, last, tuple(new), proposal.gain - lost)


def _changed(tokens: Tokens, changes: Sequence[_Change]) -> Tokens:
    """With the best changes that do not touch each other."""
    made: list[_Change] = []
    for change in sorted(changes, key=lambda one: one.better, reverse=True):
        if all(change.last <= other.first or change.first >= other.last for other in made):
            made.append(change)
    for change in sorted(made, key=lambda one: one.first, reverse=True):
        tokens = [*tokens[: change.first], *change.tokens, *tokens[change.last :]]
    return tokens


def _characters(tokens: Tokens, words: Sequence[bytes], heard: NDArray[np.float32]) -> list[_Character]:
    characters: list[_Character] = []
    first, open_bytes = 0, b""
    for at, token in enumerate(tokens):
        open_bytes += words[token]
        try:
            text = open_bytes.decode()
        except UnicodeDecodeError:
            continue
        probability = float(np.prod(heard[first : at + 1]))
        characters += [_Character(character, first, at + 1, probability) for character in text]
        first, open_bytes = at + 1, b""
    return characters
