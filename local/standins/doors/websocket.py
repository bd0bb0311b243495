"""The server side of one WebSocket (RFC 6455) on a socket whose upgrade request has been read already.

Framing is wsproto's; here are the size limit, whole messages out of fragments, pongs, and an orderly close.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

MESSAGE_BYTES_MAX = 16 * 1024 * 1024
Reader = Callable[[], bytes]
Writer = Callable[[bytes], object]


class ServerWebSocket:
    """`read` gives the next bytes from the peer (b"" at its end), `write` sends some.

    One thread receives; any thread may send.
    """

    def __init__(self, read: Reader, write: Writer, *, message_bytes_max: int = MESSAGE_BYTES_MAX) -> None:
        self._read = read
        self._write = write
        self._message_bytes_max = message_bytes_max
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()

    def accept(self, headers: Iterable[tuple[str, str]], target: str) -> bool:
        """Answer the upgrade request; False when it cannot be accepted (the peer is told why)."""
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        try:
            self._protocol.initiate_upgrade_connection(encoded, target)
        except RemoteProtocolError as error:
            self._send(error.event_hint or RejectConnection())
            return False
        list(self._protocol.events())  # the request itself, known already
        self._send(AcceptConnection())
        return True

    def receive(self) -> str | None:
        """The next text message; None once the peer has closed, gone, or sent what is not taken here."""
        parts: list[str] = []
        size = 0
        while True:
            match self._next():
                case TextMessage() as part:
                    parts.append(part.data)
                    size += len(part.data.encode())
                    if size > self._message_bytes_max:
                        self._refuse(CloseReason.MESSAGE_TOO_BIG)
                        return None
                    if part.message_finished:
                        return "".join(parts)
                case BytesMessage():
                    self._refuse(CloseReason.UNSUPPORTED_DATA)
                    return None
                case Ping() as ping:
                    self._send(ping.response())
                case CloseConnection() as goodbye:
                    self._refuse(goodbye.code)
                    return None
                case None:
                    return None

    def send_text(self, text: str) -> None:
        """Raises ConnectionResetError when the WebSocket is closed."""
        self._send(TextMessage(text))

    def send_binary(self, data: bytes) -> None:
        """Raises ConnectionResetError when the WebSocket is closed."""
        self._send(BytesMessage(data))

    def close(self, reason: CloseReason = CloseReason.NORMAL_CLOSURE) -> None:
        """Say goodbye, answer the peer's, and wait for it if it is still to come."""
        if self._protocol.state in {ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING}:
            self._send(CloseConnection(reason))
        while self._protocol.state is ConnectionState.LOCAL_CLOSING and self._next() is not None:
            """What still comes in before the peer's goodbye is not wanted any more."""

    def _refuse(self, reason: int) -> None:
        """Not after the peer's own goodbye. wsproto words a broken protocol as a goodbye too, in an open connection."""
        if self._protocol.state is ConnectionState.OPEN:
            self._send(CloseConnection(reason))

    def _next(self) -> Event | None:
        while not self._events:
            if self._protocol.state not in {ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING}:
                return None
            data = self._read()
            if not data:
                return None
            with self._lock:
                self._protocol.receive_data(data)
                self._events.extend(self._protocol.events())
        return self._events.popleft()

    def _send(self, event: Event) -> None:
        with self._lock:
            try:
                self._write(self._protocol.send(event))
            except LocalProtocolError as error:
                raise ConnectionResetError("the WebSocket is closed") from error
