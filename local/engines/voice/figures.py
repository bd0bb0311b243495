"""Figures in Chinese text as they are said."""

from __future__ import annotations

import re

import cn2an

DIGITS = "零一二三四五六七八九"
MEASURES = "个只条张本位头匹颗朵座家次天年岁块片间棵辆双把句群对遍口杯碗层页"

_SPELLED_FROM = 9  # so many digits are a telephone number or the like, said one by one

# ASCII figures only, `(?a)`: cn2an refuses those of other scripts.
_THOUSANDS = re.compile(r"(?a)(?<=\d),(?=\d{3}(?!\d))")
_CLOCK = re.compile(r"(?a)(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])")
_YEAR = re.compile(r"(?a)(?<!\d)\d{4}(?=年)")
_PERCENT = re.compile(r"(?a)(\d+(?:\.\d+)?)[%％]")
_FRACTION = re.compile(r"(?a)(?<![\d/])(\d+)/(\d+)(?![\d/])")
_BETWEEN = re.compile(r"(?a)(?<=\d)\s*[-~～–—]\s*(?=\d)")
_BELOW_ZERO = re.compile(r"(?a)(?<![\w\d])-(?=\d)")
_TWO = re.compile(rf"(?a)(?<![\d.第])2(?=[{MEASURES}])")
_NUMBER = re.compile(r"(?a)\d+(?:\.\d+)?")


def in_words(text: str) -> str:
    """`3只` 三只, `2只` 两只, `2024年` 二零二四年, `12:30` 十二点三十分, `50%` 百分之五十, `3-5岁` 三到五岁."""
    text = _THOUSANDS.sub("", text.replace("：", ":"))
    text = _CLOCK.sub(lambda clock: f"{clock[1]}点" if clock[2] == "00" else f"{clock[1]}点{clock[2]}分", text)
    text = _YEAR.sub(lambda year: _spelled(year[0]), text)
    text = _PERCENT.sub(r"百分之\1", text.replace("℃", "摄氏度"))
    text = _FRACTION.sub(r"\2分之\1", text)
    text = _BELOW_ZERO.sub("负", _BETWEEN.sub("到", text))
    return _NUMBER.sub(lambda number: _said(number[0]), _TWO.sub("两", text))


def _said(number: str) -> str:
    whole = number.partition(".")[0]
    if len(whole) >= _SPELLED_FROM or (whole.startswith("0") and len(whole) > 1):
        return _spelled(number)
    return str(cn2an.an2cn(number, "low"))


def _spelled(number: str) -> str:
    return "".join("点" if digit == "." else DIGITS[int(digit)] for digit in number)
