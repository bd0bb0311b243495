"""What the recogniser wrote is mended where a word that sounds alike fits better and the sound does not object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.captions.homophones import proposals
from local.engines.captions.mending import Vocabulary, mended

PUNCTUATION = "，。"
CHARACTERS = "小狐狸坐在老怀槐术树下猫头银鹰飞来了攻击公鸡叫有一天他去湖边他们"
# A token for every byte, then one for each character, as Whisper has for common ones.
WORDS = [bytes([byte]) for byte in range(256)] + [one.encode() for one in dict.fromkeys(CHARACTERS + PUNCTUATION)]
VOCABULARY = Vocabulary(WORDS)
NUMBERS = {word: number for number, word in enumerate(WORDS)}


def tokens(text: str) -> list[int]:
    return [NUMBERS[character.encode()] for character in text]


def text(written: list[int]) -> str:
    return b"".join(WORDS[token] for token in written).decode()


class Ear:
    """Hears every token as `usual`, the characters of `doubtful` as less, and `unheard` tokens not at all."""

    def __init__(self, doubtful: str = "", unheard: Sequence[int] = (), usual: float = 0.99) -> None:
        self._probable = {**dict.fromkeys(tokens(doubtful), 0.4), **dict.fromkeys(unheard, 1e-6)}
        self._usual = usual
        self.asked = 0

    def __call__(self, written: list[int]) -> NDArray[np.float32]:
        self.asked += 1
        return np.array([self._probable.get(token, self._usual) for token in written], np.float32)


@pytest.mark.parametrize(
    ("written", "doubtful", "meant"),
    [
        ("小狐狸坐在老怀术下", "怀术", "小狐狸坐在老槐树下"),
        ("猫头银飞来了", "银", "猫头鹰飞来了"),
    ],
)
def test_a_word_that_sounds_alike_and_is_likelier_takes_the_place(written: str, doubtful: str, meant: str) -> None:
    assert text(mended(tokens(written), VOCABULARY, Ear(doubtful))) == meant


def test_what_was_heard_surely_stays_and_nothing_is_asked_about_it() -> None:
    ear = Ear()

    assert text(mended(tokens("小狐狸坐在老怀术下"), VOCABULARY, ear)) == "小狐狸坐在老怀术下"
    assert ear.asked == 1


def test_a_word_that_the_sound_denies_does_not_come_in() -> None:
    ear = Ear("银", unheard=[*range(256), *tokens("鹰")])

    assert text(mended(tokens("猫头银飞来了"), VOCABULARY, ear)) == "猫头银飞来了"


def test_a_word_may_have_other_tokens_than_the_one_it_replaces() -> None:
    in_bytes = [*tokens("猫头"), *"银".encode(), *tokens("飞来了")]

    assert text(mended(in_bytes, VOCABULARY, Ear(usual=0.8))) == "猫头鹰飞来了"


def test_what_is_no_chinese_is_left_alone() -> None:
    written = list(b"The owl flew in.")

    assert mended(written, VOCABULARY, Ear(usual=0.5)) == written


def test_a_proposal_tells_what_it_would_change_and_by_how_much() -> None:
    first = proposals("猫头银飞来了", [False] * 6)[0]

    assert (first.first, first.last, first.text) == (0, 3, "猫头鹰")
    assert first.gain > 5


def test_only_words_with_a_doubtful_character_are_proposed() -> None:
    is_sure = [True, True, True, True, False, False]

    assert all(one.last > 4 for one in proposals("猫头银飞来了", is_sure))


def test_nothing_is_proposed_for_words_that_are_usual_already() -> None:
    assert proposals("他们去湖边。", [False] * 6) == []


def test_a_number_is_not_made_into_a_word() -> None:
    assert proposals("十七天", [False] * 3) == []


def test_a_character_read_in_two_ways_is_found_by_either() -> None:
    assert "长长" in [one.text for one in proposals("常常的鼻子", [False] * 5)]
