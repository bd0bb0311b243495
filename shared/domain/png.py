"""The brightness of a small PNG, row by row, with the standard library: enough to see whether letters are in it.

Apart, because it is a file format. Takes what OSS and ffmpeg make of a frame: eight bits a channel, grey or colour, not
interlaced (PNG specification, third edition).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from shared.domain.errors import Corrupt

SIDE_MAX = 2048
_MAGIC = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # grey, colour, both with transparency
_GREEN = 1  # of colour, the channel that says most about brightness


def brightness(png: bytes) -> list[bytes]:
    """One byte a pixel, 255 is bright; of a coloured picture its green. `Corrupt("vendor.contract")` for any other."""
    try:
        width, height, channels, packed = _parts(png)
        data = zlib.decompressobj().decompress(packed, (1 + width * channels) * height)
    except (struct.error, zlib.error, ValueError) as error:
        raise Corrupt("vendor.contract", f"not a picture of ours: {error}") from error
    first = _GREEN if channels >= 3 else 0
    return [row[first::channels] for row in _rows(data, width * channels, height, channels)]


def _parts(png: bytes) -> tuple[int, int, int, bytes]:
    if png[:8] != _MAGIC or png[12:16] != b"IHDR":
        raise ValueError("no PNG")
    width, height, bits, colour, *rest = struct.unpack_from(">2I5B", png, 16)
    if bits != 8 or colour not in _CHANNELS or any(rest) or not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        raise ValueError(f"{width}x{height}, {bits} bits, colour {colour}, {rest}")
    return width, height, _CHANNELS[colour], b"".join(body for kind, body in _chunks(png) if kind == b"IDAT")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        yield kind, png[at + 8 : at + 8 + size]
        at += 12 + size


def _rows(data: bytes, length: int, height: int, step: int) -> Iterator[bytes]:
    """Each row was told by its difference from the pixel before, the row above, or both."""
    if len(data) != (1 + length) * height:
        raise Corrupt("vendor.contract", "a picture cut short")
    above = bytes(length)
    for at in range(0, len(data), 1 + length):
        row = bytearray(data[at + 1 : at + 1 + length])
        _undo(data[at], row, above, step)
        above = bytes(row)
        yield above


def _undo(how: int, row: bytearray, above: bytes, step: int) -> None:
    if how == 1:
        for place in range(step, len(row)):
            row[place] = (row[place] + row[place - step]) & 255
    elif how == 2:
        row[:] = bytes((one + other) & 255 for one, other in zip(row, above, strict=True))
    elif how == 3:
        for place, up in enumerate(above):
            left = row[place - step] if place >= step else 0
            row[place] = (row[place] + (left + up) // 2) & 255
    elif how == 4:
        for place, up in enumerate(above):
            left, corner = (row[place - step], above[place - step]) if place >= step else (0, 0)
            row[place] = (row[place] + _nearest(left, up, corner)) & 255


def _nearest(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
