"""Pitch, colour and identity of a voice, measured."""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, pitch, sample, speaker
from local.engines.voice.accents import stock_table
from local.engines.voice.enrolment import nearest_mix
from tests.engines.voice.recordings import SAMPLES, hum, silence


@pytest.mark.parametrize("hz", [75, 110, 180, 260, 400])
def test_the_pitch_of_a_voice_is_found_within_a_percent(hz: float) -> None:
    found = pitch.voiced_f0(hum(2, rate=16000, hz=hz))

    assert np.median(found) == pytest.approx(hz, rel=0.01)


def test_neither_noise_nor_silence_nor_a_click_has_a_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 32000).astype(np.float32)

    assert len(pitch.voiced_f0(noise)) == 0
    assert len(pitch.voiced_f0(silence(2, 16000))) == 0
    assert len(pitch.voiced_f0(noise[:100])) == 0


@pytest.fixture(scope="module")
def voices() -> dict[str, tuple[speaker.Embedding, speaker.Embedding]]:
    """Both halves of each sample."""
    found = {}
    for name in ("mother", "father"):
        heard = resample(sample.load(SAMPLES / f"{name}.wav"), sample.SAMPLE_RATE, speaker.SAMPLE_RATE)
        half = len(heard) // 2
        found[name] = (speaker.embedding(heard[:half]), speaker.embedding(heard[half:]))
    return found


def test_a_speaker_is_like_himself_and_unlike_another(
    voices: dict[str, tuple[speaker.Embedding, speaker.Embedding]],
) -> None:
    (mother, mother_later), (father, father_later) = voices["mother"], voices["father"]

    assert mother @ mother_later > 0.85
    assert father @ father_later > 0.85
    assert mother @ father < 0.6


def test_a_speaker_is_the_same_however_loud_he_speaks() -> None:
    heard = resample(sample.load(SAMPLES / "father.wav"), sample.SAMPLE_RATE, speaker.SAMPLE_RATE)[: 5 * 16000]

    for times in (0.1, 3.0):
        assert speaker.embedding(heard) @ speaker.embedding(heard * np.float32(times)) > 0.999


def test_the_mix_for_a_stock_voice_is_that_voice(voices: dict[str, tuple[speaker.Embedding, ...]]) -> None:
    mix = nearest_mix(stock_table()[0][kokoro.stock_voices().names.index("zf_xiaobei")])

    assert max(mix, key=lambda name: mix[name]) == "zf_xiaobei"
    assert mix["zf_xiaobei"] > 0.95


def test_shares_of_a_mix_add_up_to_one_and_none_is_negative(
    voices: dict[str, tuple[speaker.Embedding, speaker.Embedding]],
) -> None:
    for embedding, _ in voices.values():
        shares = list(nearest_mix(embedding).values())

        assert min(shares) > 0
        assert sum(shares) == pytest.approx(1, abs=0.01)


def test_the_same_voice_needs_no_colour() -> None:
    speech = np.random.default_rng(1).normal(0, 0.1, 72000).astype(np.float32)

    assert np.abs(envelope.gains_db(speech, envelope.bands_db(speech))).max() < 0.01


def test_a_filter_does_what_its_gains_say() -> None:
    speech = np.random.default_rng(1).normal(0, 0.1, 240000).astype(np.float32)
    gains = np.where(envelope.BANDS_HZ < 1000, 6.0, -6.0)

    before, after = (np.abs(np.fft.rfft(samples)) ** 2 for samples in (speech, envelope.coloured(speech, gains)))
    hz = np.fft.rfftfreq(240000, 1 / 24000)
    low, high = (hz > 200) & (hz < 700), (hz > 1500) & (hz < 6000)

    assert 10 * np.log10(after[low].sum() / before[low].sum()) == pytest.approx(6, abs=0.5)
    assert 10 * np.log10(after[high].sum() / before[high].sum()) == pytest.approx(-6, abs=0.5)


def test_colouring_neither_delays_nor_lengthens() -> None:
    click = np.zeros(4800, np.float32)
    click[2400] = 1

    coloured = envelope.coloured(click, np.zeros(40))

    assert len(coloured) == 4800
    assert np.argmax(np.abs(coloured)) == 2400
    assert coloured[2400] == pytest.approx(1, abs=0.01)


def test_colour_is_moved_towards_the_sample_but_never_past_the_limit() -> None:
    rng = np.random.default_rng(1)
    bright = rng.normal(0, 0.1, 240000).astype(np.float32)
    dark = np.cumsum(bright).astype(np.float32)
    dark -= np.convolve(dark, np.ones(500) / 500, "same").astype(np.float32)

    gains = envelope.gains_db(bright, envelope.bands_db(dark))

    assert gains[5] > 3
    assert gains[-1] < -3
    assert np.abs(gains).max() <= 12.0
