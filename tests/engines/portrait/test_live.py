"""LivePortrait's behaviour: the whole photo speaks, as strongly as asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import LivePortraitStyle, RejectionError
from local.engines.portrait import live_portrait
from local.engines.portrait.drive import Manner, drive
from local.samples.photos import drawing

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"
PORTRAIT = SAMPLES / "portrait.png"


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech")
    ffmpeg.run(["-i", SAMPLES / "mother.wav", "-t", "1.5", "speech.wav"], folder=folder)
    return folder / "speech.wav"


def frames(clip: Path, width: int, height: int) -> NDArray[np.int16]:
    raw = ffmpeg.run([*ffmpeg.Input(clip).arguments(), "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"])
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3).astype(np.int16)


def test_the_whole_photo_is_shown_and_only_the_face_part_moves(speech: Path, tmp_path: Path) -> None:
    length_s = live_portrait(PORTRAIT, speech, LivePortraitStyle(fps=20), tmp_path / "clip.mp4")

    media = ffmpeg.probe(tmp_path / "clip.mp4")
    assert (media.width, media.height, media.fps, length_s) == (512, 512, 20.0, 1.5)
    moved = np.abs(np.diff(frames(tmp_path / "clip.mp4", 512, 512), axis=0)).max(axis=(0, 3))
    assert moved[90:180, 180:270].max() > 40
    assert moved[400:].max() < 12
    photo = cv2.imread(str(PORTRAIT))
    assert photo is not None
    assert np.abs(frames(tmp_path / "clip.mp4", 512, 512)[0, 300:] - photo[300:].astype(int)).mean() < 5


@pytest.mark.parametrize(("rows", "pixels", "size"), [(400, 320 * 240, (320, 240)), (512, 1280 * 720, (960, 960))])
def test_the_whole_photo_is_shown_at_the_pixels_that_were_asked_for(
    speech: Path, tmp_path: Path, rows: int, pixels: int, size: tuple[int, int]
) -> None:
    photo = cv2.imread(str(PORTRAIT))
    assert photo is not None
    cv2.imwrite(str(tmp_path / "photo.png"), photo[:rows])

    live_portrait(tmp_path / "photo.png", speech, LivePortraitStyle(fps=15, pixels=pixels), tmp_path / "clip.mp4")

    media = ffmpeg.probe(tmp_path / "clip.mp4")
    assert (media.width, media.height) == size
    scale = max(size[0] / 512, size[1] / rows)
    whole = cv2.resize(photo[:rows], (round(512 * scale), round(rows * scale)), interpolation=cv2.INTER_AREA)
    left, top = (gap // 4 * 2 for gap in (whole.shape[1] - size[0], whole.shape[0] - size[1]))  # colours come in pairs
    due = whole[top : top + size[1], left : left + size[0]].astype(int)
    assert np.abs(frames(tmp_path / "clip.mp4", *size)[0] - due).mean() < 4


def test_without_paste_back_the_face_alone_is_shown(speech: Path, tmp_path: Path) -> None:
    live_portrait(PORTRAIT, speech, LivePortraitStyle(paste_back=False), tmp_path / "clip.mp4")

    media = ffmpeg.probe(tmp_path / "clip.mp4")
    assert (media.width, media.height, media.fps) == (512, 512, 24.0)
    face = frames(tmp_path / "clip.mp4", 512, 512)[0, 150:370, 170:350]
    assert face.mean() > 120


def test_strengths_scale_what_moves() -> None:
    times = np.arange(5 * 16000) / 16000
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * times), 0, 1)
    hum = sum(np.sin(2 * np.pi * 140 * harmonic * times) for harmonic in range(1, 12))
    samples = np.asarray(0.02 * syllables * hum, np.float32)

    usual, still, strong = (
        drive(samples, 25, "normal", manner=manner)
        for manner in (Manner(), Manner(head=0, mouth=0, blinks=0), Manner(mouth=0.5, head=2))
    )

    assert max(pose.blink for pose in usual) == 1.0
    assert {(pose.opening, pose.width, pose.blink, pose.turn.yaw, pose.turn.pitch) for pose in still} == {(0,) * 5}
    assert max(pose.opening for pose in strong) == pytest.approx(0.5 * max(pose.opening for pose in usual), rel=0.1)
    assert [pose.turn.yaw for pose in strong] == pytest.approx([2 * pose.turn.yaw for pose in usual])


def test_a_template_it_does_not_know_is_refused(speech: Path, tmp_path: Path) -> None:
    with pytest.raises(RejectionError) as caught:
        live_portrait(PORTRAIT, speech, replace(LivePortraitStyle(), template="subtle"), tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidParameter"


def test_a_drawing_is_refused_and_leaves_no_clip(speech: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "photo.png"), drawing.child_drawing())

    with pytest.raises(RejectionError) as caught:
        live_portrait(tmp_path / "photo.png", speech, LivePortraitStyle(), tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidFile.Content"
    assert not (tmp_path / "clip.mp4").exists()
