"""The unmodified SpeechSynthesizer of dashscope through both doors, with a service that says what it was given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import dashscope
import pytest
from dashscope.audio.tts_v2 import SpeechSynthesizer

from local.standins.doors.inprocess import in_process
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.http import Headers
from tests.standins.doors.dummies import Echo

PATH = "/api-ws/v1/inference"


@dataclass
class Reader(Echo):
    """Speaks a text as its own UTF-8 bytes; refuses the voice `nobody`."""

    keys: list[str] = field(default_factory=list)

    def websocket(
        self,
        headers: Headers,
        receive: Callable[[], str | None],
        send_text: Callable[[str], None],
        send_binary: Callable[[bytes], None],
    ) -> None:
        self.keys.append(headers["authorization"])
        while (text := receive()) is not None:
            sent = json.loads(text)
            for event in self.events(sent["header"]["action"], sent["payload"]):
                if isinstance(event, bytes):
                    send_binary(event)
                else:
                    send_text(json.dumps({"header": {**event, "task_id": sent["header"]["task_id"]}, "payload": {}}))

    def events(self, action: str, payload: dict[str, Any]) -> list[Any]:
        if action == "run-task":
            if payload["parameters"]["voice"] == "nobody":
                return [{"event": "task-failed", "error_code": "InvalidParameter", "error_message": "no such voice"}]
            return [{"event": "task-started"}]
        if action == "continue-task":
            return [payload["input"]["text"].encode()]
        return [{"event": "task-finished"}]


@pytest.fixture
def reader() -> Reader:
    return Reader("model_studio")


@pytest.fixture(params=[pytest.param("loopback", marks=pytest.mark.loopback), "in process"])
def url(request: pytest.FixtureRequest, reader: Reader) -> Iterator[str]:
    router = Router({"model_studio": reader})
    if request.param == "loopback":
        with LoopbackServer(router) as server:
            yield f"ws://{server.endpoint}{PATH}"
    else:
        with in_process(router):
            yield f"wss://dashscope.aliyuncs.com{PATH}"


@pytest.fixture(autouse=True)
def _api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashscope, "api_key", "sk-test")


def synthesizer(url: str, voice: str) -> Any:
    return SpeechSynthesizer("cosyvoice-v3-plus", voice, url=url)


def test_speech_comes_back(url: str, reader: Reader) -> None:
    assert synthesizer(url, "parent").call("从前", timeout_millis=10_000) == "从前".encode()
    assert reader.keys == ["Bearer sk-test"]


def test_a_refusal_comes_back_with_its_code(url: str) -> None:
    with pytest.raises(Exception, match="no such voice"):
        synthesizer(url, "nobody").call("从前", timeout_millis=10_000)
