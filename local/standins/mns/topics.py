"""MNS topics as far as they push into queues: create, subscribe, publish. No HTTP endpoints, no push retries.

Pushing into a queue of the same stand-in cannot fail for a while and succeed later, so NotifyStrategy is only kept.
Formats: help.aliyun.com/document_detail/27482.html (NotifyContentFormat).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from xml.sax.saxutils import escape

from local.standins.account import Account
from local.standins.mns.errors import MnsError, not_by_schema, out_of_range
from local.standins.mns.queues import Message, check_name
from local.standins.mns.state import MnsState

MESSAGE_BYTES_MAX = 65_536
TAG_MAX = 16

_TOPICS = "mns.topics"
_SUBSCRIPTIONS = "mns.subscriptions"
_QUEUE_ENDPOINT = re.compile(r"acs:mns:[\w-]+:\d*:/?queues/(?P<queue>[A-Za-z0-9-]+)")
_STRATEGIES = ("BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY")
_FORMATS = ("XML", "JSON", "SIMPLIFIED")


@dataclass(frozen=True)
class Topic:
    name: str
    created_at: float


@dataclass(frozen=True)
class Subscription:
    topic: str
    name: str
    endpoint: str
    created_at: float
    strategy: str = "BACKOFF_RETRY"
    content_format: str = "XML"
    filter_tag: str = ""

    @property
    def queue(self) -> str:
        match = _QUEUE_ENDPOINT.fullmatch(self.endpoint)
        if match is None:
            raise MnsError("InvalidArgument", "The stand-in pushes to queue endpoints only.")
        return match["queue"]


class Topics:
    """Topics and subscriptions of one account, pushing into the queues of `mns`."""

    def __init__(self, account: Account, mns: MnsState) -> None:
        self._account = account
        self._mns = mns
        store = account.store
        self._topics = {name: Topic(**json.loads(kept)) for name, kept in store.load(_TOPICS).items()}
        self._subscriptions = {key: Subscription(**json.loads(row)) for key, row in store.load(_SUBSCRIPTIONS).items()}

    def create(self, name: str) -> bool:
        """True when it is new."""
        check_name(name, "Topic")
        with self._account.lock:
            if name in self._topics:
                return False
            self._topics[name] = Topic(name, self._account.now())
            self._account.store.save(_TOPICS, name, json.dumps(asdict(self._topics[name])).encode())
            return True

    def delete(self, name: str) -> None:
        """The topic and its subscriptions."""
        with self._account.lock:
            for subscription in self.subscriptions(name) if name in self._topics else []:
                self.unsubscribe(name, subscription.name)
            self._topics.pop(name, None)
            self._account.store.drop(_TOPICS, name)

    def names(self) -> list[str]:
        with self._account.lock:
            return sorted(self._topics)

    def get(self, name: str) -> Topic:
        if name not in self._topics:
            raise MnsError("TopicNotExist")
        return self._topics[name]

    def subscribe(self, wanted: Subscription) -> bool:
        """True when it is new; another one of the same name raises SubscriptionAlreadyExist."""
        if wanted.strategy not in _STRATEGIES:
            raise not_by_schema("NotifyStrategy")
        if wanted.content_format not in _FORMATS:
            raise not_by_schema("NotifyContentFormat")
        if len(wanted.filter_tag) > TAG_MAX:
            raise out_of_range("FilterTag", 1, TAG_MAX, "characters")
        self._mns.attributes(wanted.queue)
        with self._account.lock:
            self.get(wanted.topic)
            key = f"{wanted.topic}/{wanted.name}"
            known = self._subscriptions.get(key)
            if known:
                if (known.endpoint, known.content_format) != (wanted.endpoint, wanted.content_format):
                    raise MnsError("SubscriptionAlreadyExist")
                return False
            self._subscriptions[key] = wanted
            self._account.store.save(_SUBSCRIPTIONS, key, json.dumps(asdict(wanted)).encode())
            return True

    def unsubscribe(self, topic: str, name: str) -> None:
        with self._account.lock:
            self._subscriptions.pop(f"{topic}/{name}", None)
            self._account.store.drop(_SUBSCRIPTIONS, f"{topic}/{name}")

    def subscriptions(self, topic: str) -> list[Subscription]:
        with self._account.lock:
            self.get(topic)
            return [kept for key, kept in sorted(self._subscriptions.items()) if kept.topic == topic]

    def subscription(self, topic: str, name: str) -> Subscription:
        if f"{topic}/{name}" not in self._subscriptions:
            raise MnsError("SubscriptionNotExist")
        return self._subscriptions[f"{topic}/{name}"]

    def publish(self, topic: str, body: str, tag: str = "") -> Message:
        """Push to every subscription whose filter tag is absent or equal; the answer carries id and md5."""
        if not body:
            raise not_by_schema("MessageBody")
        if len(body.encode()) > MESSAGE_BYTES_MAX:
            raise out_of_range("MessageBody", 1, MESSAGE_BYTES_MAX, "bytes")
        now = self._account.now()
        published = Message(self._account.new_id(32), body, 8, now, now)
        for subscription in self.subscriptions(topic):
            if subscription.filter_tag in {"", tag}:
                self._mns.send(subscription.queue, self._content(subscription, published, tag))
        return published

    def _content(self, subscription: Subscription, message: Message, tag: str) -> str:
        if subscription.content_format == "SIMPLIFIED":
            return message.body
        fields = {
            "TopicOwner": self._account.account_id,
            "TopicName": subscription.topic,
            "Subscriber": self._account.account_id,
            "SubscriptionName": subscription.name,
            "MessageId": message.id,
            "Message": message.body,
            "MessageMD5": message.body_md5,
            **({"MessageTag": tag} if tag else {}),
            "PublishTime": str(int(message.enqueued_at * 1000)),
        }
        if subscription.content_format == "JSON":
            return json.dumps(fields, ensure_ascii=False)
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        return (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<Notification xmlns="http://mns.aliyuncs.com/doc/v1/">{inner}</Notification>'
        )
