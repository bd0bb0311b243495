"""PlainBuffer, the service's binary format for rows, as the service reads and writes it.

The SDK's own codec (`tablestore.plainbuffer`, 6.3.5) is a client's and cannot serve:
* `PlainBufferCodedInputStream.read_column` uses a name that does not exist (`cell_type`) when a cell carries an
  operation, so every UpdateRow with a deletion or an increment ends in NameError; it would drop the operation anyway;
* its `read_primary_key_value` refuses INF_MIN, INF_MAX and the auto-increment mark, which ranges and writes carry;
* its writers take the names of columns as long as their count of characters, so they cannot write a name that is not
  ASCII (requests with such names are broken on arrival, here as at the service).

Layout: header, then per row: TAG_ROW_PK cells, TAG_ROW_DATA cells, TAG_DELETE_ROW_MARKER, TAG_ROW_CHECKSUM. A cell's
operation is written before its version but counted after it in the checksum; a row's checksum is made of those of its
cells and a last byte that says whether the row is deleted. All of it is CRC-8 (polynomial 0x07).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from crcmod import mkCrcFun

from local.standins.tablestore.errors import invalid
from local.standins.tablestore.tables import Cell
from local.standins.tablestore.values import AUTO_INCREMENT, INF_MAX, INF_MIN, AutoIncrement, Infinity, Value

HEADER: Final = 0x75
TAG_ROW_PK: Final = 0x01
TAG_ROW_DATA: Final = 0x02
TAG_CELL: Final = 0x03
TAG_CELL_NAME: Final = 0x04
TAG_CELL_VALUE: Final = 0x05
TAG_CELL_TYPE: Final = 0x06
TAG_CELL_TIMESTAMP: Final = 0x07
TAG_DELETE_ROW_MARKER: Final = 0x08
TAG_ROW_CHECKSUM: Final = 0x09
TAG_CELL_CHECKSUM: Final = 0x0A

VT_INTEGER: Final = 0x00
VT_DOUBLE: Final = 0x01
VT_BOOLEAN: Final = 0x02
VT_STRING: Final = 0x03
VT_BLOB: Final = 0x07
VT_INF_MIN: Final = 0x09
VT_INF_MAX: Final = 0x0A
VT_AUTO_INCREMENT: Final = 0x0B

DELETE_ALL_VERSION: Final = 0x01
DELETE_ONE_VERSION: Final = 0x03
INCREMENT: Final = 0x04

WireValue = Value | Infinity | AutoIncrement

_MARKS: Final[dict[int, WireValue]] = {VT_INF_MIN: INF_MIN, VT_INF_MAX: INF_MAX, VT_AUTO_INCREMENT: AUTO_INCREMENT}
_crc8 = mkCrcFun(0x107, initCrc=0, rev=False, xorOut=0)


class WireCell(NamedTuple):
    name: str
    value: WireValue | None
    operation: int | None
    version_ms: int | None


class WireRow(NamedTuple):
    key: list[tuple[str, WireValue]]
    cells: list[WireCell]
    is_deleted: bool


def decode_row(data: bytes) -> WireRow:
    """One row with its header; raises OTSParameterInvalid on anything the service would call broken."""
    reader = _Reader(data)
    header = reader.number("<i")
    if header != HEADER:
        raise invalid(f"Cell data broken, mismatch header, actual: {header}, expect: {HEADER}.")
    return reader.row()


def decode_value(data: bytes) -> Value:
    """A bare value, as a filter holds it: type and payload."""
    value = _value(data, "filter")
    if isinstance(value, (Infinity, AutoIncrement)):
        raise invalid("data format is invalid, unknown variant type occured.")
    return value


def encode_row(key: Iterable[tuple[str, WireValue]], cells: Sequence[tuple[str, Cell]] = ()) -> bytes:
    return struct.pack("<i", HEADER) + _encode_row(key, cells)


def encode_rows(rows: Sequence[tuple[Iterable[tuple[str, WireValue]], Sequence[tuple[str, Cell]]]]) -> bytes:
    """Rows back to back under one header; nothing at all when there are none."""
    if not rows:
        return b""
    return struct.pack("<i", HEADER) + b"".join(_encode_row(key, cells) for key, cells in rows)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def row(self) -> WireRow:
        key: list[tuple[str, WireValue]] = []
        cells: list[WireCell] = []
        checksum = 0
        self._expect(TAG_ROW_PK)
        while self._next_is(TAG_CELL):
            cell, cell_checksum = self._cell()
            if cell.value is None:
                raise invalid(f"Cell data broken, PK value cannot be NULL, name: {cell.name}.")
            key.append((cell.name, cell.value))
            checksum = _crc8(bytes([cell_checksum]), checksum)
        if self._took(TAG_ROW_DATA):
            while self._next_is(TAG_CELL):
                cell, cell_checksum = self._cell()
                cells.append(cell)
                checksum = _crc8(bytes([cell_checksum]), checksum)
        is_deleted = self._took(TAG_DELETE_ROW_MARKER)
        checksum = _crc8(bytes([is_deleted]), checksum)
        self._expect(TAG_ROW_CHECKSUM)
        self._check(checksum)
        return WireRow(key, cells, is_deleted)

    def number(self, layout: str) -> int:
        return int(struct.unpack(layout, self._take(struct.calcsize(layout)))[0])

    def _cell(self) -> tuple[WireCell, int]:
        self._expect(TAG_CELL)
        self._expect(TAG_CELL_NAME)
        raw_name = self._take(self.number("<i"))
        name = _text(raw_name, "data format is invalid.")
        checksum = _crc8(raw_name, 0)
        value: WireValue | None = None
        operation = version_ms = None
        if self._took(TAG_CELL_VALUE):
            raw = self._take(self.number("<i"))
            checksum = _crc8(raw, checksum)
            value = _value(raw, name)
        if self._took(TAG_CELL_TYPE):
            operation = self._take(1)[0]
        if self._took(TAG_CELL_TIMESTAMP):
            raw = self._take(8)
            checksum = _crc8(raw, checksum)
            version_ms = int(struct.unpack("<q", raw)[0])
        if operation is not None:
            checksum = _crc8(bytes([operation]), checksum)
        self._expect(TAG_CELL_CHECKSUM)
        self._check(checksum)
        return WireCell(name, value, operation, version_ms), checksum

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size] if size >= 0 else b""
        if len(taken) != size:
            raise invalid("Input encoded PK broken, length is shorter than expect.")
        self._at += size
        return taken

    def _next_is(self, tag: int) -> bool:
        return self._data[self._at : self._at + 1] == bytes([tag])

    def _took(self, tag: int) -> bool:
        if not self._next_is(tag):
            return False
        self._at += 1
        return True

    def _expect(self, tag: int) -> None:
        actual = self._take(1)[0]
        if actual != tag:
            raise invalid(f"Cell data broken, mismatch tag, actual tag({actual}), expect({tag}).")

    def _check(self, expected: int) -> None:
        actual = self._take(1)[0]
        if actual != expected:
            raise invalid(f"Cell data broken, checksum is mismatch, {actual}:{expected}.")


def _value(raw: bytes, column: str) -> WireValue:
    kind = raw[0] if raw else None
    if kind in _MARKS:
        return _MARKS[kind]
    try:
        if kind == VT_INTEGER:
            return int(struct.unpack("<q", raw[1:])[0])
        if kind == VT_DOUBLE:
            return float(struct.unpack("<d", raw[1:])[0])
        if kind == VT_BOOLEAN:
            return bool(struct.unpack("<?", raw[1:])[0])
        if kind in {VT_STRING, VT_BLOB}:
            payload = raw[5 : 5 + struct.unpack("<i", raw[1:5])[0]]
            return payload if kind == VT_BLOB else _text(payload, f"Value of column '{column}' must be UTF8 encoding.")
    except struct.error as error:
        raise invalid("data format is invalid.") from error
    raise invalid("data format is invalid, unknown variant type occured.")


def _text(raw: bytes, refusal: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise invalid(refusal) from error


def _encode_row(key: Iterable[tuple[str, WireValue]], cells: Sequence[tuple[str, Cell]]) -> bytes:
    parts = [bytes([TAG_ROW_PK])]
    checksums = bytearray()
    for name, value in key:
        _add_cell(parts, checksums, name, value, None)
    if cells:
        parts.append(bytes([TAG_ROW_DATA]))
        for name, cell in cells:
            _add_cell(parts, checksums, name, cell.value, cell.version_ms)
    checksums.append(0)
    parts.append(bytes([TAG_ROW_CHECKSUM, _crc8(bytes(checksums), 0)]))
    return b"".join(parts)


def _add_cell(parts: list[bytes], checksums: bytearray, name: str, value: WireValue, version_ms: int | None) -> None:
    raw_name, raw = name.encode(), _raw(value)
    parts += [bytes([TAG_CELL, TAG_CELL_NAME]), struct.pack("<i", len(raw_name)), raw_name]
    parts += [bytes([TAG_CELL_VALUE]), struct.pack("<i", len(raw)), raw]
    checksum = _crc8(raw, _crc8(raw_name, 0))
    if version_ms is not None:
        version = struct.pack("<q", version_ms)
        parts += [bytes([TAG_CELL_TIMESTAMP]), version]
        checksum = _crc8(version, checksum)
    parts.append(bytes([TAG_CELL_CHECKSUM, checksum]))
    checksums.append(checksum)


def _raw(value: WireValue) -> bytes:
    if isinstance(value, (Infinity, AutoIncrement)):
        return bytes([next(kind for kind, mark in _MARKS.items() if mark is value)])
    if isinstance(value, bool):
        return struct.pack("<B?", VT_BOOLEAN, value)
    if isinstance(value, int):
        return struct.pack("<Bq", VT_INTEGER, value)
    if isinstance(value, float):
        return struct.pack("<Bd", VT_DOUBLE, value)
    payload = value.encode() if isinstance(value, str) else value
    return struct.pack("<Bi", VT_STRING if isinstance(value, str) else VT_BLOB, len(payload)) + payload
