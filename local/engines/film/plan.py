"""When and where everything is: the timeline joined with what the files really hold. Pure.

Pictures start and end on the frame grid of the output, because a picture that starts between two frames is shown one
frame late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from local.engines.contract import Caption, RejectionError
from local.engines.ffmpeg import Media
from local.engines.film.fields import TIMELINE_ERROR
from local.engines.film.layout import Box, Size, check_canvas, lay_out
from local.engines.film.timeline import (
    AudioClip,
    AudioTrack,
    ClipKind,
    Container,
    Lettering,
    Loudness,
    Measure,
    OutputMedia,
    SubtitleClip,
    Timeline,
    VideoClip,
    VideoTrack,
)

MediaOf = Callable[[str], Media]
CaptionsOf = Callable[[str], list[Caption]]

FPS_DEFAULT = 25.0
FPS_MAX = 60.0
# IMS reckons times to four decimals and containers round lengths to milliseconds.
TOLERANCE_S = 0.002


@dataclass(frozen=True)
class Stage:
    """How much of a picture shows for so many of its frames."""

    frames: int
    opacity: float


@dataclass(frozen=True)
class Picture:
    """One clip on the canvas, or several that go on from one another, shown for frames `first` up to but not including
    `end`. `start_s` is when the timeline has it begin, before that is brought to a frame; each of the clips is a stage;
    `size` is that of the material.
    """

    url: str
    is_still: bool
    size: Size
    box: Box
    first: int
    end: int
    start_s: float
    in_s: float
    speed: float
    stages: tuple[Stage, ...]
    mask_url: str | None

    @property
    def is_scaled(self) -> bool:
        return self.box.scaled != self.size

    @property
    def is_opaque(self) -> bool:
        return self.mask_url is None and all(stage.opacity == 1 for stage in self.stages)


@dataclass(frozen=True)
class Sound:
    """One clip in the mix, heard for `length_s` from `start_s`; `loop_s` is the part that repeats, None for once."""

    url: str
    start_s: float
    length_s: float
    in_s: float
    speed: float
    loudness: Loudness
    loop_s: float | None = None
    is_mono: bool = False


@dataclass(frozen=True)
class PlacedText:
    content: str
    lettering: Lettering
    alignment: str
    x: Measure | None
    y: Measure | None
    start_s: float
    end_s: float


@dataclass(frozen=True)
class PlacedCaptions:
    captions: tuple[Caption, ...]
    lettering: Lettering


@dataclass(frozen=True)
class Plan:
    """All there is to render. Pictures are in stacking order; `fps` is that of the output."""

    canvas: tuple[int, int]
    fps: float
    length_s: float
    pictures: tuple[Picture, ...] = ()
    sounds: tuple[Sound, ...] = ()
    texts: tuple[PlacedText, ...] = ()
    captions: tuple[PlacedCaptions, ...] = ()

    @property
    def frames(self) -> int:
        return max(1, round(self.length_s * self.fps))


@dataclass(frozen=True)
class _Slot:
    start_s: float
    end_s: float


def make_plan(timeline: Timeline, output: OutputMedia, media_of: MediaOf, captions_of: CaptionsOf) -> Plan:
    """Place every clip; RejectionError when clips overlap, lie beyond their material, or nothing gives a length."""
    video = [(track, _slots(track, media_of)) for track in timeline.video_tracks]
    audio = [(track, _slots(track, media_of)) for track in timeline.audio_tracks]
    length_s = _length_s(video, audio, output)
    if output.container is Container.MP4 and not any(slots for _, slots in video):
        raise RejectionError("InvalidParameter", "An .mp4 output needs a video track; use .mp3 or .wav for sound only.")
    is_picture = output.container is Container.MP4
    canvas = _canvas(timeline, output, media_of) if is_picture else (0, 0)
    plan = Plan(canvas, output.fps or _film_fps(timeline, media_of), length_s)
    return replace(
        plan,
        pictures=tuple(_pictures(video, plan, media_of)) if is_picture else (),
        sounds=tuple(_sounds(video, audio, length_s, media_of)),
        texts=tuple(_texts(timeline, length_s)) if is_picture else (),
        captions=tuple(_captions(clip, captions_of, length_s) for clip in timeline.subtitles) if is_picture else (),
    )


def _slots(track: VideoTrack | AudioTrack, media_of: MediaOf) -> list[_Slot]:
    """When each clip of the track is on: where it says, else right after the one before; never two at a time."""
    slots: list[_Slot] = []
    for clip in track.clips:
        before_s = slots[-1].end_s if slots else 0.0
        start_s = before_s if clip.span.timeline_in_s is None else clip.span.timeline_in_s
        if start_s < before_s - TOLERANCE_S:
            raise RejectionError(TIMELINE_ERROR, f"{clip.at} overlaps the clip before it.")
        slots.append(_Slot(start_s, start_s + _clip_length_s(clip, start_s, media_of(clip.url))))
    return slots


def _clip_length_s(clip: VideoClip | AudioClip, start_s: float, media: Media) -> float:
    """Seconds of output; infinite for a clip that lasts as long as the film does."""
    span = clip.span
    wanted = [span.timeline_out_s - start_s] if span.timeline_out_s is not None else []
    wanted += [span.duration_s] if span.duration_s is not None else []
    if isinstance(clip, AudioClip) and clip.is_looped:
        return min(wanted, default=float("inf"))
    if isinstance(clip, VideoClip) and clip.kind is ClipKind.GLOBAL_IMAGE:
        return min(wanted, default=float("inf"))
    if isinstance(clip, VideoClip) and clip.kind is ClipKind.IMAGE:
        wanted += [span.out_s - span.in_s] if span.out_s is not None else []
        if not wanted:
            raise RejectionError(TIMELINE_ERROR, f"{clip.at}.Duration is missing.")
        return min(wanted)
    return min([_material_s(clip, media) / span.speed, *wanted])


def _material_s(clip: VideoClip | AudioClip, media: Media) -> float:
    span = clip.span
    if media.duration_s <= 0:
        raise RejectionError(TIMELINE_ERROR, f"{clip.at}.MediaURL has no duration; a picture needs the Type Image.")
    end_s = min(span.out_s or media.duration_s, span.max_out_s or media.duration_s, media.duration_s)
    if end_s <= span.in_s:
        raise RejectionError(TIMELINE_ERROR, f"{clip.at}.In is beyond the end of the material.")
    return end_s - span.in_s


_VideoSlots = list[tuple[VideoTrack, list[_Slot]]]
_AudioSlots = list[tuple[AudioTrack, list[_Slot]]]


def _length_s(video: _VideoSlots, audio: _AudioSlots, output: OutputMedia) -> float:
    """The main track's end; without one the longest video track's, and only without video the longest audio track's."""
    leading = [slots for track, slots in video if track.is_main] + [slots for track, slots in audio if track.is_main]
    pictures = [slots for _, slots in video if slots]
    sounds = [slots for _, slots in audio]
    ends = [slot.end_s for slots in (leading or pictures or sounds) for slot in slots if slot.end_s != float("inf")]
    if not ends:
        raise RejectionError(TIMELINE_ERROR, "No clip gives the output a duration.")
    return min(max(ends), output.max_duration_s or float("inf"))


