"""Captions a film carries.

Readers are tried in order, the surest first, and the first that finds any captions wins. Each is a function of the
film alone, so a further way to read captions is one more line in `READERS`. What is only said is recognised apart, on
request, as IMS does: `recognise`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local.engines.captions.burned_in import read_burned_in
from local.engines.captions.embedded import read_embedded
from local.engines.captions.recognition import recognise
from local.engines.contract import Caption, Progress, no_progress

__all__ = ["read_captions", "recognise"]

Reader = Callable[[Path, Progress], list[Caption]]

# With the share of the work that each stands for.
READERS: tuple[tuple[Reader, float], ...] = ((read_embedded, 0.05), (read_burned_in, 0.95))


def read_captions(film: Path, progress: Progress = no_progress) -> list[Caption]:
    """The film's captions in order of time; empty when no reader finds any. FfmpegError when it is no film."""
    done = 0.0
    for reader, share in READERS:
        captions = reader(film, _part(progress, done, share))
        if captions:
            progress(1.0)
            return captions
        done += share
    progress(1.0)
    return []


def _part(progress: Progress, done: float, share: float) -> Progress:
    """Reports one reader's work as its part of the whole."""
    return lambda fraction: progress(done + share * fraction)
