"""Names and words are said as they are asked for."""

from __future__ import annotations

import json

import pytest

from local.engines import weights
from local.engines.voice.language import units
from local.engines.voice.readings import _SOUNDS, reading


def said(text: str, part: str, alphabet: str, sounds: str) -> dict[str, str]:
    """What each spoken unit of the text sounds like when `part` of it is asked for so."""
    wanted = reading(alphabet, sounds, part, text.index(part))
    return {unit.text: unit.phonemes for unit in units(text, [wanted]) if unit.text}


def usual(text: str) -> dict[str, str]:
    return {unit.text: unit.phonemes for unit in units(text) if unit.text}


def test_a_character_is_read_as_asked() -> None:
    assert said("他行走", "行", "py", "hang2")["行"] == "xa↗ŋ"
    assert usual("他行走")["行"] == "ɕi↗ŋ"


def test_each_character_of_a_name_has_its_syllable() -> None:
    assert said("我叫单于。", "单于", "py", "chan2 yu2") == {**usual("我叫单于。"), "单": "ꭧʰa↗n", "于": "y↗"}


def test_what_is_asked_for_stays_though_its_neighbours_would_change_it() -> None:
    assert said("你好", "你", "py", "ni3")["你"].endswith("↓")


def test_a_neighbour_takes_its_tone_from_what_is_asked_for() -> None:
    assert said("不好", "好", "py", "hao4")["不"].endswith("↗")


def test_figures_before_it_do_not_move_what_is_asked_for() -> None:
    assert said("123个行家", "行", "py", "xing2")["行"] == "ɕi↗ŋ"


def test_umlauts_may_be_written_in_each_usual_way() -> None:
    assert {said("绿", "绿", "py", written)["绿"] for written in ("lv4", "lü4", "lu:4")} == {"ly↘"}


def test_an_english_word_is_said_by_the_phonemes_of_the_cmu_dictionary() -> None:
    heard = said("I read it.", "read", "cmu", "R EH1 D")

    assert list(heard) == ["I", "read", "it"]
    assert heard["read"] == "ɹˈɛd"


def test_an_unstressed_vowel_is_weak() -> None:
    assert reading("cmu", "AH0 B AW1 T ER0", "x", 0).phonemes == "əbˈWtəɹ"


def test_an_english_name_within_chinese_is_said_so_too() -> None:
    heard = said("小狐狸Milo回家。", "Milo", "cmu", "M IY1 L OW0")

    assert heard == {**usual("小狐狸回家。"), "Milo": "mˈilO"}


def test_every_sound_is_one_the_model_knows() -> None:
    vocabulary = json.loads(weights.small("kokoro_vocab.json").read_text("utf-8"))

    assert set("".join(_SOUNDS.values())) <= set(vocabulary)


@pytest.mark.parametrize(
    ("alphabet", "sounds", "text"),
    [
        ("ipa", "ɕiŋ", "行"),
        ("py", "", "行"),
        ("py", "xing2 zou3", "行"),
        ("py", "xing", "行"),
        ("py", "xing6", "行"),
        ("py", "xq2", "行"),
        ("cmu", "R EH3 D", "read"),
        ("cmu", "R XX D", "read"),
    ],
)
def test_what_nobody_can_say_is_refused(alphabet: str, sounds: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"alphabet|syllables|pinyin|phoneme"):
        reading(alphabet, sounds, text, 0)
