"""The place that runs ffmpeg, and what a media file holds, read from its headers.

Films and recordings come from strangers: an input may use only the demuxers listed here and read only local files, so a
play list dressed up as `story.mp4` opens nothing else; a picture may not unpack to more than a photo's pixels; and the
process has an end in time, in processor time, in memory and in the size of what it writes.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from pymediainfo import MediaInfo, Track

from shared.clients.untrusted import Guarded

Argument = str | Path
Frame = NDArray[np.uint8]
Seconds = Callable[[float], None]

# Containers without references to other files; `concat`, `hls` and `dash` are left out on purpose.
DEMUXERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mp3,wav,aac,flac,amr,"
    "png_pipe,jpeg_pipe,bmp_pipe,webp_pipe,gif,image2,srt,rawvideo"
)
PIXELS_MAX = 7000 * 7000  # the largest photo; a 4K film has a fifth of it
STREAMS_MAX = 64
TIMEOUT_S = 1800.0
ADDRESS_BYTES_MAX = 16 * 2**30  # encoding 4K on two cores takes 1.8; each further core adds its own frames
WRITTEN_BYTES_MAX = 16 * 2**30
COMPLAINT_CHARS = 600
TEXT_FORMATS = frozenset({"Timed Text", "UTF-8", "SubRip", "ASS", "SSA", "WebVTT"})


def safe_input(demuxers: str = DEMUXERS) -> tuple[str, ...]:
    """What stands before every `-i`."""
    reads = ("-protocol_whitelist", "file,pipe", "-format_whitelist", demuxers)
    return (*reads, "-max_pixels", str(PIXELS_MAX), "-max_streams", str(STREAMS_MAX))


class FfmpegError(Exception):
    """ffmpeg failed, ran too long, or the file is none it can read; the message holds its own words."""


@dataclass(frozen=True)
class Input:
    """One input file with the options that stand before its `-i`."""

    path: Argument
    options: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        return [*safe_input(), *self.options, "-i", str(self.path)]


@dataclass(frozen=True)
class Media:
    """What a file holds. `subtitles` has the languages ("" when unmarked) of its subtitle streams in the file's order,
    None for one that is no text (pictures of text). Width and height are as shown, after rotation.
    """

    duration_s: float
    width: int = 0
    height: int = 0
    fps: float = 0.0
    channels: int = 0
    subtitles: tuple[str | None, ...] = ()

    @property
    def has_picture(self) -> bool:
        return self.width > 0

    @property
    def has_audio(self) -> bool:
        return self.channels > 0


def run(
    arguments: Iterable[Argument],
    *,
    folder: Path | None = None,
    timeout_s: float = TIMEOUT_S,
    watch: Seconds | None = None,
) -> bytes:
    """Run ffmpeg in `folder` and return what it wrote to standard output; FfmpegError when it fails.

    With `watch`, standard output carries the progress instead: `watch` gets the seconds of output written so far.
    """
    reporting = ("-progress", "pipe:1") if watch else ()
    with _running([*reporting, *arguments], timeout_s, folder=folder, reads_stdin=False) as process:
        assert process.stdout is not None  # noqa: S101  opened with PIPE
        return _follow(process.stdout, watch) if watch else process.stdout.read()


@contextmanager
def frame_writer(
    width: int,
    height: int,
    fps: int,
    arguments: Sequence[Argument],
    *,
    folder: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[Callable[[Frame], None]]:
    """Stream raw BGR frames into ffmpeg, which runs in `folder`: `with frame_writer(...) as write: write(frame)`.

    `arguments` follow the raw video, which is input 0. Leaving the block in peace finishes the file.
    """
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(fps)]
    taking = [*safe_input(), *raw, "-i", "pipe:0", *arguments]
    with _running(taking, timeout_s, folder=folder, reads_stdin=True) as process:
        pipe = process.stdin
        assert pipe is not None  # noqa: S101  opened with PIPE

        def write(frame: Frame) -> None:
            if frame.shape != (height, width, 3):
                raise ValueError(f"frame is {frame.shape}, the film is {(height, width, 3)}")
            pipe.write(np.ascontiguousarray(frame).data)

        yield write
        pipe.close()


@contextmanager
def reader(arguments: Iterable[Argument], *, timeout_s: float = TIMEOUT_S) -> Iterator[IO[bytes]]:
    """What ffmpeg writes to its standard output, to be read to its end: `with reader(...) as sound: sound.read(n)`."""
    with _running(arguments, timeout_s, reads_stdin=False) as process:
        assert process.stdout is not None  # noqa: S101  opened with PIPE
        yield process.stdout


@contextmanager
def frame_reader(arguments: Sequence[Argument], frame_bytes: int) -> Iterator[Iterator[bytes]]:
    """Raw frames that ffmpeg writes to its standard output: `with frame_reader(...) as frames: for frame in frames`.

    What is not read before the block is left in peace is thrown away, so that ffmpeg's own verdict is heard.
    """
    with _running(arguments, TIMEOUT_S, reads_stdin=False) as process:
        pipe = process.stdout
        assert pipe is not None  # noqa: S101  opened with PIPE

        def frames() -> Iterator[bytes]:
            while len(body := pipe.read(frame_bytes)) == frame_bytes:
                yield body

        yield frames()
        while pipe.read(1 << 20):
            pass


def probe(path: Path) -> Media:
    """Read the headers of a film, a recording or a picture; FfmpegError when it is none of them."""
    tracks = _tracks(path) if path.is_file() else []
    pictures = [track for track in tracks if track.track_type in {"Video", "Image"}]
    sounds = [track for track in tracks if track.track_type == "Audio"]
    texts = [track for track in tracks if track.track_type == "Text"]
    if not (pictures or sounds or texts):
        raise FfmpegError(f"{path.name} holds neither picture nor sound nor captions")
    width, height = _shown_size(pictures[0], path) if pictures else (0, 0)
    return Media(
        duration_s=_longest_s(pictures) or _longest_s(sounds) or _longest_s(texts),
        width=width,
        height=height,
        fps=float(pictures[0].frame_rate or 0) if pictures else 0.0,
        channels=_channels(sounds[0]) if sounds else 0,
        subtitles=tuple((text.language or "") if text.format in TEXT_FORMATS else None for text in texts),
    )


def _tracks(path: Path) -> list[Track]:
    with path.open("rb") as file:
        found: list[Track] = MediaInfo.parse(Guarded(file)).tracks
    return found


@contextmanager
def _running(
    arguments: Iterable[Argument], timeout_s: float, *, reads_stdin: bool, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg at work; it has ended well when the block is left in peace, and it has ended in any case."""
    head = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            [*head, *(str(argument) for argument in arguments)],
            stdin=subprocess.PIPE if reads_stdin else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if reads_stdin else subprocess.PIPE,
            stderr=complaints,
            cwd=folder,
        ) as process,
    ):
        _confine(process.pid, timeout_s)
        is_late = threading.Event()

        def end_late() -> None:
            is_late.set()
            process.kill()

        leash = threading.Timer(timeout_s, end_late)
        leash.daemon = True
        leash.start()
        try:
            with suppress(BrokenPipeError):  # it stopped reading: its exit code and words say why
                yield process
            process.wait()
        finally:
            leash.cancel()
            process.kill()
            _let_go(process)
        if is_late.is_set():
            raise FfmpegError(f"ffmpeg did not finish within {timeout_s:g} s")
        if process.returncode:
            complaints.seek(0)
            words = complaints.read().decode("utf-8", "replace").strip()
            raise FfmpegError(f"ffmpeg failed ({process.returncode}): {_shortened(words)}")


