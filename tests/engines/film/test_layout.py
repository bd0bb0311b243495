"""Where pictures land on a canvas of 1280 x 720."""

from __future__ import annotations

import pytest

from local.engines.contract import RejectionError
from local.engines.film.layout import Box, check_canvas, lay_out
from local.engines.film.timeline import Adapt, ClipKind, Measure, Span, VideoClip

CANVAS = (1280, 720)


def px(value: int) -> Measure:
    return Measure(value, is_fraction=False)


def part(value: float) -> Measure:
    return Measure(value, is_fraction=True)


def clip(
    x: Measure | None = None,
    y: Measure | None = None,
    width: Measure | None = None,
    height: Measure | None = None,
    adapt: Adapt = Adapt.FILL,
) -> VideoClip:
    return VideoClip("c", ClipKind.VIDEO, "u", Span(), x=x, y=y, width=width, height=height, adapt=adapt)


def test_a_film_of_the_canvas_size_fills_it() -> None:
    box = lay_out(clip(), (1920, 1080), CANVAS)

    assert box == Box((1280, 720), (1280, 720), 0, 0)
    assert box.fills(CANVAS)


def test_a_film_of_another_shape_is_shown_whole_between_bars() -> None:
    assert lay_out(clip(), (1080, 1920), CANVAS) == Box((405, 720), (405, 720), 437, 0)


def test_fill_stretches() -> None:
    assert lay_out(clip(px(10), px(20), px(300), px(200)), (512, 512), CANVAS) == Box((300, 200), (300, 200), 10, 20)


def test_cover_scales_up_and_cuts_the_middle() -> None:
    box = lay_out(clip(px(940), px(40), px(300), px(300), Adapt.COVER), (512, 704), CANVAS)

    assert box == Box((300, 412), (300, 300), 940, 40)
    assert box.is_cropped


def test_contain_scales_down_into_the_middle_of_its_box() -> None:
    box = lay_out(clip(px(940), px(40), px(300), px(300), Adapt.CONTAIN), (512, 704), CANVAS)

    assert box == Box((218, 300), (218, 300), 981, 40)


def test_fractions_are_of_the_canvas() -> None:
    box = lay_out(clip(part(0.75), part(0.05), part(0.25), part(1.0)), (512, 512), CANVAS)

    assert box == Box((320, 720), (320, 720), 960, 36)


@pytest.mark.parametrize(("side", "size"), [("width", (256, 352)), ("height", (186, 256))])
def test_one_side_alone_keeps_the_proportions(side: str, size: tuple[int, int]) -> None:
    placed = clip(width=px(256)) if side == "width" else clip(height=px(256))

    assert lay_out(placed, (512, 704), CANVAS).shown == size


def test_a_place_alone_keeps_the_size() -> None:
    assert lay_out(clip(x=px(64)), (512, 704), CANVAS) == Box((512, 704), (512, 704), 64, 0)


@pytest.mark.parametrize("size", [(127, 720), (1280, 4097), (2161, 2161), (0, 0)])
def test_a_canvas_beyond_the_limits_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(RejectionError, match="InvalidParameter"):
        check_canvas(*size)


@pytest.mark.parametrize("size", [(128, 128), (4096, 2160), (2160, 4096)])
def test_a_canvas_at_the_limits_is_taken(size: tuple[int, int]) -> None:
    assert check_canvas(*size) is None  # type: ignore[func-returns-value]  # not raising is the promise
