"""Captions drawn into the picture, read by OCR.

The film's lower part is watched at its full rate. A text finder looks at it where new letters may have come; what it
finds is followed to the frame where it goes and back to the one where it came (watch, followed). Each caption is read
once, from pictures in which everything that moved behind it has been evened out (gathering, reading), while the film is
watched on.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.engines.captions.assembly import Shown, assembled
from local.engines.captions.followed import Sighting
from local.engines.captions.frames import Band, Picture, band_frames, band_of
from local.engines.captions.letters import find_text, read_text
from local.engines.captions.reading import read_lines
from local.engines.captions.watch import sightings
from local.engines.contract import Caption, Progress, no_progress

REPORT_EVERY = 50  # frames


def read_burned_in(film: Path, progress: Progress = no_progress) -> list[Caption]:
    """The captions drawn into a film, at the times of their frames; empty when there are none.

    FfmpegError when it is no film, WeightsError when the package with the models is missing.
    """
    band = band_of(film)
    if band is None:
        return []
    pictures = _told(band_frames(film, band), band, progress)
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as beside:
        shown = [beside.submit(_read, sighting, band) for sighting in sightings(pictures, band, find_text)]
    captions = assembled([one.result() for one in shown], frames=band.frames, fps=band.fps)
    return [Caption(band.seconds(one.start), band.seconds(one.end), one.text) for one in captions]


def _read(sighting: Sighting, band: Band) -> Shown:
    lines = read_lines(sighting, band.short_side, find_text, read_text)
    return Shown(sighting.start, sighting.end, tuple(lines))


def _told(pictures: Iterator[Picture], band: Band, progress: Progress) -> Iterator[Picture]:
    for number, picture in enumerate(pictures):
        if number % REPORT_EVERY == 0:
            progress(min(1.0, number / max(1, band.frames)))
        yield picture
