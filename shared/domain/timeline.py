"""The timeline of a story: the edit document that IMS renders, as a plain dictionary.

Apart, because it is a vendor's format. Facts: IMS "Timeline configuration" (a later video track lies on top; clips of
one track must not overlap; a position is a pixel from 2 up and a fraction below 1, so a 1 would be neither;
`Volume` gain 0 mutes a clip; sound past the end of the main track is cut off).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from shared.domain.errors import Corrupt, Refused

SIDE_MIN, SIDE_MAX, SHORT_SIDE_MAX = 128, 4096, 2160  # px, IMS output
TRACKS_MAX = 100  # of each kind
# A later clip may begin up to one frame (25 fps) before the earlier one ends: rounding, nobody hears it.
FRAME_MS = 40
# The separated music is as loud as it was; music the family chose lies under the voice.
ACCOMPANIMENT_GAIN = 0.8
MUSIC_GAIN = 0.3
MUSIC_FADE_S = 2
# GB 45438-2025: letters at least 5 % of the shorter side.
LABEL_SHARE = 0.05
LABEL = "AI 合成"
CORNERS = ("top-right", "top-left", "bottom-right", "bottom-left")
RATIOS = {"1:1": (1, 1), "3:4": (3, 4)}

Timeline = dict[str, object]


@dataclass(frozen=True)
class FilmTrack:
    url: str
    width: int
    height: int
    length_ms: int


@dataclass(frozen=True)
class SpeechTrack:
    """The speech of one segment and its time in the film."""

    url: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class PortraitClip:
    """The talking clip of one segment, or the portrait itself, and its time in the film."""

    url: str
    start_ms: int
    end_ms: int
    is_image: bool = False


@dataclass(frozen=True)
class Bed:
    """The sound under the voice: the film's own accompaniment, or music given for it, repeated to the film's end."""

    url: str
    is_given: bool = False


@dataclass(frozen=True)
class PortraitPlace:
    """`size` is the portrait's width and `margin` its distance from the edges, as shares of the film's short side."""

    corner: str = "top-right"
    size: float = 0.3
    margin: float = 0.03
    ratio: str = "1:1"


@dataclass(frozen=True)
class Box:
    """Pixels of the film; all even."""

    x: int
    y: int
    width: int
    height: int


def compose_timeline(
    film: FilmTrack,
    speech: Iterable[SpeechTrack],
    clips: Iterable[PortraitClip],
    *,
    bed: Bed | None = None,
    portrait: PortraitPlace = PortraitPlace(),
    label: str | None = LABEL,
    captions_url: str | None = None,
) -> Timeline:
    """The muted film, the portrait clips in their corner, the speech, the music, the label, burnt-in captions.

    Clips that would overlap: of two pictures the earlier ends where the later begins; of two sounds, too, if it is
    by a frame at most, else the later one goes on another track, so that no word is lost. Whatever lies outside the
    film is left out. `film.resolution` for a film that IMS cannot write.
    """
    width, height = film_size(film.width, film.height)
    canvas = replace(film, width=width, height=height)
    pictures = [_muted_film(canvas)]
    faces = _one_after_another(_within(clips, film.length_ms))
    if faces:
        box = portrait_box(width, height, portrait)
        pictures.append({"VideoTrackClips": [_face(clip, box) for clip in faces]})
    sounds = [[_sound(clip) for clip in track] for track in _tracks(_within(speech, film.length_ms))]
    if bed:
        sounds.append([_bed(bed, film.length_ms)])
    if len(sounds) > TRACKS_MAX:
        raise Corrupt("internal", f"{len(sounds)} audio tracks")
    tracks: Timeline = {
        "VideoTracks": pictures,
        "AudioTracks": [{"AudioTrackClips": track} for track in sounds],
        "SubtitleTracks": [{"SubtitleTrackClips": [text]} for text in _texts(canvas, portrait, label, captions_url)],
    }
    return {kind: track for kind, track in tracks.items() if track}


def film_size(width: int, height: int) -> tuple[int, int]:
    """Width and height that IMS can write: those of the film, made even; `film.resolution` when it is out of range."""
    short, long = sorted((width, height))
    if short < SIDE_MIN or long > SIDE_MAX or short > SHORT_SIDE_MAX:
        raise Refused("film.resolution", width=width, height=height)
    return _even(width), _even(height)


def portrait_box(width: int, height: int, portrait: PortraitPlace) -> Box:
    """Where the portrait lies; wholly inside the film whatever its shape."""
    short = min(width, height)
    across, down = RATIOS[portrait.ratio]
    margin = _even(short * portrait.margin)
    box_width = min(_even(short * portrait.size), _even((height - 2 * margin) * across / down), width - 2 * margin)
    box_height = _even(box_width * down / across)
    x = margin if portrait.corner.endswith("left") else width - margin - box_width
    y = margin if portrait.corner.startswith("top") else height - margin - box_height
    return Box(x, y, box_width, box_height)


def _even(pixels: float) -> int:
    return max(2, int(pixels) // 2 * 2)


def _seconds(ms: int) -> float:
    return round(ms / 1000, 3)


# --- clips in time


_Clip = TypeVar("_Clip", SpeechTrack, PortraitClip)


def _within(clips: Iterable[_Clip], length_ms: int) -> list[_Clip]:
    """In order of time, inside the film, none empty."""
    held = [replace(clip, start_ms=max(0, clip.start_ms), end_ms=min(clip.end_ms, length_ms)) for clip in clips]
    return sorted((clip for clip in held if clip.start_ms < clip.end_ms), key=lambda clip: (clip.start_ms, clip.end_ms))


def _one_after_another(clips: Sequence[PortraitClip]) -> list[PortraitClip]:
    """The earlier clip ends where the later one begins; one that would be shorter than a frame is left out."""
    ends = [clip.start_ms for clip in clips[1:]] + [clip.end_ms for clip in clips[-1:]]
    cut = [replace(clip, end_ms=min(clip.end_ms, end_ms)) for clip, end_ms in zip(clips, ends, strict=True)]
    return [clip for clip in cut if clip.end_ms - clip.start_ms >= FRAME_MS]


def _tracks(clips: Sequence[SpeechTrack]) -> list[list[SpeechTrack]]:
    """Sounds on as few tracks as keep them apart."""
    tracks: list[list[SpeechTrack]] = []
    for clip in clips:
        for track in tracks:
            last = track[-1]
            if last.end_ms - clip.start_ms <= FRAME_MS and last.start_ms < clip.start_ms:
                track[-1] = replace(last, end_ms=min(last.end_ms, clip.start_ms))
                track.append(clip)
                break
        else:
            tracks.append([clip])
    return tracks


# --- the vendor's words


def _gain(gain: float) -> Timeline:
    return {"Type": "Volume", "Gain": gain}


def _muted_film(film: FilmTrack) -> Timeline:
    clip: Timeline = {
        "Type": "Video",
        "MediaURL": film.url,
        "X": 0,
        "Y": 0,
        "Width": film.width,
        "Height": film.height,
        "AdaptMode": "Contain",
        "TimelineIn": 0,
        "TimelineOut": _seconds(film.length_ms),
        "Effects": [_gain(0)],
    }
    return {"MainTrack": True, "VideoTrackClips": [clip]}


def _face(clip: PortraitClip, box: Box) -> Timeline:
    face: Timeline = {
        "Type": "Image" if clip.is_image else "Video",
        "MediaURL": clip.url,
        "X": box.x,
        "Y": box.y,
        "Width": box.width,
        "Height": box.height,
        "AdaptMode": "Cover",
        "TimelineIn": _seconds(clip.start_ms),
        "TimelineOut": _seconds(clip.end_ms),
    }
    return face if clip.is_image else {**face, "Effects": [_gain(0)]}


def _sound(clip: SpeechTrack) -> Timeline:
    return {"MediaURL": clip.url, "TimelineIn": _seconds(clip.start_ms), "TimelineOut": _seconds(clip.end_ms)}


def _bed(bed: Bed, length_ms: int) -> Timeline:
    clip = _sound(SpeechTrack(bed.url, 0, length_ms))
    if not bed.is_given:
        return {**clip, "Effects": [_gain(ACCOMPANIMENT_GAIN)]}
    fade = {"Type": "AFade", "SubType": "Out", "Duration": MUSIC_FADE_S, "Curve": "tri"}
    return {**clip, "LoopMode": True, "Effects": [_gain(MUSIC_GAIN), fade]}


def _texts(film: FilmTrack, portrait: PortraitPlace, label: str | None, captions_url: str | None) -> list[Timeline]:
    texts: list[Timeline] = []
    if captions_url:
        texts.append({"Type": "Subtitle", "FileURL": captions_url})
    if label:
        texts.append(_label(film, portrait, label))
    return texts


def _label(film: FilmTrack, portrait: PortraitPlace, label: str) -> Timeline:
    """In a lower corner, the left one unless the portrait is there; placed from the top left, IMS's default."""
    size = math.ceil(min(film.width, film.height) * LABEL_SHARE)
    length = math.ceil(size * sum(0.6 if character.isascii() else 1.0 for character in label))
    left, right = _even(size / 2), _even(max(2, film.width - length - size / 2))
    return {
        "Type": "Text",
        "Content": label,
        "X": right if portrait.corner == "bottom-left" else left,
        "Y": _even(film.height - 2 * size),
        "Alignment": "TopLeft",
        "Font": "AlibabaPuHuiTi",
        "FontSize": size,
        "FontColor": "#ffffff",
        "FontColorOpacity": 0.8,
        "Outline": max(1, size // 16),
        "OutlineColour": "#000000",
        "TimelineIn": 0,
        "TimelineOut": _seconds(film.length_ms),
    }
