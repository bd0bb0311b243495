from __future__ import annotations

import io
import json
import socket
import threading
from typing import Any

import mns.mns_http
import pytest
import requests
import requests.adapters
import tablestore.connection
import urllib3
import websocket
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdkcore.vendored import requests as vendored

from local.standins.doors.inprocess import UnknownHostError, in_process
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from tests.standins.doors.dummies import Echo, SpeakingEcho, echoing_router

SEAMS: tuple[tuple[Any, str], ...] = (
    (requests.adapters.HTTPAdapter, "send"),
    (vendored.adapters.HTTPAdapter, "send"),
    (tablestore.connection.ConnectionPool, "send_receive"),
    (mns.mns_http.MNSHttp, "send_request"),
    (websocket, "WebSocketApp"),
    (socket, "getaddrinfo"),
)


def seams() -> list[Any]:
    return [getattr(owner, name) for owner, name in SEAMS]


def test_every_seam_is_taken_out_again_even_after_an_error() -> None:
    before, inside = seams(), []

    def break_inside() -> None:
        with in_process(echoing_router()):
            inside.extend(seams())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_inside()

    assert seams() == before
    assert not any(here is there for here, there in zip(inside, before, strict=True))


@pytest.mark.parametrize("url", ["https://echobot.oss-cn-beijing.aliyuncs.com/k", "http://x.cn-beijing.fcapp.run/k"])
def test_requests_reach_the_stand_in(url: str) -> None:
    with in_process(echoing_router()):
        assert requests.get(url, timeout=10).json()["path"] == "/k"


@pytest.mark.parametrize("body", [b"abcd", "abcd", bytearray(b"abcd"), io.BytesIO(b"abcd"), iter([b"ab", b"cd"])])
def test_bodies_of_every_kind_arrive(body: Any) -> None:
    oss = Echo("oss")
    with in_process(Router({"oss": oss})):
        requests.put("https://echobot.oss-cn-beijing.aliyuncs.com/k", data=body, timeout=10)

    assert oss.asked[0].body == b"abcd"


def test_aliyunsdkcore_reaches_the_stand_in() -> None:
    ims = Echo("ims")
    request = CommonRequest("ice.cn-beijing.aliyuncs.com", "2020-11-09", "GetMediaProducingJob")
    with in_process(Router({"ims": ims})):
        told = json.loads(AcsClient("test-id", "test-secret", "cn-beijing").do_action_with_exception(request))

    assert told["service"] == "ims"
    assert ims.asked[0].query["Action"] == "GetMediaProducingJob"


def test_tablestore_reaches_the_stand_in() -> None:
    pool = tablestore.connection.ConnectionPool("https://echobot.cn-beijing.ots.aliyuncs.com", "", 10, 1)
    with in_process(echoing_router()):
        status, _, headers, body = pool.send_receive("/ListTable", {"x-ots-apiversion": "2015-12-31"}, b"")

    assert (status, headers["x-name"], json.loads(body)["path"]) == (200, "tablestore", "/ListTable")


def test_a_public_host_without_stand_in_fails_loudly() -> None:
    with in_process(echoing_router()):
        with pytest.raises(UnknownHostError, match=r"example\.com"):
            requests.get("https://example.com/", timeout=10)
        with pytest.raises(UnknownHostError, match=r"example\.com"):
            vendored.get("https://example.com/", timeout=10)
        with pytest.raises(UnknownHostError, match=r"oss-cn-beijing\.aliyuncs\.com"):
            urllib3.PoolManager().request("GET", "http://b.oss-cn-beijing.aliyuncs.com/k", retries=False)
        with pytest.raises(UnknownHostError, match=r"example\.com"):
            websocket.WebSocketApp("wss://example.com/")


def test_a_vendors_service_without_stand_in_is_named() -> None:
    with in_process(echoing_router()):
        response = requests.get("https://sts.aliyuncs.com/", timeout=10)

    assert (response.status_code, response.json()) == (501, {"message": "no stand-in for sts.aliyuncs.com"})


@pytest.mark.loopback
def test_loopback_stays_reachable_beside_it() -> None:
    inner, outer = Echo("oss"), Echo("oss")
    with LoopbackServer(Router({"oss": outer})) as server, in_process(Router({"oss": inner})):
        requests.get(f"{server.url}/k", timeout=10)
        requests.get("https://echobot.oss-cn-beijing.aliyuncs.com/k", timeout=10)

    assert (len(inner.asked), len(outer.asked)) == (1, 1)


def test_it_works_from_many_threads() -> None:
    oss = Echo("oss")

    def ask() -> None:
        for number in range(10):
            requests.get(f"https://echobot.oss-cn-beijing.aliyuncs.com/{number}", timeout=10)

    with in_process(Router({"oss": oss})):
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(oss.asked) == 80


class Talk:
    """What a client of websocket-client hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def app(self, *lines: str) -> Any:
        def on_message(app: Any, message: Any) -> None:
            self.heard.append(message)

        def on_close(app: Any, code: int, reason: str) -> None:
            self.heard.append(code)

        def on_error(app: Any, error: Exception) -> None:
            self.heard.append(type(error))

        def on_open(app: Any) -> None:
            for line in lines:
                app.send(line)

        return websocket.WebSocketApp(
            "wss://dashscope.aliyuncs.com/api-ws/v1/inference",
            header={"Authorization": "bearer sk-test"},
            on_open=on_open,
            on_message=on_message,
            on_error=on_error,
            on_close=on_close,
        )


def test_the_fake_websocket_speaks_with_the_stand_in() -> None:
    talk = Talk()
    with in_process(echoing_router()):
        broke = talk.app("hello", "bye").run_forever()

    assert talk.heard == ["bearer sk-test", "HELLO", b"hello", 1000]
    assert not broke


def test_closing_the_fake_websocket_ends_the_talk() -> None:
    studio = SpeakingEcho("model_studio")
    talk = Talk()
    with in_process(Router({"model_studio": studio})):
        app = talk.app()
        app.close()
        app.run_forever()
        with pytest.raises(ConnectionResetError):
            app.send("too late")

    assert (studio.heard, talk.heard) == ([None], ["bearer sk-test", 1000])


def test_a_stand_in_that_breaks_is_an_error_of_the_fake_websocket(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    with in_process(echoing_router()):
        broke = talk.app("break").run_forever()

    assert talk.heard == ["bearer sk-test", RuntimeError, 1011]
    assert broke
    assert "broken on purpose" in capsys.readouterr().err
