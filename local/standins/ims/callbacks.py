"""Completion messages of IMS: one global setting per account and region, and a queue named in a job's UserData.

Envelope and `ProduceMediaComplete` as documented (help.aliyun.com/en/ims, callback events). Not documented: the bodies
of `AIProduceComplete` and `SmartJobComplete`, whether the queue gets raw text or base64, and whether a job's own queue
counts for jobs other than producing ones. Hence `Guesses`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from local.standins.account import Account
from local.standins.errors import VendorError

QUEUE_PREFIX = "ice-callback-"
# help.aliyun.com/en/ims/user-guide/event-list-2
EVENT_TYPES = frozenset(
    (
        "FileUploadComplete",
        "UploadByURLComplete",
        "ImageUploadComplete",
        "AttachedMediaUploadComplete",
        "RegisterStreamComplete",
        "StreamUploadComplete",
        "UploadStreamByURLComplete",
        "CreateAuditComplete",
        "RegisterMediaComplete",
        "DeleteMediaComplete",
        "MediaBaseChangeComplete",
        "WorkflowTaskComplete",
        "VideoAnalysisComplete",
        "SnapshotComplete",
        "DynamicImageComplete",
        "TranscodeComplete",
        "TranscodeParentComplete",
        "MediaConvertComplete",
        "MediaConvertOutputGroupComplete",
        "MediaConvertOutputComplete",
        "AIMediaAuditComplete",
        "AIProduceComplete",
        "MediaAiAnalysisComplete",
        "ProduceMediaComplete",
        "BatchProduceMediaComplete",
        "SmartJobComplete",
        "LiveRecordFileCreated",
        "LiveRecordTaskStatus",
        "LiveSnapshotFileCreated",
    )
)
_SETTING = "setting"


@dataclass(frozen=True)
class Guesses:
    """What the vendor leaves open about its messages; a client has to cope with either answer."""

    base64_messages: bool = False
    notify_address_for_all: bool = False


DEFAULT_GUESSES = Guesses()


class Callbacks:
    """`notify(queue, body)` must not raise: a message to a queue that is not there is lost, as it is at the vendor."""

    def __init__(self, account: Account, notify: Callable[[str, str], None], guesses: Guesses) -> None:
        self._account = account
        self._notify = notify
        self._guesses = guesses
        kept = account.store.load("ims.callback").get(_SETTING)
        self._setting: dict[str, str] = json.loads(kept) if kept else {}

    def set(self, params: Mapping[str, str]) -> None:
        """Overwrites the one setting there is."""
        if params.get("CallbackType") != "MNS":
            raise VendorError(400, "InvalidParameter", "CallbackType: this stand-in offers MNS only.")
        queue = params.get("CallbackQueueName", "")
        if not queue.startswith(QUEUE_PREFIX):
            raise VendorError(400, "InvalidParameter", f"CallbackQueueName must start with {QUEUE_PREFIX}.")
        wanted = [name for name in params.get("EventTypeList", "").split(",") if name]
        unknown = [name for name in wanted if name not in EVENT_TYPES]
        if unknown or not wanted:
            raise VendorError(400, "InvalidParameter", f"EventTypeList is not valid: {','.join(unknown) or 'empty'}.")
        self._setting = {"CallbackType": "MNS", "CallbackQueueName": queue, "EventTypeList": ",".join(wanted)}
        self._account.store.save("ims.callback", _SETTING, json.dumps(self._setting).encode())

    def get(self) -> dict[str, object]:
        return {"CallbackType": "", "CallbackQueueName": "", "EventTypeList": "", "CallbackURL": "", **self._setting}

    def tell(self, event_type: str, body: Mapping[str, object], user_data: str) -> None:
        """Send one completion to the global queue and to the job's own, once each."""
        queues: dict[str, None] = {}
        if event_type in self._setting.get("EventTypeList", "").split(","):
            queues[self._setting["CallbackQueueName"]] = None
        # NotifyAddress is documented for producing jobs only.
        if event_type == "ProduceMediaComplete" or self._guesses.notify_address_for_all:
            own = notify_address(user_data)
            if own:
                queues[own] = None
        now = datetime.fromtimestamp(self._account.now(), timezone.utc)
        envelope = {
            "EventType": event_type,
            "UserId": int(self._account.account_id),
            "EventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "MessageBody": {**body, "UserData": user_data},
        }
        text = json.dumps(envelope, ensure_ascii=False)
        for queue in queues:
            self._notify(queue, base64.b64encode(text.encode()).decode() if self._guesses.base64_messages else text)


def notify_address(user_data: str) -> str:
    """The queue a job's UserData names, or an empty string; VendorError when it names something else."""
    if not user_data:
        return ""
    try:
        fields = json.loads(user_data)
    except ValueError:
        raise VendorError(400, "InvalidParameter", "UserData must be a JSON string.") from None
    address = fields.get("NotifyAddress", "") if isinstance(fields, dict) else ""
    if not isinstance(address, str) or (address and not address.startswith(QUEUE_PREFIX)):
        raise VendorError(400, "InvalidParameter", f"NotifyAddress must be a queue whose name starts {QUEUE_PREFIX}.")
    return address
