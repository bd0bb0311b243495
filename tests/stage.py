"""A whole Echobot in one process and in virtual time: the deployment's two files, stand-ins, toy engines, and the
functions themselves run inline. Nothing sleeps, nothing opens a socket.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from local import deployment
from local.direct.avatars import DirectAvatars
from local.direct.channels import DirectChannels
from local.direct.generators import DirectGenerators
from local.direct.media_jobs import DirectMediaJobs
from local.direct.objects import DirectObjects
from local.direct.probe import DirectProbe, Known
from local.direct.queues import DirectQueues
from local.direct.rows import DirectRows
from local.direct.voices import DirectVoices
from local.stand_ins import RESULTS_BUCKET, Parts, assemble
from local.standins.account import Account
from local.standins.fc.state import Invocation, Ran
from local.standins.timing import VirtualTiming
from local.standins.work import InlineWork, Pace
from shared.domain import keys
from shared.domain.job import JobState, StepRow
from shared.domain.keys import Asset, Owner
from shared.engine import effects, studio
from shared.engine.patience import patient
from shared.engine.records import Job, job_of, load_job, load_steps
from shared.pipeline import FUNCTIONS
from shared.ports import (
    Avatars,
    Bucket,
    Channels,
    Clock,
    Generators,
    Ids,
    MediaJobs,
    Objects,
    Place,
    Probe,
    Queues,
    Rows,
    Table,
    Voices,
)
from shared.settings import Settings
from tests.toys import ToyEngines, toy_film, toy_frame, toy_png, toy_wav

ACCOUNT = "1234567890123456"
REGION = "cn-beijing"
PACE = Pace(ims_queue_s=2.0, ims_run_s=20.0, voice_deploying_s=15.0, task_queue_s=1.0, task_run_s=60.0)
CONSENT = {"who": "王小明的妈妈", "when": "2026-11-21", "voice": True, "face": True, "adult": True, "text": "我同意"}
CAPTIONS = ((1.0, 4.0, "从前有一只小狐狸。"), (5.0, 8.0, "它每天晚上数星星。"))


class Killed(BaseException):
    """The function's process is gone. Not an Exception: nothing in the project may catch it."""


_FACTS: Known = {}
"""The same toy media appear in every story; MediaInfo looks at each once."""


@lru_cache(maxsize=1)
def _declared() -> deployment.Deployment:
    return deployment.read({"ECHOBOT_ACCOUNT_ID": ACCOUNT}, region=REGION, account_id=ACCOUNT)


class RandomIds:
    """Tokens and jitter from one seed."""

    def __init__(self, randomness: random.Random) -> None:
        self._randomness = randomness

    def token(self) -> str:
        return f"{self._randomness.getrandbits(128):032x}"

    def fraction(self) -> float:
        return self._randomness.random()


@dataclass
class StageWorld:
    """The ports on the stand-ins' state, without a wire."""

    settings: Settings
    clock: Clock
    ids: Ids
    objects: Objects
    rows: Rows
    queues: Queues
    media: MediaJobs
    voices: Voices
    avatars: Avatars
    generators: Generators
    channels: Channels
    probe: Probe
    lines: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def log(self, event: str, fields: Mapping[str, object]) -> None:
        self.lines.append((event, dict(fields)))


