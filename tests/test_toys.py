"""Toy media are true files, and toy engines do as the contract says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pymediainfo import MediaInfo

from local.engines.contract import Caption, Face, RejectionError, SpeechStyle, no_progress
from tests.toys import ToyEngines, asked_in, note_in, seconds_of, toy_film, toy_mp4, toy_png, toy_wav


def saved(folder: Path, name: str, body: bytes) -> Path:
    file = folder / name
    file.write_bytes(body)
    return file


@pytest.mark.parametrize("seconds", [0.04, 3.2, 61.48])
def test_a_toy_film_is_read_as_h264_and_aac_of_the_right_length(seconds: float) -> None:
    tracks = MediaInfo.parse(io.BytesIO(toy_mp4(seconds, 1280, 720, note=b"hello")))

    picture, sound = tracks.video_tracks[0], tracks.audio_tracks[0]
    assert (picture.format, picture.width, picture.height, picture.frame_rate) == ("AVC", 1280, 720, "25.000")
    assert (sound.format, sound.sampling_rate, sound.channel_s) == ("AAC", 48_000, 2)
    assert (round(seconds * 1000), round(seconds * 1000)) == (picture.duration, sound.duration)


def test_a_toy_film_can_be_silent() -> None:
    tracks = MediaInfo.parse(io.BytesIO(toy_mp4(2, 512, 512, audio=False)))

    assert (len(tracks.video_tracks), len(tracks.audio_tracks)) == (1, 0)


def test_the_note_and_the_length_of_a_toy_film_come_back() -> None:
    film = toy_mp4(12.5, 1280, 720, note=b'{"a": 1}')

    assert (note_in(film), asked_in(film), seconds_of(film)) == (b'{"a": 1}', {"a": 1}, 12.5)


def test_bytes_that_are_no_toy_film_have_no_note() -> None:
    assert note_in(b"\0\0\0\4free" + b"x" * 40) == b""


def test_a_toy_picture_has_its_size() -> None:
    picture = MediaInfo.parse(io.BytesIO(toy_png(640, 480, b"NOFACE"))).image_tracks[0]

    assert (picture.format, picture.width, picture.height) == ("PNG", 640, 480)


@pytest.mark.parametrize(
    "note",
    [
        toy_film(9, [(0.5, 2.0, "从前"), (2.5, 4.25, "有只兔子")]),
        toy_mp4(
            9,
            1280,
            720,
            note="1\n00:00:00,500 --> 00:00:02,000\n从前\n\n2\n00:00:02,500 --> 00:00:04,250\n有只兔子\n\n".encode(),
        ),
    ],
)
def test_captions_are_read_from_json_and_from_srt(tmp_path: Path, note: bytes) -> None:
    captions = ToyEngines().captions(saved(tmp_path, "film.mp4", note))

    assert [Caption(0.5, 2.0, "从前"), Caption(2.5, 4.25, "有只兔子")] == captions


def test_a_film_without_music_gives_a_voice_only(tmp_path: Path) -> None:
    halves = ToyEngines().separate(saved(tmp_path, "film.mp4", toy_film(4, music=False)), tmp_path)

    assert halves.music is None
    assert seconds_of(halves.voice.read_bytes()) == 4


def test_speech_is_as_long_as_its_text_and_half_at_double_rate() -> None:
    plain, fast = (ToyEngines().speak(b"p", "从前有只兔子朋友", SpeechStyle(rate=rate)) for rate in (1.0, 2.0))

    assert len(plain.pcm) == 2 * len(fast.pcm) == 2 * 2 * plain.sample_rate
    assert (len(plain.words), plain.words[-1].end_s) == (8, 2.0)


@pytest.mark.parametrize("marker", [b"NOFACE", b"TWOFACES", b"TOODARK", b"PROFILE"])
def test_a_marked_photo_is_refused_with_a_vendor_code(tmp_path: Path, marker: bytes) -> None:
    with pytest.raises(RejectionError, match="InvalidFile"):
        ToyEngines().detect(saved(tmp_path, "photo.png", toy_png(note=marker)), "1:1")


@pytest.mark.parametrize(("ratio", "ext_bbox"), [("1:1", (0, 0, 512, 512)), ("3:4", (64, 0, 448, 512))])
def test_boxes_have_the_ratio_asked_for(tmp_path: Path, ratio: str, ext_bbox: tuple[int, ...]) -> None:
    face = ToyEngines().detect(saved(tmp_path, "photo.png", toy_png()), ratio)

    assert ext_bbox == face.ext_bbox


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        (toy_wav(12, rate=8_000), "Audio.AudioRateError"),
        (toy_wav(12) + b"SILENT", "Audio.AudioSilentError"),
        (b"not a sound", "Audio.DecoderError"),
    ],
)
def test_a_bad_sample_is_refused(tmp_path: Path, sample: bytes, code: str) -> None:
    with pytest.raises(RejectionError, match=code):
        ToyEngines().enrol(saved(tmp_path, "voice.wav", sample), "zh")


def test_a_clip_is_as_long_as_its_speech(tmp_path: Path) -> None:
    photo, speech = saved(tmp_path, "photo.png", toy_png()), saved(tmp_path, "speech.wav", toy_wav(7.4))
    clip = tmp_path / "clip.mp4"

    seconds = ToyEngines().animate(photo, speech, Face((1, 1, 9, 9), (0, 0, 90, 120)), "calm", clip, no_progress)

    assert (seconds, seconds_of(clip.read_bytes()), asked_in(clip.read_bytes())["style"]) == (7.4, 7.4, "calm")


def test_a_rendered_film_ends_with_its_pictures_and_carries_its_timeline(tmp_path: Path) -> None:
    sources = {"film": saved(tmp_path, "film.mp4", toy_film(10)), "voice": saved(tmp_path, "v.wav", toy_wav(30))}
    timeline: dict[str, object] = {
        "VideoTracks": [{"VideoTrackClips": [{"MediaURL": "film"}, {"MediaURL": "film", "In": 2, "Out": 5}]}],
        "AudioTracks": [{"AudioTrackClips": [{"MediaURL": "voice", "TimelineIn": 1}]}],
    }

    film = tmp_path / "out.mp4"
    seconds = ToyEngines().render(timeline, {"Width": 640, "Height": 360}, sources.__getitem__, film, no_progress)

    assert 13.0 == seconds == seconds_of(film.read_bytes())
    assert timeline == asked_in(film.read_bytes())["timeline"]


def test_an_empty_timeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RejectionError, match="TimelineFormatError"):
        ToyEngines().render({"VideoTracks": []}, {}, Path, tmp_path / "out.mp4", no_progress)
