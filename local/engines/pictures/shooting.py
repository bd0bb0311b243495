"""One short film: which frames, how many, how large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from local.engines.contract import Progress, RejectionError, Shot, no_progress
from local.engines.pictures import frames, moving, painting, people, scene
from local.engines.pictures.frames import Film, Frame, Size
from local.engines.sizes import of_pixels

EXTENDED_S = 5.0
SECONDS_MAX = 60.0


@dataclass(frozen=True)
class Plan:
    """The frames of a film to be."""

    size: Size
    count: int
    frames: Iterator[Frame]


Media = Mapping[str, Path]


def shoot(shot: Shot, media: Media, clip: Path, progress: Progress = no_progress) -> float:
    """Write the film that the shot describes and return its length in seconds."""
    if shot.kind not in KINDS:
        raise RejectionError("InvalidParameter", f"The {shot.kind} is invalid.")
    plan = KINDS[shot.kind](shot, media)
    return frames.write(plan.frames, plan.size, shot.fps, plan.count, clip, progress)


def _words(shot: Shot, media: Media) -> Plan:
    del media
    return _moving(shot, scene.painted(shot.words, shot.number, shot.size))


def _still(shot: Shot, media: Media) -> Plan:
    return _moving(shot, frames.picture(media["first"]))


def _moving(shot: Shot, image: Frame) -> Plan:
    size = _size(shot, (image.shape[1], image.shape[0]))
    count = _count(shot, shot.seconds)
    return Plan(size, count, moving.still(image, size, count))


def _morph(shot: Shot, media: Media) -> Plan:
    first = frames.picture(media["first"])
    last = frames.picture(media["last"]) if "last" in media else first
    size = _size(shot, (first.shape[1], first.shape[0]))
    count = _count(shot, shot.seconds)
    return Plan(size, count, moving.morph(frames.cover(first, size), frames.cover(last, size), count))


def _reference(shot: Shot, media: Media) -> Plan:
    pictures = [frames.picture(path) for name, path in sorted(media.items()) if name.startswith("picture.")]
    count = _count(shot, shot.seconds)
    return Plan(shot.size, count, moving.gathered(pictures, shot.size, count))


def _restyle(shot: Shot, media: Media) -> Plan:
    return _filmed(shot, frames.film(media["film"]), lambda frame, _at: painting.styled(frame, shot.number))


def _repaint(shot: Shot, media: Media) -> Plan:
    tint = painting.tint_of(shot.words, _reference_picture(media))
    return _filmed(shot, frames.film(media["film"]), lambda frame, _at: painting.repainted(frame, tint, shot.strength))


def _edit(shot: Shot, media: Media) -> Plan:
    source = frames.film(media["film"])
    size = _size(shot, source.size)
    if "mask_film" in media:
        masks = frames.frames_of(frames.film(media["mask_film"]), size, shot.fps)
    else:
        masks = iter([frames.cover(frames.picture(media["mask"]), size)])
    reference = _reference_picture(media)
    tint = painting.tint_of(shot.words, reference)
    last: list[Frame] = []

    def one(frame: Frame, _at: int) -> Frame:
        last[:] = [next(masks, last[0] if last else np.zeros_like(frame))]
        return painting.edited(frame, last[0], tint, reference, grow=shot.strength)

    return _filmed(shot, source, one)


def _extend(shot: Shot, media: Media) -> Plan:
    """A clip goes on from its last frame, or leads up to its first; a frame alone becomes a moving still."""
    given = {name: path for name, path in media.items() if name in {"first", "last", "first_film", "last_film"}}
    known = {name: frames.film(path) for name, path in given.items() if name.endswith("film")}
    sides = next((source.size for source in known.values()), None)
    pictures = {name: frames.picture(path) for name, path in given.items() if not name.endswith("film")}
    first = next(iter(pictures.values()), None)
    size = _size(shot, sides or ((first.shape[1], first.shape[0]) if first is not None else shot.size))
    count = _count(shot, shot.seconds or EXTENDED_S)
    return Plan(size, count, moving.extended(known, pictures, size, shot.fps, count))


def _outpaint(shot: Shot, media: Media) -> Plan:
    source = frames.film(media["film"])
    top, bottom, left, right = shot.scales
    grown = (source.size[0] * (left + right) / 2, source.size[1] * (top + bottom) / 2)
    shrink = min(1.0, frames.SIDE_PX_MAX / max(grown))
    size = (frames.even(grown[0] * shrink), frames.even(grown[1] * shrink))
    inner = (frames.even(source.size[0] * shrink), frames.even(source.size[1] * shrink))
    inner = (min(inner[0], size[0]), min(inner[1], size[1]))
    corner = (round((left - 1) / 2 * inner[0]), round((top - 1) / 2 * inner[1]))
    corner = (min(corner[0], size[0] - inner[0]), min(corner[1], size[1] - inner[1]))
    count = _count(shot, min(source.seconds, SECONDS_MAX))
    shown = frames.frames_of(source, inner, shot.fps)
    return Plan(size, count, (painting.outpainted(frame, size, corner) for frame in shown))


def _dance(shot: Shot, media: Media) -> Plan:
    image = frames.picture(media["picture"])
    if shot.movement is None:
        raise frames.UNREADABLE
    count = _count(shot, min(shot.movement.seconds, SECONDS_MAX))
    return Plan(shot.size, count, people.dancing(image, shot.size, shot.movement, shot.fps, count))


def _grimace(shot: Shot, media: Media) -> Plan:
    image = frames.picture(media["picture"])
    count = _count(shot, shot.seconds)
    box = shot.box or (0, 0, image.shape[1], image.shape[0])
    return Plan(shot.size, count, people.grimacing(image, shot.size, box, shot.words, count))


def _filmed(shot: Shot, source: Film, paint: Callable[[Frame, int], Frame]) -> Plan:
    size = _size(shot, source.size)
    count = _count(shot, min(source.seconds, SECONDS_MAX))
    shown = frames.frames_of(source, size, shot.fps)
    return Plan(size, count, (paint(frame, at) for at, frame in zip(range(count), shown)))  # noqa: B905  the shorter ends it


def _reference_picture(media: Media) -> Frame | None:
    return frames.picture(media["picture.0"]) if "picture.0" in media else None


def _size(shot: Shot, own: Size) -> Size:
    """The wished size; with only a height or a number of pixels, that in the shape of what is there."""
    width, height = shot.size
    if width and height:
        return frames.even(width), frames.even(height)
    if shot.pixels:
        return of_pixels(own, shot.pixels)
    short = min(own)
    scale = (height or short) / short
    scale = min(scale, frames.SIDE_PX_MAX / max(own))
    return frames.even(own[0] * scale), frames.even(own[1] * scale)


def _count(shot: Shot, seconds: float) -> int:
    return max(1, round(seconds * shot.fps))


KINDS: Mapping[str, Callable[[Shot, Media], Plan]] = {
    "words": _words,
    "still": _still,
    "morph": _morph,
    "reference": _reference,
    "restyle": _restyle,
    "repaint": _repaint,
    "edit": _edit,
    "extend": _extend,
    "outpaint": _outpaint,
    "dance": _dance,
    "grimace": _grimace,
}
