"""What an MNS queue and its messages are: attributes with the vendor's limits and defaults, and their kept form.

Limits: help.aliyun.com CreateQueue and SendMessage of MNS (now called SMQ).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from local.standins.mns.errors import MnsError, not_by_schema, out_of_range

BATCH_MAX = 16
BATCH_BYTES_MAX = 65_536
PRIORITY_DEFAULT = 8
PRIORITY_MAX = 16
WAIT_S_MAX = 30
VISIBILITY_S_MAX = 43_200
DELAY_S_MAX = 604_800

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_HANDLE = re.compile(r"\d+-[A-Za-z0-9]+=*")
_INTEGERS = {
    "VisibilityTimeout": ("visibility_timeout_s", 1, VISIBILITY_S_MAX, "seconds"),
    "MaximumMessageSize": ("message_bytes_max", 1024, 65_536, "bytes"),
    "MessageRetentionPeriod": ("retention_s", 60, 604_800, "seconds"),
    "DelaySeconds": ("delay_s", 0, DELAY_S_MAX, "seconds"),
    "PollingWaitSeconds": ("polling_wait_s", 0, WAIT_S_MAX, "seconds"),
}
_DLQ_FIELDS = {"Enabled", "DeadLetterTargetQueue", "MaxReceiveCount"}


@dataclass(frozen=True)
class DlqPolicy:
    """Received `max_receive_count` times and not deleted: the message goes to queue `target`."""

    target: str
    max_receive_count: int

    def as_sent(self) -> dict[str, str]:
        return {
            "Enabled": "true",
            "DeadLetterTargetQueue": self.target,
            "MaxReceiveCount": str(self.max_receive_count),
        }


@dataclass(frozen=True)
class QueueAttributes:
    visibility_timeout_s: int = 30
    message_bytes_max: int = 65_536
    retention_s: int = 345_600
    delay_s: int = 0
    polling_wait_s: int = 0
    logging: bool = False
    dlq: DlqPolicy | None = None

    def with_sent(self, sent: Mapping[str, object]) -> QueueAttributes:
        """These attributes, changed by those under the vendor's names (`VisibilityTimeout=60`); raises MnsError."""
        changes: dict[str, Any] = {}
        for name, value in sent.items():
            if name in _INTEGERS:
                attribute, low, high, unit = _INTEGERS[name]
                changes[attribute] = whole_number(name, value, low, high, unit)
            elif name == "LoggingEnabled":
                changes["logging"] = _truth(name, value)
            elif name == "DlqPolicy":
                changes["dlq"] = _dlq_policy(value)
            else:
                raise not_by_schema(name)
        return replace(self, **changes)

    def as_sent(self) -> dict[str, str | dict[str, str]]:
        integers = {name: str(getattr(self, attribute)) for name, (attribute, *_) in _INTEGERS.items()}
        sent: dict[str, str | dict[str, str]] = {**integers, "LoggingEnabled": str(self.logging)}
        return {**sent, "DlqPolicy": self.dlq.as_sent()} if self.dlq else sent


@dataclass(frozen=True)
class Message:
    """A message as the service keeps it: the body verbatim, base64 or not; times in seconds since the epoch."""

    id: str
    body: str
    priority: int
    enqueued_at: float
    visible_at: float
    handle: str = ""
    dequeue_count: int = 0
    first_dequeued_at: float = 0.0

    @property
    def body_md5(self) -> str:
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest().upper()


@dataclass
class Queue:
    name: str
    attributes: QueueAttributes
    created_at: float
    modified_at: float
    messages: dict[str, Message] = field(default_factory=dict)

    def kept(self) -> bytes:
        row = {"attributes": self.attributes.as_sent(), "created_at": self.created_at, "modified_at": self.modified_at}
        return json.dumps(row).encode()

    @classmethod
    def of_kept(cls, name: str, kept: bytes) -> Queue:
        row = json.loads(kept)
        return cls(name, QueueAttributes().with_sent(row["attributes"]), row["created_at"], row["modified_at"])


def kept_message(message: Message) -> bytes:
    return json.dumps(asdict(message)).encode()


def message_of_kept(kept: bytes) -> Message:
    return Message(**json.loads(kept))


def check_name(name: str, kind: str = "Queue") -> None:
    if not 1 <= len(name) <= 256:
        raise MnsError(f"{kind}NameLengthError")
    if not _NAME.fullmatch(name):
        raise MnsError(f"Invalid{kind}Name")


def new_handle(number: int, message: Message) -> str:
    """Looks like the vendor's, and holds neither `+` nor `/`: the SDK puts it into a query string unescaped."""
    inner = f"{number}-{int(message.visible_at)}-{message.priority}-{message.dequeue_count}"
    return f"{message.priority}-{base64.b64encode(inner.encode()).decode()}"


def check_handle(handle: str) -> None:
    if not _HANDLE.fullmatch(handle):
        raise MnsError("ReceiptHandleError")


def whole_number(element: str, value: object, low: int, high: int, unit: str = "seconds") -> int:
    """The value as an int within the limits; raises InvalidArgument as the service words it."""
    text = str(value).strip()
    if not re.fullmatch(r"-?\d{1,12}", text) or not low <= int(text) <= high:
        raise out_of_range(element, low, high, unit)
    return int(text)


def _truth(element: str, value: object) -> bool:
    text = str(value).strip().lower()
    if text not in {"true", "false"}:
        raise not_by_schema(element)
    return text == "true"


def _dlq_policy(value: object) -> DlqPolicy | None:
    if not isinstance(value, Mapping) or not set(value) <= _DLQ_FIELDS:
        raise not_by_schema("DlqPolicy")
    if not _truth("Enabled", value.get("Enabled", "false")):
        return None
    for required in ("DeadLetterTargetQueue", "MaxReceiveCount"):
        if not value.get(required):
            raise not_by_schema(required)
    # the upper limit is not documented: a cap far above any use
    times = whole_number("MaxReceiveCount", value["MaxReceiveCount"], 1, 1000, "")
    return DlqPolicy(str(value["DeadLetterTargetQueue"]), times)
