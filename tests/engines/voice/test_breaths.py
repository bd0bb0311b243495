"""Long texts are cut into breaths where a reader would breathe."""

from __future__ import annotations

from local.engines.voice import kokoro
from local.engines.voice.breaths import TOKENS_WANTED, breaths
from local.engines.voice.language import units
from local.engines.voice.unit import Unit

SENTENCE = "小兔子抬起头来说，我们一起去看大海吧！"


def test_a_line_is_one_breath() -> None:
    (breath,) = breaths(units(SENTENCE))

    assert "".join(word.text for word in breath.words) == "小兔子抬起头来说我们一起去看大海吧"


def test_a_long_text_is_cut_at_sentence_ends_and_no_word_is_lost() -> None:
    found = list(breaths(units(SENTENCE * 12)))

    assert len(found) > 2
    assert all(len(breath.tokens) <= TOKENS_WANTED for breath in found)
    assert all(breath.words[-1].text == "吧" for breath in found)
    assert sum(len(breath.words) for breath in found) == 12 * 17


def test_a_text_without_signs_is_cut_between_words() -> None:
    found = list(breaths(units("the little fox went home " * 60)))

    assert all(len(breath.tokens) <= TOKENS_WANTED for breath in found)
    assert sum(len(breath.words) for breath in found) == 300


def test_a_word_too_long_to_say_does_not_break_the_model() -> None:
    found = list(breaths([Unit("好", "xau↓"), Unit("", " "), Unit("aaa", "a" * 2000)]))

    assert all(0 < len(breath.tokens) <= kokoro.TOKENS_MAX for breath in found)


def test_signs_alone_are_no_breath() -> None:
    assert list(breaths(units("……！"))) == []


def test_words_know_their_tokens() -> None:
    (breath,) = breaths([Unit("", " "), Unit("a", "ɐ"), Unit("", " "), Unit("fox", "fˈɑks"), Unit("", ".")])

    assert [(word.text, word.first, word.last) for word in breath.words] == [("a", 0, 0), ("fox", 2, 6)]
    assert breath.tokens == tuple(kokoro.tokens("ɐ fˈɑks."))
