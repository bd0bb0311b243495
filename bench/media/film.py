"""The renderer against a plain re-encode of the same film with the same encoder settings, in one run.

By the clock, and by processor time: the latter says the same on a machine that is busy with other things.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.media.films import Film, sample_film
from bench.media.portrait import PHOTO, cut, talking_clip
from bench.media.rows import Row, at_least, peer
from local.engines import ffmpeg
from local.engines.film import render
from local.engines.film.render import AUDIO, CRF, encoder
from local.engines.film.timeline import Container, OutputMedia
from shared.domain.portrait import PortraitClip
from shared.domain.timeline import Bed, FilmTrack, SpeechTrack, compose_timeline

SIZES = ((1280, 720), (1920, 1080))
RATIO_MIN = 0.8
TURNS = 4  # of each, by turns; the best counts: whatever else the machine does only adds
SEGMENT_MS = 12_000


@dataclass(frozen=True)
class Taken:
    wall_s: float
    cpu_s: float


def measure(work: Path) -> list[Row]:
    """Speed of a story's compose as a share of the re-encode's."""
    return [row for size in SIZES for row in _at(work, size)]


def _at(work: Path, size: tuple[int, int]) -> list[Row]:
    film = sample_film(work, size)
    # A made-up picture would be harder to encode than a face.
    clip = talking_clip(PHOTO, cut(film.narration, work, SEGMENT_MS / 1000), work)
    material = {"film": film.path, "speech": film.narration, "music": film.music, "clip": clip}
    timeline, output = _timeline(film), {"MediaURL": "story.mp4", "Width": film.width, "Height": film.height}

    def compose() -> None:
        render(timeline, output, lambda url: material[url], work / "composed.mp4")

    best = _best([lambda: encode_again(film, work), compose])
    again, composed = best
    name, share = f"{film.width}x{film.height}", "compose, share of a plain re-encode's speed"
    return [
        at_least("film", f"{share}, {name}", again.wall_s / composed.wall_s, RATIO_MIN, "x"),
        at_least("film", f"{share} by processor time, {name}", again.cpu_s / composed.cpu_s, RATIO_MIN, "x"),
        peer("film", f"compose, {name}", film.length_s / composed.wall_s, "x real time"),
        peer("film", f"plain re-encode (the limit), {name}", film.length_s / again.wall_s, "x real time"),
    ]


def encode_again(film: Film, work: Path) -> None:
    """Plainly, with the settings that stories are composed with."""
    video = [*encoder(OutputMedia.preset, ffmpeg.probe(film.path).fps), "-crf", str(CRF)]
    inputs = ffmpeg.Input(film.path).arguments()
    ffmpeg.run([*inputs, "-sn", *video, "-movflags", "+faststart", *AUDIO[Container.MP4], work / "again.mp4"])


def _best(jobs: list[Callable[[], None]]) -> list[Taken]:
    """What each takes, the least of its turns."""
    taken: list[list[Taken]] = [[] for _ in jobs]
    for _ in range(TURNS):
        for job, times in zip(jobs, taken, strict=True):
            begun, cpu_s = time.perf_counter(), _cpu_s()
            job()
            times.append(Taken(time.perf_counter() - begun, _cpu_s() - cpu_s))
    return [Taken(min(one.wall_s for one in times), min(one.cpu_s for one in times)) for times in taken]


def _cpu_s() -> float:
    """Processor seconds of this process and of the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _timeline(film: Film) -> dict[str, object]:
    """As the pipeline writes it: speech and a talking clip for each segment, the music under it all, the label."""
    length_ms = round(film.length_s * 1000)
    spans = [(start, min(start + SEGMENT_MS, length_ms)) for start in range(0, length_ms, SEGMENT_MS)]
    return compose_timeline(
        FilmTrack("film", film.width, film.height, length_ms),
        [SpeechTrack("speech", start, end) for start, end in spans],
        [PortraitClip("clip", start, end) for start, end in spans],
        beds=[Bed("music", length_ms, spoken=tuple(spans))],
    )
