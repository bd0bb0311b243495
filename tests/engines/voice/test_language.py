"""Each stretch of a text is read in its own language."""

from __future__ import annotations

import pytest

from local.engines.voice.language import main_language, stretches, units


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我叫Tom，5岁", [("zh", "我叫"), ("en", "Tom"), ("zh", "，5岁")]),
        ("I have 3 apples. 你呢？", [("en", "I have 3 apples"), ("zh", ". 你呢？")]),
        ("3 little pigs", [("en", "3 little pigs")]),
        ("12:30", [("zh", "12:30")]),
        ("?!", [("en", "?!")]),
        ("  ", []),
    ],
)
def test_a_text_is_cut_where_the_script_changes(text: str, found: list[tuple[str, str]]) -> None:
    assert stretches(text) == found


@pytest.mark.parametrize(("text", "language"), [("Hello", "en"), ("你好", "zh"), ("Hello, 你好", "zh"), ("7", "en")])
def test_any_chinese_makes_the_melody_chinese(text: str, language: str) -> None:
    assert main_language(text) == language


def test_english_words_have_their_dictionary_sounds() -> None:
    assert "".join(unit.phonemes for unit in units("The little fox.")) == "ðə lˈɪTᵊl fˈɑks."


def test_an_invented_name_is_sounded_out() -> None:
    (name,) = units("Zibbleforth")

    assert name.text == "Zibbleforth"
    assert len(name.phonemes) > 5


def test_both_languages_stand_in_one_line() -> None:
    line = units("他叫Tom。")

    assert [unit.text for unit in line if unit.text] == ["他", "叫", "Tom"]
    assert "".join(unit.phonemes for unit in line).strip() == "tʰa→ ʨjau↘ tˈɑm."


def test_figures_are_read_in_the_language_around_them() -> None:
    english = [unit.phonemes for unit in units("I have 3 dogs") if unit.text == "3"]
    chinese = [unit.text for unit in units("我有3只狗") if unit.text]

    assert english == ["θɹˈi"]
    assert chinese == ["我", "有", "三", "只", "狗"]


def test_full_width_letters_are_read_as_letters() -> None:
    assert units("Ｔｏｍ") == units("Tom")


def test_signs_alone_say_nothing() -> None:
    assert [unit for unit in units("……！？") if unit.text] == []
