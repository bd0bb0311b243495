"""A text in a film's metadata: what changes, what stays where it was, and which files are refused."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import mp4
from shared.domain.errors import Corrupt
from tests.toy_mp4 import toy_mp4

FILM = toy_mp4(2.0, 640, 360, note=b"a note")


def box(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body) if size is None else size, kind) + body


def index_first(film: bytes) -> bytes:
    """The same film with its index before the media, as for the web; its places are moved by hand."""
    at = film.rindex(b"moov") - 4
    head, moov = film[:at], bytearray(film[at:])
    for place in range(len(moov)):
        if moov[place : place + 4] == b"stco":
            (offset,) = struct.unpack_from(">I", moov, place + 12)
            struct.pack_into(">I", moov, place + 12, offset + len(moov))
    ftyp = struct.unpack_from(">I", head)[0]
    return head[:ftyp] + bytes(moov) + head[ftyp:]


def reading(film: bytes) -> tuple[Callable[[int, int], bytes], int]:
    return (lambda at, length: film[at : at + length]), len(film)


def patched(film: bytes, key: str = "AIGC", text: str = "made") -> bytes:
    patch = mp4.with_text(*reading(film), key, text)
    return film[: patch.at] + patch.body + film[patch.at + patch.removed :]


def samples(film: bytes) -> list[bytes]:
    """Ten bytes from each place that the index points at."""
    found = []
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        at = film.find(kind)
        while at >= 0:
            (count,) = struct.unpack_from(">I", film, at + 8)
            for number in range(count):
                offset = int.from_bytes(film[at + 12 + number * width : at + 12 + (number + 1) * width], "big")
                found.append(film[offset : offset + 10])
            at = film.find(kind, at + 4)
    return found


@pytest.mark.parametrize("film", [FILM, index_first(FILM)], ids=["index last", "index first"])
def test_the_text_is_read_back_and_every_sample_is_where_the_index_says(film: bytes) -> None:
    labelled = patched(film, text='{"Label":"1","x":"中"}')

    assert mp4.text_of(*reading(film), "AIGC") is None
    assert mp4.text_of(*reading(labelled), "AIGC") == '{"Label":"1","x":"中"}'
    assert samples(labelled) == samples(film)


def test_nothing_but_the_index_is_changed() -> None:
    patch = mp4.with_text(*reading(FILM), "AIGC", "made")

    assert FILM[patch.at + 4 : patch.at + 8] == b"moov"
    assert patch.at + patch.removed == len(FILM)


def test_a_second_text_takes_the_place_of_the_first() -> None:
    twice = patched(patched(FILM), text="made again")

    assert mp4.text_of(*reading(twice), "AIGC") == "made again"
    assert twice.count(b"AIGC") == 1


def test_another_key_is_another_text() -> None:
    assert mp4.text_of(*reading(patched(FILM, key="title")), "AIGC") is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_read_back(text: str) -> None:
    assert mp4.text_of(*reading(patched(FILM, text=text)), "AIGC") == text


def test_what_else_the_user_data_holds_stays() -> None:
    at = FILM.rindex(b"moov") - 4
    moov = FILM[at + 8 :]
    film = FILM[:at] + box(b"moov", moov, box(b"udta", box(b"name", b"fox"), box(b"meta", bytes(4)), bytes(4)))
    labelled = patched(film)

    assert box(b"name", b"fox") in labelled
    assert labelled.count(b"meta") == 1
    assert mp4.text_of(*reading(film), "AIGC") is None


def test_sixty_four_bit_sizes_and_places_are_understood() -> None:
    film = index_first(FILM)
    at = film.index(b"moov") - 4
    size = struct.unpack_from(">I", film, at)[0]
    moov = bytearray(film[at + 8 : at + size])
    large = struct.pack(">I4sQ", 1, b"moov", size + 8)
    for place in range(len(moov)):
        if moov[place : place + 4] == b"stco":
            (offset,) = struct.unpack_from(">I", moov, place + 12)
            struct.pack_into(">I", moov, place + 12, offset + 8)
    whole = film[:at] + large + bytes(moov) + film[at + size :]

    assert samples(patched(whole)) == samples(whole)


def test_places_of_eight_bytes_move_too() -> None:
    media = box(b"mdat", b"0123456789")
    table = box(b"co64", struct.pack(">IIQ", 0, 1, 0))

    def film(offset: int) -> bytes:
        co64 = box(b"co64", struct.pack(">IIQ", 0, 1, offset))
        inside = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", co64))))
        return box(b"moov", inside) + media

    whole = film(len(film(0)) - 10)

    assert len(table) == 24
    assert samples(patched(whole)) == samples(whole) == [b"0123456789"]


def test_a_last_box_may_reach_to_the_end() -> None:
    at = FILM.rindex(b"moov") - 4
    film = FILM[:at] + box(b"moov", FILM[at + 8 :], size=0)

    assert mp4.text_of(*reading(patched(film)), "AIGC") == "made"


@pytest.mark.parametrize(
    "film",
    [
        b"",
        b"not a film",
        FILM[: FILM.rindex(b"moov") - 4],
        FILM[:-20],
        FILM + FILM[FILM.rindex(b"moov") - 4 :],
        FILM + box(b"moof"),
        box(b"moof"),
        box(b"free", size=4),
        box(b"free") * 70,
        FILM + b"abc",
    ],
)
def test_what_is_no_whole_film_is_refused(film: bytes) -> None:
    with pytest.raises(Corrupt) as fault:
        mp4.with_text(*reading(film), "AIGC", "made")

    assert fault.value.code == "film.bad_result"


def test_an_index_that_ends_early_is_refused() -> None:
    def short(at: int, length: int) -> bytes:
        return FILM[at : at + min(length, 100)]

    with pytest.raises(Corrupt) as fault:
        mp4.text_of(short, len(FILM), "AIGC")

    assert fault.value.code == "film.bad_result"


def test_a_table_of_places_that_is_cut_short_is_refused() -> None:
    at = FILM.index(b"stco") - 4
    (size,) = struct.unpack_from(">I", FILM, at)
    film = FILM[:at] + struct.pack(">I", size - 2) + FILM[at + 4 :]
    with pytest.raises(Corrupt, match="cut short"):
        patched(film)


def test_a_film_that_would_pass_four_gigabytes_is_refused() -> None:
    film = bytearray(index_first(FILM))
    struct.pack_into(">I", film, film.index(b"stco") + 12, 2**32 - 10)
    with pytest.raises(Corrupt) as fault:
        patched(bytes(film))

    assert fault.value.code == "film.bad_result"


@pytest.mark.parametrize(
    "wrong", [(b"keys", b"kiss"), (b"ilst", b"list"), (b"data", b"date"), (b"mdtaAIGC", b"mdtaAIGX")]
)
def test_metadata_of_another_shape_is_no_text(wrong: tuple[bytes, bytes]) -> None:
    assert mp4.text_of(*reading(patched(FILM).replace(*wrong)), "AIGC") is None
