"""The smallest mp4 that probes read as a story film; it holds no picture that anything could decode.

Boxes as ISO/IEC 14496-12 (container), -14 (AAC) and -15 (H.264) have them.
"""

from __future__ import annotations

import struct

FRAMES_PER_S = 25
FILM_TICKS_PER_S = 12_800  # 512 a frame
SOUND_HZ = 48_000
SOUND_FRAME = 1_024
_UNITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TURNED = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def toy_mp4(
    seconds: float,
    width: int,
    height: int,
    *,
    audio: bool = True,
    note: bytes = b"",
    codec: bytes = b"avc1",
    turned: bool = False,
    pixel: tuple[int, int] = (1, 1),
    sound_s: float | None = None,
) -> bytes:
    """A structurally whole mp4: one H.264 track at 25 frames a second, one AAC track, samples of one byte each.

    `turned`: as a phone stores a film, on its side with a word that it is to be shown upright; `width` and `height` are
    those of the track. `pixel`: its width and height. `sound_s` where the sound is not as long as the picture.
    """
    pictures = max(1, round(seconds * FRAMES_PER_S))
    heard_s = seconds if sound_s is None else sound_s
    frames = max(1, round(heard_s * SOUND_HZ / SOUND_FRAME)) if audio else 0
    head = _box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41")
    head += _box(b"free", note)
    picture_at = len(head) + 8
    film = _box(b"mdat", bytes(pictures + frames))
    duration_ms = round(max(seconds, heard_s) * 1000)
    entry = _picture_entry(codec, (width, height), pixel)
    tracks = _picture_track(round(seconds * 1000), (width, height), entry, pictures, picture_at, turned=turned)
    if audio:
        tracks += _sound_track(round(heard_s * 1000), round(heard_s * SOUND_HZ), frames, picture_at + pictures)
    mvhd = struct.pack(">4I", 0, 0, 1000, duration_ms) + struct.pack(">IH10x", 0x10000, 0x100) + _UNITY
    return head + film + _box(b"moov", _full(b"mvhd", mvhd + bytes(24) + struct.pack(">I", 3)) + tracks)


def note_in(film: bytes) -> bytes:
    """The note of a toy film; empty for any other bytes."""
    at = 0
    while at + 8 <= len(film):
        size, kind = struct.unpack_from(">I4s", film, at)
        if kind == b"free":
            return film[at + 8 : at + size]
        if size < 8:
            break
        at += size
    return b""


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _picture_entry(codec: bytes, size: tuple[int, int], pixel: tuple[int, int]) -> bytes:
    sps = bytes.fromhex("6764001facd9405005bb011000000300100000030320f1831960")
    avcc = _box(b"avcC", b"\1\x64\0\x1f\xff\xe1", struct.pack(">H", len(sps)), sps, b"\1\0\4\x68\xeb\xe3\xcb")
    entry = struct.pack(">6xH16x2H2IIH32sHh", 1, *size, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    return _box(codec, entry, avcc, *([] if pixel == (1, 1) else [_box(b"pasp", struct.pack(">2I", *pixel))]))


def _picture_track(
    duration_ms: int, size: tuple[int, int], entry: bytes, samples: int, at: int, *, turned: bool
) -> bytes:
    stsd = _full(b"stsd", struct.pack(">I", 1), entry)
    minf = _full(b"vmhd", bytes(8), flags=1)
    table = _table(stsd, samples, FILM_TICKS_PER_S // FRAMES_PER_S, at)
    length = samples * FILM_TICKS_PER_S // FRAMES_PER_S
    matrix = _TURNED if turned else _UNITY
    return _track(1, duration_ms, size, _media(b"vide", FILM_TICKS_PER_S, length, minf + table), matrix)


def _sound_track(duration_ms: int, length: int, samples: int, at: int) -> bytes:
    decoder = b"\4\x11\x40\x15" + bytes(11) + b"\5\2\x11\x90"  # AAC LC, 48 kHz, stereo
    esds = _full(b"esds", b"\3\x19\0\2\0", decoder, b"\6\1\2")
    entry = struct.pack(">6xH8x2H4xI", 1, 2, 16, SOUND_HZ << 16)
    stsd = _full(b"stsd", struct.pack(">I", 1), _box(b"mp4a", entry, esds))
    table = _table(stsd, samples, SOUND_FRAME, at)
    return _track(2, duration_ms, (0, 0), _media(b"soun", SOUND_HZ, length, _full(b"smhd", bytes(4)) + table))


def _track(number: int, duration_ms: int, size: tuple[int, int], media: bytes, matrix: bytes = _UNITY) -> bytes:
    volume = 0 if size[0] else 0x100
    tkhd = struct.pack(">5I8x2hH2x", 0, 0, number, 0, duration_ms, 0, 0, volume)
    sides = struct.pack(">2I", size[0] << 16, size[1] << 16)
    return _box(b"trak", _full(b"tkhd", tkhd, matrix, sides, flags=3), media)


def _media(kind: bytes, ticks_per_s: int, length: int, inside: bytes) -> bytes:
    mdhd = _full(b"mdhd", struct.pack(">4I2H", 0, 0, ticks_per_s, length, 0x55C4, 0))
    hdlr = _full(b"hdlr", struct.pack(">4x4s12x", kind), b"toy\0")
    own = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    header_end = struct.unpack_from(">I", inside)[0]
    return _box(b"mdia", mdhd, hdlr, _box(b"minf", inside[:header_end], own, inside[header_end:]))


def _table(stsd: bytes, samples: int, ticks: int, at: int) -> bytes:
    return _box(
        b"stbl",
        stsd,
        _full(b"stts", struct.pack(">3I", 1, samples, ticks)),
        _full(b"stsc", struct.pack(">4I", 1, 1, samples, 1)),
        _full(b"stsz", struct.pack(">2I", 1, samples)),
        _full(b"stco", struct.pack(">2I", 1, at)),
    )
