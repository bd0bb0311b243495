"""Captions a film carries.

Readers are tried in order, the surest first, and the first that finds any captions wins. Each is a function of the
film alone, so a further way to read captions is one more line in `READERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local.engines.captions.embedded import read_embedded
from local.engines.contract import Caption, Progress, no_progress

Reader = Callable[[Path, Progress], list[Caption]]

READERS: tuple[Reader, ...] = (read_embedded,)


def read_captions(film: Path, progress: Progress = no_progress) -> list[Caption]:
    """The film's captions in order of time; empty when no reader finds any. FfmpegError when it is no film."""
    for position, reader in enumerate(READERS):
        captions = reader(film, _share(progress, position))
        if captions:
            progress(1.0)
            return captions
    progress(1.0)
    return []


def _share(progress: Progress, position: int) -> Progress:
    """The part of the whole that one reader's work stands for."""
    return lambda fraction: progress((position + fraction) / len(READERS))
