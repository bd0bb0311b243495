"""The timeline of a story: the edit document that IMS renders, as a plain dictionary.

Apart, because it is a vendor's format. Facts: IMS "Timeline configuration" (a later video track lies on top; clips of
one track must not overlap; a position is a pixel from 2 up and a fraction below 1, so a 1 would be neither;
`Volume` gain 0 mutes a clip; sound past the end of the main track is cut off).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.domain import label, mix
from shared.domain.errors import Corrupt, Refused
from shared.domain.frozen import frozen
from shared.domain.portrait import FRAME_MS, Box, PortraitClip, PortraitPlace, even, portrait_box, shown

SIDE_MIN, SIDE_MAX, SHORT_SIDE_MAX = 128, 4096, 2160  # px, IMS output
TRACKS_MAX = 100  # of each kind
PLACE = PortraitPlace()
_FONT = "AlibabaPuHuiTi"

Timeline = dict[str, object]


@frozen
class FilmTrack:
    """The family's film, or as much of it from its beginning as `length_ms` says if it `is_cut`."""

    url: str
    width: int
    height: int
    length_ms: int
    is_cut: bool = False


@frozen
class SpeechTrack:
    """The speech of one segment and its time in the film."""

    url: str
    start_ms: int
    end_ms: int


@frozen
class Bed:
    """The sound under the voice, its length and loudness (None: not known), and when somebody speaks over it; `is_own`
    when it is the film's own.
    """

    url: str
    length_ms: int
    lufs: float | None = None
    spoken: tuple[tuple[int, int], ...] = ()
    is_own: bool = False


@frozen
class BurntCaptions:
    """`size` is that of the letters as a share of the film's short side."""

    url: str
    style: str = "outline"
    size: float = 0.055


@frozen
class Look:
    """How the portrait is shown, if there is one; `mask_url` is a film whose bright part shows, as IMS takes it."""

    place: PortraitPlace = PLACE
    mask_url: str = ""
    is_animated: bool = True  # else it is the photo itself


LOOK = Look()


def compose_timeline(
    film: FilmTrack,
    speech: Iterable[SpeechTrack],
    clips: Iterable[PortraitClip],
    *,
    beds: Iterable[Bed] = (),
    look: Look = LOOK,
    tone_url: str = "",
    captions: BurntCaptions | None = None,
    own: Sequence[tuple[int, int]] = (),
) -> Timeline:
    """The film, silent but where its own voice stays (`own`), the stills and talking clips in their corner, the
    speech, the music, the label, the captions.

    Clips that would overlap: of two pictures the earlier ends where the later begins; of two sounds, too, if it is
    by a frame at most, else the later one goes on another track, so that no word is lost. Whatever lies outside the
    film is left out. `film.resolution` for a film that IMS cannot write.
    """
    width, height = film_size(film.width, film.height)
    canvas = replace(film, width=width, height=height)
    faces = _one_after_another(_within(clips, film.length_ms))
    box = portrait_box(width, height, look.place)
    heard = _stretches(own, film.length_ms)
    pictures = [_film(canvas, heard)]
    pictures += [{"VideoTrackClips": [_face(clip, box, look) for clip in track]} for track in shown(faces) if track]
    sounds = [[_sound(clip) for clip in track] for track in _tracks(_within(speech, film.length_ms))]
    sounds += [track for bed in beds for track in _bed_tracks(bed, film.length_ms, heard)]
    if tone_url:
        sounds.append([_sound(SpeechTrack(tone_url, label.TONE_AT_MS, label.TONE_AT_MS + label.tone_ms()))])
    if len(sounds) > TRACKS_MAX:
        raise Corrupt("internal", f"{len(sounds)} audio tracks")
    texts = [
        *([_captions(canvas, captions)] if captions else []),
        *_label(canvas, look.place, is_animated=look.is_animated),
    ]
    tracks: Timeline = {
        "VideoTracks": pictures,
        "AudioTracks": [{"AudioTrackClips": track} for track in sounds],
        "SubtitleTracks": [{"SubtitleTrackClips": [text]} for text in texts],
    }
    return {kind: track for kind, track in tracks.items() if track}


