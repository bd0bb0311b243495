"""PlainBuffer against the SDK's own reader and writer, and against damage."""

from __future__ import annotations

import tablestore as sdk
from hypothesis import given
from hypothesis import strategies as some
from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
from tablestore.plainbuffer.plain_buffer_coded_stream import PlainBufferCodedInputStream
from tablestore.plainbuffer.plain_buffer_stream import PlainBufferInputStream

from local.standins.tablestore import codec
from local.standins.tablestore.errors import TablestoreError
from local.standins.tablestore.tables import Cell
from local.standins.tablestore.values import AUTO_INCREMENT, INF_MAX, INF_MIN

NAMES = some.text("abcXYZ_09", min_size=1, max_size=9)
INT64 = some.integers(-(2**63), 2**63 - 1)
KEY_VALUES = some.one_of(INT64, some.text(max_size=9), some.binary(max_size=9))
VALUES = some.one_of(KEY_VALUES, some.booleans(), some.floats(allow_nan=False))
KEYS = some.lists(some.tuples(NAMES, KEY_VALUES), min_size=1, max_size=4)
ROW = codec.encode_row([("k", "v")], [("c", Cell(5, b"b")), ("n", Cell(5, 1))])
CELLS = some.lists(some.tuples(NAMES, some.builds(Cell, some.integers(0, 2**53), VALUES)), max_size=5)


@given(KEYS, CELLS)
def test_the_sdk_reads_what_we_write(key: list[tuple[str, int | str | bytes]], cells: list[tuple[str, Cell]]) -> None:
    stream = PlainBufferCodedInputStream(PlainBufferInputStream(codec.encode_row(key, cells)))

    assert stream.read_row() == (key, [(name, cell.value, cell.version_ms) for name, cell in cells])


@given(some.lists(some.tuples(KEYS, CELLS), min_size=1, max_size=3))
def test_the_sdk_reads_rows_back_to_back(
    rows: list[tuple[list[tuple[str, int | str | bytes]], list[tuple[str, Cell]]]],
) -> None:
    stream = PlainBufferCodedInputStream(PlainBufferInputStream(codec.encode_rows(rows)))

    assert [row.primary_key for row in stream.read_rows()] == [key for key, _ in rows]


@given(KEYS, CELLS)
def test_we_read_what_the_sdk_writes(key: list[tuple[str, int | str | bytes]], cells: list[tuple[str, Cell]]) -> None:
    written = PlainBufferBuilder.serialize_for_put_row(
        [(name, as_sdk(value)) for name, value in key],
        [(name, as_sdk(cell.value), cell.version_ms) for name, cell in cells],
    )

    row = codec.decode_row(bytes(written))

    assert row.key == key
    assert row.cells == [codec.WireCell(name, cell.value, None, cell.version_ms) for name, cell in cells]
    assert not row.is_deleted


def as_sdk(value: object) -> object:
    """The SDK takes `bytes` for text and `bytearray` for binary."""
    return bytearray(value) if isinstance(value, bytes) else value


def test_operations_and_marks_of_an_update_are_read() -> None:
    changes = {"PUT": [("a", 1)], "DELETE": [("b", None, 7)], "DELETE_ALL": ["c"], "INCREMENT": [("d", 2)]}
    written = PlainBufferBuilder.serialize_for_update_row([("k", sdk.PK_AUTO_INCR)], changes)

    row = codec.decode_row(bytes(written))

    assert row.key == [("k", AUTO_INCREMENT)]
    assert row.cells == [
        ("a", 1, None, None),
        ("b", None, codec.DELETE_ONE_VERSION, 7),
        ("c", None, codec.DELETE_ALL_VERSION, None),
        ("d", 2, codec.INCREMENT, None),
    ]


def test_the_marker_of_a_deletion_is_read() -> None:
    assert codec.decode_row(bytes(PlainBufferBuilder.serialize_for_delete_row([("k", 1)]))).is_deleted


def test_the_ends_of_a_range_are_read() -> None:
    written = PlainBufferBuilder.serialize_primary_key([("a", sdk.INF_MIN), ("b", sdk.INF_MAX)])

    assert codec.decode_row(bytes(written)).key == [("a", INF_MIN), ("b", INF_MAX)]


def test_a_row_with_any_one_byte_changed_is_refused() -> None:
    for at in range(len(ROW)):
        for flipped in range(1, 256):
            damaged = bytearray(ROW)
            damaged[at] ^= flipped
            assert is_refused(bytes(damaged)), (at, flipped)


def test_a_row_cut_short_anywhere_is_refused() -> None:
    for length in range(len(ROW)):
        assert is_refused(ROW[:length]), length


def is_refused(row: bytes) -> bool:
    try:
        codec.decode_row(row)
    except TablestoreError as error:
        return error.code == "OTSParameterInvalid"
    return False
