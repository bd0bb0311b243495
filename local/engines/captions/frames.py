"""The lower part of a film as a stream of pictures: as films keep them, brightness and, at half size, colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg

Grey = NDArray[np.uint8]
Colours = NDArray[np.uint8]  # height x width x blue, green, red
Picture = NDArray[
    np.uint8
]  # planes of I420 in 3/2 x height rows: brightness, then both colour differences at half size

BAND = 0.45  # of the film's height, from below: where captions are
SHORT_SIDE_PX = 720  # captions do not get clearer above
FPS_MAX = 31.0  # every second frame of 50 or 60 a second says enough
FPS_UNKNOWN = 25.0


@dataclass(frozen=True)
class Band:
    """Size of the pictures in pixels, their rate, and how many there are by what the file says of itself.

    `short_side` is that of the whole film at this scale.
    """

    width: int
    height: int
    short_side: int
    fps: float
    frames: int

    def seconds(self, frame: int) -> float:
        return round(frame / self.fps, 3)

    def lasting(self, seconds: float) -> int:
        """That time in frames, at least one."""
        return max(1, round(seconds * self.fps))


def band_of(film: Path) -> Band | None:
    """The band of a film; None when it has no picture. FfmpegError when it is no film."""
    media = ffmpeg.probe(film)
    if not media.has_picture:
        return None
    scale = min(1.0, SHORT_SIDE_PX / min(media.width, media.height))
    fps = media.fps or FPS_UNKNOWN
    while fps > FPS_MAX:
        fps /= 2
    width, height = _even(media.width * scale), _even(media.height * scale * BAND)
    return Band(width, height, round(min(media.width, media.height) * scale), fps, round(media.duration_s * fps))


def band_frames(film: Path, band: Band) -> Iterator[Picture]:
    """Every picture of the band, at a steady rate from the film's start."""
    picture = [
        f"fps={band.fps:.6f}:start_time=0",
        f"crop=iw:floor(ih*{BAND}):0:ih-oh",
        f"scale={band.width}:{band.height}:flags=area",
        "format=yuv420p",
    ]
    arguments = [*ffmpeg.Input(film).arguments(), "-map", "0:v:0", "-vf", ",".join(picture), "-f", "rawvideo", "pipe:1"]
    size = band.width * band.height * 3 // 2
    with ffmpeg.frame_reader(arguments, size) as frames:
        for frame in frames:
            yield np.frombuffer(frame, np.uint8).reshape(-1, band.width)


def grey(picture: Picture) -> Grey:
    """The brightness alone; a view, not a copy."""
    return picture[: len(picture) * 2 // 3]


def colours(picture: Picture) -> Colours:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _even(pixels: float) -> int:
    return max(32, round(pixels / 2) * 2)