def opening_timeline(film_url: str) -> Timeline:
    """How the finished film begins to sound: to be written as a WAV and listened to."""
    sound = {"MediaURL": film_url, "In": 0, "Out": label.OPENING_S, "TimelineIn": 0, "TimelineOut": label.OPENING_S}
    return {"AudioTracks": [{"AudioTrackClips": [sound]}]}


def film_size(width: int, height: int) -> tuple[int, int]:
    """Width and height that IMS can write: those of the film, made even; `film.resolution` when it is out of range."""
    short, long = sorted((width, height))
    if short < SIDE_MIN or long > SIDE_MAX or short > SHORT_SIDE_MAX:
        raise Refused("film.resolution", width=width, height=height)
    return even(width), even(height)


def opening_box(width: int, height: int, portrait: PortraitPlace, *, is_animated: bool = True) -> Box:
    """Where the opening label lies: away from the portrait and from the captions."""
    size = _opening_size(width, height)
    text = label.OPENING if is_animated else label.OPENING_WITHOUT_CLIP
    y = even(height * (0.6 if portrait.corner.startswith("top") else 0.12))
    return Box(_beside(width, text, size, portrait), y, min(width, _length_px(text, size)), size)


def _opening_size(width: int, height: int) -> int:
    """As large as asked, or as the text fits the width."""
    longest = _length_px(label.OPENING, 1000) / 1000
    return math.floor(min(min(width, height) * label.OPENING_SIZE, width * 0.94 / longest))


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


def _bed_tracks(bed: Bed, film_ms: int, heard: Sequence[_Stretch]) -> list[list[Timeline]]:
    """The film's own music pauses where the film itself is heard; given music goes on under it."""
    own = [(one.start_ms, one.end_ms) for one in heard if one.is_own]
    lifted = mix.pauses([*bed.spoken, *own], film_ms, label.TONE_AT_MS + label.tone_ms())
    laid = mix.lay(film_ms, bed.length_ms, mix.gains(bed.lufs), lifted)
    if bed.is_own:
        laid = (mix.without(laid[0], own), mix.without(laid[1], own))
    return [[_bed_part(bed.url, part) for part in track] for track in laid if track]


# --- the vendor's words


def _gain(gain: float) -> Timeline:
    return {"Type": "Volume", "Gain": gain}


@frozen
class _Stretch:
    """Part of the film, in ms, in whole frames; `is_own` where its own voice is heard."""

    start_ms: int
    end_ms: int
    is_own: bool = False


