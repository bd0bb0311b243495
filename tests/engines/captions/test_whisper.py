"""Whisper's view of sound, and its tokens."""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.captions.mel import BANDS, RATE, SECONDS, log_mel
from local.engines.captions.whisper import bytes_of, is_traditional


def tone(hertz: float, seconds: float = 2.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE).astype(np.float32)


def test_sound_is_always_thirty_seconds_of_eighty_bands() -> None:
    assert log_mel(tone(440)).shape == (1, BANDS, SECONDS * 100)
    assert log_mel(tone(440, SECONDS + 5)).shape == (1, BANDS, SECONDS * 100)


def test_a_higher_tone_is_loudest_in_a_higher_band() -> None:
    loudest = [int(log_mel(tone(hertz))[0, :, 100].argmax()) for hertz in (200, 1000, 4000)]

    # 1000 Hz is mel 15 of 45.2 at 8 kHz: a third of the bands, as librosa has it.
    assert loudest[1] == pytest.approx(BANDS * 15 / 45.2, abs=1)
    assert loudest == sorted(set(loudest))


def test_what_follows_the_sound_is_silence() -> None:
    mel = log_mel(tone(440))[0]

    assert mel[:, 250:].max() == mel.min()
    assert mel.max() - mel.min() == pytest.approx(2.0)  # eighty decibels


def test_a_token_stands_for_bytes() -> None:
    assert bytes_of("Ġhello") == b" hello"
    assert bytes_of("æĺ¯") == "是".encode()


@pytest.mark.parametrize(
    ("token", "is_it"),
    [("樹", True), (" 這個", True), ("树", False), ("了", False), (" fox", False), ("。", False), ("♪", False)],
)
def test_traditional_characters_are_told_from_simplified_ones(token: str, is_it: bool) -> None:
    assert is_traditional(token.encode()) == is_it


def test_a_part_of_a_character_is_neither() -> None:
    assert not is_traditional("樹".encode()[:2])
