"""TensorFlow's checkpoint format, read from a made-up file of two variables."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from local.engines.sound.checkpoint import variables


def varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(shape: list[int], offset: int, size: int, dtype: int = 1) -> bytes:
    dimensions = b"".join(field(2, field(1, length)) for length in shape)
    checksum = varint(6 << 3 | 5) + b"\1\2\3\4"
    return field(1, dtype) + field(2, dimensions) + field(4, offset) + field(5, size) + checksum


def block(rows: list[tuple[bytes, bytes]]) -> bytes:
    """Keys share what they can with the one before, as LevelDB writes them."""
    written, before = b"", b""
    for key, value in rows:
        shared = next((at for at, pair in enumerate(zip(key, before, strict=False)) if pair[0] != pair[1]), 0)
        written += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return written + struct.pack("<II", 0, 1)


def table(rows: list[tuple[bytes, bytes]], *, compressed: bool = False) -> bytes:
    kind = b"\1" if compressed else b"\0"
    trailer = kind + b"\0\0\0\0"
    content = block(rows)
    index = block([(b"z", varint(0) + varint(len(content)))])
    footer = varint(0) + varint(0) + varint(len(content) + 5) + varint(len(index))
    return content + trailer + index + b"\0" + b"\0\0\0\0" + footer.ljust(48, b"\0")


def test_variables_are_read_with_their_shapes() -> None:
    data = np.arange(10, dtype="<f4").tobytes()
    rows = [
        (b"", field(1, 1)),
        (b"conv/bias", entry([4], 24, 16)),
        (b"conv/kernel", entry([2, 3], 0, 24)),
        (b"step", entry([], 0, 8, dtype=9)),
    ]

    found = variables(table(rows), data)

    assert set(found) == {"conv/bias", "conv/kernel"}
    assert np.array_equal(found["conv/bias"], [6, 7, 8, 9])
    assert np.array_equal(found["conv/kernel"], [[0, 1, 2], [3, 4, 5]])


def test_a_compressed_table_is_not_misread() -> None:
    with pytest.raises(ValueError, match="compressed"):
        variables(table([(b"a", entry([1], 0, 4))], compressed=True), bytes(4))
