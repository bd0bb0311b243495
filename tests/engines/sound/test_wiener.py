"""Sources that stand apart come apart better than by loudness alone, and others no worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local.engines.sound.wiener import Share, Spectrum, placed


def noise(seed: int, frames: int = 200, bins: int = 8) -> NDArray[np.complex128]:
    """Bins that are loud and quiet by turns, as those of speech and music are."""
    rng = np.random.default_rng(seed)
    loudness = rng.exponential(size=(frames, bins)) ** 2
    return np.asarray(loudness * (rng.normal(size=(frames, bins)) + 1j * rng.normal(size=(frames, bins))))


def guessed(wanted: Spectrum, other: Spectrum) -> Share:
    """What a net can tell: loudness only, and that not quite."""
    power, rest = (np.abs(source) ** 2 for source in (wanted, other))
    return np.asarray((power + 0.2 * rest) / (1.2 * power + 1.2 * rest + 1e-12), np.float32)


def error(found: Spectrum, wanted: Spectrum) -> float:
    return float((np.abs(found - wanted) ** 2).sum() / (np.abs(wanted) ** 2).sum())


def test_a_voice_in_the_middle_and_music_at_the_side_come_apart() -> None:
    voice = np.stack([noise(1), noise(1)]).astype(np.complex64)
    music = np.stack([noise(2), 0.3j * noise(2)]).astype(np.complex64)
    share = guessed(music, voice)

    found = placed(voice + music, share)

    assert error(found, music) < 0.5 * error((voice + music) * share, music)


def test_what_stands_in_one_place_is_shared_by_loudness_as_before() -> None:
    voice = np.stack([noise(1), noise(1)]).astype(np.complex64)
    music = np.stack([noise(2), noise(2)]).astype(np.complex64)
    share = guessed(music, voice)

    found = placed(voice + music, share)

    assert np.allclose(found, (voice + music) * share, atol=0.02 * np.abs(voice + music).max())


def test_nothing_is_made_of_silence() -> None:
    silence = np.zeros((2, 10, 8), np.complex64)

    assert not placed(silence, np.full((2, 10, 8), 0.5, np.float32)).any()


def test_both_halves_add_up_to_the_mix() -> None:
    mix = np.stack([noise(1) + noise(2), noise(1) - noise(3)]).astype(np.complex64)
    share = np.random.default_rng(4).uniform(size=mix.shape).astype(np.float32)

    assert np.allclose(placed(mix, share) + placed(mix, 1 - share), mix, atol=2e-3 * np.abs(mix).max())
