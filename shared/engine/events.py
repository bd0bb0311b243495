"""What woke us: raw payloads of OSS, MNS, EventBridge and FC's failure destination, as notices.

Every shape that the vendors document or were seen to send is taken: one event or a list, object or JSON text,
plain or base64. Anything else is `Corrupt("event.poison")`, which is put aside and never retried.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from shared.domain import keys
from shared.domain.errors import Corrupt, Refused
from shared.domain.frozen import frozen

EVENT_CHARS_MAX = 1_000_000
MESSAGES_MAX = 1000  # OSS sends one, and so does EventBridge as we set it
KEY_BYTES_MAX = 1023  # OSS
DEPTH_MAX = 4  # body in data in event, once more for a payload that was JSON text of JSON text


_TASK = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


@frozen
class ObjectNotice:
    """An object was put."""

    bucket: str
    key: str


@frozen
class TaskNotice:
    """A vendor says that a task of some kind has ended; nothing more is believed."""

    provider: str
    task: str


@frozen
class Failure:
    """An invocation came to nothing: what it was called with, and what is known of why.

    `is_poison` marks payloads that a function of ours put aside itself, because nobody can read them.
    """

    payload: Any
    reason: str
    function: str = ""
    is_poison: bool = False


def objects(event: object) -> list[ObjectNotice]:
    """Notices of an OSS trigger's event. Keys come as they are, not percent-encoded."""
    body = _object(event)
    records = body.get("events")
    if not isinstance(records, list) or not records:
        raise Corrupt("event.poison", "no events in it")
    if len(records) > MESSAGES_MAX:
        raise Corrupt("event.poison", f"a list of {len(records)}")
    return [
        ObjectNotice(_text(record, "oss", "bucket", "name"), _text(record, "oss", "object", "key"))
        for record in records
    ]


def wakes(event: object) -> list[keys.Wake]:
    """Steps that an OSS event of the work bucket wakes."""
    return [wake_of(notice.key) for notice in objects(event)]


def reminders(event: object) -> list[keys.Wake]:
    """Steps that delayed messages remind us of; the body of each is the key of the wake."""
    return [wake_of(_text(message, "wake")) for message in messages(event)]


def announced(event: object) -> list[str]:
    """Jobs whose news is to be told."""
    found = [_text(message, "job") for message in messages(event)]
    for job_id in found:
        try:
            keys.job(job_id)
        except Refused as error:
            raise Corrupt("event.poison", f"no job: {job_id[:80]!r}") from error
    return found


def ims_jobs(event: object) -> list[TaskNotice]:
    """IMS's completion messages. The place of JobId differs by event type (api-facts 4.4), so each is looked into."""
    found = []
    for message in messages(event):
        body = message.get("MessageBody", message)
        body = _load(body) if isinstance(body, str) else body
        job = _first(body, "JobId", "jobId", "JobID") or _first(_dict(body).get("Job"), "JobId", "jobId")
        if not _TASK.fullmatch(job):
            raise Corrupt("event.poison", "an IMS message without JobId")
        found.append(TaskNotice("ims", job))
    return found


def model_studio_tasks(event: object) -> list[TaskNotice]:
    """Task-end events of Model Studio, through the rule's queue or straight from the bus."""
    found = []
    for message in messages(event):
        data = message.get("data", message)
        data = _load(data) if isinstance(data, str) else data
        task = _first(data, "task_id") or _first(_dict(data).get("output"), "task_id")
        if not _TASK.fullmatch(task):
            raise Corrupt("event.poison", "a Model Studio event without task_id")
        found.append(TaskNotice("model_studio", task))
    return found


def failures(event: object) -> list[Failure]:
    """Records of FC's failure destination, and of what we put aside. Never raises for a record it cannot read."""
    return [_failure(message) for message in messages(event)]


def _failure(message: dict[str, Any]) -> Failure:
    if "poison" in message:
        return Failure(
            message["poison"], _words(message.get("reason", "")), _words(message.get("function", "")), is_poison=True
        )
    context = _dict(message.get("requestContext"))
    function = _words(context.get("functionArn", ""))
    reason = _words(message.get("responsePayload") or context.get("condition") or "")
    payload = message.get("requestPayload")
    try:
        objects(payload)
    except Corrupt as error:
        return Failure(payload, _words(f"{reason[:300]} ({error.detail})"), function, is_poison=True)
    return Failure(payload, reason, function)


def messages(event: object) -> list[dict[str, Any]]:
    """Bodies of MNS messages that EventBridge brought: a CloudEvent, a list of them, or the body itself."""
    loaded = _load(event)
    items = loaded if isinstance(loaded, list) else [loaded]
    if not items:
        raise Corrupt("event.poison", "an empty list")
    if len(items) > MESSAGES_MAX:
        raise Corrupt("event.poison", f"a list of {len(items)}")
    return [_body(item) for item in items]


def _body(item: object) -> dict[str, Any]:
    envelope = _object(item)
    data = envelope.get("data")
    if data is None:
        return envelope
    inner = _load(data) if isinstance(data, str) else data
    if isinstance(inner, dict) and "messageBody" in inner:
        return _object(inner["messageBody"])
    return envelope


def wake_of(key: str) -> keys.Wake:
    """The wake that a key of the work bucket stands for."""
    try:
        return keys.parse_wake(key)
    except Refused as error:
        raise Corrupt("event.poison", f"not a wake: {key[:200]!r}") from error


def _load(value: object, depth: int = 0) -> Any:
    """JSON in any wrapping: bytes, text, base64 of text, text of text."""
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value).decode("utf-8", "replace")
    if not isinstance(value, str):
        return value
    if len(value) > EVENT_CHARS_MAX or depth >= DEPTH_MAX:
        raise Corrupt("event.poison", "too large or too deep")
    for text in _readings(value):
        try:
            return _load(json.loads(text), depth + 1)
        except (ValueError, RecursionError):
            continue
    raise Corrupt("event.poison", f"not JSON, {len(value)} characters")  # what it says may be anybody's


def readable(letter: str) -> str:
    """A letter as a person can read it: many senders wrap their words in base64."""
    return list(_readings(letter))[-1]


def _readings(value: str) -> Iterator[str]:
    yield value
    try:
        yield base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return


def _object(value: object) -> dict[str, Any]:
    loaded = _load(value)
    if not isinstance(loaded, dict):
        raise Corrupt("event.poison", f"an object was expected, not {type(loaded).__name__}")
    return loaded


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: object, *names: str) -> str:
    for name in names:
        found = _dict(value).get(name)
        if isinstance(found, str) and found:
            return found
    return ""


def _text(value: object, *path: str) -> str:
    """A name in OSS: UTF-8 of limited length. JSON can hold what UTF-8 cannot: half a surrogate pair."""
    for name in path:
        value = _dict(value).get(name)
    if not isinstance(value, str) or not value:
        raise Corrupt("event.poison", f"{'.'.join(path)} is missing")
    if value != _words(value, KEY_BYTES_MAX) or len(value.encode()) > KEY_BYTES_MAX:
        raise Corrupt("event.poison", f"{'.'.join(path)} is no name")
    return value


def _words(value: object, limit: int = 500) -> str:
    """For people and logs: cut, and without what UTF-8 cannot hold."""
    return str(value)[:limit].encode("utf-8", "replace").decode()
