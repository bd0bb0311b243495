"""How much of an object the probe fetches."""

from __future__ import annotations

import struct

import pytest

from local.direct.objects import DirectObjects
from shared.clients.probe import READ_BYTES, READS_MAX, MediaInfoProbe, webp_size
from shared.ports import Bucket, Objects, Place
from tests.contract.cloud import SETTINGS, Cloud
from tests.toys import toy_film, toy_wav

HERE = Place(Bucket.INPUT, "inbox/fox/story.mp4")
MB = 1024 * 1024


class Counting(DirectObjects):
    """Notes the ranges that are read."""

    def __init__(self) -> None:
        cloud = Cloud()
        super().__init__(SETTINGS, cloud.oss, cloud.frame)
        self.ranges: list[tuple[int, int | None]] = []

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        self.ranges.append((start, length))
        return super().read(place, start, length)


def facts(body: bytes) -> tuple[str, list[tuple[int, int | None]]]:
    counting = Counting()
    objects: Objects = counting
    objects.write(HERE, body, "application/octet-stream")
    return MediaInfoProbe(objects).facts(HERE).container, counting.ranges


def _boxes(film: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(film):
        size = struct.unpack_from(">I", film, at)[0]
        found[film[at + 4 : at + 8]] = film[at : at + size]
        at += size
    return found


def _large(film: bytes, *, index_last: bool) -> bytes:
    """The film with 24 MB of nothing in it, its index at the chosen end."""
    boxes = _boxes(film)
    padding = struct.pack(">I4s", 24 * MB, b"free") + bytes(24 * MB - 8)
    rest = [box for name, box in boxes.items() if name not in {b"ftyp", b"moov"}]
    order = [*rest, padding, boxes[b"moov"]] if index_last else [boxes[b"moov"], *rest, padding]
    return b"".join([boxes[b"ftyp"], *order])


def test_a_small_file_is_one_read() -> None:
    container, ranges = facts(toy_wav(2.0))

    assert (container, len(ranges)) == ("wav", 1)


@pytest.mark.parametrize("index_last", [True, False])
def test_a_large_film_is_a_few_reads_near_its_ends(index_last: bool) -> None:
    container, ranges = facts(_large(toy_film(10.0), index_last=index_last))

    assert container == "mp4"
    assert len(ranges) <= 4
    assert sum(length or 0 for _, length in ranges) <= 4 * READ_BYTES


def test_a_reader_that_is_sent_back_and_forth_gives_up() -> None:
    boxes = b"".join(struct.pack(">I4s", 2 * MB, b"free") + bytes(2 * MB - 8) for _ in range(READS_MAX + 8))
    _, ranges = facts(_boxes(toy_film(1.0))[b"ftyp"] + boxes)

    assert len(ranges) <= READS_MAX


WEBP = b"RIFF\x00\x00\x00\x00WEBP"


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (WEBP + b"VP8 \0\0\0\0" + b"\x9d\x01\x2a" * 2 + struct.pack("<HH", 640, 480), (640, 480)),
        (WEBP + b"VP8L\0\0\0\0\x2f" + struct.pack("<I", (479 << 14) | 639) + bytes(5), (640, 480)),
        (WEBP + b"VP8X\0\0\0\0" + bytes(4) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"), (640, 480)),
        (WEBP + b"ALPH\0\0\0\0" + bytes(10), (0, 0)),
        (WEBP + b"VP8 \0\0", (0, 0)),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(14), (0, 0)),
        (b"", (0, 0)),
    ],
)
def test_the_size_of_a_webp_is_in_its_head(head: bytes, size: tuple[int, int]) -> None:
    assert webp_size(head) == size
