"""Where a picture goes on the canvas, and how it is scaled and cropped to get there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from local.engines.contract import RejectionError
from local.engines.film.fields import PARAMETER_ERROR
from local.engines.film.timeline import Adapt, Measure, VideoClip

Size = tuple[int, int]

# Limits of SubmitMediaProducingJob.
SIDE_PX_MIN, SIDE_PX_MAX, SHORT_SIDE_PX_MAX = 128, 4096, 2160


@dataclass(frozen=True)
class Box:
    """Scale the picture to `scaled`, cut the middle of size `shown` out of it, put that at `x`, `y`."""

    scaled: Size
    shown: Size
    x: int
    y: int

    @property
    def is_cropped(self) -> bool:
        return self.scaled != self.shown

    def fills(self, canvas: Size) -> bool:
        return (self.x, self.y, *self.shown) == (0, 0, *canvas)


def lay_out(clip: VideoClip, source: Size, canvas: Size) -> Box:
    """The clip's box: its AdaptMode within X, Y, Width and Height; the other side in proportion when only one is given;
    its own size when only a place is given; and centred on the whole canvas, uncropped, when nothing is.
    """
    x = clip.x.pixels(canvas[0]) if clip.x else 0
    y = clip.y.pixels(canvas[1]) if clip.y else 0
    width, height = _side(clip.width, canvas[0]), _side(clip.height, canvas[1])
    if width and height:
        return _fill(clip.adapt, source, (width, height), x, y)
    if width:
        return _whole((width, _at_least_one(source[1] * width / source[0])), x, y)
    if height:
        return _whole((_at_least_one(source[0] * height / source[1]), height), x, y)
    if clip.x or clip.y:
        return _whole(source, x, y)
    return _fill(Adapt.CONTAIN, source, canvas, 0, 0)


def check_canvas(width: int, height: int) -> None:
    """Sides of 128 to 4096 pixels, the shorter one of at most 2160."""
    sides = sorted((width, height))
    if sides[0] < SIDE_PX_MIN or sides[1] > SIDE_PX_MAX:
        raise RejectionError(
            PARAMETER_ERROR, f"The output size {width}x{height} must have sides from {SIDE_PX_MIN} to {SIDE_PX_MAX}."
        )
    if sides[0] > SHORT_SIDE_PX_MAX:
        raise RejectionError(
            PARAMETER_ERROR, f"The short side of the output size {width}x{height} must not exceed {SHORT_SIDE_PX_MAX}."
        )


def _fill(adapt: Adapt, source: Size, target: Size, x: int, y: int) -> Box:
    across, down = target[0] / source[0], target[1] / source[1]
    if adapt is Adapt.FILL:
        return _whole(target, x, y)
    scale = min(across, down) if adapt is Adapt.CONTAIN else max(across, down)
    scaled = (_at_least_one(source[0] * scale), _at_least_one(source[1] * scale))
    if adapt is Adapt.COVER:
        return Box(scaled, target, x, y)
    return _whole(scaled, x + (target[0] - scaled[0]) // 2, y + (target[1] - scaled[1]) // 2)


def _whole(size: Size, x: int, y: int) -> Box:
    return Box(size, size, x, y)


def _side(measure: Measure | None, whole: int) -> int:
    return _at_least_one(measure.pixels(whole)) if measure else 0


def _at_least_one(pixels: float) -> int:
    return max(1, round(pixels))
