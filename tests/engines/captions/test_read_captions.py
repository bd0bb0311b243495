"""Captions come out of real files, through ffmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.engines import ffmpeg
from local.engines.captions import read_captions
from local.engines.contract import Caption

CAPTIONS = [Caption(0.2, 0.8, "小狐狸\nThe little fox"), Caption(1.0, 1.6, "晚安")]
SRT = "1\n00:00:00,200 --> 00:00:00,800\n小狐狸\nThe little fox\n\n2\n00:00:01,000 --> 00:00:01,600\n晚安\n"
BLACK = ["-f", "lavfi", "-i", "color=black:s=160x120:r=10:d=2"]


def film_with(folder: Path, name: str, codec: str | None, srt: str = SRT) -> Path:
    """Two seconds of black, with captions in the given codec."""
    (folder / "given.srt").write_text(srt, encoding="utf-8")
    captions = ["-i", str(folder / "given.srt"), "-map", "1:s", "-c:s", codec] if codec else []
    ffmpeg.run([*BLACK, *captions, "-map", "0:v", "-c:v", "libx264", "-preset", "ultrafast", folder / name])
    return folder / name


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mov_text"), ("a.mov", "mov_text")])
def test_embedded_captions_are_read_with_their_lines_and_times(tmp_path: Path, name: str, codec: str) -> None:
    assert read_captions(film_with(tmp_path, name, codec)) == CAPTIONS


def test_a_film_without_captions_has_none(tmp_path: Path) -> None:
    assert read_captions(film_with(tmp_path, "a.mp4", None)) == []


def test_progress_ends_at_one_whether_or_not_captions_are_found(tmp_path: Path) -> None:
    for codec in ("mov_text", None):
        seen: list[float] = []
        read_captions(film_with(tmp_path, "a.mp4", codec), seen.append)

        assert seen == sorted(seen)
        assert seen[-1] == 1.0


def test_a_file_that_is_no_film_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "story.mp4").write_bytes(b"this is no film" * 100)

    with pytest.raises(ffmpeg.FfmpegError):
        read_captions(tmp_path / "story.mp4")
