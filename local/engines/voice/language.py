"""Which language a text is in, stretch by stretch, and the units it is spoken as."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from local.engines.voice import english, mandarin
from local.engines.voice.unit import Unit

Language = Literal["zh", "en"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_TO_ASCII = str.maketrans({"，": ",", "。": ".", "！": "!", "？": "?", "：": ":", "；": ";", "（": "(", "）": ")"})
_OPENING = frozenset("“(—")
_END = Unit("", "")
_TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}


def main_language(text: str) -> Language:
    """The language whose native voice sets the melody: Chinese as soon as there is any."""
    return "zh" if _HAN.search(text) else "en"


def units(text: str) -> list[Unit]:
    """The whole text as units, each stretch read in its own language."""
    found: list[Unit] = []
    for language, stretch in stretches(text.translate(_TO_HALF_WIDTH)):
        if found:
            found.append(Unit("", " "))
        found += mandarin.units(stretch) if language == "zh" else english.units(stretch.translate(_TO_ASCII))
    following = [*found, _END][1:]
    return [unit for unit, after in zip(found, following, strict=False) if not _is_idle(unit, after)]


def _is_idle(unit: Unit, following: Unit) -> bool:
    """A space where none belongs: at the end, before another, or before a sign that closes."""
    return unit.phonemes == " " and (not following.text and following.phonemes.strip() not in _OPENING)


def stretches(text: str) -> list[tuple[Language, str]]:
    """Cut where the script changes. Figures and signs go with Latin letters only when those stand on both sides
    (`3 pigs` alone is English, in `小猪3号` the figure is Chinese).
    """
    letters = [(at, _of(character)) for at, character in enumerate(text) if _of(character)]
    if not letters:
        return [("zh" if re.search(r"\d", text) else "en", text)] if text.strip() else []
    cuts: list[tuple[int, Language]] = [(0, letters[0][1] or "zh")]
    for (before, one), (after, other) in pairwise(letters):
        if one != other and other is not None:
            cuts.append((before + 1 if other == "zh" else after, other))
    ends = [at for at, _ in cuts[1:]] + [len(text)]
    return [(language, text[start:end]) for (start, language), end in zip(cuts, ends, strict=True) if start < end]


def _of(character: str) -> Language | None:
    if _HAN.match(character):
        return "zh"
    return "en" if _LATIN.match(character) else None