def _canvas(timeline: Timeline, output: OutputMedia, media_of: MediaOf) -> tuple[int, int]:
    """The size asked for, else the largest width and height of the materials; even, as the codec needs it."""
    media = [media_of(clip.url) for track in timeline.video_tracks for clip in track.clips]
    width = output.width or max((item.width for item in media), default=0)
    height = output.height or max((item.height for item in media), default=0)
    check_canvas(width, height)
    return width // 2 * 2, height // 2 * 2


def _film_fps(timeline: Timeline, media_of: MediaOf) -> float:
    tracks = sorted(timeline.video_tracks, key=lambda track: not track.is_main)
    clips = [clip for track in tracks for clip in track.clips if clip.kind is ClipKind.VIDEO]
    rates = [media_of(clip.url).fps for clip in clips[:1]]
    return _exact(min(rates[0], FPS_MAX)) if rates and rates[0] >= 1 else FPS_DEFAULT


def _exact(fps: float) -> float:
    """29.970 in a header stands for 30000/1001."""
    ntsc = round(fps * 1.001) / 1.001
    return ntsc if abs(ntsc - fps) < 0.002 else fps


def _pictures(video: _VideoSlots, plan: Plan, media_of: MediaOf) -> list[Picture]:
    return [
        picture
        for track, slots in video
        for picture in _joined(
            _picture(clip, slot, plan, media_of) for clip, slot in zip(track.clips, slots, strict=True)
        )
    ]


