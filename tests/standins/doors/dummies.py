"""Tiny services for the tests of the doors: they answer what they were asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from local.standins.doors.router import SERVICES, Router
from local.standins.http import Headers, Request, Response


@dataclass
class Echo:
    """Answers with its name and what it got; keeps the requests."""

    name: str
    asked: list[Request] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        told = {
            "service": self.name,
            "method": request.method,
            "host": request.host,
            "path": request.raw_path,
            "query": request.raw_query,
            "length": len(request.body),
        }
        return Response(200, {"Content-Type": "application/json", "x-name": self.name}, json.dumps(told).encode())


@dataclass
class SpeakingEcho(Echo):
    """Also speaks WebSocket: says text back in upper case and as bytes, until `bye` or the peer's close."""

    heard: list[str | None] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def all_heard(self) -> list[str | None]:
        """Once the talk is over."""
        assert self.done.wait(10)
        return self.heard

    def websocket(
        self,
        headers: Headers,
        receive: Callable[[], str | None],
        send_text: Callable[[str], None],
        send_binary: Callable[[bytes], None],
    ) -> None:
        send_text(headers.get("authorization", "nobody"))
        while True:
            self.heard.append(receive())
            match self.heard[-1]:
                case None | "bye":
                    self.done.set()
                    return
                case "break":
                    raise RuntimeError("broken on purpose")
                case str() as text:
                    send_text(text.upper())
                    send_binary(text.encode())


class Broken:
    def handle(self, request: Request) -> Response:
        raise RuntimeError("broken on purpose")


def echoing_router() -> Router:
    speaking = {"model_studio": SpeakingEcho("model_studio")}
    return Router({**{name: Echo(name) for name in SERVICES}, **speaking})
