"""One frame out of a film."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from local.engines import ffmpeg
from local.engines.film.frame import frame


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of red, then a second of blue."""
    folder = tmp_path_factory.mktemp("film")
    red, blue = (f"color={name}:s=160x90:r=25:d=1" for name in ("red", "blue"))
    joined = ["-f", "lavfi", "-i", red, "-f", "lavfi", "-i", blue, "-filter_complex", "[0][1]concat"]
    ffmpeg.run([*joined, "-c:v", "libx264", "film.mp4"], folder=folder)
    return folder / "film.mp4"


def color(picture: bytes) -> list[int]:
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (90, 160, 3)
    return [int(round(float(value), -1)) for value in decoded.reshape(-1, 3).mean(axis=0)]


@pytest.mark.parametrize(("kind", "start"), [("jpg", b"\xff\xd8"), ("png", b"\x89PNG")])
def test_the_frame_comes_in_the_format_asked_for(film: Path, kind: str, start: bytes) -> None:
    assert frame(film, 0.5, kind).startswith(start)


@pytest.mark.parametrize(
    ("at_s", "bgr"),
    [(0.0, [0, 0, 250]), (0.96, [0, 0, 250]), (1.0, [250, 0, 0]), (1.96, [250, 0, 0])],
)
def test_it_is_the_one_shown_at_that_time(film: Path, at_s: float, bgr: list[int]) -> None:
    assert color(frame(film, at_s, "png")) == bgr


def test_a_film_of_ten_bits_is_shown_with_eight(tmp_path: Path) -> None:
    made = ["-f", "lavfi", "-i", "color=red:s=160x90:r=25:d=0.2", "-c:v", "libx265", "-pix_fmt", "yuv420p10le"]
    ffmpeg.run([*made, "film.mp4"], folder=tmp_path)
    shown = frame(tmp_path / "film.mp4", 0.0, "png")

    assert shown[24:26] == bytes([8, 2])  # IHDR: eight bits a channel, red, green and blue
    assert color(shown) == [0, 0, 250]


def test_a_time_beyond_the_end_is_an_error(film: Path) -> None:
    with pytest.raises(ValueError, match=r"ffmpeg failed|no frame at 60"):
        frame(film, 60.0, "jpg")


def test_what_is_no_film_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film" * 50)

    for name in ("a.mp4", "none.mp4"):
        with pytest.raises(ValueError, match="ffmpeg failed"):
            frame(tmp_path / name, 0.0, "jpg")
