"""The cloud on this machine: stand-ins behind one loopback port, functions as processes, real media engines.

It creates what `template.yaml` declares and runs what `s.yaml` declares; nothing of Echobot is named here.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import deployment, home
from local.engines.contract import Engines
from local.engines.workers import WorkerEngines
from local.runtime.runner import ROOT, ProcessRunner
from local.stand_ins import Parts, StandIns, assemble
from local.standins.account import Account
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.eventbridge.api import EventBridgeApi
from local.standins.fc.api import FcApi
from local.standins.fc.http_trigger import HttpTrigger
from local.standins.ims.api import ImsApi
from local.standins.mns.api import MnsApi
from local.standins.model_studio.api import ModelStudioApi
from local.standins.oss.api import OssApi
from local.standins.store import FolderStore
from local.standins.tablestore.api import TablestoreApi
from local.standins.timing import RealTiming
from local.standins.work import Pace, PoolWork

KEY_ID, SECRET, API_KEY = "test-id", "test-secret", "sk-test"  # made up; they open nothing but this machine's stand-ins
CONSOLE_SECRET = "local-page-secret-for-this-machine-only"  # noqa: S105  as made up as the keys
PACE = Pace(ims_queue_s=0.1, voice_deploying_s=0.2, task_queue_s=0.1)
WAITING_MAX = 16  # jobs handed to the engines; all but a few of them wait for their engine's process
VOICE_RECHECK_S = 0.0
"""A queue's shortest delay is a whole second; until a function has been called the local voice is deployed."""

SEGMENT_S_MAX = 15
"""Short enough that one segment is animated while the next is spoken; the vendor's limit would be most of a film."""

CALL_TIMEOUT_S = 180
"""A laptop that is busy takes longer than the vendor; a call given up would be looked for a minute and a half later."""


@dataclass
class LocalCloud:
    """A running local cloud; use `open`."""

    endpoint: str
    stand_ins: StandIns
    folder: Path
    page_url: str = ""

    @classmethod
    @contextmanager
    def open(
        cls,
        folder: Path,
        *,
        port: int = 0,
        engines: Engines | None = None,
        pace: Pace = PACE,
        expects_stories: bool = False,
    ) -> Iterator[LocalCloud]:
        """Start everything, yield, stop everything. State in `folder` survives.

        Where a story is to be expected, the engine that it asks first makes ready while the rest starts.
        """
        with ExitStack() as stack:
            workers = WorkerEngines(folder / "logs")
            stack.callback(workers.close)
            if expects_stories:
                workers.prepare()
            timing = RealTiming(workers=24)
            store = FolderStore(folder / "state")
            account = Account(timing=timing, randomness=random.SystemRandom(), store=store)
            stack.callback(store.close)
            runner = ProcessRunner(folder / "logs", account.region, account.account_id)
            stack.callback(runner.close)  # in case that the rest does not start
            server: LoopbackServer | None = None

            work = PoolWork(WAITING_MAX)
            parts = Parts(engines or workers, work, runner, pace, lambda: server.url if server else "")
            env = {"ECHOBOT_ACCOUNT_ID": account.account_id, "ECHOBOT_REGION": account.region}
            declared = deployment.read(env, region=account.region, account_id=account.account_id)
            stand_ins = assemble(account, declared, parts)
            pages = [LoopbackServer(HttpTrigger(stand_ins.fc, one.function)) for one in declared.http_triggers]
            page_url = pages[0].url if pages else ""
            server = LoopbackServer(router_of(stand_ins, page_url), port)
            for one in (server, *pages):
                one.start()
                stack.callback(one.stop)
            stack.callback(work.close)
            stack.callback(runner.close)
            runner.wait({**client_env(server.url), "PYTHONPATH": str(ROOT)})
            stack.callback(timing.close)
            stack.callback(workers.close)
            stack.callback(work.forget)
            stack.callback(stand_ins.timers.stop)
            home.remember(folder, server.url)
            stack.callback(home.forget, folder)
            stand_ins.timers.start()
            stand_ins.eventbridge.resume()
            stand_ins.mns.announce()
            yield cls(server.url, stand_ins, folder, page_url)


def router_of(stand_ins: StandIns, page_url: str = "") -> Router:
    """Every service behind one port, told apart as the vendors' own requests tell them apart."""
    return Router(
        {
            "oss": OssApi(stand_ins.oss),
            "tablestore": TablestoreApi(stand_ins.tablestore),
            "mns": MnsApi(stand_ins.account, stand_ins.mns, stand_ins.topics),
            "eventbridge": EventBridgeApi(stand_ins.account, stand_ins.eventbridge),
            "ims": ImsApi(stand_ins.ims),
            "model_studio": ModelStudioApi(stand_ins.model_studio),
            "fc": FcApi(stand_ins.fc),
        },
        stand_ins.account.progress.reached,
        lambda: page_url,
    )


def client_env(endpoint: str) -> dict[str, str]:
    """Environment that points Echobot's settings, and its credentials, at a local cloud."""
    return {
        "ECHOBOT_ENDPOINT": endpoint,
        "ECHOBOT_MODEL_STUDIO_API_KEY": API_KEY,
        "ECHOBOT_VOICE_RECHECK_S": str(VOICE_RECHECK_S),
        "ECHOBOT_SEGMENT_S_MAX": str(SEGMENT_S_MAX),
        "ECHOBOT_CALL_TIMEOUT_S": str(CALL_TIMEOUT_S),
        "ECHOBOT_SPEAK_TIMEOUT_S": str(CALL_TIMEOUT_S),
        "ECHOBOT_CONSOLE_SECRET": CONSOLE_SECRET,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
    }


def serve_forever(folder: Path | None, port: int, say: Callable[[str], object]) -> None:
    """Run until interrupted."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with LocalCloud.open(folder or home.default_home(), port=port, expects_stories=True) as cloud:
        say(f"local cloud on {cloud.endpoint}  (state and logs in {cloud.folder})")
        for name, value in client_env(cloud.endpoint).items():
            say(f"export {name}={value}")
        if cloud.page_url:
            say(f"the families' page: {cloud.page_url} (a way in: echobot family add NAME)")
        say(f"pid {os.getpid()}; stop with Ctrl-C")
        stopped.wait()
