"""One text in the metadata of an MP4: how the bytes of a film change so that it carries the text, and how it is read.

Apart, because it is a file format. Only the index (`moov`) is looked at and written anew, a megabyte for half an hour
of film; pictures and sound stay where they are and are never read. Boxes are those of ISO/IEC 14496-12; the text lies
in `moov/udta/meta` under a key of its own (`mdta`), where ffmpeg writes and reads it (`-movflags use_metadata_tags`).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterator

from shared.domain.errors import Corrupt
from shared.domain.frozen import frozen

Read = Callable[[int, int], bytes]
"""So many bytes of the file from a place on; fewer at its end."""

BOXES_MAX = 64
"""A film has a handful of boxes at the top; one in fragments has thousands and is none of ours."""

INDEX_BYTES_MAX = 64 * 1024 * 1024
OFFSET_MAX = 2**32 - 1
_CONTAINERS = (b"trak", b"mdia", b"minf", b"stbl")
_OFFSETS = {b"stco": "I", b"co64": "Q"}
_META_HEAD = 4  # `meta` is a full box: version and flags before its children
_UTF8 = 1


@frozen
class Patch:
    """The bytes from `at` on, `removed` of them, are to be replaced by `body`."""

    at: int
    removed: int
    body: bytes


@frozen
class _Box:
    """`start` is where its header begins, `inside` where its content does."""

    kind: bytes
    start: int
    inside: int
    end: int


def with_text(read: Read, size: int, key: str, text: str) -> Patch:
    """What to change so that the file carries `text` under `key`; metadata that it had in that place is dropped.

    `Corrupt("film.bad_result")` for what is no whole MP4 with one index.
    """
    index = _index(read, size)
    old = _content(read, index)
    kept = b"".join(_raw(old, box) for box in _children(old) if box.kind != b"udta")
    user = [box for box in _children(old) if box.kind == b"udta"]
    others = [_raw(old, each) for box in user for each in _children(old, box) if each.kind != b"meta"]
    new = bytearray(kept + _box(b"udta", *others, _meta(key, text)))
    shift = 8 + len(new) - (index.end - index.start)
    _move(new, index.start, shift)
    return Patch(index.start, index.end - index.start, _box(b"moov", bytes(new)))


def text_of(read: Read, size: int, key: str) -> str | None:
    """The text under `key`; None when the file carries none."""
    index = _content(read, _index(read, size))
    for user in _children(index):
        for meta in _children(index, user) if user.kind == b"udta" else ():
            if meta.kind == b"meta" and (found := _found(index, meta, key)) is not None:
                return found
    return None


# --- boxes


def _index(read: Read, size: int) -> _Box:
    found = [box for box in _top(read, size) if box.kind in {b"moov", b"moof"}]
    if len(found) != 1 or found[0].kind != b"moov" or found[0].end - found[0].start > INDEX_BYTES_MAX:
        raise Corrupt("film.bad_result", "not one index of a sensible size")
    return found[0]


def _top(read: Read, size: int) -> Iterator[_Box]:
    at = 0
    for _ in range(BOXES_MAX):
        if at >= size:
            return
        box = _at(read(at, 16), at, size)
        yield box
        at = box.end
    raise Corrupt("film.bad_result", f"more than {BOXES_MAX} boxes")


def _content(read: Read, box: _Box) -> bytes:
    content = read(box.inside, box.end - box.inside)
    if len(content) != box.end - box.inside:
        raise Corrupt("film.bad_result", "the index is cut short")
    return content


def _children(data: bytes, parent: _Box | None = None) -> Iterator[_Box]:
    """The boxes in `data`, or in one box of it."""
    at, end = (parent.inside, parent.end) if parent else (0, len(data))
    if parent is not None and parent.kind == b"meta":
        at += _META_HEAD
    # QuickTime ends a user data list with four zero bytes
    while end - at >= 8:
        box = _at(data[at : at + 16], at, end)
        yield box
        at = box.end


def _at(head: bytes, at: int, limit: int) -> _Box:
    """The box whose header `head` is; its size must fit what holds it."""
    if len(head) < 8:
        raise Corrupt("film.bad_result", f"no box at {at}")
    size, kind = struct.unpack_from(">I4s", head)
    inside = at + 8
    if size == 1 and len(head) >= 16:
        (size,) = struct.unpack_from(">Q", head, 8)
        inside += 8
    end = limit if size == 0 else at + size
    if not inside <= end <= limit:
        raise Corrupt("film.bad_result", f"the box {kind!r} does not fit")
    return _Box(kind, at, inside, end)


def _raw(data: bytes, box: _Box) -> bytes:
    return data[box.start : box.end]


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


# --- the text


def _meta(key: str, text: str) -> bytes:
    name = key.encode()
    handler = _box(b"hdlr", struct.pack(">II4s12xx", 0, 0, b"mdta"))
    keys = _box(b"keys", struct.pack(">II", 0, 1), _box(b"mdta", name))
    value = _box(b"data", struct.pack(">II", _UTF8, 0), text.encode())
    item = struct.pack(">II", 8 + len(value), 1) + value  # an item's kind is the number of its key
    return _box(b"meta", bytes(_META_HEAD), handler, keys, _box(b"ilst", item))


def _found(index: bytes, meta: _Box, key: str) -> str | None:
    parts = {box.kind: box for box in _children(index, meta)}
    if not {b"keys", b"ilst"} <= parts.keys():
        return None
    # version, flags and a count come before the names
    names = _Box(b"keys", parts[b"keys"].start, parts[b"keys"].inside + 8, parts[b"keys"].end)
    numbers = [number for number, box in enumerate(_children(index, names), 1) if _inside(index, box) == key.encode()]
    for item in _children(index, parts[b"ilst"]):
        if int.from_bytes(item.kind, "big") in numbers:
            values = [_inside(index, box)[8:] for box in _children(index, item) if box.kind == b"data"]
            return values[0].decode("utf-8", "replace") if values else None
    return None


def _inside(data: bytes, box: _Box) -> bytes:
    return data[box.inside : box.end]


# --- where the pictures and the sound are


def _move(index: bytearray, after: int, shift: int) -> None:
    """What lies behind the index moves by as much as the index has grown."""
    tables = [box for trak in _children(bytes(index)) if trak.kind == b"trak" for box in _tables(bytes(index), trak)]
    for box in tables:
        kind = _OFFSETS[box.kind]
        body = bytes(index[box.inside + 8 : box.end])
        offsets = array(kind)
        if len(body) % offsets.itemsize:
            raise Corrupt("film.bad_result", "a table of places is cut short")
        offsets.frombytes(body)
        offsets.byteswap()  # every machine this runs on is little-endian, the file is not
        moved = [offset + shift if offset > after else offset for offset in offsets]
        if moved and kind == "I" and max(moved) > OFFSET_MAX:
            raise Corrupt("film.bad_result", "the film passes 4 GB")
        written = array(kind, moved)
        written.byteswap()
        index[box.inside + 8 : box.end] = written.tobytes()


def _tables(index: bytes, parent: _Box) -> Iterator[_Box]:
    for box in _children(index, parent):
        if box.kind in _CONTAINERS:
            yield from _tables(index, box)
        elif box.kind in _OFFSETS:
            yield box