def _confine(pid: int, timeout_s: float) -> None:
    """Only Linux lets one process bound another; elsewhere the timeout and ffmpeg's own limits have to do.

    From outside and not between fork and exec: Python must not run there while other threads hold locks.
    """
    if sys.platform == "linux":
        cpu_s = math.ceil(timeout_s) * (os.cpu_count() or 1)
        limits = {
            resource.RLIMIT_AS: ADDRESS_BYTES_MAX,
            resource.RLIMIT_CPU: cpu_s,
            resource.RLIMIT_FSIZE: WRITTEN_BYTES_MAX,
            resource.RLIMIT_CORE: 0,
        }
        with suppress(ProcessLookupError):  # it has ended already
            for kind, most in limits.items():
                resource.prlimit(pid, kind, (most, most))


def _shortened(words: str) -> str:
    """The cause comes first and the consequence last; between them ffmpeg repeats itself."""
    half = COMPLAINT_CHARS // 2
    return words if len(words) <= COMPLAINT_CHARS else f"{words[:half]} ... {words[-half:]}"


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe to a process that may be gone with frames still unwritten."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _follow(reports: IO[bytes], watch: Seconds) -> bytes:
    for line in reports:
        name, _, value = line.partition(b"=")
        if name == b"out_time_us" and value.strip().isdigit():
            watch(int(value) / 1e6)
    return b""


def _longest_s(tracks: Sequence[Track]) -> float:
    return max((float(track.duration or 0) / 1000 for track in tracks), default=0.0)


def _channels(sound: Track) -> int:
    """Some formats list several counts ("2 / 1"), the fullest first; a sound of unknown channels counts as stereo."""
    return int(str(sound.channel_s or 2).split("/")[0])


def _shown_size(picture: Track, path: Path) -> tuple[int, int]:
    if not picture.width:  # lossy WebP: its size is in the bitstream, which MediaInfo leaves alone
        from local.engines.portrait.photo import read_header  # noqa: PLC0415  its package imports this module

        header = read_header(path.read_bytes())
        if header is None:
            raise FfmpegError(f"{path.name} has no picture size")
        return header.width, header.height
    is_turned = round(float(picture.rotation or 0)) % 180 == 90
    width, height = int(picture.width), int(picture.height)
    return (height, width) if is_turned else (width, height)
