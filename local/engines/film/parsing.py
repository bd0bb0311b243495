"""From IMS's JSON to a typed timeline; RejectionError for what IMS or this renderer would not take."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import urlsplit

from local.engines.contract import RejectionError
from local.engines.film.fields import PARAMETER_ERROR, TIMELINE_ERROR, Fields
from local.engines.film.layout import SIDE_PX_MAX, SIDE_PX_MIN, check_canvas
from local.engines.film.timeline import (
    ALIGNMENTS,
    Adapt,
    AudioClip,
    AudioTrack,
    ClipKind,
    Container,
    Fade,
    Lettering,
    Loudness,
    OutputMedia,
    Span,
    SubtitleClip,
    TextClip,
    Timeline,
    VideoClip,
    VideoTrack,
)

TRACKS_MAX = 100  # of each kind, a limit of SubmitMediaProducingJob
CLIPS_MAX = 1000

EMPTY = "Both video tracks and audio tracks are empty."
CURVES = ("tri", "qsin", "hsin", "esin", "log", "ipar", "qua", "cub", "squ", "cbr", "par", "exp", "iqsin", "ihsin")
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
PROFILES = ("baseline", "main", "high")


def parse_timeline(timeline: object) -> Timeline:
    """The timeline as typed values; nothing is fetched, so lengths and overlaps are not judged here."""
    fields = Fields(timeline, "")
    video = tuple(_video_track(track) for track in fields.objects("VideoTracks", TRACKS_MAX))
    audio = tuple(_audio_track(track) for track in fields.objects("AudioTracks", TRACKS_MAX))
    texts: list[TextClip] = []
    subtitles: list[SubtitleClip] = []
    for track in fields.objects("SubtitleTracks", TRACKS_MAX):
        for clip in track.objects("SubtitleTrackClips", CLIPS_MAX):
            _subtitle_clip(clip, texts, subtitles)
        track.done()
    for name in ("ImageTracks", "EffectTracks"):
        if fields.objects(name, TRACKS_MAX):
            fields.refuse(name, "is not supported")
    fields.done()
    tracks: list[VideoTrack | AudioTrack] = [*video, *audio]
    if not any(track.clips for track in tracks):
        raise RejectionError(TIMELINE_ERROR, EMPTY)
    if sum(track.is_main for track in tracks) > 1:
        raise RejectionError(TIMELINE_ERROR, "Only one track can be the MainTrack.")
    return Timeline(video, audio, tuple(texts), tuple(subtitles))


def parse_output(output: object) -> OutputMedia:
    """OutputMediaConfig as typed values."""
    fields = Fields(output, "OutputMediaConfig", PARAMETER_ERROR)
    url = fields.needed_text("MediaURL")
    ending = _ending_of(url)
    if ending not in {container.value for container in Container}:
        fields.refuse("MediaURL", f"must end in {', '.join(container.value for container in Container)}")
    video = fields.nested("Video")
    video.one_of("Codec", ("H.264",), "H.264")
    parsed = OutputMedia(
        container=Container(ending),
        width=fields.whole("Width", SIDE_PX_MIN, SIDE_PX_MAX),
        height=fields.whole("Height", SIDE_PX_MIN, SIDE_PX_MAX),
        fps=video.number("Fps", 1, 120),
        bitrate_kbps=fields.whole("Bitrate", 10, 100_000),
        max_duration_s=fields.number("MaxDuration", 0.04),
        crf=video.whole("Crf", 0, 51),
        preset=video.one_of("Preset", PRESETS, OutputMedia.preset),
        profile=video.one_of("Profile", PROFILES, PROFILES[-1]) if video.has("Profile") else None,
    )
    video.done()
    fields.done()
    check_canvas(parsed.width or SIDE_PX_MIN, parsed.height or SIDE_PX_MIN)
    return parsed


def _video_track(track: Fields) -> VideoTrack:
    clips = tuple(_video_clip(clip) for clip in track.objects("VideoTrackClips", CLIPS_MAX))
    parsed = VideoTrack(clips, is_main=track.flag("MainTrack"))
    track.done()
    return parsed


def _audio_track(track: Fields) -> AudioTrack:
    clips = tuple(_audio_clip(clip) for clip in track.objects("AudioTrackClips", CLIPS_MAX))
    parsed = AudioTrack(clips, is_main=track.flag("MainTrack"))
    track.done()
    return parsed


def _video_clip(fields: Fields) -> VideoClip:
    clip = VideoClip(
        at=fields.at,
        kind=fields.choice("Type", ClipKind.VIDEO),
        url=fields.needed_text("MediaURL"),
        span=_span(fields),
        x=fields.position("X"),
        y=fields.position("Y"),
        width=fields.size("Width"),
        height=fields.size("Height"),
        adapt=fields.choice("AdaptMode", Adapt.FILL),
        opacity=_given(fields.number("Opacity", 0, 1), 1.0),
        mask_url=fields.text("MaskVideoUrl"),
        loudness=_loudness(fields),
    )
    if fields.has("AdaptMode") and not (clip.width and clip.height):
        fields.refuse("AdaptMode", "needs both Width and Height")
    if clip.kind is not ClipKind.VIDEO and clip.span.speed != 1:
        fields.refuse("Speed", "is only for videos")
    _finish_clip(fields)
    return clip


def _audio_clip(fields: Fields) -> AudioClip:
    fields.one_of("Type", ("Audio",), "Audio")
    clip = AudioClip(
        at=fields.at,
        url=fields.needed_text("MediaURL"),
        span=_span(fields),
        is_looped=fields.flag("LoopMode"),
        loudness=_loudness(fields),
    )
    _finish_clip(fields)
    return clip


def _finish_clip(fields: Fields) -> None:
    fields.ignored("ClipId", "Comment")  # a name others may refer to, and a note: neither changes the clip
    fields.done()


def _span(fields: Fields) -> Span:
    span = Span(
        in_s=_given(fields.number("In", 0), 0.0),
        out_s=fields.number("Out", 0),
        max_out_s=fields.number("MaxOut", 0),
        timeline_in_s=fields.number("TimelineIn", 0),
        timeline_out_s=fields.number("TimelineOut", 0),
        duration_s=fields.number("Duration", 0),
        speed=_given(fields.number("Speed", 0.1, 100), 1.0),
    )
    for name, end_s in (("Out", span.out_s), ("MaxOut", span.max_out_s)):
        if end_s is not None and end_s <= span.in_s:
            fields.refuse(name, "must be later than In")
    if span.timeline_out_s is not None and span.timeline_out_s <= (span.timeline_in_s or 0.0):
        fields.refuse("TimelineOut", "must be later than TimelineIn")
    if span.duration_s == 0:
        fields.refuse("Duration", "must be more than 0")
    return span


def _loudness(fields: Fields) -> Loudness:
    gain = 1.0
    fades: list[Fade] = []
    for effect in fields.objects("Effects", 20):
        kind = effect.needed_text("Type")
        if kind == "Volume":
            gain *= _needed(effect, "Gain", 100)
        elif kind == "AFade":
            fades.append(
                Fade(
                    is_in=effect.one_of("SubType", ("In", "Out"), "") == "In",
                    duration_s=_needed(effect, "Duration", 3600),
                    curve=effect.one_of("Curve", CURVES, "tri"),
                )
            )
        else:
            effect.refuse("Type", f"{kind} is not supported")
        effect.done()
    return Loudness(gain, tuple(fades))


def _subtitle_clip(fields: Fields, texts: list[TextClip], subtitles: list[SubtitleClip]) -> None:
    kind = fields.needed_text("Type")
    start_s = _given(fields.number("TimelineIn", 0), 0.0)
    end_s = fields.number("TimelineOut", 0)
    if end_s is not None and end_s <= start_s:
        fields.refuse("TimelineOut", "must be later than TimelineIn")
    if kind == "Text":
        if not fields.has("FontSize"):
            fields.refuse("FontSize", "is missing")
        content, lettering = fields.needed_text("Content"), _lettering(fields, outline=0.0)
        alignment = fields.one_of("Alignment", tuple(ALIGNMENTS), "TopLeft")
        x, y = fields.position("X"), fields.position("Y")
        texts.append(TextClip(fields.at, content, lettering, alignment, x, y, start_s, end_s))
    elif kind == "Subtitle":
        url = fields.needed_text("FileURL")
        if _ending_of(url) != ".srt":
            fields.refuse("FileURL", "must be an .srt file; other captions are not supported")
        subtitles.append(SubtitleClip(fields.at, url, _lettering(fields, outline=2.0), start_s, end_s))
    else:
        fields.refuse("Type", "must be one of Text, Subtitle")
    _finish_clip(fields)


def _ending_of(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:  # brackets that hold no address
        return ""


def _lettering(fields: Fields, outline: float) -> Lettering:
    fields.ignored("Font")  # letters are drawn with the font at hand, whatever the cloud's is called
    face = fields.nested("FontFace")
    lettering = Lettering(
        font_size=fields.number("FontSize", 1, 5000),
        color=fields.color("FontColor", "FFFFFF"),
        opacity=_given(fields.number("FontColorOpacity", 0, 1), 1.0),
        outline=_given(fields.number("Outline", 0, 100), outline),
        outline_color=fields.color("OutlineColour", "000000"),
        shadow=_given(fields.number("Shadow", 0, 100), 0.0),
        back_color=fields.color("BackColour", "000000"),
        is_boxed=_given(fields.whole("BorderStyle", 1, 3), 1) == 3,
        is_bold=face.flag("Bold"),
        is_italic=face.flag("Italic"),
        is_underlined=face.flag("Underline"),
        spacing=_given(fields.number("Spacing", 0, 1000), 0.0),
        angle=_given(fields.number("Angle", -360, 360), 0.0),
    )
    face.done()
    return lettering


Value = TypeVar("Value")


def _given(value: Value | None, default: Value) -> Value:
    return default if value is None else value


def _needed(fields: Fields, name: str, high: float) -> float:
    value = fields.number(name, 0, high)
    return fields.refuse(name, "is missing") if value is None else value
