"""What is read of media by our own code: headers of sounds and pictures, and what MediaInfo makes of damaged files."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

from hypothesis import strategies as st

from local.engines.captions import srt as local_srt
from local.engines.contract import Caption, RejectionError
from local.engines.film import parsing
from local.engines.portrait import photo
from shared.clients import cosyvoice_documents
from shared.clients.probe import MediaInfoProbe, webp_size
from shared.domain import label, mp4, png, wave
from shared.domain.errors import EchobotError
from shared.ports import Bucket, ObjectInfo, Objects, Place
from tests.fuzz.harness import Harness, check_error
from tests.fuzz.inputs import bent, damaged, json_bytes, odd_texts
from tests.fuzz.parsers.uploads import srt_files
from tests.toys import toy_film, toy_mp4, toy_png, toy_wav

SOUND = toy_wav(0.05)
STREAM = SOUND[:4] + b"\xff\xff\xff\xff" + SOUND[8:40] + b"\xff\xff\xff\xff" + SOUND[44:]


def _format(tag: int, channels: int, rate: int, bits: int, body: bytes) -> bytes:
    frame = channels * bits // 8
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate, rate * frame, frame, bits)
    return b"RIFF\xff\xff\xff\xffWAVE" + layout + struct.pack("<4sI", b"data", len(body)) + body


SOUNDS = (
    SOUND,
    STREAM,
    _format(1, 2, 44_100, 24, bytes(range(60))),
    _format(3, 1, 48_000, 32, struct.pack("<4f", 0.5, float("nan"), float("inf"), -2.0)),
    _format(3, 1, 48_000, 64, struct.pack("<2d", 1e300, float("nan"))),
    _format(1, 1, 8_000, 8, bytes(range(40))),
)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xc0\0\x11\x08\x02\0\x02\0\3\1\x22\0\2\x11\1\3\x11\1\xff\xd9"
WEBP = tuple(
    b"RIFF" + (18).to_bytes(4, "little") + b"WEBP" + kind + (10).to_bytes(4, "little") + bytes(range(10))
    for kind in (b"VP8X", b"VP8L", b"VP8 ")
)
BMP = b"BM" + bytes(16) + struct.pack("<ii", 640, -480) + bytes(20)
PICTURES = (toy_png(), JPEG, BMP, *WEBP)
FILM = toy_film()

TIMELINE = {
    "VideoTracks": [
        {
            "VideoTrackClips": [
                {
                    "MediaURL": "oss://b/a.mp4",
                    "In": 0,
                    "Out": 9.5,
                    "TimelineIn": 0,
                    "Effects": [{"Type": "Volume", "Gain": 0}],
                }
            ]
        }
    ],
    "AudioTracks": [
        {"AudioTrackClips": [{"MediaURL": "oss://b/a.wav", "TimelineIn": 1.5, "TimelineOut": 3, "LoopMode": True}]}
    ],
    "SubtitleTracks": [
        {
            "SubtitleTrackClips": [
                {"Type": "Text", "Content": "AI", "X": 0.1, "Y": 0.1, "TimelineIn": 0, "TimelineOut": 2, "FontSize": 30}
            ]
        }
    ],
}
OUTPUT = {
    "MediaURL": "https://b.oss-cn-beijing.aliyuncs.com/a.mp4",
    "Width": 1280,
    "Height": 720,
    "Bitrate": 900,
    "MaxDuration": 9.5,
}


def _can_be_worked_on(data: bytes, sound: wave.Sound) -> None:
    assert len(sound.pcm) <= len(data) * 2
    assert wave.read(wave.write(sound.pcm, sound.rate)).pcm == sound.pcm
    assert 0 <= wave.voiced_ms(sound.pcm, sound.rate) <= sound.length_ms + wave.WINDOW_MS
    assert len(wave.trim_silence(sound.pcm, sound.rate)[0]) <= len(sound.pcm)


def _is_resampled(data: bytes, sound: wave.Sound) -> None:
    del data
    assert abs(wave.duration_ms(wave.resampled(sound, 24_000), 24_000) - sound.length_ms) <= 1


def _speech(data: bytes) -> object:
    return wave.read(cosyvoice_documents.checked_wav(data))


class _OneObject:
    """`Objects` of which only reading is asked."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def head(self, place: Place) -> ObjectInfo:
        return ObjectInfo(place.key, len(self._body), "etag", 0.0)

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        del place
        return self._body[start:] if length is None else self._body[start : start + length]


def _probe(data: bytes) -> object:
    objects: Objects = _OneObject(data)  # type: ignore[assignment]  # the probe only reads
    return MediaInfoProbe(objects).facts(Place(Bucket.INPUT, "inbox/story/story.mp4"))


def _local_captions(data: bytes) -> list[Caption]:
    return local_srt.parse_srt(local_srt.text_of(data))


def _are_captions(data: bytes, found: list[Caption]) -> None:
    del data
    assert all(0 <= caption.start_s < caption.end_s and caption.text for caption in found)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _timeline(document: object) -> None:
    parsing.parse_timeline(document)


def _output(document: object) -> None:
    parsing.parse_output(document)


def _labelled(data: bytes) -> mp4.Patch:
    """What a film carries, as is asked before it is published; then the label is put into it."""
    told = mp4.text_of(_reading(data), len(data), label.KEY)
    label.is_carried(told)
    return mp4.with_text(_reading(data), len(data), label.KEY, FIELD)


def _carries_it(data: bytes, patch: mp4.Patch) -> None:
    """A whole film does. Of a damaged one a last box without a length may swallow it; publishing looks once more."""
    film = data[: patch.at] + patch.body + data[patch.at + patch.removed :]
    try:
        told = mp4.text_of(_reading(film), len(film), label.KEY)
    except EchobotError as error:
        check_error(error)
    else:
        assert label.is_carried(told) or data not in LABELLED


def _reading(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, length: data[start : start + length]


FIELD = label.metadata("echobot", "fox", "ETAG")
LABELLED = (FILM, toy_mp4(4.0, 64, 64))

HARNESSES = (
    Harness(
        "film-label",
        st.one_of(damaged(*LABELLED), st.sampled_from(LABELLED), st.binary(max_size=200)),
        _labelled,
        _carries_it,
    ),
    Harness("label-field", st.one_of(json_bytes(bent(json.loads(FIELD))).map(_text), odd_texts), label.is_carried),
    Harness("picture", st.one_of(damaged(toy_png(24, 16), *PICTURES), st.binary(max_size=200)), png.brightness),
    Harness("wave", st.one_of(damaged(*SOUNDS), st.binary(max_size=200)), wave.read, _can_be_worked_on),
    Harness("speech", st.one_of(damaged(*SOUNDS), st.binary(max_size=200)), _speech, _is_resampled),
    Harness("webp", st.one_of(damaged(*WEBP), st.binary(max_size=40)), webp_size),
    Harness("photo", st.one_of(damaged(*PICTURES), st.binary(max_size=200)), photo.read_header),
    Harness("probe", st.one_of(damaged(FILM, SOUND, *PICTURES), st.binary(max_size=200)), _probe),
    Harness("local-captions", srt_files, _local_captions, _are_captions),
    Harness("timeline", bent(TIMELINE), _timeline, refuses=(RejectionError,)),
    Harness("output-media", bent(OUTPUT), _output, refuses=(RejectionError,)),
)
