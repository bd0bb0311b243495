"""Likelihoods of speech become stretches of it."""

from __future__ import annotations

import numpy as np
import pytest

from local.engines.captions.speech import LONGEST_S, PAD_S, RATE, WINDOW, Region, regions

WINDOW_S = WINDOW / RATE


def found(*parts: tuple[float, float]) -> list[Region]:
    """Stretches found in parts of so many seconds with that likelihood."""
    likely = [likelihood for seconds, likelihood in parts for _ in range(round(seconds / WINDOW_S))]
    return regions(likely, len(likely) * WINDOW_S)


def test_silence_is_no_speech() -> None:
    assert found((5, 0.1)) == []
    assert regions([], 0.0) == []


def test_speech_is_found_with_a_little_around_it() -> None:
    (region,) = found((2, 0.0), (3, 0.9), (2, 0.0))

    assert region.start_s == pytest.approx(2 - PAD_S, abs=WINDOW_S)
    assert region.end_s == pytest.approx(5 + PAD_S, abs=WINDOW_S)


def test_a_breath_does_not_part_speech_and_a_pause_does() -> None:
    assert len(found((1, 0.9), (0.2, 0.0), (1, 0.9))) == 1
    assert len(found((1, 0.9), (0.5, 0.0), (1, 0.9))) == 2


def test_speech_goes_on_while_it_is_merely_less_likely() -> None:
    assert len(found((1, 0.9), (1, 0.4), (1, 0.9))) == 1


def test_a_click_is_no_speech() -> None:
    assert found((1, 0.0), (0.1, 0.9), (1, 0.0)) == []


def test_speech_to_the_end_of_the_film_ends_with_it() -> None:
    (region,) = found((1, 0.0), (2, 0.9))

    assert region.end_s == pytest.approx(3, abs=WINDOW_S)


def test_what_is_around_one_stretch_never_reaches_into_the_next() -> None:
    first, second = found((1, 0.9), (0.36, 0.0), (1, 0.9))

    assert first.end_s <= second.start_s


def test_endless_speech_is_cut_where_it_is_least_likely() -> None:
    parts = found((20, 0.9), (0.1, 0.5), (25, 0.9))

    assert [part.end_s - part.start_s < LONGEST_S + 1 for part in parts] == [True, True]
    assert parts[0].end_s == pytest.approx(20, abs=0.2)
    assert np.isclose(parts[0].end_s, parts[1].start_s)
