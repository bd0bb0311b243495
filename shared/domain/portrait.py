"""Where the portrait lies in the film and what it shows when: talking clips, calm stills between, short fades.

Apart from the timeline, which words it for the vendor: this is geometry and time. Fades are made of steps of opacity,
the only means that every renderer of the vendor's has without shifting what comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from shared.domain.frozen import frozen

CORNERS = ("top-right", "top-left", "bottom-right", "bottom-left")
RATIOS = {"1:1": (1, 1), "3:4": (3, 4)}
MASKS = ("none", "round")
# Captions stand in the lowest part of the picture, the film's own as well as ours.
CAPTION_ZONE = 0.2
# A later clip may begin up to one frame (25 fps) before the earlier one ends: rounding, nobody sees it.
FRAME_MS = 40
STEP_MS = 80
FADE = (1 / 3, 2 / 3)
# In a longer silence the portrait goes and comes back.
STILL_MS_MAX = 8000
# Whoever speaks next is seen that long before; until then the one who spoke last.
ARRIVAL_MS = 1000


@frozen
class PortraitPlace:
    """`size` is the portrait's width and `margin` its distance from the edges, as shares of the film's short side."""

    corner: str = "top-right"
    size: float = 0.3
    margin: float = 0.03
    ratio: str = "1:1"


@frozen
class Box:
    """Pixels of the film; all even."""

    x: int
    y: int
    width: int
    height: int


@frozen
class PortraitClip:
    """The talking clip of one segment, or the portrait itself, and its time in the film.

    `still_url` is a picture of how the clip begins; `in_ms` is where in the clip its part begins; `who` is seen in it.
    """

    url: str
    start_ms: int
    end_ms: int
    is_image: bool = False
    still_url: str = ""
    in_ms: int = 0
    opacity: float = 1.0
    who: str = ""


def portrait_box(width: int, height: int, portrait: PortraitPlace) -> Box:
    """Where the portrait lies; wholly inside the film whatever its shape, and above the captions."""
    short = min(width, height)
    across, down = RATIOS[portrait.ratio]
    margin = even(short * portrait.margin)
    is_top = portrait.corner.startswith("top")
    below = margin if is_top else max(margin, even(height * CAPTION_ZONE))
    box_width = min(even(short * portrait.size), even((height - margin - below) * across / down), width - 2 * margin)
    box_height = even(box_width * down / across)
    x = margin if portrait.corner.endswith("left") else width - margin - box_width
    return Box(x, margin if is_top else height - below - box_height, box_width, box_height)


def even(pixels: float) -> int:
    return max(2, int(pixels) // 2 * 2)


def shown(clips: Sequence[PortraitClip]) -> tuple[list[PortraitClip], list[PortraitClip]]:
    """What lies below and what lies on it: the stills that wait for each clip, and the clips, which fade at their ends.

    Takes clips in order of time that do not overlap. A clip begins as its still looks, so that nothing jumps there; at
    its end it fades into the next one's still, and where no still joins them into the film. Where somebody else speaks
    next, the one who spoke waits in the pause, and the next one comes a moment before.
    """
    below: list[PortraitClip] = []
    above: list[PortraitClip] = []
    for before, clip in zip([None, *clips], clips, strict=False):
        waiting, coming = _stills_before(before, clip)
        below += waiting
        above += [*coming, *_fading(clip, fades_in=not (waiting or coming))]
    return _apart(below), above


def _stills_before(before: PortraitClip | None, clip: PortraitClip) -> tuple[list[PortraitClip], list[PortraitClip]]:
    """What lies below from where the clip before begins to fade, and who comes in over that."""
    if before is None or not clip.still_url or clip.start_ms - before.end_ms > STILL_MS_MAX:
        return [], []
    start_ms = max(before.start_ms, before.end_ms - len(FADE) * STEP_MS)
    comes_ms, steps = clip.start_ms - ARRIVAL_MS, len(FADE) * STEP_MS
    if before.who == clip.who or not before.still_url or comes_ms <= before.end_ms:
        return [PortraitClip(clip.still_url, start_ms, clip.start_ms, is_image=True)], []
    waits = PortraitClip(before.still_url, start_ms, comes_ms + steps, is_image=True)
    edges = [*(comes_ms + STEP_MS * step for step in range(len(FADE) + 1)), clip.start_ms]
    return [waits], [
        PortraitClip(clip.still_url, start, end, is_image=True, opacity=round(opacity, 2))
        for (start, end), opacity in zip(pairwise(edges), (*FADE, 1.0), strict=True)
    ]


def _fading(clip: PortraitClip, *, fades_in: bool) -> list[PortraitClip]:
    """In parts; a clip too short for it is left as it is."""
    steps = len(FADE) * STEP_MS
    if clip.end_ms - clip.start_ms < 4 * steps:
        return [clip]
    begin_ms = clip.start_ms + (steps if fades_in else 0)
    edges = [begin_ms, *(clip.end_ms - STEP_MS * left for left in range(len(FADE), -1, -1))]
    opacities = [1.0, *reversed(FADE)]
    if fades_in:
        edges = [*(clip.start_ms + STEP_MS * step for step in range(len(FADE))), *edges]
        opacities = [*FADE, *opacities]
    return [
        replace(clip, start_ms=start, end_ms=end, in_ms=clip.in_ms + start - clip.start_ms, opacity=round(opacity, 2))
        for (start, end), opacity in zip(pairwise(edges), opacities, strict=True)
    ]


def _apart(stills: Sequence[PortraitClip]) -> list[PortraitClip]:
    """The earlier ends where the later one begins: of a very short clip two stills would overlap."""
    ends = [still.start_ms for still in stills[1:]] + [still.end_ms for still in stills[-1:]]
    cut = [replace(still, end_ms=min(still.end_ms, end)) for still, end in zip(stills, ends, strict=True)]
    return [still for still in cut if still.end_ms - still.start_ms >= FRAME_MS]
