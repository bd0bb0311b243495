"""When each line is spoken: the pauses are stretched so that the film comes out at about forty seconds. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from local.engines.contract import Caption
from local.samples.story.text import LINES

FPS = 25
LENGTH_S = 40.0
LEAD_S, TAIL_S = 1.4, 2.4
PAUSE_S_MIN, PAUSE_S_MAX = 0.7, 3.2
CAPTION_STAYS_S = 0.25  # after the last word
SCENE_AHEAD_S = 0.45  # a picture comes a little before its line


def schedule(spoken_s: Sequence[float]) -> tuple[list[Caption], float]:
    """A caption for each line, starting when its narration starts, and the film's length, in whole frames."""
    pause_s = (LENGTH_S - LEAD_S - TAIL_S - sum(spoken_s)) / (len(spoken_s) - 1)
    pause_s = min(PAUSE_S_MAX, max(PAUSE_S_MIN, pause_s))
    captions: list[Caption] = []
    start_s = LEAD_S
    for line, length_s in zip(LINES, spoken_s, strict=True):
        captions.append(Caption(round(start_s, 3), round(start_s + length_s + CAPTION_STAYS_S, 3), line.shown))
        start_s += length_s + pause_s
    frames = round((start_s - pause_s + TAIL_S) * FPS)
    return captions, frames / FPS


def scene_starts(captions: Sequence[Caption]) -> list[float]:
    """When each picture begins; the first one with the film."""
    return [0.0, *(caption.start_s - SCENE_AHEAD_S for caption in captions[1:])]
