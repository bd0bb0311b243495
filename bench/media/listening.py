"""What a speech recogniser makes of speech, held against what was to be said."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from local.engines.captions.whisper import transcribe
from local.engines.weights import WeightsError

SAMPLE_RATE = 16_000
HEARD_S = 28  # the recogniser hears at most thirty seconds at once
SILENT = 0.003
PAUSE_S = 0.4

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
    wanted = letters("".join(lines))
    return distance(letters(written), wanted) / len(wanted)


def syllable_errors(written: str, lines: Sequence[str]) -> float:
    """The same for Chinese by sound: 它 for 他 and 书 for 树 are spelling, which a voice is not to blame for."""
    wanted = syllables("".join(lines))
    return distance(syllables(written), wanted) / len(wanted)


def syllables(text: str) -> list[str]:
    """Pinyin without tones, one a character."""
    return [str(syllable) for syllable in lazy_pinyin(letters(text))]


def letters(text: str) -> str:
    """Letters and figures only, small ones."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).lower() if character.isalnum())


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
