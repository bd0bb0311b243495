"""What moves behind a caption is evened out."""

from __future__ import annotations

import numpy as np

from local.engines.captions.gathering import Gathering
from tests.engines.captions.screens import background, with_words


def test_nothing_gathered_is_nothing() -> None:
    assert Gathering(5).composite() is None


def test_bright_words_stay_bright_and_what_moves_behind_them_grows_dark() -> None:
    gathering = Gathering(50)
    for frame in range(50):
        gathering.add(with_words(background(9 * frame, 120, 60), "star"))
    one = with_words(background(0, 120, 60), "star")
    composite = gathering.composite()

    assert composite is not None
    assert composite.darkest.max() > 230
    assert composite.darkest[:20].mean() < one[:20].mean() - 40
    assert composite.mean[:20].std() < one[:20].std() / 2
    assert composite.brightest.min() < 60  # the dark edge


def test_only_the_last_pictures_count() -> None:
    gathering = Gathering(3)
    for value in (10, 10, 10, 200, 200, 200, 200):
        gathering.add(np.full((4, 4, 3), value, np.uint8))
    composite = gathering.composite()

    assert composite is not None
    assert (composite.darkest == 200).all()
    assert (composite.mean == 200).all()