def _stretches(own: Sequence[tuple[int, int]], length_ms: int) -> list[_Stretch]:
    """The whole film, cut where its own voice begins and ends."""
    found: list[_Stretch] = []
    done_ms = 0
    for start_ms, end_ms in own:
        begin_ms = max(done_ms, start_ms // FRAME_MS * FRAME_MS)
        until_ms = min(length_ms, -(-end_ms // FRAME_MS) * FRAME_MS)
        found += [_Stretch(done_ms, begin_ms), _Stretch(begin_ms, until_ms, is_own=True)]
        done_ms = until_ms
    found.append(_Stretch(done_ms, length_ms))
    return [one for one in found if one.start_ms < one.end_ms]


def _film(film: FilmTrack, heard: Sequence[_Stretch]) -> Timeline:
    """The main track, silent where its own voice is not heard."""
    whole: Timeline = {
        "Type": "Video",
        "MediaURL": film.url,
        "X": 0,
        "Y": 0,
        "Width": film.width,
        "Height": film.height,
        "AdaptMode": "Contain",
    }
    # The first begins at 0, not 0.0: the ledger of a film under way compares what it was asked with.
    is_all = len(heard) == 1 and not film.is_cut
    starts: list[Timeline] = [{} if one.start_ms else {"TimelineIn": 0} for one in heard]
    clips = [
        {**whole, **_part(one, is_all=is_all), **start, "Effects": [_gain(1 if one.is_own else 0)]}
        for one, start in zip(heard, starts, strict=True)
    ]
    return {"MainTrack": True, "VideoTrackClips": clips}


def _part(one: _Stretch, *, is_all: bool) -> Timeline:
    """Where a part lies in the timeline, and in its material unless that is used as a whole."""
    place: Timeline = {"TimelineIn": _seconds(one.start_ms), "TimelineOut": _seconds(one.end_ms)}
    return place if is_all else {"In": place["TimelineIn"], "Out": place["TimelineOut"], **place}


def _face(clip: PortraitClip, box: Box, look: Look) -> Timeline:
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
    if look.mask_url:
        face["MaskVideoUrl"] = look.mask_url
    if clip.opacity != 1:
        face["Opacity"] = clip.opacity
    if clip.is_image:
        return face
    return {**face, **({"In": _seconds(clip.in_ms)} if clip.in_ms else {}), "Effects": [_gain(0)]}


def _sound(clip: SpeechTrack) -> Timeline:
    return {"MediaURL": clip.url, "TimelineIn": _seconds(clip.start_ms), "TimelineOut": _seconds(clip.end_ms)}


def _bed_part(url: str, part: mix.BedPart) -> Timeline:
    effects = [_gain(part.gain)]
    for way, fade_ms in (("In", part.fade_in_ms), ("Out", part.fade_out_ms)):
        if fade_ms:
            effects.append({"Type": "AFade", "SubType": way, "Duration": _seconds(fade_ms), "Curve": "tri"})
    end_ms = part.in_ms + part.end_ms - part.start_ms
    sound = _sound(SpeechTrack(url, part.start_ms, part.end_ms))
    return {**sound, "In": _seconds(part.in_ms), "Out": _seconds(end_ms), "Effects": effects}


def _captions(film: FilmTrack, captions: BurntCaptions) -> Timeline:
    size = round(min(film.width, film.height) * captions.size)
    look: Timeline = {"BorderStyle": 3, "BackColour": "#000000"} if captions.style == "box" else {}
    text: Timeline = {"Type": "Subtitle", "FileURL": captions.url, "Font": _FONT, "FontSize": size, **look}
    return {**text, "FontColor": "#ffffff", "Outline": max(1, size // 14), "OutlineColour": "#000000"}


def _label(film: FilmTrack, portrait: PortraitPlace, *, is_animated: bool) -> list[Timeline]:
    """Large at the start, then small in the upper corner that the portrait leaves free, as captions stand below."""
    size = math.ceil(min(film.width, film.height) * label.LASTING_SIZE)
    lasting = _text(film, label.LASTING, size, (_beside(film.width, label.LASTING, size, portrait), even(size / 2)))
    box = opening_box(film.width, film.height, portrait, is_animated=is_animated)
    text = label.OPENING if is_animated else label.OPENING_WITHOUT_CLIP
    opening = _text(film, text, box.height, (box.x, box.y))
    return [{**opening, "TimelineOut": min(label.OPENING_S, _seconds(film.length_ms))}, lasting]


def _beside(width: int, text: str, size: int, portrait: PortraitPlace) -> int:
    """At the left edge, unless the portrait is there."""
    right = even(max(2, width - _length_px(text, size) - size / 2))
    return right if portrait.corner == "top-left" else min(right, even(size / 2))


def _length_px(text: str, size: int) -> int:
    return math.ceil(size * sum(0.6 if character.isascii() else 1.0 for character in text))


def _text(film: FilmTrack, content: str, size: int, at: tuple[int, int]) -> Timeline:
    """Placed from the top left, IMS's default."""
    return {
        "Type": "Text",
        "Content": content,
        "X": at[0],
        "Y": at[1],
        "Alignment": "TopLeft",
        "Font": _FONT,
        "FontSize": size,
        "FontColor": "#ffffff",
        "FontColorOpacity": 0.9,
        "Outline": max(1, size // 16),
        "OutlineColour": "#000000",
        "TimelineIn": 0,
        "TimelineOut": _seconds(film.length_ms),
    }
