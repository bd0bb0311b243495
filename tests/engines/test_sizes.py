"""A film of so many pixels keeps the shape of the picture that it begins with."""

from __future__ import annotations

import pytest

from local.engines.sizes import of_pixels


@pytest.mark.parametrize(
    ("shape", "pixels", "size"),
    [
        ((1280, 720), 1280 * 720, (1280, 720)),
        ((600, 800), 1280 * 720, (832, 1104)),
        ((512, 512), 1280 * 720, (960, 960)),
        ((512, 512), 1920 * 1080, (1440, 1440)),
        ((4000, 3000), 640 * 480, (640, 480)),
        ((7000, 400), 640 * 480, (2320, 128)),
    ],
)
def test_the_shape_stays_and_the_pixels_are_those_asked_for(
    shape: tuple[int, int], pixels: int, size: tuple[int, int]
) -> None:
    assert of_pixels(shape, pixels) == size


def test_no_side_is_ever_nothing() -> None:
    assert of_pixels((7000, 1), 640 * 480) == (46368, 16)
