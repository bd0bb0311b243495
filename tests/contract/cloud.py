"""The stand-ins put together, and the ports on them through each of three doors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.direct.avatars import DirectAvatars
from local.direct.generators import DirectGenerators
from local.direct.media_jobs import DirectMediaJobs
from local.direct.objects import DirectObjects
from local.direct.probe import DirectProbe
from local.direct.queues import DirectQueues
from local.direct.rows import DirectRows
from local.direct.voices import DirectVoices
from local.standins.account import Account
from local.standins.doors.inprocess import in_process
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.errors import FetchError
from local.standins.http import Request
from local.standins.ims.api import ImsApi
from local.standins.ims.state import ImsState
from local.standins.mns.api import MnsApi
from local.standins.mns.state import MnsState
from local.standins.model_studio.api import ModelStudioApi
from local.standins.model_studio.state import ModelStudioState
from local.standins.oss import OssApi, OssState
from local.standins.oss.errors import OssError
from local.standins.tablestore.api import TablestoreApi
from local.standins.tablestore.state import TablestoreState
from local.standins.timing import VirtualTiming
from local.standins.work import InlineWork, Pace
from shared.clients.cosyvoice import CosyVoices
from shared.clients.generators import ModelStudioGenerators
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import MnsQueues
from shared.clients.model_studio import ModelStudioAvatars
from shared.clients.oss import OssObjects
from shared.clients.probe import MediaInfoProbe
from shared.clients.tablestore import TablestoreRows
from shared.ports import Avatars, Generators, MediaJobs, Objects, Probe, Queue, Queues, Rows, Voices
from shared.queues import names
from shared.settings import Settings
from shared.tables import PRIMARY_KEYS
from tests.toys import ToyEngines

RESULTS = "dashscope-result-bj"
RESULT_S = 24 * 3600
SLOW = Pace(ims_queue_s=5, ims_run_s=20, voice_deploying_s=8, task_queue_s=5, task_run_s=60)
SETTINGS = Settings(account_id="1234567890123456", model_studio_api_key="sk-test")
ENV = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "test-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "test-secret"}


@dataclass
class Cloud:
    """All stand-ins of one account, on a clock that the test turns."""

    clock: VirtualTiming = field(default_factory=lambda: VirtualTiming(start=float(int(time.time()))))
    engines: ToyEngines = field(default_factory=ToyEngines)
    results_at: str = f"http://{RESULTS}.oss-cn-beijing.aliyuncs.com"

    def __post_init__(self) -> None:
        self.account = Account(timing=self.clock)
        work = InlineWork(self.clock)
        self.oss = OssState(self.account)
        for bucket in (SETTINGS.input_bucket, SETTINGS.work_bucket, SETTINGS.output_bucket, RESULTS):
            self.oss.create_bucket(bucket)
        self.oss.frame_of = lambda film, at_s, form, width: self.frame(film.read_bytes(), at_s, form, width)
        self.tablestore = TablestoreState(self.account)
        for table, columns in PRIMARY_KEYS.items():
            self.tablestore.create_table(table.value, [(name, "STRING") for name in columns])
        self.mns = MnsState(self.account)
        for queue in (SETTINGS.recheck_queue, SETTINGS.failed_queue, SETTINGS.ims_callback_queue):
            self.mns.create_queue(queue)
        self.mns.create_queue(names(SETTINGS)[Queue.DEAD_FAILED], VisibilityTimeout=330)
        self.ims = ImsState(self.account, self.engines, self, self._notify, work, pace=SLOW)
        self.studio = ModelStudioState(
            self.account, self.engines, self.fetch, self._result, lambda _: None, work, pace=SLOW
        )
        self.oss_api = OssApi(self.oss, skew_s_max=None)
        self.router = Router(
            {
                "oss": self.oss_api,
                "tablestore": TablestoreApi(self.tablestore),
                "mns": MnsApi(self.account, self.mns),
                "ims": ImsApi(self.ims),
                "model_studio": ModelStudioApi(self.studio),
            }
        )

    def frame(self, film: bytes, at_s: float, form: str, width: int) -> bytes:
        """A picture that says of which film and which moment it is."""
        return b"%s %d bytes at %.3f s, %d wide" % (form.encode(), len(film), at_s, width)

    def fetch(self, url: str) -> bytes:
        """What anybody gets who opens this url."""
        response = self.oss_api.handle(Request.of("GET", url, {"host": urlsplit(url).netloc}))
        if response.status != 200:
            raise FetchError(f"{response.status} {response.body[:200]!r}")
        return response.body

    def read(self, bucket: str, key: str, folder: Path) -> Path:
        try:
            file = folder / Path(key).name
            file.write_bytes(self.oss.read(bucket, key))
        except OssError as error:
            raise FetchError(str(error)) from error
        return file

    def write(self, bucket: str, key: str, file: Path) -> None:
        self.oss.put(bucket, key, file.read_bytes())

    def result(self, name: str, body: bytes) -> str:
        """A url as Model Studio gives it."""
        return self._result(name, body, "video/mp4")

    def _result(self, name: str, body: bytes, content_type: str) -> str:
        self.oss.put(RESULTS, name, body, {"content-type": content_type})
        return self.oss.presign_get(RESULTS, name, RESULT_S, self.results_at)

    def _notify(self, queue: str, body: str) -> None:
        self.mns.send(queue, body)


@dataclass(frozen=True)
class Ports:
    turned: Cloud | None
    settings: Settings
    objects: Objects
    rows: Rows
    queues: Queues
    media_jobs: MediaJobs
    voices: Voices
    avatars: Avatars
    generators: Generators
    probe: Probe

    @property
    def cloud(self) -> Cloud:
        """The cloud whose clock and state a test turns; a real account lets nobody do that."""
        if self.turned is None:
            pytest.skip("turns a cloud's clock or state, which an account does not let it")
        return self.turned


def direct(cloud: Cloud) -> Ports:
    objects = DirectObjects(SETTINGS, cloud.oss, cloud.frame)
    return Ports(
        cloud,
        SETTINGS,
        objects,
        DirectRows(cloud.tablestore),
        DirectQueues(SETTINGS, cloud.mns),
        DirectMediaJobs(SETTINGS, cloud.ims),
        DirectVoices(cloud.studio),
        DirectAvatars(cloud.studio),
        DirectGenerators(cloud.studio),
        DirectProbe(objects),
    )


def through_sdks(cloud: Cloud | None, settings: Settings, env: Mapping[str, str] = ENV) -> Ports:
    objects = OssObjects(settings, env)
    return Ports(
        cloud,
        settings,
        objects,
        TablestoreRows(settings, env),
        MnsQueues(settings, env),
        ImsMediaJobs(settings, env),
        CosyVoices(settings),
        ModelStudioAvatars(settings),
        ModelStudioGenerators(settings),
        MediaInfoProbe(objects),
    )


@contextmanager
def opened(door: str) -> Iterator[Ports]:
    """`direct`, `in_process` with production host names, or `loopback` over a socket."""
    cloud = Cloud()
    if door == "direct":
        yield direct(cloud)
    elif door == "in_process":
        with in_process(cloud.router):
            yield through_sdks(cloud, SETTINGS)
    else:
        with LoopbackServer(cloud.router) as server:
            cloud.results_at = server.url
            fields = {**SETTINGS.__dict__, "endpoint": server.url}
            yield through_sdks(cloud, Settings(**fields))
