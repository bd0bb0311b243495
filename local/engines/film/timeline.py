"""An IMS timeline as typed values: what was asked for, before any file has been looked at.

Field names, ranges and defaults are those of IMS ("Timeline configurations" of Intelligent Media Services). Times are
seconds. None means the field was not given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# Alignment of IMS -> anchor of ASS (as on a number pad), and which corner X and Y count from:
# (0, 0) is top left, 0.5 the middle, 1 right or bottom, where they count inwards.
ALIGNMENTS: dict[str, tuple[int, float, float]] = {
    "TopLeft": (7, 0.0, 0.0),
    "TopCenter": (8, 0.5, 0.0),
    "TopRight": (9, 1.0, 0.0),
    "CenterLeft": (4, 0.0, 0.5),
    "CenterCenter": (5, 0.5, 0.5),
    "CenterRight": (6, 1.0, 0.5),
    "BottomLeft": (1, 0.0, 1.0),
    "BottomCenter": (2, 0.5, 1.0),
    "BottomRight": (3, 1.0, 1.0),
    # the precise ones: X and Y are the place of the text's own top left, top middle or top right
    "Left": (7, 0.0, 0.0),
    "Center": (8, 0.0, 0.0),
    "Right": (9, 0.0, 0.0),
}


class Adapt(Enum):
    """How a picture fills its box: bars, cropped, or stretched."""

    CONTAIN = "Contain"
    COVER = "Cover"
    FILL = "Fill"


class ClipKind(Enum):
    VIDEO = "Video"
    IMAGE = "Image"
    GLOBAL_IMAGE = "GlobalImage"  # an image over the whole length of the film


@dataclass(frozen=True)
class Measure:
    """A coordinate or a size: a fraction of the canvas, or pixels."""

    value: float
    is_fraction: bool

    def pixels(self, whole: int) -> int:
        return round(self.value * whole) if self.is_fraction else int(self.value)


@dataclass(frozen=True)
class Fade:
    is_in: bool
    duration_s: float
    curve: str


@dataclass(frozen=True)
class Loudness:
    """What a clip's effects do to its sound. Gain 0 is silence, 1 leaves it as it is."""

    gain: float = 1.0
    fades: tuple[Fade, ...] = ()


@dataclass(frozen=True)
class Span:
    """Which part of the material is used (`in_s` to `out_s`) and when it is on (`timeline_...`)."""

    in_s: float = 0.0
    out_s: float | None = None
    max_out_s: float | None = None
    timeline_in_s: float | None = None
    timeline_out_s: float | None = None
    duration_s: float | None = None
    speed: float = 1.0


@dataclass(frozen=True)
class VideoClip:
    """`at` is the clip's path in the timeline, for messages."""

    at: str
    kind: ClipKind
    url: str
    span: Span
    x: Measure | None = None
    y: Measure | None = None
    width: Measure | None = None
    height: Measure | None = None
    adapt: Adapt = Adapt.FILL
    opacity: float = 1.0
    mask_url: str | None = None
    loudness: Loudness = Loudness()


@dataclass(frozen=True)
class AudioClip:
    at: str
    url: str
    span: Span
    is_looped: bool = False
    loudness: Loudness = Loudness()


@dataclass(frozen=True)
class VideoTrack:
    clips: tuple[VideoClip, ...]
    is_main: bool = False


@dataclass(frozen=True)
class AudioTrack:
    clips: tuple[AudioClip, ...]
    is_main: bool = False


@dataclass(frozen=True)
class Lettering:
    """How text looks. Colours are RRGGBB, opacity is 0 to 1, sizes are pixels of the canvas (None: ours to choose)."""

    font_size: float | None = None
    color: str = "FFFFFF"
    opacity: float = 1.0
    outline: float = 0.0
    outline_color: str = "000000"
    shadow: float = 0.0
    back_color: str = "000000"
    is_boxed: bool = False
    is_bold: bool = False
    is_italic: bool = False
    is_underlined: bool = False
    spacing: float = 0.0
    angle: float = 0.0


@dataclass(frozen=True)
class TextClip:
    at: str
    content: str
    lettering: Lettering
    alignment: str
    x: Measure | None
    y: Measure | None
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class SubtitleClip:
    at: str
    url: str
    lettering: Lettering
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Timeline:
    """Tracks in the order of the timeline: a later video track lies on top of an earlier one."""

    video_tracks: tuple[VideoTrack, ...] = ()
    audio_tracks: tuple[AudioTrack, ...] = ()
    texts: tuple[TextClip, ...] = ()
    subtitles: tuple[SubtitleClip, ...] = ()


class Container(Enum):
    """What kind of file is written, by the ending of the output's MediaURL."""

    MP4 = ".mp4"
    MP3 = ".mp3"
    WAV = ".wav"


@dataclass(frozen=True)
class OutputMedia:
    """OutputMediaConfig. Width and height default to the largest of the materials, frames a second to the film's."""

    container: Container
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate_kbps: int | None = None
    max_duration_s: float | None = None
    crf: int | None = None
    preset: str = "veryfast"
    profile: str | None = None
