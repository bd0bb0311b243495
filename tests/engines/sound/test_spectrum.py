"""There and back again: transforms and rates lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.sound import separation, spectrum
from local.engines.sound.resample import resample


def noise(samples: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.1, (samples, 2)).astype(np.float32)


def test_a_sound_comes_back_from_its_spectrum() -> None:
    sound = noise(30 * spectrum.HOP + spectrum.OVERLAP)

    back = spectrum.backward(spectrum.forward(sound))

    inner = slice(spectrum.OVERLAP, -spectrum.OVERLAP)
    assert back.shape == sound.shape
    assert np.abs(back[inner] - sound[inner]).max() < 1e-6


@pytest.mark.parametrize("samples", [0, 1, 5000, 458_752, 1_000_003])
def test_blocks_cover_each_sample_once_and_in_order(samples: int) -> None:
    sound = noise(samples)
    pieces = [sound[start : start + 65536] for start in range(0, samples, 65536)]

    cores = [block[separation._MARGIN * spectrum.HOP :][wanted] for block, wanted in separation._blocks(iter(pieces))]

    assert np.array_equal(np.concatenate([np.zeros((0, 2), np.float32), *cores]), sound)


@pytest.mark.parametrize(("rate", "wanted"), [(24000, 22050), (24000, 48000), (48000, 16000), (24000, 8000)])
def test_a_tone_keeps_pitch_and_level_at_another_rate(rate: int, wanted: int) -> None:
    moments = np.arange(rate) / rate
    there = resample(np.sin(2 * np.pi * 440 * moments).astype(np.float32), rate, wanted)

    expected = np.sin(2 * np.pi * 440 * np.arange(wanted) / wanted)
    assert len(there) == wanted
    assert np.abs(there - expected)[wanted // 10 : -wanted // 10].max() < 0.01


def test_what_the_new_rate_cannot_carry_is_gone() -> None:
    moments = np.arange(48000) / 48000
    there = resample(np.sin(2 * np.pi * 10000 * moments).astype(np.float32), 48000, 16000)

    assert np.abs(there[1600:-1600]).max() < 0.01


def test_nothing_stays_nothing_at_any_rate() -> None:
    assert len(resample(np.zeros(0, np.float32), 24000, 22050)) == 0
