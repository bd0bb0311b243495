"""Read the variables of a TensorFlow checkpoint without TensorFlow.

The data file is plain little-endian numbers; the index beside it is a LevelDB table of protocol buffers.
Formats: LevelDB's doc/table_format.md; BundleEntryProto in TensorFlow's tensor_bundle.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_FOOTER_BYTES = 48
_FLOAT32 = 1  # DT_FLOAT
_DTYPE, _SHAPE, _OFFSET, _SIZE = 1, 2, 4, 5  # fields of BundleEntryProto

Fields = dict[int, "int | bytes"]


def variables(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """Every float32 variable by name."""
    found = {}
    for key, value in _entries(index):
        entry = _fields(value) if key else {}
        if entry.get(_DTYPE) == _FLOAT32:
            offset, size = _number(entry, _OFFSET), _number(entry, _SIZE)
            numbers = np.frombuffer(data, "<f4", size // 4, offset)
            found[key.decode()] = numbers.reshape(_shape(_message(entry, _SHAPE)))
    return found


def _entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(table) - _FOOTER_BYTES
    for _ in range(2):  # the handle of the meta index
        _, at = _varint(table, at)
    handle = table[at:]
    for _, block in _block(table, handle):
        yield from _block(table, block)


def _block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block; a key leaves out what it shares with the one before."""
    offset, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    if table[offset + size]:
        raise ValueError("compressed tables are not read here")
    block = table[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        added, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + added]
        at += added
        yield key, block[at : at + length]
        at += length


def _shape(message: bytes) -> list[int]:
    """TensorShapeProto: repeated field 2, whose field 1 is the size."""
    sizes = []
    at = 0
    while at < len(message):
        _, at = _varint(message, at)
        length, at = _varint(message, at)
        sizes.append(_number(_fields(message[at : at + length]), 1))
        at += length
    return sizes


def _fields(message: bytes) -> Fields:
    """The last value of each field of a protocol buffer; fixed-size fields are passed over."""
    fields: Fields = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, kind = tag >> 3, tag & 7
        if kind == 0:
            fields[field], at = _varint(message, at)
        elif kind == 2:
            length, at = _varint(message, at)
            fields[field] = message[at : at + length]
            at += length
        else:
            at += 4 if kind == 5 else 8
    return fields


def _number(fields: Fields, field: int) -> int:
    value = fields.get(field, 0)
    return value if isinstance(value, int) else 0


def _message(fields: Fields, field: int) -> bytes:
    value = fields.get(field, b"")
    return value if isinstance(value, bytes) else b""


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