def _picture(clip: VideoClip, slot: _Slot, plan: Plan, media_of: MediaOf) -> Picture:
    """The clip on the frame grid; it may be too short for a frame."""
    media = media_of(clip.url)
    if not media.has_picture:
        raise RejectionError(TIMELINE_ERROR, f"{clip.at}.MediaURL has no picture.")
    is_still = clip.kind is not ClipKind.VIDEO
    first = int(slot.start_s * plan.fps + 0.001)
    end = min(plan.frames, round(min(slot.end_s, plan.length_s) * plan.fps))
    size = (media.width, media.height)
    return Picture(
        url=clip.url,
        is_still=is_still,
        size=size,
        box=lay_out(clip, size, plan.canvas),
        first=first,
        end=end,
        start_s=slot.start_s,
        in_s=0.0 if is_still else clip.span.in_s,
        speed=clip.span.speed,
        stages=(Stage(end - first, clip.opacity),),
        mask_url=clip.mask_url,
    )


def _joined(pictures: Iterable[Picture]) -> list[Picture]:
    """Of one track: a clip cut in pieces, to fade or to be heard in a part of it, is read and scaled once."""
    joined: list[Picture] = []
    for picture in pictures:
        if picture.first >= picture.end:
            continue
        if joined and _goes_on(joined[-1], picture):
            joined[-1] = _extended(joined[-1], picture)
        else:
            joined.append(picture)
    return joined


def _goes_on(before: Picture, picture: Picture) -> bool:
    """Whether the picture is what one would see if the one before it had no end."""
    alike = replace(picture, first=before.first, end=before.end, start_s=before.start_s, in_s=before.in_s)
    if replace(alike, stages=before.stages) != before:
        return False
    read_s = 0.0 if picture.is_still else (picture.start_s - before.start_s) * picture.speed
    # An end is brought to the nearest frame and a start to the one before, so that they may share one.
    return before.end - 1 <= picture.first <= before.end and abs(picture.in_s - before.in_s - read_s) <= TOLERANCE_S


def _extended(before: Picture, picture: Picture) -> Picture:
    *stages, last = before.stages
    last = replace(last, frames=last.frames - (before.end - picture.first))
    return replace(before, end=picture.end, stages=(*stages, last, *picture.stages))


def _sounds(video: _VideoSlots, audio: _AudioSlots, length_s: float, media_of: MediaOf) -> list[Sound]:
    """Every clip that can be heard; those turned down to nothing are left out, so nobody decodes them."""
    sounds = []
    placed: list[tuple[VideoClip | AudioClip, _Slot]] = [
        *(pair for track, slots in video for pair in zip(track.clips, slots, strict=True)),
        *(pair for track, slots in audio for pair in zip(track.clips, slots, strict=True)),
    ]
    for clip, slot in placed:
        media = media_of(clip.url)
        if isinstance(clip, AudioClip) and not media.has_audio:
            raise RejectionError(TIMELINE_ERROR, f"{clip.at}.MediaURL has no sound.")
        heard_s = min(slot.end_s, length_s) - slot.start_s
        if not media.has_audio or clip.loudness.gain == 0 or heard_s <= 0:
            continue
        loop_s = _material_s(clip, media) if isinstance(clip, AudioClip) and clip.is_looped else None
        span = clip.span
        is_mono = media.channels == 1
        sounds.append(Sound(clip.url, slot.start_s, heard_s, span.in_s, span.speed, clip.loudness, loop_s, is_mono))
    return sounds


def _texts(timeline: Timeline, length_s: float) -> list[PlacedText]:
    return [
        PlacedText(clip.content, clip.lettering, clip.alignment, clip.x, clip.y, clip.start_s, end_s)
        for clip in timeline.texts
        for end_s in [min(length_s, clip.end_s or length_s)]
        if clip.start_s < end_s
    ]


def _captions(clip: SubtitleClip, captions_of: CaptionsOf, length_s: float) -> PlacedCaptions:
    """The captions of a file that show within the clip's time."""
    end_s = min(length_s, clip.end_s or length_s)
    shown = (
        Caption(max(caption.start_s, clip.start_s), min(caption.end_s, end_s), caption.text)
        for caption in captions_of(clip.url)
    )
    return PlacedCaptions(tuple(caption for caption in shown if caption.start_s < caption.end_s), clip.lettering)
