"""Frames in and out: pictures and films as arrays, whole and at one size, and the encoder that films go to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import Progress, RejectionError

Frame = NDArray[np.uint8]
Size = tuple[int, int]

SIDE_PX_MAX = 2048
UNREADABLE = RejectionError("InvalidFile.Openerror", "The input file can not be opened.")
TOO_LARGE = RejectionError("InvalidFile.Resolution", "The resolution of the input file is too large.")


@dataclass(frozen=True)
class Film:
    """A film that can be read; its size is as shown, its sides even."""

    path: Path
    size: Size
    seconds: float
    fps: float


def picture(path: Path) -> Frame:
    """A picture in colour; RejectionError for what is none, and before it is unpacked for more pixels than a photo."""
    try:
        media = ffmpeg.probe(path)
    except ffmpeg.FfmpegError as error:
        raise UNREADABLE from error
    if not media.has_picture:
        raise UNREADABLE
    if media.width * media.height > ffmpeg.PIXELS_MAX:
        raise TOO_LARGE
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        raise UNREADABLE
    return np.asarray(read, np.uint8)


def film(path: Path) -> Film:
    try:
        media = ffmpeg.probe(path)
    except ffmpeg.FfmpegError as error:
        raise UNREADABLE from error
    if not media.has_picture or media.duration_s <= 0:
        raise UNREADABLE
    scale = min(1.0, SIDE_PX_MAX / max(media.width, media.height))
    return Film(path, (even(media.width * scale), even(media.height * scale)), media.duration_s, media.fps or 25.0)


def frames_of(source: Film, size: Size, fps: float) -> Iterator[Frame]:
    """Every frame of a film at a size and a rate, from its start."""
    width, height = size
    picture_filter = f"fps={fps:.6f}:start_time=0,scale={width}:{height}:flags=area,format=bgr24"
    arguments = [*ffmpeg.Input(source.path).arguments(), "-map", "0:v:0", "-vf", picture_filter]
    try:
        with ffmpeg.frame_reader([*arguments, "-f", "rawvideo", "pipe:1"], width * height * 3) as read:
            for body in read:
                yield np.frombuffer(body, np.uint8).reshape(height, width, 3)
    except ffmpeg.FfmpegError as error:
        raise UNREADABLE from error


def write(frames: Iterable[Frame], size: Size, fps: int, count: int, clip: Path, progress: Progress) -> float:
    """Encode frames as a silent mp4 (H.264) and return its length in seconds."""
    encoding: list[ffmpeg.Argument] = [
        *("-map", "0:v", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
        *("-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", clip.absolute()),
    ]
    written = 0
    try:
        with ffmpeg.frame_writer(*size, fps, encoding) as put:
            for frame in frames:
                put(frame)
                written += 1
                progress(min(1.0, written / max(1, count)))
    except BaseException:
        clip.unlink(missing_ok=True)
        raise
    if not written:
        clip.unlink(missing_ok=True)
        raise UNREADABLE
    return written / fps


def cover(image: Frame, size: Size) -> Frame:
    """The picture scaled to fill a size, what stands over cut off."""
    width, height = size
    scale = max(width / image.shape[1], height / image.shape[0])
    grown = cv2.resize(image, (max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale))))
    left, top = (grown.shape[1] - width) // 2, (grown.shape[0] - height) // 2
    return np.ascontiguousarray(grown[top : top + height, left : left + width], np.uint8)


def shifted(image: Frame, size: Size, *, scale: float, right: float, down: float) -> Frame:
    """The picture drawn larger and moved by shares of its size, at sub-pixel steps so that nothing trembles."""
    width, height = size
    grown = scale * max(width / image.shape[1], height / image.shape[0])
    matrix = np.array(
        [
            [grown, 0, width / 2 - grown * image.shape[1] / 2 + right * width],
            [0, grown, height / 2 - grown * image.shape[0] / 2 + down * height],
        ],
        np.float32,
    )
    drawn = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn, np.uint8)


def even(pixels: float) -> int:
    return max(32, round(pixels / 2) * 2)
