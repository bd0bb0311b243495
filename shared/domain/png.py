"""The brightness of a small PNG, row by row, with the standard library: enough to see whether letters are in it.

Apart, because it is a file format. Takes what OSS and ffmpeg make of a frame: eight bits a channel, grey or colour, not
interlaced (PNG specification, third edition).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import accumulate

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
    return list(_rows(data, width, height, channels))


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


def _rows(data: bytes, width: int, height: int, channels: int) -> Iterator[bytes]:
    """Each row was told by its difference from the pixel before, the row above, or both; each channel by itself."""
    length = 1 + width * channels
    if len(data) != length * height:
        raise Corrupt("vendor.contract", "a picture cut short")
    first = 1 + (_GREEN if channels >= 3 else 0)
    above = bytes(width)
    for at in range(0, len(data), length):
        above = _told(data[at], data[at + first : at + length : channels], above)
        yield above


def _told(how: int, row: bytes, above: bytes) -> bytes:
    if how == 1:
        return bytes(value & 255 for value in accumulate(row))
    if how == 2:
        return bytes((one + up) & 255 for one, up in zip(row, above, strict=True))
    if how == 3:
        return _by_neighbours(row, above, lambda left, up, _corner: (left + up) // 2)
    return _by_neighbours(row, above, _nearest) if how == 4 else row


def _by_neighbours(row: bytes, above: bytes, guess: Callable[[int, int, int], int]) -> bytes:
    told, left, corner = bytearray(), 0, 0
    for one, up in zip(row, above, strict=True):
        left = (one + guess(left, up, corner)) & 255
        told.append(left)
        corner = up
    return bytes(told)


def _nearest(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
