"""Toy media: tiny but true files (mp4, wav, png), and engines that do everything at once, the same way every time.

Toy films carry a note (JSON) that stands for what one would see and hear in them: `captions`, `speech`, `music`.
What a toy engine makes carries a note of what it was asked, so that a test can read it back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import re
import struct
import wave
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.engines.contract import (
    Caption,
    Face,
    FetchMedia,
    LivePortraitStyle,
    Movement,
    Progress,
    RejectionError,
    Separation,
    Shot,
    Speech,
    SpeechStyle,
    Word,
    no_progress,
)
from local.engines.sizes import of_pixels
from tests.toy_mp4 import note_in, toy_mp4

__all__ = [
    "ToyEngines",
    "asked_in",
    "note_in",
    "seconds_of",
    "toy_film",
    "toy_frame",
    "toy_mp4",
    "toy_png",
    "toy_wav",
    "wav_of",
]

CHARACTERS_PER_S = 4.0


def toy_wav(seconds: float, rate: int = 16_000, amplitude: int = 8_000) -> bytes:
    """Mono, signed 16 bit; a square tone of about 200 Hz."""
    return wav_of(_tone(seconds, rate, amplitude), rate)


def wav_of(pcm: bytes, rate: int) -> bytes:
    body = io.BytesIO()
    with wave.open(body, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    return body.getvalue()


def toy_png(width: int = 512, height: int = 512, note: bytes = b"") -> bytes:
    """A grey picture; the note is a comment in it (`b"NOFACE"` and the like steer ToyEngines.detect)."""
    return _png(width, [b"\x80" * width] * height, note)


def _png(width: int, rows: Sequence[bytes], note: bytes = b"") -> bytes:
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    header = struct.pack(">2I5B", width, len(rows), 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"tEXt", b"Comment\0" + note), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def toy_film(seconds: float = 10.0, captions: Sequence[tuple[float, float, str]] = (), **more: object) -> bytes:
    """A story film of 1280x720 in which ToyEngines finds these captions; `music=False` and `speech=[...]` as well."""
    note = json.dumps({"captions": captions, **more}, ensure_ascii=False)
    return toy_mp4(seconds, 1280, 720, note=note.encode())


def asked_in(film: bytes) -> dict[str, Any]:
    """The note as JSON; an empty dict when there is none."""
    try:
        note = json.loads(note_in(film) or b"{}")
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def seconds_of(media: bytes) -> float:
    """Length of a toy wav or mp4; 0 for a picture."""
    if media[:4] == b"RIFF":
        with wave.open(io.BytesIO(media)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    at = media.find(b"mvhd")
    if at < 0:
        return 0.0
    (duration_ms,) = struct.unpack_from(">I", media, at + 20)
    return int(duration_ms) / 1000


def toy_frame(film: bytes, at_s: float, kind: str, width: int) -> bytes:
    """A frame of a toy film: grey, with a white box for each text that its note puts on it at that moment."""
    if kind == "jpg":
        return b"\xff\xd8\xff\xe0toy"
    asked = asked_in(film)
    canvas = asked.get("output", {})
    scale = width / canvas.get("Width", 1280)
    rows = [bytearray(b"\x80" * width) for _ in range(round(canvas.get("Height", 720) * scale))]
    texts = [clip for lane in _clips(asked.get("timeline", {}), "Subtitle") for clip in lane if clip["Type"] == "Text"]
    for text in texts:
        if text["TimelineIn"] <= at_s < text["TimelineOut"]:
            left, top, size = (round(text[name] * scale) for name in ("X", "Y", "FontSize"))
            for row in rows[top : top + size]:
                row[left : left + size * len(text["Content"]) * 3 // 4 : 2] = b"\xff" * len(
                    row[left : left + size * len(text["Content"]) * 3 // 4 : 2]
                )
    return _png(width, [bytes(row) for row in rows])


_EYES = {
    b"NOFACE": (
        "InvalidFile.Content",
        "The input image has no human body. Please upload other image with single person.",
    ),
    b"TWOFACES": (
        "InvalidFile.Content",
        "The input image has multi human bodies. Please upload other image with single person.",
    ),
    b"TOODARK": ("InvalidFile.Value", "The value of the image is invalid, please upload other clearer image."),
    b"PROFILE": (
        "InvalidFile.FacePose",
        "The pose of the detected face is invalid, please upload other image with the expected orientation.",
    ),
}
_EARS = {
    b"SILENT": ("Audio.AudioSilentError", "Silent file unsupported."),
    b"TOOSHORT": ("Audio.AudioShortError", "valid audio too short!"),
}
_SRT_CUE = re.compile(r"(\d+):(\d+):(\d+),(\d+) --> (\d+):(\d+):(\d+),(\d+)\n(.*?)(?:\n\n|\Z)", re.DOTALL)


class ToyEngines:
    """All engines of `local.engines.contract`. `calls` counts what was asked."""

    def __init__(self, *, hears: bool = True) -> None:
        self.hears = hears
        self.calls: Counter[str] = Counter()

    def captions(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        self.calls["captions"] += 1
        note = note_in(film.read_bytes())
        progress(1.0)
        if note.startswith(b"{"):
            return [Caption(*line) for line in json.loads(note).get("captions", [])]
        return [
            Caption(_srt_seconds(*cue[:4]), _srt_seconds(*cue[4:8]), cue[8]) for cue in _SRT_CUE.findall(note.decode())
        ]

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        self.calls["recognise"] += 1
        if not self.hears:
            raise RejectionError("ASRUnavailable", "No speech recogniser is installed.")
        note = asked_in(film.read_bytes())
        progress(1.0)
        return [Caption(*line) for line in note.get("speech", note.get("captions", []))]

    def separate(self, film: Path, folder: Path, progress: Progress = no_progress) -> Separation:
        self.calls["separate"] += 1
        media = film.read_bytes()
        voice, music = folder / "voice.wav", folder / "music.wav"
        voice.write_bytes(toy_wav(seconds_of(media)))
        progress(1.0)
        if asked_in(media).get("music") is False:
            return Separation(voice, None)
        music.write_bytes(toy_wav(seconds_of(media), amplitude=2_000))
        return Separation(voice, music)

    def enrol(self, sample: Path, language: str) -> bytes:
        self.calls[f"enrol {language}"] += 1
        media = sample.read_bytes()
        for marker, refusal in _EARS.items():
            if marker in media:
                raise RejectionError(*refusal)
        if media[:4] == b"RIFF":
            with wave.open(io.BytesIO(media)) as sound:
                if sound.getframerate() < 16_000:
                    raise RejectionError("Audio.AudioRateError", "File sample rate unsupported")
        elif not (media.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3")) or media[4:8] == b"ftyp"):
            raise RejectionError("Audio.DecoderError", "Decoder audio file failed.")
        return _digest_of(media).encode()

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        self.calls["speak"] += 1
        said = re.sub(r"<[^>]*>", "", text) if style.ssml else text
        each_s = 1 / (CHARACTERS_PER_S * style.rate)
        words = tuple(
            Word(letter, round(at * each_s, 3), round((at + 1) * each_s, 3)) for at, letter in enumerate(said)
        )
        return Speech(_tone(len(said) * each_s, style.sample_rate, 160 * style.volume), style.sample_rate, words)

    def detect(self, photo: Path, ratio: str) -> Face:
        self.calls["detect"] += 1
        picture = photo.read_bytes()
        for marker, refusal in _EYES.items():
            if marker in picture:
                raise RejectionError(*refusal)
        width, height = struct.unpack_from(">2I", picture, 16) if picture.startswith(b"\x89PNG") else (512, 512)
        side = min(width, height)
        middle, top = width // 2, height // 2
        ext_width = side * 3 // 4 if ratio == "3:4" else side
        ext = (middle - ext_width // 2, top - side // 2, middle + ext_width // 2, top + side // 2)
        return Face((middle - side // 8, top - side // 8, middle + side // 8, top + side // 8), ext)

    def frame(self, film: Path, at_s: float, kind: str, width: int = 0) -> bytes:
        self.calls["frame"] += 1
        if not 0 <= at_s <= seconds_of(film.read_bytes()):
            raise ValueError("there is no such moment")
        return toy_frame(film.read_bytes(), at_s, kind, width)

    def animate(self, photo: Path, speech: Path, face: Face, style: str, clip: Path, progress: Progress) -> float:
        self.calls["animate"] += 1
        seconds = seconds_of(speech.read_bytes()) or 1.0
        x1, y1, x2, y2 = face.ext_bbox
        height = 512 if (x2 - x1) == (y2 - y1) else 704
        asked = {"photo": _digest(photo), "speech": _digest(speech), "style": style, "ext_bbox": face.ext_bbox}
        clip.write_bytes(toy_mp4(seconds, 512, height, note=json.dumps(asked).encode()))
        progress(1.0)
        return seconds

    def live_portrait(
        self, photo: Path, speech: Path, style: LivePortraitStyle, clip: Path, progress: Progress = no_progress
    ) -> float:
        self.calls["live_portrait"] += 1
        for marker, refusal in _EYES.items():
            if marker in photo.read_bytes():
                raise RejectionError(*refusal)
        seconds = seconds_of(speech.read_bytes()) or 1.0
        asked = {"photo": _digest(photo), "speech": _digest(speech), **dataclasses.asdict(style)}
        width, height = _shaped(photo, style.pixels) if style.pixels else (512, 512)
        clip.write_bytes(toy_mp4(seconds, width, height, note=json.dumps(asked).encode()))
        progress(1.0)
        return seconds

    def retalk(
        self, film: Path, speech: Path, clip: Path, *, extend: bool = False, progress: Progress = no_progress
    ) -> float:
        self.calls["retalk"] += 1
        if b"NOFACE" in film.read_bytes():
            raise RejectionError("InvalidFile.Content", "The input video has no human face.")
        said_s, shown_s = (seconds_of(each.read_bytes()) for each in (speech, film))
        seconds = said_s if extend else min(said_s, shown_s)
        asked = {"film": _digest(film), "speech": _digest(speech), "extend": extend}
        clip.write_bytes(toy_mp4(seconds, 1280, 720, note=json.dumps(asked).encode()))
        progress(1.0)
        return seconds

    def render(
        self, timeline: dict[str, object], output: dict[str, object], fetch: FetchMedia, film: Path, progress: Progress
    ) -> float:
        self.calls["render"] += 1
        tracks = {kind: _clips(timeline, kind) for kind in ("Video", "Audio")}
        if not any(tracks.values()):
            raise RejectionError("TimelineFormatError", "Both video tracks and audio tracks are empty.")
        ends = {kind: max((_track_end(clips, fetch) for clips in lanes), default=0.0) for kind, lanes in tracks.items()}
        seconds = ends["Video"] or ends["Audio"]  # sound that outlasts the pictures is cut, as at the vendor
        if str(output.get("MediaURL")).endswith(".wav"):
            film.write_bytes(_opening(timeline, fetch))
            return seconds
        media = {clip["MediaURL"] for lanes in tracks.values() for clips in lanes for clip in clips}
        made_of = {url: _digest(fetch(url)) for url in sorted(media)}
        asked = json.dumps({"timeline": timeline, "output": output, "media": made_of}, ensure_ascii=False)
        width, height = output.get("Width", 1280), output.get("Height", 720)
        if not isinstance(width, int) or not isinstance(height, int):
            raise RejectionError("InvalidParameter", "Width and Height must be numbers.")
        film.write_bytes(toy_mp4(seconds, width, height, note=asked.encode()))
        progress(1.0)
        return seconds

    def shoot(self, shot: Shot, media: Mapping[str, Path], clip: Path, progress: Progress = no_progress) -> float:
        """As large and as long as asked for, or as the first film is; the note says of what it was made."""
        self.calls["shoot"] += 1
        lengths = [seconds_of(path.read_bytes()) for path in media.values()]
        seconds = shot.seconds or (shot.movement.seconds if shot.movement else max(lengths, default=0.0)) or 5.0
        asked = {"kind": shot.kind, "words": shot.words, "media": {name: _digest(path) for name, path in media.items()}}
        width, height = _shaped(media["first"], shot.pixels) if shot.pixels else (side or 512 for side in shot.size)
        clip.write_bytes(
            toy_mp4(seconds, width, height, audio=False, note=json.dumps(asked, ensure_ascii=False).encode())
        )
        progress(1.0)
        return seconds

    def movement(self, film: Path) -> Movement:
        self.calls["movement"] += 1
        if b"NOBODY" in film.read_bytes():
            raise RejectionError("InvalidFile.Content", "The input video has no human body. Please upload other video.")
        return Movement(seconds_of(film.read_bytes()), 0.05, 0.02, 1.5)


def _shaped(picture: Path, pixels: int) -> tuple[int, int]:
    """The size of a film of so many pixels that begins with this picture."""
    body = picture.read_bytes()
    width, height = struct.unpack_from(">2I", body, 16) if body.startswith(b"\x89PNG") else (512, 512)
    return of_pixels((width, height), pixels)


def _clips(timeline: Mapping[str, Any], kind: str) -> list[list[dict[str, Any]]]:
    lanes = [track.get(f"{kind}TrackClips", []) for track in timeline.get(f"{kind}Tracks", [])]
    return [clips for clips in lanes if clips]


def _opening(timeline: Mapping[str, Any], fetch: FetchMedia) -> bytes:
    """What one hears first of the toy film that the timeline names: whatever its note has begin at 0.1 s. Where words
    begin there, too, the shorter of the two, as if the tone were heard through them.
    """
    ((clip,),) = _clips(timeline, "Audio")
    lanes = _clips(asked_in(fetch(clip["MediaURL"]).read_bytes())["timeline"], "Audio")
    first = [fetch(each["MediaURL"]).read_bytes() for lane in lanes for each in lane if each["TimelineIn"] == 0.1]
    if not first:
        return toy_wav(2.0, amplitude=0)
    with wave.open(io.BytesIO(min(first, key=seconds_of))) as sound:
        rate = sound.getframerate()
        return wav_of(bytes(2 * (rate // 10)) + sound.readframes(sound.getnframes()), rate)


def _track_end(clips: Sequence[Mapping[str, Any]], fetch: FetchMedia) -> float:
    end = 0.0
    for clip in clips:
        source_s = seconds_of(fetch(clip["MediaURL"]).read_bytes())
        begin = float(clip.get("TimelineIn", end))
        length = float(clip.get("Duration", clip.get("Out", source_s) - clip.get("In", 0.0)))
        end = float(clip.get("TimelineOut", begin + length))
    return end


def _srt_seconds(hours: str, minutes: str, seconds: str, thousandths: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000


def _digest(file: Path) -> str:
    return _digest_of(file.read_bytes())[:16]


def _digest_of(media: bytes) -> str:
    return hashlib.sha256(media).hexdigest()


def _tone(seconds: float, rate: int, amplitude: int) -> bytes:
    """Its last 20 ms are soft, as a voice's are."""
    half = rate // 400
    loud, soft = (
        struct.pack("<h", peak) * half + struct.pack("<h", -peak) * half for peak in (amplitude, amplitude // 9)
    )
    length = max(1, round(seconds * rate)) * 2
    tail = min(length, rate // 50 * 2)
    return (loud * (length // len(loud) + 1))[: length - tail] + (soft * (tail // len(soft) + 1))[:tail]
