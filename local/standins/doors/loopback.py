"""The loopback door: one HTTP/1.1 and WebSocket server on 127.0.0.1 for all stand-ins.

It takes requests in origin form (an SDK pointed at it), and in absolute form (an SDK with production host names and
`HTTP_PROXY` pointed at it). It never listens on anything but loopback.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import traceback
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, cast, final
from urllib.parse import urlsplit

from wsproto.frame_protocol import CloseReason

from local.standins.doors.bodies import BODY_BYTES_MAX, BodyError, declared_bytes, read_body
from local.standins.doors.router import Router
from local.standins.doors.websocket import Reader, ServerWebSocket
from local.standins.http import Headers, Request, Response

LOOPBACK = "127.0.0.1"
IDLE_S_MAX = 300
GOODBYE_S_MAX = 2

_NO_LENGTH = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_BROKEN = b"The stand-in broke; the traceback is on its standard error.\n"


@final
class LoopbackServer:
    """`with LoopbackServer(router) as server: ... server.url`; port 0 takes a free one."""

    def __init__(
        self, router: Answers, port: int = 0, host: str = LOOPBACK, body_bytes_max: int = BODY_BYTES_MAX
    ) -> None:
        if host != LOOPBACK:
            raise ValueError(f"the stand-ins listen on {LOOPBACK} only, not on {host}")
        self._server = _Server((host, port), router, body_bytes_max)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def endpoint(self) -> str:
        """`127.0.0.1:PORT`, as aliyunsdkcore wants it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"

    def start(self) -> None:
        """Serve on threads of their own until `stop`; once only."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="loopback", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut the connections that are still open."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.cut()

    def __enter__(self) -> LoopbackServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], router: Answers, body_bytes_max: int) -> None:
        self.router = router
        self.body_bytes_max = body_bytes_max
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without the reverse DNS look-up of the base class."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._open_lock:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; everything else is."""
        del request, client_address
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            traceback.print_exc()

    def cut(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Answers(Protocol):
    """Whatever stands behind the port: the router of all stand-ins, or one function."""

    def handle(self, request: Request) -> Response: ...


class _WebSocketService(Protocol):
    """What Model Studio's wire face has besides `handle`."""

    def websocket(self, headers: Headers, receive: object, send_text: object, send_binary: object) -> None: ...


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_S_MAX
    server: _Server

    def answer(self) -> None:
        """Any method: read the request, ask the router, write the answer."""
        try:
            request = self._request()
        except BodyError as error:
            self._refuse(error)
            return
        if request.headers.get("upgrade", "").lower() == "websocket":
            self._websocket(request)
            return
        try:
            response = self.server.router.handle(request)
        except Exception:  # noqa: BLE001  whatever a stand-in breaks with, the client gets an answer and we the traceback
            traceback.print_exc()
            response = Response(500, {"Content-Type": "text/plain"}, _BROKEN)
        self._write(response)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = answer  # noqa: N815  http.server's names

    def do_CONNECT(self) -> None:
        """An https proxy would need a certificate of ours in every client."""
        self._refuse(BodyError(501, "no tunnels: use plain http host names"))

    def handle_expect_100(self) -> bool:
        """Do not ask for a body that will be refused."""
        try:
            if (declared_bytes(self.headers) or 0) <= self.server.body_bytes_max:
                return super().handle_expect_100()
        except BodyError as error:
            self._refuse(error)
            return False
        self._refuse(BodyError(413, f"a body of more than {self.server.body_bytes_max} bytes"))
        return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the base class
        """The account notes what was asked; nothing is printed."""

    def _request(self) -> Request:
        headers = _decoded(self.headers.items())
        target = self.path
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            headers["host"] = parts.netloc
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        raw_path, _, raw_query = target.partition("?")
        body = read_body(self.headers, self.rfile, self.server.body_bytes_max)
        return Request(self.command, headers.get("host", ""), raw_path, raw_query, headers, body)

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        names = {name.lower() for name in response.headers}
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        for name, value in response.headers.items():
            self.send_header(name, _encoded(value))
        if "content-length" not in names and response.status not in _NO_LENGTH:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD" and response.status not in _NO_LENGTH:
            self.wfile.write(response.body)

    def _refuse(self, error: BodyError) -> None:
        """The rest of the stream is unknown: answer and hang up."""
        self.close_connection = True
        body = f"{error}\n".encode()
        self._write(Response(error.status, {"Connection": "close", "Content-Type": "text/plain"}, body))

    def _websocket(self, request: Request) -> None:
        self.close_connection = True
        router = self.server.router
        name = router.pick(request) if isinstance(router, Router) else "this address"
        service = router.services.get(name) if isinstance(router, Router) else None
        if service is None or not hasattr(service, "websocket"):
            self._write(Response(501, {"Connection": "close"}, f"no WebSocket stand-in for {name}\n".encode()))
            return
        peer = ServerWebSocket(self._reader(), self.wfile.write)
        if not peer.accept(self.headers.items(), self.path):
            return
        reason = CloseReason.NORMAL_CLOSURE
        try:
            cast("_WebSocketService", service).websocket(
                request.headers, peer.receive, peer.send_text, peer.send_binary
            )
        except ConnectionError:
            return
        except Exception:  # noqa: BLE001  as in answer()
            traceback.print_exc()
            reason = CloseReason.INTERNAL_ERROR
        self.connection.settimeout(GOODBYE_S_MAX)
        peer.close(reason)

    def _reader(self) -> Reader:
        """Bytes as they come, first those the HTTP parser has buffered already; a peer that is gone reads as an end."""

        def read() -> bytes:
            try:
                return self.rfile.read1(65_536)
            except OSError:
                return b""

        return read


def _decoded(items: list[tuple[str, str]]) -> Headers:
    """oss2 sends UTF-8 in headers and signs it so; http.server reads latin-1. Repeated names are joined."""
    headers = Headers()
    for name, value in items:
        with contextlib.suppress(UnicodeDecodeError):
            value = value.encode("latin-1").decode()  # noqa: PLW2901  stays as it is when it is not UTF-8
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _encoded(value: str) -> str:
    """UTF-8 bytes in the latin-1 clothes http.server wants; a line break would start another header."""
    return value.replace("\r", " ").replace("\n", " ").encode().decode("latin-1")
