"""What a media file says of itself, read by MediaInfo through ranges of the object: a few large reads near its two
ends, never the whole film, nothing decoded, no other program started.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import ParseError

from pymediainfo import MediaInfo, Track

from shared.clients.untrusted import Guarded
from shared.domain.errors import Refused
from shared.ports import MediaFacts, Objects, Place

READ_BYTES = 1024 * 1024
"""One read covers the head of any file, and the index of half an hour of film."""

READS_MAX = 32
"""A file that sends its reader back and forth for longer is not one we understand."""

WEBP_HEAD = 30

CONTAINERS = {"mpeg-4": "mp4", "quicktime": "mov", "wave": "wav", "mpeg audio": "mp3", "bitmap": "bmp"}
"""MediaInfo's names in the words of file endings; others keep their name in lower case (`jpeg`, `png`, `webp`).
An m4a is an `mp4` without video.
"""


class MediaInfoProbe:
    """`Probe` on any `Objects`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def facts(self, place: Place) -> MediaFacts:
        info = self._objects.head(place)
        if info is None:
            raise Refused("object.missing", key=place.key)
        window = Guarded(_Window(self._objects, place, info.size))
        try:
            # the lowest speed reads headers and indexes only
            told = MediaInfo.parse(window, parse_speed=0.0, buffer_size=READ_BYTES)
        except ParseError:  # tags with characters that XML forbids
            return MediaFacts("")
        return media_facts(told, partial(self._objects.read, place, 0))


def webp_size(head: bytes) -> tuple[int, int]:
    """Width and height out of the first bytes of a WebP file (RFC 9649); zero when they are not one."""
    kind, frame = head[12:16], head[20:WEBP_HEAD]
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(frame) < 10:
        return 0, 0
    if kind == b"VP8X":
        return int.from_bytes(frame[4:7], "little") + 1, int.from_bytes(frame[7:10], "little") + 1
    if kind == b"VP8L":
        sides = int.from_bytes(frame[1:5], "little")
        return (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF
    return 0, 0


class _Window(io.RawIOBase):
    """An object as a file, of which only the ranges asked for are fetched."""

    def __init__(self, objects: Objects, place: Place, size: int) -> None:
        self._objects = objects
        self._place = place
        self._size = size
        self._at = 0
        self._reads_left = READS_MAX

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        length = min(READ_BYTES if size < 0 else size, self._size - self._at)
        if length <= 0 or not self._reads_left:
            return b""
        self._reads_left -= 1
        body = self._objects.read(self._place, self._at, length)
        self._at += len(body)
        return body


def media_facts(info: MediaInfo, first: Callable[[int], bytes]) -> MediaFacts:
    """What MediaInfo read, in our words. `first` gives so many of the file's first bytes: the size of a WebP stands in
    them, and MediaInfo does not tell it.
    """
    general = _only(info.general_tracks)
    video, audio, image = (_only(tracks) for tracks in (info.video_tracks, info.audio_tracks, info.image_tracks))
    picture = video or image
    width, height = int(_number(picture, "width")), int(_number(picture, "height"))
    if _container(general) == "webp":
        width, height = webp_size(first(WEBP_HEAD))
    if round(_number(video, "rotation")) % 180 == 90:  # as a phone stores a film that was taken upright
        width, height = height, width
    return MediaFacts(
        container=_container(general),
        # sound that goes on after the picture makes no film longer: IMS composes what is seen
        seconds=_number(video or general, "duration") / 1000,
        has_video=video is not None,
        has_audio=audio is not None,
        width=width,
        height=height,
        fps=_number(video, "frame_rate"),
        pixel_ratio=_number(video, "pixel_aspect_ratio") or 1.0,
        video_codec=_text(video, "format").lower(),
        audio_codec=_text(audio, "format").lower(),
        sample_rate=int(_number(audio, "sampling_rate")),
        bits=int(_number(audio, "bit_depth")),
        is_image=image is not None and video is None,
    )


def _only(tracks: list[Track]) -> Track | None:
    return tracks[0] if tracks else None


def _container(general: Track | None) -> str:
    name = _text(general, "format").lower()
    if name == "mpeg-4" and _text(general, "format_profile").lower().startswith("quicktime"):
        return "mov"
    return CONTAINERS.get(name, name)


def _text(track: Track | None, name: str) -> str:
    return str(getattr(track, name, None) or "")


def _number(track: Track | None, name: str) -> float:
    try:
        return float(_text(track, name) or 0)
    except ValueError:
        return 0.0
