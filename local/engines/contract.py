"""What the stand-ins of IMS and Model Studio ask of the engines behind them.

Engines know nothing of the cloud: paths and plain values in, files and plain values out. Everything is blocking;
whoever calls decides on which thread or process. `progress` gets fractions 0..1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Progress = Callable[[float], None]
FetchMedia = Callable[[str], Path]


def no_progress(fraction: float) -> None:
    """For callers that do not watch."""
    del fraction


class RejectionError(Exception):
    """An engine refuses its input, with the vendor's own code and message for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Caption:
    """One caption line as shown on the film; seconds from its start."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Separation:
    """The two halves of a film's sound as wav files; `music` is None when the film has none worth keeping."""

    voice: Path
    music: Path | None


@dataclass(frozen=True)
class Word:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Speech:
    """Mono signed 16-bit little-endian samples at `sample_rate` Hz."""

    pcm: bytes
    sample_rate: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class SpeechStyle:
    """Ranges and defaults as CosyVoice has them: rate 0.5-2, pitch 0.5-2, volume 0-100."""

    rate: float = 1.0
    pitch: float = 1.0
    volume: int = 50
    seed: int = 0
    sample_rate: int = 22050
    ssml: bool = False


Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Face:
    """Both boxes of EMO detection in pixels of the photo: x1, y1, x2, y2."""

    face_bbox: Box
    ext_bbox: Box


@dataclass(frozen=True)
class Shot:
    """A short film to be made of words, pictures and films.

    `kind`: `words` (a scene), `still` (`first`, moving), `morph` (`first` to `last`), `reference` (`picture.N`
    together), `restyle` (`film` in style `number`), `repaint` (`film`, coloured anew), `edit` (`film` within `mask`),
    `extend` (`first`, `last`, or films of these), `outpaint` (`film`, wider by `scales`: top, bottom, left, right),
    `dance` (`picture` moving by `movement`), `grimace` (`picture`, its `box` pulling a face). Where a size is (0, 0) it
    is that of the film or picture, or has its shape and about so many `pixels`; where `seconds` is 0 it is the film's.
    """

    kind: str
    size: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    words: str = ""
    number: int = 0
    strength: float = 1.0
    scales: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    box: Box | None = None
    movement: Movement | None = None
    fps: int = 30
    pixels: int = 0


@dataclass(frozen=True)
class Movement:
    """How somebody moves in a film: how far to the side and up, as shares of the picture, and how often a second."""

    seconds: float
    sway: float
    bounce: float
    beats: float


@dataclass(frozen=True)
class LivePortraitStyle:
    """LivePortrait's parameters, with its ranges and defaults: template normal, calm or active; eye frequency 0-1,
    fps 15-30, mouth strength 0-1.5, head strength 0-1; `paste_back` shows the whole photo, not the face alone. For its
    like that are told how many `pixels` the whole photo is to have; with 0 it keeps its own size, if that is usual.
    """

    template: str = "normal"
    eye_frequency: float = 0.5
    fps: int = 24
    mouth_strength: float = 1.0
    paste_back: bool = True
    head_strength: float = 0.7
    pixels: int = 0


class Engines(Protocol):
    """The whole set, as a stand-in receives it."""

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        """Captions found in the film, in order; empty when it carries none that this engine can read."""

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        """Sentences heard in the film; raises RejectionError when no recogniser is installed."""

    def separate(self, film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
        """Voice without music and music without voice, written into `folder`."""

    def enrol(self, sample: Path, language: str) -> bytes:
        """A voice profile from 10-20 s of speech, that will mostly speak the language (`zh`, `en`); RejectionError with
        the vendor's `Audio.*` codes.
        """

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        """The text spoken in the profile's voice."""

    def detect(self, photo: Path, ratio: str) -> Face:
        """Both boxes for ratio `1:1` or `3:4`; RejectionError with EMO's `InvalidFile.*` codes."""

    def frame(self, film: Path, at_s: float, kind: str, width: int = 0) -> bytes:
        """One frame of a film as `jpg` or `png`, so many pixels wide (0: as the film); ValueError if it is no film."""

    def animate(self, photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress) -> float:
        """Write the talking clip (mp4) and return its length in seconds. Style: `normal`, `calm` or `active`."""

    def live_portrait(
        self, photo: Path, speech: Path, style: LivePortraitStyle, clip: Path, progress: Progress = no_progress
    ) -> float:
        """Write the talking clip (mp4) as LivePortrait makes it and return its length in seconds; RejectionError with
        the codes of `detect`.
        """

    def retalk(
        self, film: Path, speech: Path, clip: Path, *, extend: bool = False, progress: Progress = no_progress
    ) -> float:
        """Write the film with its person's lips moved to the speech (mp4), return its length in seconds: that of the
        shorter of the two, with `extend` that of the speech. RejectionError with VideoRetalk's `InvalidFile.*` codes.
        """

    def render(
        self, timeline: dict[str, object], output: dict[str, object], fetch: FetchMedia, film: Path, progress: Progress
    ) -> float:
        """Render an IMS timeline to `film` (mp4) and return its length in seconds; RejectionError
        with `TimelineFormatError` or `InvalidParameter` when the timeline is not one IMS would take.
        `fetch` gives a local file for a MediaURL.
        """

    def shoot(self, shot: Shot, media: Mapping[str, Path], clip: Path, progress: Progress = no_progress) -> float:
        """Write a short silent film (mp4) and return its length in seconds; RejectionError with the vendor's
        `InvalidFile.*` codes for media that cannot be read.
        """

    def movement(self, film: Path) -> Movement:
        """How the person in a film moves; RejectionError when nobody can be seen to."""
