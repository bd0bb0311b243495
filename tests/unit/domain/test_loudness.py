"""Loudness as BS.1770 counts it, and a voice brought to one loudness."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from shared.domain import loudness, wave

RATE = 24_000


def tone(hz: float, amplitude: float, seconds: float = 2.0, rate: int = RATE) -> bytes:
    count = int(seconds * rate)
    return array(
        "h", [round(32_767 * amplitude * math.sin(2 * math.pi * hz * at / rate)) for at in range(count)]
    ).tobytes()


def lufs(pcm: bytes, rate: int = RATE) -> float:
    return loudness.loudness(loudness.spread(pcm, rate), rate)


@pytest.mark.parametrize("rate", [24_000, 44_100, 48_000])
def test_the_standards_own_tone_is_as_loud_as_the_standard_says(rate: int) -> None:
    """997 Hz at full scale in one channel is -3.01 LUFS (BS.1770-4, annex 1)."""
    assert lufs(tone(997, 1.0, rate=rate), rate) == pytest.approx(-3.01, abs=0.1)


def test_half_the_amplitude_is_six_decibels_less() -> None:
    assert lufs(tone(997, 1.0)) - lufs(tone(997, 0.5)) == pytest.approx(6.02, abs=0.05)


def test_rumble_counts_less_than_a_voice() -> None:
    assert lufs(tone(30, 0.5)) < lufs(tone(997, 0.5)) - 6


@pytest.mark.parametrize("pcm", [b"", bytes(96_000)])
def test_silence_has_no_loudness(pcm: bytes) -> None:
    assert lufs(pcm) == -120.0


def test_pauses_do_not_make_a_voice_softer() -> None:
    voice = tone(300, 0.3)

    assert lufs(voice + bytes(len(voice))) == pytest.approx(lufs(voice), abs=0.2)


def test_a_long_sound_is_judged_by_some_of_its_blocks() -> None:
    dice = random.Random(3)
    pcm = b"".join(tone(300, dice.uniform(0.1, 0.5), 0.4) for _ in range(300))

    assert len(loudness.spread(pcm, RATE)) <= loudness.BLOCKS_MAX
    assert lufs(pcm) == pytest.approx(
        loudness.loudness([pcm[at : at + 19_200] for at in range(0, len(pcm), 19_200)], RATE), abs=0.7
    )


@pytest.mark.parametrize("amplitude", [0.05, 0.2, 0.9])
def test_a_levelled_voice_has_the_loudness_that_was_asked_for(amplitude: float) -> None:
    assert lufs(loudness.levelled(tone(300, amplitude), RATE, -19.0)) == pytest.approx(-19.0, abs=0.3)


def test_peaks_are_turned_down_for_a_moment_and_never_pass_the_ceiling() -> None:
    click = tone(1000, 0.9, 0.02)
    pcm = tone(300, 0.05) + click + tone(300, 0.05)
    louder = array("h", loudness.levelled(pcm, RATE, -16.0))

    assert max(map(abs, louder)) <= loudness.CEILING * wave.PEAK + 1
    far = slice(0, RATE)
    assert max(map(abs, louder[far])) > 2 * max(map(abs, array("h", pcm)[far]))


@pytest.mark.parametrize("pcm", [b"", bytes(4800)])
def test_silence_stays_silence(pcm: bytes) -> None:
    assert loudness.levelled(pcm, RATE, -16.0) == pcm
