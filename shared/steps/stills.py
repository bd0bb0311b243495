"""Pictures that the timeline needs beside the clips: how each clip begins, and the mask that makes the portrait round.

The mask is a film, as IMS wants it (`MaskVideoUrl`): white where the portrait shows, one frame a second, 70 s. It was
made with `ffmpeg -f lavfi -i color=black:s=256x256:r=1:d=70 -vf "format=gray,geq=lum='255*clip(127.5-hypot(X-127.5,
Y-127.5)+0.5,0,1)'" -c:v libx264 -crf 12 -pix_fmt yuv420p -movflags +faststart round.mp4`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from shared.domain import keys
from shared.engine.turn import Turn
from shared.ports import Bucket, Place


def make(turn: Turn, item: str, parts: Iterable[Mapping[str, Any]]) -> None:
    """A picture of each clip among a segment's parts."""
    for part in parts:
        if not part["is_image"]:
            url_of(turn, item, Place(Bucket.WORK, part["clip"]), part["start_ms"])


def url_of(turn: Turn, item: str, clip: Place, start_ms: int) -> str:
    """A picture of the clip's first frame."""
    place = Place(Bucket.WORK, keys.job_still(turn.job.job_id, item, start_ms))
    if turn.world.objects.head(place) is None:
        turn.world.objects.write(place, turn.world.objects.frame(clip, 0.0), "image/jpeg")
    return turn.world.objects.plain_url(place)


def mask_url(turn: Turn) -> str:
    """Where the mask lies; empty for a portrait with corners."""
    if turn.job.options.mask == "none":
        return ""
    place = Place(Bucket.WORK, keys.job_mask(turn.job.job_id))
    turn.world.objects.write(place, resources.files(__package__).joinpath("round.mp4").read_bytes(), "video/mp4")
    return turn.world.objects.plain_url(place)
