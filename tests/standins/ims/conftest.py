"""An IMS stand-in over toy engines and a dict of objects, its queues and, when asked for, the real SDK before it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import responses
from aliyunsdkcore.client import AcsClient
from requests import PreparedRequest

from local.standins.account import Account
from local.standins.errors import FetchError
from local.standins.http import Request
from local.standins.ims.api import ImsApi
from local.standins.ims.callbacks import DEFAULT_GUESSES, Guesses
from local.standins.ims.state import ImsState
from local.standins.timing import VirtualTiming
from local.standins.work import InlineWork, Pace
from tests.toys import ToyEngines, toy_film, toy_wav

QUEUE = "ice-callback-echobot"
SLOW = Pace(ims_queue_s=4, ims_run_s=10)
VENDORED = "aliyunsdkcore.vendored.requests.adapters.HTTPAdapter.send"


@dataclass
class Shelves:
    """Objects of the account, as MediaAccess wants them."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    buckets: frozenset[str] = frozenset({"work"})

    def read(self, bucket: str, key: str, folder: Path) -> Path:
        body = self.objects.get((bucket, key))
        if body is None:
            raise FetchError(f"no such object {bucket}/{key}")
        file = folder / Path(key).name
        file.write_bytes(body)
        return file

    def write(self, bucket: str, key: str, file: Path) -> None:
        if bucket not in self.buckets:
            raise FetchError(f"no such bucket {bucket}")
        self.objects[bucket, key] = file.read_bytes()


@dataclass
class Ims:
    """The stand-in and everything around it that a test looks at."""

    timing: VirtualTiming = field(default_factory=VirtualTiming)
    media: Shelves = field(default_factory=Shelves)
    engines: ToyEngines = field(default_factory=ToyEngines)
    sent: list[tuple[str, str]] = field(default_factory=list)
    pace: Pace = SLOW
    guesses: Guesses = DEFAULT_GUESSES

    def __post_init__(self) -> None:
        self.account = Account(timing=self.timing)
        self.media.objects["work", "jobs/a/story.mp4"] = toy_film(12, [(1.0, 2.5, "从前"), (3.0, 4.0, "有只兔子")])
        self.media.objects["work", "jobs/a/voice.wav"] = toy_wav(5)
        self.restart()

    def restart(self) -> None:
        """A new stand-in over the same store."""
        self.state = ImsState(
            self.account,
            self.engines,
            self.media,
            lambda queue, body: self.sent.append((queue, body)),
            InlineWork(self.timing),
            pace=self.pace,
            guesses=self.guesses,
        )
        self.api = ImsApi(self.state)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.sent]

    def listen(self, *types: str) -> None:
        """Set the global callback."""
        wanted = ",".join(types or ("ProduceMediaComplete", "AIProduceComplete", "SmartJobComplete"))
        self.state.set_event_callback({"CallbackType": "MNS", "CallbackQueueName": QUEUE, "EventTypeList": wanted})


def plain(key: str, bucket: str = "work", region: str = "cn-beijing") -> str:
    return f"https://{bucket}.oss-{region}.aliyuncs.com/{key}"


def timeline(**more: object) -> str:
    """A film with one voice over it."""
    film = {"MediaURL": plain("jobs/a/story.mp4"), "Effects": [{"Type": "Volume", "Gain": 0}]}
    voice = {"MediaURL": plain("jobs/a/voice.wav"), "TimelineIn": 1, "TimelineOut": 6}
    tracks = {"VideoTracks": [{"VideoTrackClips": [film]}], "AudioTracks": [{"AudioTrackClips": [voice]}]}
    return json.dumps(tracks | more)


def order(**changes: str | None) -> dict[str, str]:
    """Parameters of a SubmitMediaProducingJob that is accepted; None takes one away."""
    output = {"MediaURL": plain("stories/a/story.mp4"), "Width": 1280, "Height": 720}
    params: dict[str, str | None] = {"Timeline": timeline(), "OutputMediaConfig": json.dumps(output)}
    return {name: value for name, value in (params | changes).items() if value is not None}


@pytest.fixture
def ims() -> Ims:
    return Ims()


@pytest.fixture
def sdk(ims: Ims) -> Iterator[AcsClient]:
    """The vendor's own client; its requests end at the stand-in."""

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        body = request.body or b""
        reply = ims.api.handle(
            Request.of(
                str(request.method),
                str(request.url),
                {name: str(value) for name, value in request.headers.items()},
                body.encode() if isinstance(body, str) else body,
            )
        )
        return reply.status, reply.headers, reply.body

    with responses.RequestsMock(assert_all_requests_are_fired=False, target=VENDORED) as door:
        for method in ("GET", "POST"):
            door.add_callback(
                method, re.compile(r"https?://ice\.cn-beijing\.aliyuncs\.com/.*"), answer, content_type=None
            )
        client = AcsClient("test-id", "test-secret", "cn-beijing")
        client.add_endpoint("cn-beijing", "ICE", "ice.cn-beijing.aliyuncs.com")
        yield client
