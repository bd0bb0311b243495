"""A Model Studio stand-in over toy engines and a small web, and the real SDK before it when asked for."""

from __future__ import annotations

import queue
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import dashscope
import pytest
import responses
import websocket
from requests import PreparedRequest

from local.standins.account import Account
from local.standins.errors import FetchError, VendorError
from local.standins.http import Request
from local.standins.model_studio.api import ModelStudioApi
from local.standins.model_studio.avatars import TaskModel
from local.standins.model_studio.state import ModelStudioState
from local.standins.timing import VirtualTiming
from local.standins.work import InlineWork, Pace
from tests.toys import ToyEngines, toy_png, toy_wav

BASE = "https://dashscope.aliyuncs.com/api/v1"
PHOTO, SPEECH, SAMPLE = "https://work/photo.png?sig", "https://work/speech.wav?sig", "https://work/voice.wav?sig"
MODEL = "cosyvoice-v3.5-plus"
SLOW = Pace(voice_deploying_s=30, task_queue_s=5, task_run_s=60)
BOXES = {"face_bbox": [192, 192, 320, 320], "ext_bbox": [0, 0, 512, 512]}


@dataclass
class Web:
    """What urls give. A url in `slow` never answers; one that is not there is refused."""

    pages: dict[str, bytes] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)

    def fetch(self, url: str) -> bytes:
        if url in self.slow:
            raise FetchError("no answer", timed_out=True)
        if url not in self.pages:
            raise FetchError("403 AccessDenied")
        return self.pages[url]

    def keep(self, name: str, body: bytes, content_type: str) -> str:
        url = f"http://dashscope-result-sh.oss-cn-shanghai.aliyuncs.com/{name}?Expires=1&type={content_type}"
        self.pages[url] = body
        return url


@dataclass
class Studio:
    """The stand-in and everything around it that a test looks at."""

    pace: Pace = SLOW
    timing: VirtualTiming = field(default_factory=VirtualTiming)
    web: Web = field(default_factory=Web)
    engines: ToyEngines = field(default_factory=ToyEngines)
    events: list[dict[str, Any]] = field(default_factory=list)
    models: tuple[TaskModel, ...] = ()

    def __post_init__(self) -> None:
        self.account = Account(timing=self.timing)
        self.web.pages |= {PHOTO: toy_png(), SPEECH: toy_wav(10), SAMPLE: toy_wav(18)}
        self.restart()

    def restart(self) -> None:
        """A new stand-in over the same store."""
        self.state = ModelStudioState(
            self.account,
            self.engines,
            self.web.fetch,
            self.web.keep,
            self.events.append,
            InlineWork(self.timing),
            pace=self.pace,
            models=self.models,
        )
        self.api = ModelStudioApi(self.state)

    def voice(self, prefix: str = "mama", model: str = MODEL) -> str:
        """An enrolled voice, ready to speak."""
        voice_id = self.state.create_voice(model, prefix, SAMPLE)["output"]["voice_id"]
        self.timing.advance(self.pace.voice_deploying_s)
        return str(voice_id)

    def submit(self, model: str = "emo-v1", path: str = "image2video/video-synthesis", **changes: object) -> str:
        """A task for a talking portrait; changes go to its input, `parameters` to its parameters."""
        parameters = dict(changes.pop("parameters", {}))  # type: ignore[call-overload]  # tests pass a dict
        fields = {"image_url": PHOTO, "audio_url": SPEECH, **BOXES} | changes
        return str(self.state.submit_task(model, fields, parameters, path)["output"]["task_id"])

    def output(self, task_id: str) -> dict[str, Any]:
        output: dict[str, Any] = self.state.query_task(task_id)["output"]
        return output

    def status(self, task_id: str) -> str:
        return str(self.output(task_id)["task_status"])


class Refusal(Protocol):
    def __call__(self, call: Callable[[], object]) -> str: ...


@pytest.fixture
def refusal() -> Refusal:
    """`"400 InvalidParameter"` for a call that must be refused."""

    def refused(call: Callable[[], object]) -> str:
        with pytest.raises(VendorError) as caught:
            call()
        return f"{caught.value.status} {caught.value.code}"

    return refused


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def wire(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """The same, with the vendor's host name before it: for `requests`, the SDK's REST calls and its WebSocket."""

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        body = request.body or b""
        reply = studio.api.handle(
            Request.of(
                str(request.method),
                str(request.url),
                {name: str(value) for name, value in request.headers.items()},
                body.encode() if isinstance(body, str) else body,
            )
        )
        return reply.status, reply.headers, reply.body

    class Socket(FakeSocket):
        api = studio.api

    monkeypatch.setattr(dashscope, "api_key", "sk-test")
    monkeypatch.setattr(dashscope, "base_http_api_url", BASE)
    monkeypatch.setattr(websocket, "WebSocketApp", Socket)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as door:
        for method in ("GET", "POST", "PUT"):
            door.add_callback(method, re.compile(rf"{BASE}/.*"), answer, content_type=None)
        yield studio


class FakeSocket:
    """`websocket.WebSocketApp` as the SDK uses it, with the stand-in at its other end."""

    api: ModelStudioApi

    def __init__(
        self,
        url: str,
        header: Mapping[str, str],
        on_message: Callable[[FakeSocket, str | bytes], None],
        on_error: object,
        on_close: Callable[[FakeSocket, int, str], None],
    ) -> None:
        self.header, self.on_message, self.on_close = header, on_message, on_close
        self.connected = False
        self.sock = self
        self._orders: queue.Queue[str | None] = queue.Queue()

    def run_forever(self) -> None:
        self.connected = True
        self.api.websocket(
            self.header,
            self._orders.get,
            lambda text: self.on_message(self, text),
            lambda body: self.on_message(self, body),
        )
        self.connected = False
        self.on_close(self, 1000, "")

    def send(self, text: str) -> None:
        self._orders.put(text)

    def close(self) -> None:
        self._orders.put(None)
