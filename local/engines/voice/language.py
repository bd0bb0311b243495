"""Which language a text is in, stretch by stretch, and the units it is spoken as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from local.engines.voice import english, mandarin
from local.engines.voice.readings import Reading
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


def units(text: str, readings: Sequence[Reading] = ()) -> list[Unit]:
    """The whole text as units, each stretch read in its own language, and as `readings` want it."""
    found: list[Unit] = []
    at = 0
    for reading in (reading for reading in readings if reading.phonemes):
        found += _stretch_units(text, at, reading.first, readings)
        found += [Unit("", " "), Unit(text[reading.first : reading.stop], reading.phonemes), Unit("", " ")]
        at = reading.stop
    found += _stretch_units(text, at, len(text), readings)
    following = [*found, _END][1:]
    return [unit for unit, after in zip(found, following, strict=False) if not _is_idle(unit, after)]


def _stretch_units(text: str, first: int, stop: int, readings: Sequence[Reading]) -> list[Unit]:
    """The units of a part of the text in which no phonemes are given."""
    found: list[Unit] = []
    wanted = {place: sound for reading in readings for place, sound in enumerate(reading.pinyin, reading.first)}
    at = first
    for language, stretch in stretches(half_width(text[first:stop])):
        if found:
            found.append(Unit("", " "))
        if language == "zh":
            inside = {place - at: wanted[place] for place in wanted if at <= place < at + len(stretch)}
            found += mandarin.units(stretch, inside)
        else:
            found += english.units(stretch.translate(_TO_ASCII))
        at += len(stretch)
    return found


def half_width(text: str) -> str:
    """With the letters and figures of ASCII for their wide forms."""
    return text.translate(_TO_HALF_WIDTH)


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
