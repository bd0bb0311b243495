"""All stand-ins of one account, joined as the real services are: IMS reads OSS and writes to MNS, Model Studio fetches
urls and tells the event bus, OSS and the queues fire the functions. What exists is what the deployment declares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import bucket_settings
from local.deployment import Deployment
from local.engines.contract import Engines
from local.standins.account import Account
from local.standins.errors import FetchError
from local.standins.eventbridge.mns_target import send_to_queue
from local.standins.eventbridge.rules import MNS_QUEUE
from local.standins.eventbridge.state import DEFAULT_BUS, EventBridgeState
from local.standins.fc.state import FcState, Runner
from local.standins.http import Request
from local.standins.ims.state import ImsState
from local.standins.mns.errors import MnsError
from local.standins.mns.state import MnsState
from local.standins.mns.topics import Topics
from local.standins.model_studio.state import ModelStudioState
from local.standins.oss.api import OssApi
from local.standins.oss.errors import OssError
from local.standins.oss.state import OssState
from local.standins.tablestore.state import TablestoreState
from local.standins.work import Pace, Work
from local.triggers import ObjectTriggers, QueueTriggers, Timers
from shared.clients.ims_documents import callback_setting

RESULTS_BUCKET = "dashscope-result-bj"
"""Where Model Studio keeps what it made: not the account's own bucket, reached by presigned urls only."""

RESULT_KEPT_S = 24 * 3600


@dataclass
class StandIns:
    """State cores of one account, provisioned and connected."""

    account: Account
    oss: OssState
    tablestore: TablestoreState
    mns: MnsState
    topics: Topics
    eventbridge: EventBridgeState
    ims: ImsState
    model_studio: ModelStudioState
    fc: FcState
    timers: Timers


@dataclass(frozen=True)
class Parts:
    """What differs between a laptop and a test: the engines, who does their work, how functions run."""

    engines: Engines
    work: Work
    runner: Runner
    pace: Pace
    base_url: Callable[[], str]


def assemble(account: Account, deployment: Deployment, parts: Parts) -> StandIns:
    """Stand-ins in which `deployment` exists and events fire its functions. Timers are not started."""
    oss, mns, eventbridge = OssState(account), MnsState(account), EventBridgeState(account)
    oss.frame_of = parts.engines.frame
    results = _Results(oss, parts.base_url)
    publish = _publisher(eventbridge)
    ims = ImsState(account, parts.engines, _Media(oss), _notifier(mns, account), parts.work, pace=parts.pace)
    model_studio = ModelStudioState(
        account, parts.engines, results.fetch, results.keep, publish, parts.work, pace=parts.pace
    )
    fc = FcState(account, parts.runner, mns.send)
    tablestore = TablestoreState(account)
    stand_ins = StandIns(
        account,
        oss,
        tablestore,
        mns,
        Topics(account, mns),
        eventbridge,
        ims,
        model_studio,
        fc,
        Timers(account, fc, deployment.timer_triggers),
    )
    provision(stand_ins, deployment)
    oss.listeners.append(ObjectTriggers(account, fc, deployment.object_triggers))
    mns.listeners.append(QueueTriggers(account, mns, fc, deployment.queue_triggers))
    return stand_ins


def provision(stand_ins: StandIns, deployment: Deployment) -> None:
    """Create what the two files declare and is not there yet."""
    for function in deployment.functions:
        stand_ins.fc.register(function)
    for bucket, props in {**deployment.buckets, RESULTS_BUCKET: {}}.items():
        if bucket not in stand_ins.oss.bucket_names():
            _create_bucket(stand_ins.oss, bucket, props)
    for table in deployment.tables:
        if table.name not in stand_ins.tablestore.tables():
            stand_ins.tablestore.create_table(
                table.name, list(table.primary_key), ttl_s=table.ttl_s, max_versions=table.max_versions
            )
    _create_queues(stand_ins, deployment)
    stand_ins.eventbridge.targets[MNS_QUEUE] = send_to_queue(stand_ins.mns)
    # What `echobot setup` does after a deployment: IMS's one account-wide setting, which ROS has no resource for.
    for name in deployment.queues:
        if name.startswith("ice-callback-") and not name.endswith("-dead"):
            stand_ins.ims.set_event_callback(callback_setting(name))
    for rule in deployment.rules:
        bus = rule["EventBusName"]
        if rule["RuleName"] not in [known.name for known in stand_ins.eventbridge.rules(bus)]:
            stand_ins.eventbridge.create_rule(
                bus, rule["RuleName"], rule["FilterPattern"], rule["Targets"], rule.get("Description", "")
            )


def _create_queues(stand_ins: StandIns, deployment: Deployment) -> None:
    for name, props in deployment.queues.items():
        if name not in stand_ins.mns.queue_names():
            stand_ins.mns.create_queue(name, **{key: value for key, value in props.items() if key != "QueueName"})
    for topic in deployment.topics:
        stand_ins.topics.create(topic)


def _create_bucket(oss: OssState, name: str, props: Mapping[str, Any]) -> None:
    oss.create_bucket(name, props.get("AccessControl", "private"))
    for what, document in bucket_settings.documents(props):
        oss.configure(name, what, document)
    if bucket_settings.is_versioned(props):
        oss.set_versioning(name, "Enabled")


class _Media:
    """IMS's access to OSS, with its own role."""

    def __init__(self, oss: OssState) -> None:
        self._oss = oss

    def read(self, bucket: str, key: str, folder: Path) -> Path:
        try:
            return self._oss.as_file(bucket, key, folder)
        except OssError as error:
            raise FetchError(f"{error.code}: {bucket}/{key}") from error

    def write(self, bucket: str, key: str, file: Path) -> None:
        try:
            self._oss.put(bucket, key, file.read_bytes())
        except OssError as error:
            raise FetchError(f"{error.code}: {bucket}/{key}") from error


class _Results:
    """Model Studio's reading of our presigned urls, and its presigned urls for us."""

    def __init__(self, oss: OssState, base_url: Callable[[], str]) -> None:
        self._oss = oss
        self._api = OssApi(oss)
        self._base_url = base_url

    def fetch(self, url: str) -> bytes:
        answer = self._api.handle(Request.of("GET", url, {}))
        if answer.status != 200:
            raise FetchError(f"{answer.status} for {url.partition('?')[0]}")
        return answer.body

    def keep(self, name: str, body: bytes, content_type: str) -> str:
        self._oss.put(RESULTS_BUCKET, name, body, {"Content-Type": content_type})
        return self._oss.presign_get(RESULTS_BUCKET, name, RESULT_KEPT_S, self._base_url())


def _notifier(mns: MnsState, account: Account) -> Callable[[str, str], None]:
    """IMS writes its completion messages; a queue that is not there loses them, as the vendor says."""

    def notify(queue: str, body: str) -> None:
        try:
            mns.send(queue, body)
        except MnsError as error:
            account.note("ims", "notify", 404, f"{queue}: {error}")

    return notify


def _publisher(eventbridge: EventBridgeState) -> Callable[[dict[str, Any]], None]:
    def publish(event: dict[str, Any]) -> None:
        eventbridge.publish(DEFAULT_BUS, event)

    return publish
