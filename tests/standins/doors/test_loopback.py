from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import websocket

from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.http import Request, Response
from tests.standins.doors.dummies import Broken, Echo, SpeakingEcho, echoing_router

pytestmark = pytest.mark.loopback


@pytest.fixture
def oss() -> Echo:
    return Echo("oss")


@pytest.fixture
def studio() -> SpeakingEcho:
    return SpeakingEcho("model_studio")


@pytest.fixture
def server(oss: Echo, studio: SpeakingEcho) -> Iterator[LoopbackServer]:
    with LoopbackServer(Router({"oss": oss, "model_studio": studio, "fc": Broken()}), body_bytes_max=100_000) as server:
        yield server


@pytest.fixture
def connection(server: LoopbackServer) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(server.endpoint, timeout=10)
    yield connection
    connection.close()


def said(server: LoopbackServer, sent: bytes) -> bytes:
    """Everything the server answers to these bytes until it hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(sent)
        return b"".join(iter(lambda: raw.recv(65_536), b""))


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        LoopbackServer(echoing_router(), host="0.0.0.0")  # noqa: S104  the point of the test


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection, oss: Echo) -> None:
    connection.connect()
    first = connection.sock
    for number in range(3):
        connection.request("PUT", f"/b/{number}", body=b"x" * number)
        assert json.loads(connection.getresponse().read())["length"] == number

    assert connection.sock is first
    assert [request.raw_path for request in oss.asked] == ["/b/0", "/b/1", "/b/2"]


def test_a_chunked_body_arrives_whole(server: LoopbackServer, oss: Echo) -> None:
    requests.put(f"{server.url}/b/k", data=(part for part in (b"ab", b"", b"cd")), timeout=10)

    assert oss.asked[0].body == b"abcd"


def test_path_and_query_stay_as_they_were_sent(server: LoopbackServer, oss: Echo) -> None:
    said(server, b"GET /b/a%2Fb%20c?x=%2B&flag HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

    assert (oss.asked[0].raw_path, oss.asked[0].raw_query) == ("/b/a%2Fb%20c", "x=%2B&flag")


def test_headers_in_utf8_are_read_as_such_and_others_stay(server: LoopbackServer, oss: Echo) -> None:
    sent = (
        b"GET / HTTP/1.1\r\nHost: h\r\nx-a: \xe5\xa3\xb0\r\nx-b: \xe9\r\nx-c: 1\r\nx-c: 2\r\nConnection: close\r\n\r\n"
    )
    said(server, sent)

    assert [oss.asked[0].headers[name] for name in ("x-a", "x-b", "x-c")] == ["声", "é", "1, 2"]


def test_a_client_that_expects_100_is_told_to_go_on(server: LoopbackServer, oss: Echo) -> None:
    sent = b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nab"

    assert said(server, sent).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert oss.asked[0].body == b"ab"


def test_a_body_beyond_the_limit_is_refused_before_it_is_sent(server: LoopbackServer, oss: Echo) -> None:
    sent = b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\nExpect: 100-continue\r\n\r\n"

    assert said(server, sent).startswith(b"HTTP/1.1 413 ")
    assert oss.asked == []


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"Content-Length: 100001", b"", b"413"),
        (b"Transfer-Encoding: chunked", b"186a1\r\n", b"413"),
        (b"Transfer-Encoding: chunked", b"xyz\r\n", b"400"),
        (b"Transfer-Encoding: chunked", b"-1\r\n", b"400"),
        (b"Transfer-Encoding: chunked", b"2\r\nabc\r\n0\r\n\r\n", b"400"),
        (b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n", b"400"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2", b"0\r\n\r\n", b"400"),
        (b"Content-Length: 2\r\nContent-Length: 3", b"ab", b"400"),
        (b"Content-Length: +2", b"ab", b"400"),
    ],
)
def test_a_body_that_cannot_be_read_ends_the_connection(
    server: LoopbackServer, oss: Echo, head: bytes, body: bytes, status: bytes
) -> None:
    answer = said(server, b"PUT /b/k HTTP/1.1\r\nHost: h\r\n" + head + b"\r\n\r\n" + body)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert oss.asked == []


def test_a_head_has_the_length_and_no_body(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/b/k")
    response = connection.getresponse()

    assert (response.read(), response.getheader("x-name")) == (b"", "oss")
    assert int(str(response.getheader("Content-Length"))) > 0
    connection.request("GET", "/b/k")
    assert connection.getresponse().status == 200


def test_no_content_has_no_length() -> None:
    class NoContent:
        def handle(self, request: Request) -> Response:
            return Response(204)

    with LoopbackServer(Router({"oss": NoContent()})) as server:
        response = requests.delete(f"{server.url}/b/k", timeout=10)

    assert (response.status_code, "Content-Length" in response.headers) == (204, False)


def test_as_an_http_proxy_it_takes_production_host_names(server: LoopbackServer, oss: Echo) -> None:
    url = "http://echobot.oss-cn-beijing.aliyuncs.com/a%20b?x=1"
    told = requests.get(url, proxies={"http": server.url}, timeout=10).json()

    assert (told["service"], told["host"]) == ("oss", "echobot.oss-cn-beijing.aliyuncs.com")
    assert (told["path"], told["query"]) == ("/a%20b", "x=1")
    assert oss.asked[0].headers["host"] == "echobot.oss-cn-beijing.aliyuncs.com"


def test_tunnels_are_refused(server: LoopbackServer) -> None:
    answer = said(server, b"CONNECT oss-cn-beijing.aliyuncs.com:443 HTTP/1.1\r\nHost: h\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 501 ")


def test_a_service_that_breaks_is_a_500_and_a_traceback(
    server: LoopbackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    response = requests.get(f"{server.url}/2023-03-30/functions", timeout=10)

    assert (response.status_code, response.text) == (
        500,
        "The stand-in broke; the traceback is on its standard error.\n",
    )
    assert "RuntimeError: broken on purpose" in capsys.readouterr().err


def test_a_response_header_cannot_start_another() -> None:
    class Injected:
        def handle(self, request: Request) -> Response:
            return Response(200, {"x-name": "a\r\nx-evil: 1"}, b"")

    with LoopbackServer(Router({"oss": Injected()})) as server:
        response = requests.get(server.url, timeout=10)

    assert (response.headers["x-name"], "x-evil" in response.headers) == ("a  x-evil: 1", False)


def test_stopping_cuts_the_connections(server: LoopbackServer, connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/b/k")
    connection.getresponse().read()
    server.stop()

    def ask_again() -> None:
        connection.request("GET", "/b/k")
        connection.getresponse()

    with pytest.raises(ConnectionError):
        ask_again()


@pytest.fixture
def peer(server: LoopbackServer) -> Iterator[websocket.WebSocket]:
    url = f"ws://{server.endpoint}/api-ws/v1/inference"
    peer: Any = websocket.create_connection(url, header={"Authorization": "bearer sk-test"}, timeout=10)
    yield peer
    peer.shutdown()


def test_a_websocket_carries_text_and_bytes_both_ways(peer: websocket.WebSocket, studio: SpeakingEcho) -> None:
    greeting = peer.recv()
    peer.send("héllo")

    assert greeting == "bearer sk-test"
    assert [peer.recv(), peer.recv()] == ["HÉLLO", "héllo".encode()]
    assert studio.heard == ["héllo"]


def test_fragments_make_one_message_and_pings_are_answered_between(peer: websocket.WebSocket) -> None:
    peer.recv()
    peer.send_frame(websocket.ABNF.create_frame("on", websocket.ABNF.OPCODE_TEXT, fin=0))
    peer.ping("still there?")
    peer.send_frame(websocket.ABNF.create_frame("ce", websocket.ABNF.OPCODE_CONT, fin=1))

    assert peer.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"still there?")
    assert peer.recv() == "ONCE"


def closing_code(peer: websocket.WebSocket) -> int:
    opcode, data = peer.recv_data(control_frame=True)
    while opcode != websocket.ABNF.OPCODE_CLOSE:
        opcode, data = peer.recv_data(control_frame=True)
    return int.from_bytes(data[:2], "big")


def test_when_the_service_is_done_the_websocket_closes_normally(peer: websocket.WebSocket) -> None:
    peer.send("bye")

    assert closing_code(peer) == 1000


def test_when_the_peer_closes_the_service_hears_the_end(peer: websocket.WebSocket, studio: SpeakingEcho) -> None:
    peer.recv()
    peer.send_close()

    assert closing_code(peer) == 1000
    assert studio.all_heard() == [None]


def test_bytes_are_not_taken(peer: websocket.WebSocket, studio: SpeakingEcho) -> None:
    peer.send_binary(b"\0")

    assert closing_code(peer) == 1003
    assert studio.all_heard() == [None]


def test_a_frame_without_mask_breaks_the_protocol(peer: websocket.WebSocket, studio: SpeakingEcho) -> None:
    assert peer.sock is not None
    peer.sock.sendall(b"\x81\x01a")

    assert closing_code(peer) == 1002
    assert studio.all_heard() == [None]


def test_a_message_beyond_the_limit_is_not_taken(peer: websocket.WebSocket, studio: SpeakingEcho) -> None:
    half = "x" * (8 * 1024 * 1024)
    peer.send_frame(websocket.ABNF.create_frame(half, websocket.ABNF.OPCODE_TEXT, fin=0))
    peer.send_frame(websocket.ABNF.create_frame(half + "x", websocket.ABNF.OPCODE_CONT, fin=1))

    assert closing_code(peer) == 1009
    assert studio.all_heard() == [None]


def test_a_service_that_breaks_closes_with_an_internal_error(
    peer: websocket.WebSocket, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.send("break")

    assert closing_code(peer) == 1011
    assert "RuntimeError: broken on purpose" in capsys.readouterr().err


def test_an_upgrade_for_a_service_without_websocket_is_refused(server: LoopbackServer) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        websocket.create_connection(f"ws://{server.endpoint}/b/k", timeout=10)

    assert refusal.value.status_code == 501


def test_an_upgrade_without_key_is_refused(server: LoopbackServer) -> None:
    sent = b"GET /api-ws/v1/ HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    assert said(server, sent).startswith(b"HTTP/1.1 400 ")
