"""From an event of a stand-in to the invocation of a function, with the event JSON that FC would give it.

Shapes are those of FC's "trigger event formats" page. An OSS trigger invokes asynchronously, so FC's own retry and
failure destination apply; EventBridge invokes synchronously and retries by itself, then dead-letters.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import datetime, timezone

from local.deployment import ObjectTrigger, QueueTrigger, TimerTrigger
from local.standins.account import Account
from local.standins.eventbridge.rules import Target
from local.standins.fc.state import FcState
from local.standins.mns.errors import MnsError
from local.standins.mns.queues import Message
from local.standins.mns.state import MnsState
from local.standins.oss.events import ObjectEvent


class ObjectTriggers:
    """Listens to OSS."""

    def __init__(self, account: Account, fc: FcState, triggers: Iterable[ObjectTrigger]) -> None:
        self._account = account
        self._fc = fc
        self._triggers = tuple(triggers)

    def __call__(self, event: ObjectEvent) -> None:
        for trigger in self._triggers:
            if trigger.fires(event.name, event.bucket, event.key):
                self._fc.invoke_async(trigger.function, self.event_of(event))

    def event_of(self, event: ObjectEvent) -> bytes:
        """One record; keys are not percent-encoded."""
        account = self._account
        record = {
            "eventName": event.name,
            "eventSource": "acs:oss",
            "eventTime": _iso(event.time),
            "eventVersion": "1.0",
            "oss": {
                "bucket": {
                    "arn": f"acs:oss:{account.region}:{account.account_id}:{event.bucket}",
                    "name": event.bucket,
                    "ownerIdentity": account.account_id,
                },
                "object": {
                    "deltaSize": event.delta_size,
                    "eTag": event.etag,
                    "key": event.key,
                    "size": event.size,
                    "objectMeta": {"mimeType": event.content_type, "userMeta": dict(event.user_meta)},
                },
                "ossSchemaVersion": "1.0",
                "ruleId": "local",
            },
            "region": account.region,
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"requestId": event.request_id},
            "userIdentity": {"principalId": account.account_id},
        }
        return json.dumps({"events": [record]}, ensure_ascii=False).encode()


class QueueTriggers:
    """EventBridge's streams from MNS queues to functions, one message at a time (`event-driven`).

    A message that the function did not take is hidden and comes back after the strategy's pause; the queue's own
    dequeue count is the number of tries, so nothing is lost with this process.
    """

    def __init__(self, account: Account, mns: MnsState, fc: FcState, triggers: Iterable[QueueTrigger]) -> None:
        self._account = account
        self._mns = mns
        self._fc = fc
        self._triggers = {trigger.queue: trigger for trigger in triggers}

    def __call__(self, queue: str, visible_at: float) -> None:
        trigger = self._triggers.get(queue)
        if trigger is not None:
            self._account.timing.later(visible_at - self._account.now(), lambda: self._drain(trigger))

    def _drain(self, trigger: QueueTrigger) -> None:
        """Take one message; each that is visible has a call of its own coming."""
        for message in self._mns.receive(trigger.queue):
            ran = self._fc.invoke(trigger.function, self.event_of(trigger, message))
            try:
                if ran.is_ok:
                    self._mns.delete(trigger.queue, message.handle)
                else:
                    self._failed(trigger, message)
            except MnsError:
                continue  # it took longer than the visibility timeout: the message is back already

    def _failed(self, trigger: QueueTrigger, message: Message) -> None:
        pause_s = Target("trigger", "fc", "", retry=trigger.retry).pause_s(
            message.dequeue_count, self._account.randomness
        )
        if pause_s is not None:
            self._mns.change_visibility(trigger.queue, message.handle, max(1, round(pause_s)))
            return
        if trigger.dead_letters:
            self._mns.send(trigger.dead_letters, message.body)
        self._mns.delete(trigger.queue, message.handle)

    def event_of(self, trigger: QueueTrigger, message: Message) -> bytes:
        account = self._account
        bus = f"MNS-{trigger.function}"
        event = {
            "id": account.new_uuid(),
            "source": bus,
            "specversion": "1.0",
            "type": "mns:Queue:SendMessage",
            "datacontenttype": "application/json; charset=utf-8",
            "subject": f"acs:mns:{account.region}:{account.account_id}:queues/{trigger.queue}",
            "time": _iso(message.enqueued_at),
            "aliyunaccountid": account.account_id,
            "aliyunpublishtime": _iso(account.now()),
            "aliyunoriginalaccountid": account.account_id,
            "aliyuneventbusname": bus,
            "aliyunregionid": account.region,
            "aliyunpublishaddr": "127.0.0.1",
            "data": {
                "requestId": account.new_id(),
                "messageId": message.id,
                "messageBody": _decoded(message.body) if trigger.base64 else message.body,
            },
        }
        return json.dumps(event, ensure_ascii=False).encode()


class Timers:
    """FC's timer triggers. Each tick is due a whole period after the one before, however long a run takes."""

    def __init__(self, account: Account, fc: FcState, triggers: Iterable[TimerTrigger]) -> None:
        self._account = account
        self._fc = fc
        self._triggers = tuple(triggers)
        self._stopped = False

    def start(self) -> None:
        for trigger in self._triggers:
            self._account.timing.later(trigger.every_s, lambda trigger=trigger: self._tick(trigger))  # type: ignore[misc]

    def stop(self) -> None:
        self._stopped = True

    def _tick(self, trigger: TimerTrigger) -> None:
        if self._stopped:
            return
        self._account.timing.later(trigger.every_s, lambda: self._tick(trigger))
        event = {
            "triggerTime": _iso(self._account.now()),
            "triggerName": trigger.name,
            "payload": trigger.payload,
        }
        self._fc.invoke_async(trigger.function, json.dumps(event).encode())


def _decoded(body: str) -> str:
    """IsBase64Decode: a body that is not base64 passes as it is."""
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError):
        return body


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
