"""One frame of a film as a picture."""

from __future__ import annotations

from pathlib import Path

from local.engines.ffmpeg import FfmpegError, Input, run

# Each row of a PNG as it is: told by their differences they are no smaller, and take a reader fifteen times as long.
# Eight bits a channel also of a film that has ten, as phones make them.
CODECS = {"jpg": ("mjpeg", "-q:v", "3"), "png": ("png", "-pred", "none", "-pix_fmt", "rgb24")}


def frame(film: Path, at_s: float, kind: str, width: int = 0) -> bytes:
    """The frame shown at `at_s` seconds as `jpg` or `png`, upright, so many pixels wide, or as wide as the film;
    ValueError for what is no film, or a time beyond it.
    """
    codec, *quality = CODECS[kind]
    asked = Input(film, ("-ss", f"{at_s:.3f}"))
    try:
        scaled = ("-vf", f"scale={width}:-1") if width else ()
        picture = run(
            [*asked.arguments(), "-frames:v", "1", *scaled, "-c:v", codec, *quality, "-f", "image2pipe", "pipe:1"]
        )
    except FfmpegError as error:
        raise ValueError(str(error)) from error
    if not picture:
        raise ValueError(f"there is no frame at {at_s} s")
    return picture
