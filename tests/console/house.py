"""A family at the page: requests as FC's trigger hands them over, the whole of Echobot behind it, no socket."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.http import Request as Wire
from local.standins.oss.api import OssApi
from local.standins.timing import VirtualTiming
from local.standins.work import Pace
from shared.clients.oss_uploads import OssUploads
from shared.console import routes, sessions
from shared.console.desk import Desk
from shared.console.http import Response
from tests.stage import PACE, Stage

SECRET = "a secret of thirty-two characters or more"
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "test-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "test-secret"}
HOST = "page.example.com"


@dataclass
class House:
    """The page and what stands behind it."""

    stage: Stage
    desk: Desk
    oss: OssApi

    def add(self, name: str = "lin", title: str = "林家", days: float = 365.0) -> Visitor:
        """A family that has opened its link."""
        sessions.add(self.stage.world, name, title, days)
        visitor = Visitor(self)
        visitor.enter(sessions.link_token(self.stage.world, name))
        return visitor

    def fetch(self, url: str) -> bytes:
        """What a browser gets from the bucket."""
        answer = self.oss.handle(Wire.of("GET", url, {"host": urlsplit(url).netloc}))
        assert answer.status == 200, answer.body
        return answer.body

    def put(self, url: str, body: bytes) -> int:
        return self.oss.handle(Wire.of("PUT", url, {"host": urlsplit(url).netloc}, body)).status

    def post_form(self, form: dict[str, Any], body: bytes) -> int:
        """As a browser posts it: fields first, the file last."""
        mark = b"mark"
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode()
            for name, text in form["fields"].items()
        ]
        parts.append(b'Content-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: x/y\r\n\r\n' + body)
        whole = b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts) + b"--%s--\r\n" % mark
        headers = {
            "host": urlsplit(form["url"]).netloc,
            "content-type": f"multipart/form-data; boundary={mark.decode()}",
        }
        return self.oss.handle(Wire.of("POST", form["url"], headers, whole)).status


@dataclass
class Visitor:
    """A browser: it keeps a cookie."""

    house: House
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "47.95.85.22"

    def enter(self, token: str) -> Response:
        answer = self.post("/session", {"token": token})
        if "Set-Cookie" in answer.headers:
            self.cookie = SimpleCookie(answer.headers["Set-Cookie"])[sessions.COOKIE].value
        return answer

    def get(self, path: str) -> Response:
        return self.send("GET", path)

    def post(self, path: str, told: object = None, **headers: str) -> Response:
        body = json.dumps(told if told is not None else {}).encode()
        return self.send("POST", path, body, {"Content-Type": "application/json", **headers})

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Response:
        given = {"Host": HOST, "Cookie": f"{sessions.COOKIE}={self.cookie}", **self.headers, **(headers or {})}
        event = {
            "version": "v1",
            "rawPath": path.partition("?")[0],
            "headers": given,
            "queryParameters": {},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            "requestContext": {"http": {"method": method, "path": path, "sourceIp": self.address}},
        }
        return routes.run(json.dumps(event).encode(), self.house.desk)


def told(answer: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


@contextmanager
def opened(pace: Pace = PACE, **settings: Any) -> Iterator[House]:
    # What oss2 signs is signed at the machine's own time.
    timing = VirtualTiming(start=float(int(time.time())))
    stage = Stage(settings={"console_secret": SECRET, **settings}, timing=timing, pace=pace)
    api = OssApi(stage.stand_ins.oss, skew_s_max=None)
    with in_process(Router({"oss": api})):
        yield House(stage, Desk(stage.world, OssUploads(stage.settings, KEYS)), api)
