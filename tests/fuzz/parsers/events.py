"""What wakes functions: payloads of OSS, of queues over EventBridge, of FC's failure destination."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from shared.domain import keys
from shared.engine import events
from tests.fuzz.harness import Harness
from tests.fuzz.inputs import any_document, json_values, names, wrapped

OSS = {
    "events": [
        {
            "eventName": "ObjectCreated:PutObject",
            "eventSource": "acs:oss",
            "oss": {"bucket": {"name": "echobot-work"}, "object": {"key": "steps/speak/story/0001.json", "size": 9}},
        }
    ]
}
REMINDER = {
    "specversion": "1.0",
    "type": "mns:Queue:SendMessage",
    "data": {"messageBody": {"wake": "steps/speak/story.json"}},
}
IMS = {
    "data": {
        "messageBody": {"EventType": "ProduceMediaComplete", "MessageBody": {"JobId": "job-1", "Status": "Success"}}
    }
}
IMS_OTHER = {"data": {"messageBody": {"MessageBody": {"Job": {"JobId": "job-1"}}}}}
STUDIO = {"source": "acs.dashscope", "data": {"task_id": "task-1", "task_status": "SUCCEEDED"}}
STUDIO_QUEUED = {"data": {"messageBody": {"data": {"output": {"task_id": "task-1"}}}}}
FAILURE = {
    "requestContext": {"functionArn": "acs:fc:::functions/echobot-speak", "condition": "RetriesExhausted"},
    "requestPayload": OSS,
    "responsePayload": {"errorMessage": "x"},
}
ASIDE = {"function": "speak", "reason": "not JSON", "poison": "?"}
QUEUED_FAILURE = {"data": {"messageBody": FAILURE}}

payloads = st.one_of(
    wrapped(any_document(OSS, REMINDER, IMS, IMS_OTHER, STUDIO, STUDIO_QUEUED, FAILURE, ASIDE, QUEUED_FAILURE)),
    json_values,
)


def _failures(event: object) -> object:
    """A failure's payload goes as it is to `events.objects`, or to nobody; what it holds is not ours."""
    return [(one.reason, one.function, one.is_poison) for one in events.failures(event)]


def _is_its_key(key: str, wake: keys.Wake) -> None:
    assert keys.wake(wake.step, wake.job, wake.item) == key


READERS: dict[str, Callable[[object], object]] = {
    "objects": events.objects,
    "wakes": events.wakes,
    "reminders": events.reminders,
    "ims-jobs": events.ims_jobs,
    "model-studio-tasks": events.model_studio_tasks,
    "failures": _failures,
}

HARNESSES = (
    *(Harness(f"event-{name}", payloads, read) for name, read in READERS.items()),
    Harness("event-wake", names, events.wake_of, _is_its_key),
)
