"""Files that lead elsewhere: play lists, manifests and films that name other files and hosts."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.toys import toy_film, wav_of

XML = '<?xml version="1.0" encoding="UTF-8"?>'
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"


def referring(url: str, file: Path) -> dict[str, bytes]:
    """Each refers to the url and to the file, in the format that its name says."""
    name = file.name
    texts = {
        "HLS media play list": f"{HLS}#EXTINF:9,\n{url}.ts\n#EXTINF:9,\n{file}\n#EXT-X-ENDLIST\n",
        "HLS play list of play lists": "#EXTM3U\n"
        f"#EXT-X-STREAM-INF:BANDWIDTH=9\n{url}.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=8\n{file}\n",
        "HLS with a key": f'{HLS}#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF:9,\n{file}\n',
        "HLS after a mark": f"\ufeff{HLS}#EXTINF:9,\n{url}.ts\n",
        "DASH manifest": f'{XML}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
        f'mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}</BaseURL></Representation>'
        f'<Representation id="2" bandwidth="1"><BaseURL>{file}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>",
        "Smooth Streaming manifest": f'{XML}<smil xmlns="http://www.w3.org/2001/SMIL20/Language"><body><switch><video '
        f'src="{url}" systemBitrate="1"><param name="trackID" value="1"/></video></switch></body></smil>',
        "ffconcat": f"ffconcat version 1.0\nfile '{file}'\nfile '{url}'\n",
        "SDP": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\na=control:{url}\nm=video 9 RTP/AVP 96\n",
        "XSPF": f'{XML}<playlist version="1"><track><location>{url}</location></track></playlist>',
        "SVG": f'{XML}<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/><image href="{file}"/></svg>',
        "captions with a file's name": f"1\n00:00:00,000 --> 00:00:09,000\n{file}\n{url}\n",
        "a pattern of names": f"{file.parent}/%03d.png\n",
    }
    films = {
        "film whose sound is another file": _film(_reference(b"alis", _alias(name.encode()))),
        "film whose data is at a url": _film(_reference(b"url ", f"{url}\0".encode())),
        "film whose data is at a file's url": _film(_reference(b"url ", f"file://{file}\0".encode())),
        "film whose reference lies across two reads": _across_reads(_reference(b"alis", _alias(name.encode()))),
    }
    return {**{kind: text.encode() for kind, text in texts.items()}, **films}


def a_recording() -> bytes:
    return wav_of(b"\x10\x20" * 4000, 8000)


def _reference(kind: bytes, body: bytes) -> bytes:
    return _box(b"dref", struct.pack(">II", 0, 1), _box(kind, bytes(4), body))


def _alias(path: bytes) -> bytes:
    """A Macintosh alias record whose entry 18 is a POSIX path."""
    volume = struct.pack(">HHB27s4x2s6x", 2, 0, 1, b"x", b"H+")
    fixed = volume + struct.pack(">B63s36x", len(path), path[:63])
    return (
        bytes(4)
        + struct.pack(">H", 154 + len(path))
        + fixed
        + struct.pack(">HH", 18, len(path))
        + path
        + b"\xff\xff\0\0"
    )


def _film(references: bytes) -> bytes:
    """A sound film of which only the index is there."""
    own = _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", struct.pack(">I", 1)))
    film = toy_film()
    moov = film[film.index(b"moov") - 4 :]
    grown = len(references) - len(own)
    return _box(b"ftyp", b"isom\0\0\2\0isom") + _replaced(moov, own, references, grown)


def _replaced(moov: bytes, old: bytes, new: bytes, grown: int) -> bytes:
    """Every `old` made `new`, and the sizes of the boxes around them set right."""
    if old not in moov:
        return moov
    if moov == old:
        return new
    size, kind = struct.unpack_from(">I4s", moov)
    inside, at = b"", 8
    while at < size:
        length = struct.unpack_from(">I", moov, at)[0]
        inside += _replaced(moov[at : at + length], old, new, grown)
        at += length
    return _box(kind, inside)


def _across_reads(references: bytes) -> bytes:
    """Free space before the index, so that the box's name begins at the end of one read and ends in the next."""
    plain = _film(references)
    name_at = plain.index(b"dref")
    padding = 1024 * 1024 - 2 - name_at
    return plain[:20] + _box(b"free", bytes(padding - 8)) + plain[20:]


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body
