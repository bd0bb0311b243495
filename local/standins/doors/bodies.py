"""Reading one HTTP/1.1 request body off a connection: by length or in chunks, never more than the limit."""

from __future__ import annotations

from email.message import Message
from io import BufferedIOBase

BODY_BYTES_MAX = 600 * 1024 * 1024
_LINE_MAX = 4096


class BodyError(Exception):
    """The body cannot be read; the connection must not be used any further."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def declared_bytes(headers: Message) -> int | None:
    """The length of the body, None when it comes in chunks; raises BodyError for a length that cannot be."""
    coding = headers.get("Transfer-Encoding", "").strip().lower()
    lengths = set(headers.get_all("Content-Length") or ())
    if coding:
        if coding != "chunked" or lengths:
            raise BodyError(400, "bad Transfer-Encoding")
        return None
    if not lengths:
        return 0
    length = lengths.pop().strip()
    if lengths or not length.isascii() or not length.isdigit():
        raise BodyError(400, "bad Content-Length")
    return int(length)


def read_body(headers: Message, stream: BufferedIOBase, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """The whole body; raises BodyError when it is too long, malformed, or breaks off."""
    length = declared_bytes(headers)
    if length is None:
        return _read_chunks(stream, bytes_max)
    if length > bytes_max:
        raise BodyError(413, f"a body of more than {bytes_max} bytes")
    return _exactly(stream, length)


def _read_chunks(stream: BufferedIOBase, bytes_max: int) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream):
        if len(body) + size > bytes_max:
            raise BodyError(413, f"a body of more than {bytes_max} bytes")
        body += _exactly(stream, size)
        if _line(stream):
            raise BodyError(400, "bad chunk")
    while _line(stream):
        """Trailers carry nothing the services use."""
    return bytes(body)


def _chunk_size(stream: BufferedIOBase) -> int:
    digits = _line(stream).split(b";", 1)[0].strip()
    try:
        size = int(digits, 16)
    except ValueError as error:
        raise BodyError(400, "bad chunk size") from error
    if size < 0:
        raise BodyError(400, "bad chunk size")
    return size


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(_LINE_MAX)
    if not line.endswith(b"\n"):
        raise BodyError(400, "the body breaks off")
    return line.rstrip(b"\r\n")


def _exactly(stream: BufferedIOBase, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise BodyError(400, "the body breaks off")
    return data
