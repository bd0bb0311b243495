"""Read the sound of any media file through ffmpeg, as a subprocess with an argument list."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

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
    shown = subprocess.run(
        [*_reading(media, formats)], capture_output=True, text=True, errors="replace", check=False
    ).stderr
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
    with tempfile.TemporaryFile() as words, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words) as ffmpeg:
        try:
            yield from _frames(ffmpeg, channels)
        except GeneratorExit:
            ffmpeg.kill()
            raise
        if ffmpeg.wait():
            words.seek(0)
            raise DecodeError(f"{media.name}: {words.read()[-500:].decode(errors='replace').strip()}")


def _frames(ffmpeg: subprocess.Popen[bytes], channels: int) -> Iterator[NDArray[np.float32]]:
    sound = cast("IO[bytes]", ffmpeg.stdout)
    while block := sound.read(BLOCK_SAMPLES * channels * 4):
        whole = len(block) - len(block) % (channels * 4)
        yield np.frombuffer(block[:whole], "<f4").reshape(-1, channels)


def _reading(media: Path, formats: str | None) -> list[str]:
    # Only local files, and by URL: a playlist must not lead elsewhere, nor a file's name be taken for an option.
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-nostdin", "-protocol_whitelist", "file,pipe"),
        *(["-format_whitelist", formats] if formats else []),
        *("-i", f"file:{media.resolve()}"),
    ]
