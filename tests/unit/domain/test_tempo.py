"""A reading is made a little shorter or longer, and no word is lost over it."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import tempo, wave

RATE = 24_000


def tone(ms: int, hz: int = 220, peak: int = 8000) -> bytes:
    step = 2 * math.pi * hz / RATE
    return array("h", [round(peak * math.sin(place * step)) for place in range(ms * RATE // 1000)]).tobytes()


def silence(ms: int) -> bytes:
    return bytes(2 * (ms * RATE // 1000))


def pitch_hz(pcm: bytes) -> float:
    """From how often the sound rises through zero."""
    samples = array("h", pcm)
    rises = sum(before < 0 <= after for before, after in pairwise(samples))
    return rises * RATE / len(samples)


@pytest.mark.parametrize("factor", [1.02, 1.05, 1.1])
def test_a_shorter_reading_takes_its_share_of_the_time_and_keeps_its_pitch(factor: float) -> None:
    pcm = tone(1500)
    made = tempo.shorter(pcm, RATE, factor)

    assert len(pcm) / len(made) == pytest.approx(factor, abs=0.01)
    assert pitch_hz(made) == pytest.approx(pitch_hz(pcm), rel=0.01)
    assert wave.silences(made, RATE, 10) == []


def test_no_reading_is_made_much_shorter() -> None:
    assert len(tempo.shorter(tone(1000), RATE, 2.0)) == len(tempo.shorter(tone(1000), RATE, tempo.SHORTER_MAX))


@pytest.mark.parametrize("pcm", [b"", b"\x01", tone(20)])
def test_what_is_too_short_to_be_made_shorter_stays_as_it_is(pcm: bytes) -> None:
    assert tempo.shorter(pcm, RATE, 1.1) == pcm
    assert tempo.shorter(tone(500), RATE, 0.8) == tone(500)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(80, 500), st.integers(30, 400)), min_size=1, max_size=4), st.floats(1.0, 1.1))
def test_a_shorter_reading_is_never_longer_and_never_much_shorter(sounds: list[tuple[int, int]], factor: float) -> None:
    pcm = b"".join(tone(spoken_ms) + silence(pause_ms) for spoken_ms, pause_ms in sounds)
    made = tempo.shorter(pcm, RATE, factor)

    assert len(pcm) / tempo.SHORTER_MAX - 0.02 * 2 * RATE <= len(made) <= len(pcm)


def test_pauses_are_lengthened_and_words_are_not() -> None:
    pcm = tone(400) + silence(200) + tone(300)
    made = tempo.longer(pcm, RATE, 150)

    assert wave.duration_ms(made, RATE) == 1050
    assert wave.voiced_ms(made, RATE) == wave.voiced_ms(pcm, RATE)


def test_a_pause_is_at_most_doubled_and_what_has_none_stays_as_it_is() -> None:
    pcm = tone(400) + silence(200) + tone(300)
    long = tone(400) + silence(900) + tone(300)

    assert wave.duration_ms(tempo.longer(pcm, RATE, 5000), RATE) == 1100
    assert wave.duration_ms(tempo.longer(long, RATE, 5000), RATE) == 1600 + tempo.PAUSE_ADDED_MS_MAX
    assert tempo.longer(tone(900), RATE, 500) == tone(900)
    assert tempo.longer(pcm, RATE, 0) == pcm


def test_a_reading_is_split_in_its_pauses_only() -> None:
    one, two, three = tone(600), tone(500), tone(700)
    pcm = one + silence(100) + two + silence(100) + three
    parts = tempo.split(pcm, RATE, [0.3, 0.6])

    assert parts is not None
    assert b"".join(parts) == pcm
    assert [wave.duration_ms(wave.trim_silence(part, RATE)[0], RATE) for part in parts] == pytest.approx(
        [600, 500, 700], abs=90
    )


@pytest.mark.parametrize("shares", [[0.9], [0.45, 0.5]])
def test_where_no_pause_is_near_nothing_is_split(shares: list[float]) -> None:
    assert tempo.split(tone(600) + silence(100) + tone(500), RATE, shares) is None
