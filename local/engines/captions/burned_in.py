"""Captions drawn into the picture, read by OCR.

The film's lower part is watched at its full rate. A text finder looks at it where new letters may have come; what it
finds is followed to the frame where it goes and back to the one where it came (watch, followed). Each caption is read
once, from pictures in which everything that moved behind it has been evened out (gathering, reading).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from local.engines.captions.assembly import Shown, assembled
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
    shown = []
    for sighting in sightings(_told(band_frames(film, band), band, progress), band, find_text):
        lines = read_lines(sighting, band.short_side, find_text, read_text)
        shown.append(Shown(sighting.start, sighting.end, tuple(lines)))
    captions = assembled(shown, frames=band.frames, fps=band.fps)
    return [Caption(band.seconds(one.start), band.seconds(one.end), one.text) for one in captions]


def _told(pictures: Iterator[Picture], band: Band, progress: Progress) -> Iterator[Picture]:
    for number, picture in enumerate(pictures):
        if number % REPORT_EVERY == 0:
            progress(min(1.0, number / max(1, band.frames)))
        yield picture
