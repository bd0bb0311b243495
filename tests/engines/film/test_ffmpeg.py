"""Running ffmpeg and reading what files hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local.engines import ffmpeg
from local.engines.ffmpeg import FfmpegError, Input, Media


def test_a_film_is_probed_for_size_length_rate_sound_and_captions(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:00,500\nhi\n", encoding="utf-8")
    picture = ["-f", "lavfi", "-i", "color=red:s=320x240:r=24:d=0.5", "-f", "lavfi", "-i", "sine=440:d=0.5"]
    captions = ["-i", "a.srt", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng"]
    ffmpeg.run([*picture, *captions, "-c:v", "libx264", "-ac", "2", "a.mp4"], folder=tmp_path)

    media = ffmpeg.probe(tmp_path / "a.mp4")

    assert (media.width, media.height, media.fps, media.channels) == (320, 240, 24.0, 2)
    assert media.duration_s == pytest.approx(0.5, abs=0.03)
    assert media.subtitles == ("en",)


def test_a_film_taken_upright_is_probed_as_it_is_shown(tmp_path: Path) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=320x240:d=0.1", "-c:v", "libx264", "a.mp4"], folder=tmp_path)
    ffmpeg.run(["-display_rotation", "90", "-i", "a.mp4", "-c", "copy", "b.mp4"], folder=tmp_path)

    media = ffmpeg.probe(tmp_path / "b.mp4")

    assert (media.width, media.height) == (240, 320)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp"])
def test_pictures_are_probed_for_their_size(tmp_path: Path, ending: str) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=320x240", "-frames:v", "1", f"a.{ending}"], folder=tmp_path)

    media = ffmpeg.probe(tmp_path / f"a.{ending}")

    assert (media.width, media.height, media.duration_s, media.channels) == (320, 240, 0.0, 0)


def test_a_recording_has_a_length_and_no_picture(tmp_path: Path) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "sine=440:d=0.5", "a.wav"], folder=tmp_path)

    assert ffmpeg.probe(tmp_path / "a.wav") == Media(duration_s=0.5, channels=1)


@pytest.mark.parametrize("content", [b"", b"no film at all" * 50, None])
def test_what_is_no_medium_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)

    with pytest.raises(FfmpegError, match=r"a\.mp4 holds neither picture nor sound"):
        ffmpeg.probe(tmp_path / "a.mp4")


def test_a_failure_says_what_ffmpeg_said(tmp_path: Path) -> None:
    with pytest.raises(FfmpegError, match="No such file or directory"):
        ffmpeg.run([*Input(tmp_path / "none.mp4").arguments(), "-f", "null", "-"])


def test_a_list_of_other_files_dressed_up_as_a_film_is_not_opened(tmp_path: Path) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "sine=440:d=0.2", "secret.wav"], folder=tmp_path)
    (tmp_path / "story.mp4").write_text("ffconcat version 1.0\nfile secret.wav\n", encoding="utf-8")

    with pytest.raises(FfmpegError, match=r"not on whitelist|Invalid data"):
        ffmpeg.run([*Input(tmp_path / "story.mp4").arguments(), "-f", "null", "-"])


def test_a_run_that_takes_too_long_is_ended() -> None:
    endless = ["-re", "-f", "lavfi", "-i", "sine=440", "-f", "null", "-"]

    with pytest.raises(FfmpegError, match=r"did not finish within 0\.2 s"):
        ffmpeg.run(endless, timeout_s=0.2)


def test_progress_is_reported_in_seconds_of_output() -> None:
    seen: list[float] = []
    ffmpeg.run(["-f", "lavfi", "-i", "sine=440:d=2", "-f", "null", "-"], watch=seen.append)

    assert seen[-1] == pytest.approx(2.0, abs=0.05)


def test_frames_become_a_film(tmp_path: Path) -> None:
    red = np.full((48, 64, 3), (0, 0, 255), np.uint8)
    with ffmpeg.frame_writer(64, 48, 25, ["-c:v", "libx264", tmp_path / "a.mp4"]) as write:
        for _ in range(10):
            write(red)

    media = ffmpeg.probe(tmp_path / "a.mp4")

    assert (media.width, media.height, media.duration_s) == (64, 48, 0.4)


def test_a_frame_of_the_wrong_size_is_refused_and_ends_the_film(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="frame is"),
        ffmpeg.frame_writer(64, 48, 25, ["-c:v", "libx264", tmp_path / "a.mp4"]) as write,
    ):
        write(np.zeros((10, 10, 3), np.uint8))


def test_frames_for_an_ffmpeg_that_gave_up_are_its_error_not_a_broken_pipe(tmp_path: Path) -> None:
    def film() -> None:
        with ffmpeg.frame_writer(640, 480, 25, ["-c:v", "nonsense", tmp_path / "a.mp4"]) as write:
            for _ in range(100):
                write(np.zeros((480, 640, 3), np.uint8))

    with pytest.raises(FfmpegError, match="Unknown encoder"):
        film()
