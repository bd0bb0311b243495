"""The in-process door: unmodified SDKs with production host names reach the stand-ins without a socket.

`with in_process(router): ...` puts a seam into every HTTP library the SDKs use and takes it out again at the end:

    oss2, fc2, dashscope REST, Tea SDKs, requests    `responses`, over requests' adapter
    aliyunsdkcore                                    the same over its vendored copy of requests
    tablestore (urllib3)                             ConnectionPool.send_receive
    mns (http.client)                                MNSHttp.send_request
    dashscope WebSocket (websocket-client)           websocket.WebSocketApp

Everything else that wants a public host fails loudly when it looks up the name. Loopback addresses stay reachable.
Not covered: asyncio clients (AsyncOTSClient, dashscope Aio*), for which there is the loopback door.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import responses
from requests import PreparedRequest

from local.standins.doors.fake_websocket import fake_websocket_app
from local.standins.doors.router import Router
from local.standins.http import Request, Response

REQUESTS_SEND = "requests.adapters.HTTPAdapter.send"
VENDORED_SEND = "aliyunsdkcore.vendored.requests.adapters.HTTPAdapter.send"

_METHODS = ("GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS", "PATCH")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ELSEWHERE = re.compile(r"https?://(?!(127\.0\.0\.1|localhost|\[::1\])([:/]|$)).*", re.DOTALL)
_VENDOR_HOST = re.compile(r"(.+\.)?(aliyuncs\.com|aliyun-inc\.com|fcapp\.run)(:\d+)?")

Answer = Callable[[str, str, Mapping[str, Any], bytes], Response]


class UnknownHostError(RuntimeError):
    """Something tried to leave the machine: no stand-in answers for this host."""

    def __init__(self, host: str) -> None:
        super().__init__(f"no stand-in answers for {host}, and nothing in here may reach the network")
        self.host = host


@contextmanager
def in_process(router: Router) -> Iterator[Router]:
    """All SDK calls go to `router` while this is open, from any thread. One at a time: the seams are process-wide."""

    def answer(method: str, url: str, headers: Mapping[str, Any], body: bytes) -> Response:
        host = urlsplit(url).netloc
        if not _VENDOR_HOST.fullmatch(host):
            raise UnknownHostError(host)
        texts = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
        return router.handle(Request.of(method, url, texts, body))

    with ExitStack() as seams:
        seams.enter_context(_requests_seam(answer, REQUESTS_SEND))
        if _is_installed("aliyunsdkcore"):
            seams.enter_context(_requests_seam(answer, VENDORED_SEND))
        if _is_installed("tablestore"):
            seams.enter_context(_tablestore_seam(answer))
        if _is_installed("mns"):
            seams.enter_context(_mns_seam(answer))
        if _is_installed("websocket"):
            module = importlib.import_module("websocket")
            seams.enter_context(swapped(module, "WebSocketApp", fake_websocket_app(partial(_speaker, router))))
        seams.enter_context(swapped(socket, "getaddrinfo", _loopback_only(socket.getaddrinfo)))
        yield router


@contextmanager
def swapped(owner: object, name: str, value: object) -> Iterator[None]:
    """`owner.name` is `value` while this is open."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _requests_seam(answer: Answer, target: str) -> Iterator[None]:
    def callback(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        mock.calls.reset()  # or every body ever sent would be kept
        for registered in mock.registered():
            registered.calls.reset()
        response = answer(str(request.method), str(request.url), request.headers, _read(request.body))
        return response.status, response.headers, response.body

    mock = responses.RequestsMock(assert_all_requests_are_fired=False, target=target)
    for method in _METHODS:
        mock.add_callback(method, _ELSEWHERE, callback=callback, content_type=None)
    for address in _LOOPBACK:
        mock.add_passthru(re.compile(rf"https?://\[?{re.escape(address)}"))
    with mock:
        yield


@contextmanager
def _tablestore_seam(answer: Answer) -> Iterator[None]:
    connection = importlib.import_module("tablestore.connection")

    def send_receive(
        pool: Any, url: str, request_headers: Mapping[str, str], request_body: bytes
    ) -> tuple[int, str, dict[str, str], bytes]:
        response = answer("POST", pool.host + pool.path + url, request_headers, bytes(request_body))
        return response.status, "", dict(response.headers), response.body

    with swapped(connection.ConnectionPool, "send_receive", send_receive):
        yield


@contextmanager
def _mns_seam(answer: Answer) -> Iterator[None]:
    mns_http = importlib.import_module("mns.mns_http")

    def send_request(http: Any, sent: Any) -> Any:
        url = f"{'https' if http.is_https else 'http'}://{http.host}{sent.uri}"
        response = answer(sent.method, url, sent.header, _read(sent.data))
        return mns_http.ResponseInternal(response.status, dict(response.headers), response.body.decode())

    with swapped(mns_http.MNSHttp, "send_request", send_request):
        yield


def _speaker(router: Router, url: str) -> Any:
    host = urlsplit(url).netloc
    service = router.services.get(router.pick(Request.of("GET", url, {"host": host})))
    if not _VENDOR_HOST.fullmatch(host) or not hasattr(service, "websocket"):
        raise UnknownHostError(host)
    return service


def _loopback_only(real: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: str | bytes | None, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name not in _LOOPBACK:
            raise UnknownHostError(name)
        return real(host, *args, **options)

    return getaddrinfo


def _read(body: Any) -> bytes:
    """SDKs hand over bytes, text, files, generators and adapters; reading one also runs the SDK's own checksum."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _read(body.read())
    return b"".join(body)


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
