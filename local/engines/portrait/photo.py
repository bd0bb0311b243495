"""The photo as a file: its format and size from the header, then its pixels.

The size is looked at before anything is decoded: a picture of a few kilobytes can unpack to gigabytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from local.engines.contract import RejectionError

Image = NDArray[np.uint8]

SIDE_PX_MIN, SIDE_PX_MAX = 400, 7000  # "EMO": the smallest and the largest side

BAD_FORMAT = RejectionError(
    "InvalidURL",
    "The request URL is invalid, please check the request URL is available and the request image format is one of the "
    "following types: JPEG, JPG, PNG, BMP, and WEBP.",
)
BAD_SIZE = RejectionError(
    "InvalidFile.Resolution",
    "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and the "
    "smallest length of image is larger than 400.",
)

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start-of-frame markers
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True)
class Header:
    """Format as in a file's ending; width and height in pixels as stored."""

    format: str
    width: int
    height: int


def load_photo(path: Path) -> Image:
    """The photo upright in BGR; RejectionError for another format or a side under 400 or over 7000 pixels."""
    content = path.read_bytes()
    header = read_header(content)
    if header is None:
        raise BAD_FORMAT
    if min(header.width, header.height) < SIDE_PX_MIN or max(header.width, header.height) > SIDE_PX_MAX:
        raise BAD_SIZE
    # IMREAD_COLOR turns a photo as its EXIF tag says and leaves transparency out
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise BAD_FORMAT
    return decoded.astype(np.uint8, copy=False)


def read_header(content: bytes) -> Header | None:
    """Format and size of a PNG, JPEG, BMP or WebP; None for anything else."""
    stream = BytesIO(content)
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return Header("png", *struct.unpack(">II", content[16:24]))
        if content.startswith(b"BM"):
            width, height = struct.unpack("<ii", content[18:26])
            return Header("bmp", width, abs(height))  # a negative height means the rows go down
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return Header("webp", *_webp_size(content))
        if content.startswith(b"\xff\xd8"):
            return Header("jpg", *_jpeg_size(stream))
    except (struct.error, EOFError, ValueError):
        return None
    return None


def _jpeg_size(stream: BinaryIO) -> tuple[int, int]:
    stream.seek(2)
    while True:
        marker = _next_marker(stream)
        if marker in _JPEG_BARE:
            continue
        length = struct.unpack(">H", _read(stream, 2))[0]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">xHH", _read(stream, 5))
            return width, height
        _read(stream, length - 2)


def _next_marker(stream: BinaryIO) -> int:
    while _read(stream, 1) != b"\xff":
        continue
    marker = b"\xff"
    while marker == b"\xff":  # fill bytes
        marker = _read(stream, 1)
    return marker[0]


def _webp_size(content: bytes) -> tuple[int, int]:
    """The three kinds of WebP keep their size in three ways."""
    kind, start = content[12:16], 20
    if kind == b"VP8X":
        size = content[start + 4 : start + 10] + b"\0"
        return 1 + int.from_bytes(size[:3], "little"), 1 + int.from_bytes(size[3:6], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(content[start + 1 : start + 5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[start + 6 : start + 10])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError(kind)


def _read(stream: BinaryIO, count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise EOFError
    return content
