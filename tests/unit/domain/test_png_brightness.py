"""Small PNGs are read row by row, whichever way each row was told."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import png
from shared.domain.errors import Corrupt

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def written(rows: list[bytes], colour: int, filters: list[int], **changed: int) -> bytes:
    """A PNG whose rows are told by these filters, as its specification has them."""
    step = CHANNELS[colour]
    width = len(rows[0]) // step
    told, above = b"", bytes(len(rows[0]))
    for row, how in zip(rows, filters, strict=True):
        told += bytes([how]) + bytes(
            (value - guess(row, above, place, step, how)) & 255 for place, value in enumerate(row)
        )
        above = row
    fields = {"width": width, "height": len(rows), "bits": 8, "kind": colour, "interlaced": 0, **changed}
    head = struct.pack(
        ">2I5B", fields["width"], fields["height"], fields["bits"], fields["kind"], 0, 0, fields["interlaced"]
    )
    chunks = ((b"IHDR", head), (b"tEXt", b"x"), (b"IDAT", zlib.compress(told)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + bytes(4) for kind, body in chunks
    )


def guess(row: bytes, above: bytes, place: int, step: int, how: int) -> int:
    left = row[place - step] if place >= step else 0
    corner = above[place - step] if place >= step else 0
    up = above[place]
    if how == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda value: abs(estimate - value))
    return (0, left, up, (left + up) // 2)[how]


@given(st.sampled_from(sorted(CHANNELS)), st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
def test_the_brightness_is_that_of_the_picture(colour: int, filters: list[int], data: st.DataObject) -> None:
    step = CHANNELS[colour]
    width = data.draw(st.integers(1, 8))
    rows = [data.draw(st.binary(min_size=width * step, max_size=width * step)) for _ in filters]
    first = 1 if step >= 3 else 0

    assert png.brightness(written(rows, colour, filters)) == [row[first::step] for row in rows]


ONE = [b"\x01\x02\x03"]


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8\xff\xe0",
        written(ONE, 2, [0])[:20],
        written(ONE, 2, [0], bits=16),
        written(ONE, 2, [0], kind=3),
        written(ONE, 2, [0], interlaced=1),
        written(ONE, 2, [0], width=0),
        written(ONE, 2, [0], width=5000),
        written(ONE, 2, [0], height=7),
        written(ONE, 2, [0]).replace(b"IDAT", b"IDOT"),
        written(ONE, 2, [0])[:-30],
    ],
)
def test_any_other_picture_is_refused(picture: bytes) -> None:
    with pytest.raises(Corrupt) as fault:
        png.brightness(picture)

    assert fault.value.code == "vendor.contract"
