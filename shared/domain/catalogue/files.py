"""Whether a file will do for a model, from what its headers say; its content is the model's to judge."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.catalogue.model import MB, File, Medium
from shared.domain.errors import Refused
from shared.domain.frozen import frozen

CONTAINERS_OF_SOUND = {"adts": "aac"}
"""What the probe calls the container of a bare `.aac` file."""


@frozen
class FileFacts:
    """What a file says of itself, in the words of `ports.MediaFacts`; zero or empty where it says nothing."""

    container: str
    size: int
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    video_codec: str = ""


def file_problems(place: str, limits: File, facts: FileFacts) -> list[Refused]:
    """Every limit that the file of the field `place` breaks."""
    named = CONTAINERS_OF_SOUND if limits.medium is Medium.SOUND else {}
    container = named.get(facts.container, facts.container)
    if container not in limits.containers:
        allowed = " | ".join(limits.containers)
        shown = facts.container or "?"
        return [_broken(place, "format", shown, allowed, limits.containers[0])]
    return list(_of_measures(place, limits, facts))


def _of_measures(place: str, limits: File, facts: FileFacts) -> Iterator[Refused]:
    mb = facts.size / MB
    if limits.mb_max and mb > limits.mb_max:
        yield _broken(place, "size", f"{mb:.1f} MB", f"<= {limits.mb_max:g} MB", f"{limits.mb_max:g} MB")
    if limits.side_px != (0, 0):
        for side in sorted({facts.width, facts.height}):
            yield from _within(place, "side", side, limits.side_px, "px")
    if limits.ratio_max and max(facts.width, facts.height) > limits.ratio_max * min(facts.width, facts.height):
        shape = f"{facts.width}x{facts.height}"
        yield _broken(place, "ratio", shape, f"<= {limits.ratio_max:g}:1", f"{limits.ratio_max:g}:1")
    if limits.seconds != (0.0, 0.0):
        yield from _of_length(place, facts.seconds, limits.seconds)
    if limits.seconds_below and not 0 < facts.seconds < limits.seconds_below:
        allowed = f"< {limits.seconds_below:g} s"
        yield _broken(place, "length", f"{facts.seconds:g} s", allowed, f"{limits.seconds_below - 0.1:g} s")
    if limits.fps != (0.0, 0.0):
        yield from _within(place, "frame rate", facts.fps, limits.fps, "fps")
    if limits.codecs and facts.video_codec not in limits.codecs:
        allowed = " | ".join(limits.codecs)
        yield _broken(place, "codec", facts.video_codec or "?", allowed, limits.codecs[0])


def _of_length(place: str, seconds: float, limits: tuple[float, float]) -> Iterator[Refused]:
    """Where there is no least length, nothing at all is still too little."""
    if seconds > 0:
        yield from _within(place, "length", seconds, limits, "s")
    else:
        yield _broken(place, "length", "0 s", f"{limits[0]:g} - {limits[1]:g} s", f"{limits[1]:g} s")


def _within(place: str, what: str, value: float, limits: tuple[float, float], unit: str) -> Iterator[Refused]:
    low, high = limits
    if not low <= value <= high:
        nearest = min(high, max(low, value))
        yield _broken(place, what, f"{value:g} {unit}", f"{low:g} - {high:g} {unit}", f"{nearest:g} {unit}")


def _broken(place: str, what: str, value: str, rule: str, nearest: str) -> Refused:
    return Refused("request.file", name=place, what=what, value=value, rule=rule, nearest=nearest)
