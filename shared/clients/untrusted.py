"""What MediaInfo may see of a file that a stranger made.

MediaInfo opens what a file refers to: the urls of a play list or a manifest (of any host, and without a timeout) and
the local files that an MP4 names. None of its options forbids it. So only a file that begins as one of our media is
shown to it at all, and the boxes of an MP4 that refer to other files are shown as free space.
"""

from __future__ import annotations

import io
from typing import Protocol

_REFERENCES, _FREE = b"dref", b"free"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def tell(self) -> int: ...


def is_media(head: bytes) -> bool:
    """Whether a file of these first bytes is an MP4 (or M4A, MOV), WAV, MP3, JPEG, PNG, BMP or WebP."""
    if head[:4] == b"RIFF":
        return head[8:12] in {b"WAVE", b"WEBP"}
    is_frame = head[:1] == b"\xff" and head[1:2] >= b"\xe0"  # MP3, and ADTS
    return head[4:8] == b"ftyp" or is_frame or head.startswith((b"ID3", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM"))


class Guarded(io.RawIOBase):
    """A file of which nothing refers to another file, and which is empty unless it begins like media.

    Is read from its start first. A read may give less than was asked for.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._is_shown: bool | None = None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        begins = self._is_shown is None and self._file.tell() == 0
        body = self._file.read(size) if begins or self._is_shown else b""
        if self._is_shown is None:
            self._is_shown = is_media(body)
        if not self._is_shown:
            return b""
        cut = next((length for length in (3, 2, 1) if body.endswith(_REFERENCES[:length])), 0)
        if 0 < cut < len(body):  # the name may go on in the next read
            self._file.seek(-cut, io.SEEK_CUR)
            body = body[:-cut]
        return body.replace(_REFERENCES, _FREE)
