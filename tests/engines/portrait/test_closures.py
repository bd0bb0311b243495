"""Lips shut for a consonant where the mouth narrows and the sound falls, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.portrait import visemes
from local.engines.portrait.visemes import BANDS, HISS_BANDS
from local.engines.portrait.warp import Array

AT = 40  # hundredths of a second: where the consonant is


def spoken(*, narrowest: float, fall: float, hiss: float = 0.0) -> tuple[Array, Array]:
    """A wide vowel, a consonant of a twentieth of a second, the vowel again: openings and mel bands as normalised."""
    opening, mels = np.full(80, 0.6, np.float32), np.ones((80, BANDS), np.float32)
    opening[AT - 3 : AT + 4] = narrowest + 0.02 * np.abs(np.arange(-3, 4))
    mels[AT - 3 : AT + 4] -= fall
    mels[AT - 3 : AT + 4, HISS_BANDS] += hiss
    return opening, mels


def test_lips_shut_for_as_long_as_a_frame_takes_and_only_there() -> None:
    shut = visemes._closures(*spoken(narrowest=0.08, fall=2.5))

    assert shut[AT - 2 : AT + 3].min() == pytest.approx(1)
    assert shut[: AT - 4].max() == shut[AT + 5 :].max() == 0


@pytest.mark.parametrize(
    "consonant",
    [
        spoken(narrowest=0.2, fall=2.5),  # a mouth that stays open
        spoken(narrowest=0.08, fall=1.0),  # a narrow vowel: the sound goes on
        spoken(narrowest=0.08, fall=2.5, hiss=2.5),  # an s
    ],
)
def test_lips_stay_parted_for_what_is_no_such_consonant(consonant: tuple[Array, Array]) -> None:
    assert visemes._closures(*consonant).max() == 0


def test_a_moment_of_sound_is_enough_to_be_asked_about() -> None:
    opening, mels = spoken(narrowest=0.08, fall=2.5)

    assert visemes._closures(opening[:5], mels[:5]).shape == (5,)
