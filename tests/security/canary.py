"""Somebody on loopback who hears every call, answers none of them with anything, and keeps nobody waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Canary:
    port: int
    calls: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary"


@contextmanager
def listening() -> Iterator[Canary]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        canary = Canary(server.getsockname()[1])
        thread = threading.Thread(target=_answer, args=(server, canary), daemon=True)
        thread.start()
        try:
            yield canary
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _answer(server: socket.socket, canary: Canary) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        with caller:
            canary.calls.append(caller.recv(1024))
            caller.sendall(GONE)
