"""What a speech recogniser makes of speech, held against what was to be said.

A recogniser writes, and Chinese is written in more ways than it sounds. So errors are counted four times: as spelled;
without what nobody can hear (which of 他, 她, 它, which of 的, 地, 得, a number in figures or in words), which is the
figure held against a voice's goal; by syllables with tones, where any homophone counts as heard; and without tones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from local.engines.captions.whisper import transcribe
from local.engines.voice.figures import in_words
from local.engines.weights import WeightsError

SAMPLE_RATE = 16_000
HEARD_S = 28  # the recogniser hears at most thirty seconds at once
SILENT = 0.003
PAUSE_S = 0.4
SPELLED_APART = str.maketrans("她它地得", "他他的的")  # particles and pronouns that are said alike

Samples = NDArray[np.float32]


class NotHeardError(Exception):
    """No recogniser is installed; the message names the package."""


def heard(told: Samples, language: str) -> str:
    """What the recogniser writes down of 16 kHz speech of any length. Raises NotHeardError."""
    try:
        return "".join(transcribe(part, language) for part in _parts(told))
    except WeightsError as error:
        raise NotHeardError(str(error)) from error


def character_errors(written: str, lines: Sequence[str]) -> float:
    """Share of characters misheard, spaces, marks and capitals apart; 0.05 is one in twenty."""
    return _errors(letters(written), letters("".join(lines)))


def spelling_apart_errors(written: str, lines: Sequence[str]) -> float:
    """The same without what nobody can hear."""
    return _errors(audible(written), audible("".join(lines)))


def syllable_errors(written: str, lines: Sequence[str], *, tones: bool = False) -> float:
    """The same for Chinese by sound: 近 for 进, or without tones 书 for 树, are not what a voice is to blame for."""
    return _errors(syllables(written, tones=tones), syllables("".join(lines), tones=tones))


def audible(text: str) -> str:
    """Letters of which those that are only spelled apart are one."""
    return letters(in_words(unicodedata.normalize("NFKC", text)).translate(SPELLED_APART))


def syllables(text: str, *, tones: bool = False) -> list[str]:
    """Pinyin, one a character."""
    style = Style.TONE3 if tones else Style.NORMAL
    return [str(syllable) for syllable in lazy_pinyin(letters(text), style=style)]


def letters(text: str) -> str:
    """Letters and figures only, small ones."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())


def _errors(written: Sequence[str], wanted: Sequence[str]) -> float:
    return distance(written, wanted) / len(wanted)


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of them must be put in, left out or changed to make one of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, wanted in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (character != wanted))
    return row[-1]


def _parts(told: Samples) -> list[Samples]:
    """Stretches that the recogniser can hear at once, cut in the last pause that lets them be."""
    parts: list[Samples] = []
    while len(told) > HEARD_S * SAMPLE_RATE:
        cut = _pause_before(told, HEARD_S * SAMPLE_RATE)
        parts.append(told[:cut])
        told = told[cut:]
    return [*parts, told]


def _pause_before(told: Samples, limit: int) -> int:
    width = round(PAUSE_S * SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(told[:limit]) > SILENT * np.abs(told).max())
    pauses = np.flatnonzero(np.diff(loud) > width)
    return int(loud[pauses[-1]]) + width // 2 if len(pauses) else limit
