"""A server on loopback that takes every request whole, counts it, and answers as no server should."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
FAULTS = ("500", "503", "closed", "reset", "half", "silent")


@dataclass
class Faulty:
    """`fault`: a status with an HTML page, `closed` or `reset` instead of an answer, `half` an answer, or `silent`.
    With `heads_work` every object seems to be there.
    """

    port: int
    fault: str = "500"
    heads_work: bool = False
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def faulty_server() -> Iterator[Faulty]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.faulty = Faulty(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.faulty
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    faulty: Faulty

    def get_request(self) -> tuple[socket.socket, object]:
        self.faulty.connections += 1
        connection, address = super().get_request()
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def answer(self) -> None:
        self._read_body()
        faulty = self.server.faulty
        faulty.requests.append(f"{self.command} {self.path}")
        if self.command == "HEAD" and faulty.heads_work:
            self._found()
            return
        self.close_connection = True
        if faulty.fault == "closed":
            pass
        elif faulty.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif faulty.fault == "silent":
            self.rfile.read(1)  # until the other side gives up
        elif faulty.fault == "half":
            self._send(200, HTML, announced=len(HTML) * 2)
        else:
            self._send(int(faulty.fault), HTML, announced=len(HTML))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815  the names the base class looks for

    def _send(self, status: int, body: bytes, *, announced: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _found(self) -> None:
        self.send_response(200)
        for name, value in (("ETag", '"0"'), ("Content-Length", "3"), ("Last-Modified", self.date_time_string(0))):
            self.send_header(name, value)
        self.end_headers()

    def _read_body(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            while (size := int(self.rfile.readline(), 16)) > 0:
                self.rfile.read(size + 2)
            self.rfile.readline()
        self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the base class
        """Quiet."""
