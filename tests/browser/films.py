"""A film that a real browser plays and toy engines understand: a short mp4 of ffmpeg's with a toy's note behind it."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg

from local.engines.contract import FetchMedia, Progress
from tests.stage import CAPTIONS
from tests.toys import ToyEngines, note_in

SECONDS = 10


def film(captions: Sequence[tuple[float, float, str]] = CAPTIONS, padding: int = 0, seconds: float = SECONDS) -> bytes:
    """Ten seconds; `padding` makes the file larger by so many bytes that mean nothing."""
    note = json.dumps({"captions": captions}, ensure_ascii=False).encode()
    return playable(seconds) + _box(b"free", note) + (_box(b"free", bytes(padding)) if padding else b"")


class PlayableEngines(ToyEngines):
    """Toy engines whose films can be looked at."""

    def render(
        self, timeline: dict[str, object], output: dict[str, object], fetch: FetchMedia, film: Path, progress: Progress
    ) -> float:
        seconds = super().render(timeline, output, fetch, film, progress)
        if str(output.get("MediaURL")).endswith(".mp4"):
            film.write_bytes(playable(seconds) + _box(b"free", note_in(film.read_bytes())))
        return seconds


@cache
def playable(seconds: float = SECONDS) -> bytes:
    """H.264 and AAC, its head first."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        sources = ["-f", "lavfi", "-i", f"testsrc2=s=640x360:r=25:d={seconds}"]
        sources += ["-f", "lavfi", "-i", f"sine=440:d={seconds}"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *sources, *coded, "-movflags", "+faststart"]
        subprocess.run([*command, str(path)], check=True, stdin=subprocess.DEVNULL)  # noqa: S603  fixed arguments
        # a toy's note is in the first free box: ffmpeg's own, which is empty, gets the other name for nothing
        return path.read_bytes().replace(_box(b"free", b""), _box(b"skip", b""))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
