"""Read the sound of any media file through ffmpeg."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from local.engines import ffmpeg

LOOK_S_MAX = 60.0
BLOCK_SAMPLES = 1 << 16

_DURATION = re.compile(r"^  Duration: (\d+):(\d+):([\d.]+)", re.MULTILINE)
_AUDIO = re.compile(r"^  Stream #0:\d+[^\n]*: Audio: [^\n]*?, (\d+) Hz", re.MULTILINE)


class DecodeError(Exception):
    """ffmpeg cannot read the file, or finds no sound in it."""


@dataclass(frozen=True)
class Sound:
    """The first audio track of a file. `duration_s` is what the file says of itself, 0 when it says nothing."""

    sample_rate: int
    duration_s: float


def probe(media: Path, *, formats: str | None = None) -> Sound:
    """What the file says of its sound. `formats` (`wav,mp3`) are the only containers taken, when given."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *_reading(media, formats)]
    try:
        shown = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=LOOK_S_MAX
        ).stderr
    except subprocess.TimeoutExpired as error:
        raise DecodeError(f"{media.name} cannot be looked through") from error
    audio = _AUDIO.search(shown)
    if audio is None:
        raise DecodeError(f"no sound that ffmpeg can read in {media.name}")
    duration = _DURATION.search(shown)
    duration_s = int(duration[1]) * 3600 + int(duration[2]) * 60 + float(duration[3]) if duration else 0.0
    return Sound(int(audio[1]), duration_s)


def decode(
    media: Path,
    sample_rate: int,
    *,
    channels: int,
    first_channel: bool = False,
    at_most_s: float | None = None,
    formats: str | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Blocks of frames x `channels`, between -1 and 1. Raises DecodeError, perhaps after some blocks."""
    command = [
        *_reading(media, formats),
        *(["-t", str(at_most_s)] if at_most_s else []),
        *("-map", "0:a:0"),
        *(["-af", "pan=mono|c0=c0"] if first_channel else []),
        *("-ar", str(sample_rate), "-ac", str(channels), "-f", "f32le", "-"),
    ]
    try:
        with ffmpeg.reader(command) as sound:
            yield from _frames(sound, channels)
    except ffmpeg.FfmpegError as error:
        raise DecodeError(f"{media.name}: {error}") from error


def _frames(sound: IO[bytes], channels: int) -> Iterator[NDArray[np.float32]]:
    while block := sound.read(BLOCK_SAMPLES * channels * 4):
        whole = len(block) - len(block) % (channels * 4)
        yield np.frombuffer(block[:whole], "<f4").reshape(-1, channels)


def _reading(media: Path, formats: str | None) -> list[str]:
    # By URL, so that a file's name is not taken for an option.
    return [*ffmpeg.safe_input(formats or ffmpeg.DEMUXERS), "-i", f"file:{media.resolve()}"]
