"""Letters from the probabilities of the reader's steps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.captions.letters import Reading, decode

CHARACTERS = ["", "a", "b", "星", " "]
BLANK, A, B, STAR, SPACE = range(5)


def steps(*best: int, unsure: dict[int, tuple[int, float]] | None = None) -> NDArray[np.float64]:
    """One character at 0.9 for each step; `unsure` gives a step another character's probability beside it."""
    likely = np.full((len(best), len(CHARACTERS)), 0.001)
    likely[range(len(best)), best] = 0.9
    for step, (character, probability) in (unsure or {}).items():
        likely[step, character] = probability
    return likely


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ((BLANK, A, A, BLANK, A, B, BLANK), "aab"),
        ((A, SPACE, B), "a b"),
        ((SPACE, A, SPACE), "a"),
        ((BLANK, STAR, STAR, BLANK), "星"),
    ],
)
def test_repeated_steps_are_one_character_unless_a_blank_parts_them(read: tuple[int, ...], text: str) -> None:
    assert decode(steps(*read), CHARACTERS).text == text


def test_a_likely_space_between_letters_is_one_even_if_nothing_is_likelier() -> None:
    assert decode(steps(A, BLANK, B, unsure={1: (SPACE, 0.4)}), CHARACTERS).text == "a b"
    assert decode(steps(A, BLANK, B, unsure={1: (SPACE, 0.1)}), CHARACTERS).text == "ab"
    assert decode(steps(STAR, BLANK, STAR, unsure={1: (SPACE, 0.4)}), CHARACTERS).text == "星星"


def test_the_score_is_that_of_the_characters() -> None:
    assert decode(steps(A, BLANK, B), CHARACTERS).score == pytest.approx(0.9)
    assert decode(steps(BLANK, BLANK), CHARACTERS) == Reading("", 0.0)
