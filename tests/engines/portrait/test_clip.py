"""Talking clips, really written."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from local.engines import ffmpeg
from local.engines.contract import Box, Face, RejectionError
from local.engines.portrait import animate

PORTRAIT = Path(__file__).resolve().parents[3] / "local" / "samples" / "portrait.png"
HEAD = Face((178, 69, 272, 176), (91, 0, 360, 269))
FIGURE = Face((178, 69, 272, 176), (92, 0, 359, 356))


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three quarters of a second: a pause, a tone, a pause."""
    folder = tmp_path_factory.mktemp("speech")
    tone = "aevalsrc='0.3*sin(2*PI*200*t)*sin(2*PI*700*t)*between(t,0.2,0.5)':s=24000:d=0.73"
    ffmpeg.run(["-f", "lavfi", "-i", tone, "speech.wav"], folder=folder)
    return folder / "speech.wav"


def made(speech: Path, folder: Path, face: Face = HEAD, style: str = "normal") -> Path:
    animate(PORTRAIT, speech, face, style, folder / "clip.mp4")
    return folder / "clip.mp4"


def refused(speech: Path, folder: Path, face: Face = HEAD, style: str = "normal") -> tuple[str, str]:
    with pytest.raises(RejectionError) as caught:
        made(speech, folder, face, style)
    assert not (folder / "clip.mp4").exists()
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(("face", "size"), [(HEAD, (512, 512)), (FIGURE, (512, 704))])
def test_the_area_decides_between_a_head_and_a_half_figure(
    speech: Path, tmp_path: Path, face: Face, size: tuple[int, int]
) -> None:
    media = ffmpeg.probe(made(speech, tmp_path, face))

    assert (media.width, media.height, media.fps) == (*size, 25.0)
    assert media.has_audio


def test_the_clip_is_as_long_as_the_speech_to_the_next_frame(speech: Path, tmp_path: Path) -> None:
    seen: list[float] = []

    length_s = animate(PORTRAIT, speech, HEAD, "calm", tmp_path / "clip.mp4", seen.append)

    assert length_s == 0.76
    assert ffmpeg.probe(tmp_path / "clip.mp4").duration_s == pytest.approx(0.76, abs=0.002)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_the_speech_is_heard_in_the_clip(speech: Path, tmp_path: Path) -> None:
    clip = made(speech, tmp_path)

    raw = ffmpeg.run([*ffmpeg.Input(clip).arguments(), "-ac", "1", "-ar", "16000", "-f", "f32le", "pipe:1"])
    sound = np.abs(np.frombuffer(raw, np.float32))

    assert sound[4000:7000].mean() > 0.05
    assert sound[:2500].mean() < 0.01


@pytest.mark.media
@pytest.mark.parametrize("area", [(91, 0, 360, 269), (140, 20, 310, 190)])
def test_the_clip_starts_with_the_photo_within_the_area(speech: Path, tmp_path: Path, area: Box) -> None:
    left, top, right, bottom = area
    photo = cv2.imread(str(PORTRAIT))[top:bottom, left:right]  # type: ignore[index]  # it is there
    raw = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"]

    clip = made(speech, tmp_path, Face(HEAD.face_bbox, area))

    first = np.frombuffer(ffmpeg.run([*ffmpeg.Input(clip).arguments(), *raw]), np.uint8).reshape(512, 512, 3)
    assert np.abs(first - cv2.resize(photo, (512, 512)).astype(float)).mean() < 12


@pytest.mark.media
def test_the_same_photo_and_speech_make_the_same_clip(speech: Path, tmp_path: Path) -> None:
    assert made(speech, tmp_path).read_bytes() == made(speech, tmp_path).read_bytes()


def test_mp3_is_taken_too(speech: Path, tmp_path: Path) -> None:
    ffmpeg.run(["-i", speech, tmp_path / "speech.mp3"])

    assert ffmpeg.probe(made(tmp_path / "speech.mp3", tmp_path)).has_audio


def test_a_style_emo_does_not_know_is_refused(speech: Path, tmp_path: Path) -> None:
    assert refused(speech, tmp_path, style="subtle") == ("InvalidParameter", "The style_level is invalid.")


@pytest.mark.parametrize(
    "face",
    [
        Face((178, 69, 272, 176), (91, 0, 513, 269)),
        Face((-1, 69, 272, 176), (91, 0, 360, 269)),
        Face((272, 69, 178, 176), (91, 0, 360, 269)),
    ],
)
def test_boxes_outside_the_photo_are_refused(speech: Path, tmp_path: Path, face: Face) -> None:
    assert refused(speech, tmp_path, face)[0] == "InvalidParameter"


def test_a_box_without_a_face_is_refused(speech: Path, tmp_path: Path) -> None:
    assert refused(speech, tmp_path, Face((10, 300, 90, 400), (0, 243, 269, 512)))[0] == "InvalidFile.Content"


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "speech.wav").write_bytes(b"no sound" * 100)

    assert refused(tmp_path / "speech.wav", tmp_path) == (
        "InvalidURL",
        "File type is not supported. Allowed types are: .wav, .mp3.",
    )
    assert refused(PORTRAIT, tmp_path)[0] == "InvalidURL"


def test_a_clip_that_is_broken_off_leaves_no_file(speech: Path, tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animate(PORTRAIT, speech, HEAD, "normal", tmp_path / "clip.mp4", stop)

    assert not (tmp_path / "clip.mp4").exists()