class Stage:
    """Put uploads, let time pass, look at what became of them."""

    def __init__(
        self,
        *,
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
        pace: Pace = PACE,
        engines: ToyEngines | None = None,
        timing: VirtualTiming | None = None,
    ) -> None:
        self.timing = timing or VirtualTiming()
        self.account = Account(timing=self.timing, randomness=random.Random(seed))
        self.engines = engines or ToyEngines()
        declared = self.declared = _declared()
        base_url = f"https://{RESULTS_BUCKET}.oss-{REGION}.aliyuncs.com"
        parts = Parts(self.engines, InlineWork(self.timing), self.run_function, pace, lambda: base_url)
        self.stand_ins = assemble(self.account, declared, parts)
        env = {**declared.functions[0].env, "ECHOBOT_MODEL_STUDIO_API_KEY": "sk-test"}
        chosen = {name: value for name, value in env.items() if name.startswith("ECHOBOT_")}
        # Cut in no pause: most tests want the toy story in one clip.
        self.settings = replace(Settings.from_env(chosen), **{"face_pause_s": 0.0, **(settings or {})})
        self.world = self.make_world(random.Random(seed + 1))
        self.functions_world = self.world
        self.events: list[tuple[str, bytes]] = []
        self.around: Callable[[str, Callable[[], None]], None] = lambda _function, run: run()

    def make_world(self, randomness: random.Random) -> StageWorld:
        stand_ins = self.stand_ins
        objects = DirectObjects(self.settings, stand_ins.oss, toy_frame)
        return StageWorld(
            settings=self.settings,
            clock=self.timing,
            ids=RandomIds(randomness),
            objects=objects,
            rows=DirectRows(stand_ins.tablestore),
            queues=DirectQueues(self.settings, stand_ins.mns),
            media=DirectMediaJobs(self.settings, stand_ins.ims),
            voices=DirectVoices(stand_ins.model_studio),
            avatars=DirectAvatars(stand_ins.model_studio),
            generators=DirectGenerators(stand_ins.model_studio),
            channels=DirectChannels(self.settings, stand_ins.topics),
            probe=DirectProbe(objects, _FACTS),
        )

    # ---- functions

    def run_function(self, invocation: Invocation) -> Ran:
        """As FC would: an exception is a failed invocation."""
        name = invocation.function.code.rpartition("/")[2]
        self.events.append((name, invocation.event))
        try:
            self.around(name, lambda: self.call(name, invocation.event))
        except Killed as killed:
            return Ran(str(killed).encode(), "FunctionExited")
        except Exception as error:  # noqa: BLE001  whatever a function raises is its result
            document = {"errorMessage": str(error), "errorType": type(error).__name__}
            return Ran(json.dumps(document).encode(), "UnhandledInvocationError")
        return Ran(b"ok")

    def call(self, name: str, event: bytes) -> None:
        timeout_s = FUNCTIONS[name].timeout_s if name in FUNCTIONS else 60
        world = patient(self.functions_world, timeout_s)
        importlib.import_module(f"functions.{name}.handler").run(event, world)

    def wake_event(self, key: str) -> bytes:
        """The OSS event of a wake that somebody puts by hand."""
        place = {"bucket": {"name": self.settings.work_bucket}, "object": {"key": key}}
        return json.dumps({"events": [{"eventName": "ObjectCreated:PutObject", "oss": place}]}).encode()

    def body_of(self, invocation: Invocation) -> bytes:
        """What the object says whose event an invocation carries; the event itself when it is about no object."""
        event = json.loads(invocation.event)
        if "events" not in event:
            return invocation.event
        oss = event["events"][0]["oss"]
        return self.stand_ins.oss.read(oss["bucket"]["name"], oss["object"]["key"])

    # ---- uploads

    def upload(self, job_id: str, asset: Asset, extension: str, body: bytes) -> None:
        key = keys.upload(Owner.INBOX, job_id, asset, extension)
        self.world.objects.write(Place(Bucket.INPUT, key), body, "application/octet-stream")

    def tell(self, job_id: str = "story", /, **bodies: bytes | None) -> None:
        """Upload a whole set; each file may be replaced, or left out with None."""
        given = {**whole_set(), **bodies}
        for name, body in given.items():
            if body is not None:
                self.upload(job_id, Asset(name), EXTENSIONS[name], body)

    # ---- time

    def run(self, for_s: float = 6 * 3600.0, *, sweep_every_s: float | None = 60.0) -> None:
        """Let time pass until nothing is left to happen, at most `for_s` seconds."""
        end = self.timing.now() + for_s
        next_sweep = self.timing.now() + (sweep_every_s or 0.0)
        while self.timing.now() < end:
            at = self.timing.next_at()
            if sweep_every_s and self.is_busy() and (at is None or at > next_sweep):
                self.timing.run(max(0.0, next_sweep - self.timing.now()))
                self.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
                next_sweep += sweep_every_s
            elif at is None or at > end:
                return
            else:
                self.timing.step()

    def is_busy(self) -> bool:
        """Whether a job is open, or has not even been looked at."""
        found = self.world.rows.range(Table.JOBS)
        return not found or any(columns["state"] == JobState.OPEN.value for _, columns in found)

    # ---- looking

    def jobs(self) -> list[Job]:
        return [job_of(key[0], columns) for key, columns in self.world.rows.range(Table.JOBS)]

    def job(self, job_id: str = "story") -> Job:
        found = load_job(self.world, job_id)
        assert found is not None, f"no job {job_id}"
        return found

    def steps(self, job_id: str = "story") -> dict[tuple[str, str], StepRow]:
        return load_steps(self.world, job_id)

    def output(self, key: str) -> bytes:
        return self.world.objects.read(Place(Bucket.OUTPUT, key))

    def error(self, job_id: str = "story") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.output(keys.story_error(job_id)))
        return found

    def report(self, job_id: str = "story") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.output(keys.story_report(job_id)))
        return found

    def open_effects(self, job_id: str = "story") -> list[str]:
        """Effects that are neither done nor refused."""
        found = effects.rows_of(self.world, job_id)
        return [row.name for row in found if row.state.value not in {"done", "refused"}]

    def studio_holder(self, engine: str = "emo") -> str:
        """The job that holds the studio; empty when it is free."""
        row = self.world.rows.get(Table.STUDIO, (engine, studio.SLOT)) or {}
        return str(row.get("job", ""))

    def charges(self) -> list[str]:
        """What the vendors' cash registers say was bought, by name."""
        ims, studio = self.stand_ins.ims.register, self.stand_ins.model_studio.register
        return sorted(charge.what for charge in (*ims, *studio))


EXTENSIONS = {"options": "json", "consent": "json", "captions": "srt", "photo": "png", "voice": "wav", "film": "mp4"}


def whole_set(seconds: float = 10.0) -> dict[str, bytes | None]:
    return {
        "consent": json.dumps(CONSENT).encode(),
        "photo": toy_png(),
        "voice": toy_wav(12.0),
        "film": toy_film(seconds, CAPTIONS),
    }
