"""A photo is judged by its header before a single pixel is unpacked."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from local.engines.contract import RejectionError
from local.engines.portrait.photo import Header, load_photo, read_header

GRAY = np.full((420, 500, 3), 120, np.uint8)
ORIENTATION_RIGHT = bytes.fromhex("ffe100224578696600004d4d002a00000008000101120003000000010006000000000000")


def encoded(ending: str, *parameters: int) -> bytes:
    return cv2.imencode(f".{ending}", GRAY, list(parameters))[1].tobytes()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is this large and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def refused(content: bytes, folder: Path) -> RejectionError:
    (folder / "photo").write_bytes(content)
    with pytest.raises(RejectionError) as caught:
        load_photo(folder / "photo")
    return caught.value


@pytest.mark.parametrize(
    ("content", "format_name"),
    [
        (encoded("png"), "png"),
        (encoded("bmp"), "bmp"),
        (encoded("jpg"), "jpg"),
        (encoded("jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1), "jpg"),
        (encoded("webp", cv2.IMWRITE_WEBP_QUALITY, 80), "webp"),
        (encoded("webp", cv2.IMWRITE_WEBP_QUALITY, 101), "webp"),
    ],
)
def test_the_five_formats_are_known_by_their_content(content: bytes, format_name: str) -> None:
    assert read_header(content) == Header(format_name, 500, 420)


def test_an_extended_webp_tells_its_canvas() -> None:
    content = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + (1999).to_bytes(3, "little") + (999).to_bytes(3, "little")

    assert read_header(content) == Header("webp", 2000, 1000)


def test_a_bitmap_stored_top_down_has_a_height() -> None:
    content = bytearray(encoded("bmp"))
    content[22:26] = struct.pack("<i", -420)

    assert read_header(bytes(content)) == Header("bmp", 500, 420)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a\x10\x00\x10\x00", b"<html>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0"]
)
def test_anything_else_is_refused_as_a_bad_address(content: bytes, tmp_path: Path) -> None:
    error = refused(content, tmp_path)

    assert error.code == "InvalidURL"
    assert error.message.endswith("one of the following types: JPEG, JPG, PNG, BMP, and WEBP.")


@pytest.mark.parametrize("size", [(399, 2000), (2000, 399), (7001, 500), (500, 7001), (60000, 60000)])
def test_a_side_out_of_range_is_refused_unopened(size: tuple[int, int], tmp_path: Path) -> None:
    error = refused(png_of(*size), tmp_path)

    assert error.code == "InvalidFile.Resolution"
    assert error.message == (
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and "
        "the smallest length of image is larger than 400."
    )


def test_a_picture_that_breaks_off_is_refused(tmp_path: Path) -> None:
    assert refused(encoded("png")[:100], tmp_path).code == "InvalidURL"


@pytest.mark.parametrize("size", [(400, 400), (400, 7000)])
def test_sides_at_the_limits_are_taken(size: tuple[int, int], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "photo.jpg"), np.zeros((size[1], size[0], 3), np.uint8))

    assert load_photo(tmp_path / "photo.jpg").shape == (size[1], size[0], 3)


def test_a_photo_taken_sideways_is_loaded_upright(tmp_path: Path) -> None:
    content = encoded("jpg")
    (tmp_path / "photo.jpg").write_bytes(content[:2] + ORIENTATION_RIGHT + content[2:])

    assert load_photo(tmp_path / "photo.jpg").shape == (500, 420, 3)


def test_transparency_and_gray_become_plain_colour(tmp_path: Path) -> None:
    for name, picture in (("a.png", np.zeros((400, 400, 4), np.uint8)), ("b.png", np.zeros((400, 400), np.uint8))):
        cv2.imwrite(str(tmp_path / name), picture)

        assert load_photo(tmp_path / name).shape == (400, 400, 3)
