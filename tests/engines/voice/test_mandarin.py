"""Chinese text to syllables and phonemes."""

from __future__ import annotations

import json

import pytest
import rjieba
from pypinyin.constants import PINYIN_DICT

from local.engines import weights
from local.engines.voice import mandarin
from local.engines.voice.figures import in_words


def read(text: str) -> str:
    return " ".join(
        f"{syllable.pinyin}{syllable.tone}" for word in mandarin.read(rjieba.cut(text)) for syllable in word
    )


def spoken(text: str) -> str:
    return "".join(unit.phonemes for unit in mandarin.units(text)).strip()


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("不怕", "bu2 pa4"),
        ("不好", "bu4 hao3"),
        ("好不好", "hao3 bu5 hao3"),
        ("看不懂", "kan4 bu5 dong3"),
        ("对不起", "dui4 bu5 qi3"),
    ],
)
def test_bu_takes_its_tone_from_what_follows(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("一天", "yi4 tian1"),
        ("一个", "yi2 ge4"),
        ("一次", "yi2 ci4"),
        ("一起", "yi4 qi3"),
        ("第一天", "di4 yi1 tian1"),
        ("十一", "shi2 yi1"),
        ("一月一日", "yi1 yue4 yi1 ri4"),
        ("看一看", "kan4 yi5 kan4"),
        ("统一的", "tong3 yi1 de5"),
        ("一百一十", "yi4 bai3 yi1 shi2"),
    ],
)
def test_yi_is_first_tone_only_in_numbers_and_at_the_end(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("你好", "ni2 hao3"),
        ("展览馆", "zhan2 lan2 guan3"),
        ("我很好", "wo3 hen2 hao3"),
        ("很好看", "hen2 hao3 kan4"),
        ("老虎想洗澡", "lao2 hu3 xiang3 xi2 zao3"),
    ],
)
def test_a_third_tone_rises_before_another(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("慢慢地跑", "man4 man4 de5 pao3"),
        ("跑得快", "pao3 de5 kuai4"),
        ("银行行长长大了", "yin2 hang2 hang2 zhang3 zhang3 da4 le5"),
        ("两只小猪", "liang3 zhi1 xiao3 zhu1"),
        ("只有这只猫", "zhi2 you3 zhe4 zhi1 mao1"),
    ],
)
def test_a_character_is_read_as_its_company_asks(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("急急忙忙地往家里搬", "ji2 ji2 mang2 mang2 de5 wang3 jia1 li3 ban1"),
        ("轻轻地放下", "qing1 qing1 de5 fang4 xia4"),
        ("冷得发抖", "leng3 de5 fa1 dou3"),
        ("获得奖", "huo4 de2 jiang3"),
    ],
)
def test_a_particle_taken_for_a_part_of_a_word_is_weak(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("小狐狸划着船", "xiao3 hu2 li2 hua2 zhe5 chuan2"),
        ("计划", "ji4 hua4"),
        ("种花的人", "zhong4 hua1 de5 ren2"),
        ("这种花", "zhe4 zhong3 hua1"),
    ],
)
def test_what_is_rowed_or_planted_is_told_from_plans_and_kinds(text: str, reading: str) -> None:
    assert read(text) == reading


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("小狐狸，", "ɕjau↓ xu↗li↗,"),
        ("自私", "ʦɨ↘sɨ→"),
        ("日出", "ɻɨ↘ꭧʰu→"),
        ("女儿", "ny↓ɚ↗"),
        ("圆月", "ɥɛ↗nɥe↘"),
        ("雄鹰", "ɕjʊ↗ŋi→ŋ"),
    ],
)
def test_syllables_become_the_phonemes_the_model_knows(text: str, phonemes: str) -> None:
    assert spoken(text) == phonemes


def test_every_character_with_a_reading_has_phonemes_of_the_vocabulary() -> None:
    vocabulary = json.loads(weights.small("kokoro_vocab.json").read_text("utf-8"))
    common = [chr(code) for code in PINYIN_DICT if 0x4E00 <= code <= 0x9FA5]

    silent = [
        character
        for character in common
        for syllable in mandarin.read([character])[0]
        if not mandarin.phonemes(syllable) or set(mandarin.phonemes(syllable)) - set(vocabulary)
    ]

    assert len(common) > 20_000
    assert silent == []


def test_a_character_nobody_can_read_does_not_shift_the_others() -> None:
    unknown = next(chr(code) for code in range(0x3400, 0x4DB5) if code not in PINYIN_DICT)

    word = mandarin.read([f"你{unknown}好"])[0]

    assert [syllable.pinyin for syllable in word] == ["ni", "", "hao"]
    assert mandarin.phonemes(word[1]) == ""


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ("3只小猪", "三只小猪"),
        ("2个", "两个"),
        ("12个", "十二个"),
        ("第2个", "第二个"),
        ("2.5个", "二点五个"),
        ("2024年5月1日", "二零二四年五月一日"),
        ("12:30", "十二点三十分"),
        ("3：00", "三点"),
        ("50%", "百分之五十"),
        ("1/2", "二分之一"),
        ("3-5岁", "三到五岁"),
        ("-5℃", "负五摄氏度"),
        ("١٢", "١٢"),
        ("1,000元", "一千元"),
        ("007", "零零七"),
        ("13800138000", "一三八零零一三八零零零"),
        ("123456789012345678901", "一二三四五六七八九零一二三四五六七八九零一"),
    ],
)
def test_figures_are_said_in_words(figures: str, words: str) -> None:
    assert in_words(figures) == words
