"""Payloads as the vendors document them, each as a notice; anything else is poison, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Corrupt
from shared.domain.keys import Wake
from shared.engine import events
from shared.engine.events import EVENT_CHARS_MAX, Failure, ObjectNotice, TaskNotice

# FC's page "trigger event formats", OSS trigger.
OSS_EVENT = {
    "events": [
        {
            "eventName": "ObjectCreated:PutObject",
            "eventSource": "acs:oss",
            "eventTime": "2022-08-13T06:45:43.000Z",
            "eventVersion": "1.0",
            "oss": {
                "bucket": {
                    "arn": "acs:oss:cn-hangzhou:123456789:testbucket",
                    "name": "testbucket",
                    "ownerIdentity": "164901546557****",
                },
                "object": {
                    "deltaSize": 122539,
                    "eTag": "688A7BF4F233DC9C88A80BF985AB****",
                    "key": "steps/speak/story/0001.json",
                    "objectMeta": {"mimeType": "application/json", "userMeta": {}},
                    "size": 122539,
                },
                "ossSchemaVersion": "1.0",
                "ruleId": "9adac8e253828f4f7c0466d941fa3db81161****",
            },
            "region": "cn-hangzhou",
            "requestParameters": {"sourceIPAddress": "140.205.XX.XX"},
            "responseElements": {"requestId": "58F9FF2D3DF792092E12044C"},
            "userIdentity": {"principalId": "164901546557****"},
        }
    ]
}


def queue_event(body: object) -> dict[str, Any]:
    """FC's page on MNS queue triggers: one CloudEvent (event-driven); a list of them in event-streaming."""
    return {
        "id": "c2g71017-6f65-fhcf-a814-a396fc8d****",
        "source": "MNS-Function-mnstrigger",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": "acs:mns:cn-hangzhou:164901546557****:queues/zeus",
        "time": "2021-04-08T06:28:17.093Z",
        "aliyunaccountid": "164901546557****",
        "aliyunpublishtime": "2021-10-15T07:06:34.028Z",
        "aliyunoriginalaccountid": "164901546557****",
        "aliyuneventbusname": "MNS-Function-mnstrigger",
        "aliyunregionid": "cn-chengdu",
        "aliyunpublishaddr": "42.120.XX.XX",
        "data": {"requestId": "606EA3074344430D4C81****", "messageId": "C6DB60D1574661357FA227277445****"}
        | {"messageBody": body},
    }


# Model Studio's page "async-task-api".
TASK_EVENT = {
    "id": "81765e5b-0a4c-4ac8-a1a6-6ac8b9e5****",
    "source": "acs.dashscope",
    "specversion": "1.0",
    "type": "dashscope:System:AsyncTaskFinish",
    "datacontenttype": "application/json;charset=utf-8",
    "time": "2023-10-25T01:45:16.969Z",
    "aliyunaccountid": "x",
    "aliyuneventbusname": "default",
    "aliyunregionid": "cn-beijing",
    "data": {
        "task_id": "a154c328-7e5b-4f1b-93a1-7a0d3a7b0000",
        "task_status": "SUCCEEDED",
        "user_api_unique_key": "apikey:v1:aigc:image2video:video-synthesis:emo-v1",
        "start_time": "2023-10-25 09:45:09",
        "end_time": "2023-10-25 09:45:16",
        "request_id": "b1",
        "region": "cn-beijing",
        "api_key_id": "1250",
        "contain_result": False,
    },
}
THE_TASK = [TaskNotice("model_studio", "a154c328-7e5b-4f1b-93a1-7a0d3a7b0000")]

# IMS's page on event callbacks; the message is MNS's, its body text or object.
IMS_MESSAGE = {
    "EventType": "ProduceMediaComplete",
    "EventTime": "2022-09-02T08:50:46Z",
    "UserId": 1234567890,
    "MessageBody": {"JobId": "ims-1", "Status": "Success", "MediaURL": "https://…", "UserData": "{}"},
}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


# --- OSS


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(json.dumps(OSS_EVENT).encode(), id="bytes, as FC hands them over"),
        pytest.param(bytearray(json.dumps(OSS_EVENT).encode()), id="bytearray"),
        pytest.param(json.dumps(OSS_EVENT), id="text"),
        pytest.param(OSS_EVENT, id="object"),
        pytest.param(encoded(OSS_EVENT), id="base64, as MNS delivers OSS's own notifications"),
        pytest.param(json.dumps(json.dumps(OSS_EVENT)), id="text of text"),
    ],
)
def test_an_oss_event_says_bucket_and_key(event: object) -> None:
    assert [ObjectNotice("testbucket", "steps/speak/story/0001.json")] == events.objects(event)
    assert [Wake("speak", "story", "0001")] == events.wakes(event)


def test_keys_are_taken_as_they_are() -> None:
    """They come raw; decoding them as urls would spoil a plus."""
    record = {"oss": {"bucket": {"name": "b"}, "object": {"key": "inbox/story/a+b%20故事.mp4"}}}

    assert [ObjectNotice("b", "inbox/story/a+b%20故事.mp4")] == events.objects({"events": [record]})


def test_every_record_of_an_event_is_read() -> None:
    [record] = OSS_EVENT["events"]

    assert len(events.objects({"events": [record, record, record]})) == 3


@pytest.mark.parametrize(
    ("event", "why"),
    [
        pytest.param({}, "no events in it", id="nothing"),
        pytest.param({"events": []}, "no events in it", id="no events"),
        pytest.param({"events": {"0": 1}}, "no events in it", id="events is no list"),
        pytest.param({"events": [{}]}, "oss.bucket.name is missing", id="an empty record"),
        pytest.param({"events": ["x"]}, "oss.bucket.name is missing", id="a record that is text"),
        pytest.param(
            {"events": [{"oss": {"bucket": {"name": "b"}, "object": {"key": 7}}}]},
            "oss.object.key is missing",
            id="key",
        ),
        pytest.param([OSS_EVENT], "an object was expected, not list", id="a list"),
        pytest.param(None, "an object was expected, not NoneType", id="null"),
        pytest.param(b"", "not JSON, 0 characters", id="no bytes"),
        pytest.param(b"\xff\xfe", "not JSON, 2 characters", id="bytes of no text"),
        pytest.param("e30", "not JSON, 3 characters", id="cut base64"),
        pytest.param("8J+YgA==", "not JSON, 8 characters", id="base64 of no JSON"),
    ],
)
def test_an_oss_event_without_a_key_is_poison(event: object, why: str) -> None:
    with pytest.raises(Corrupt) as caught:
        events.objects(event)

    assert (caught.value.code, caught.value.detail) == ("event.poison", why)


@pytest.mark.parametrize("key", ["x" * 1024, "狐" * 342, "half of a pair: \ud800"])
def test_a_key_that_oss_could_not_hold_is_poison(key: str) -> None:
    with pytest.raises(Corrupt) as caught:
        events.objects(json.dumps({"events": [{"oss": {"bucket": {"name": "b"}, "object": {"key": key}}}]}))

    assert caught.value.detail == "oss.object.key is no name"


@pytest.mark.parametrize(
    "key",
    [
        "inbox/story/story.mp4",
        "steps/speak",
        "steps/speak/story/0001.txt",
        "steps/speak/../detect/story.json",
        "steps/Speak/story.json",
        "steps/speak/story/0001/more.json",
        "",
    ],
)
def test_a_key_that_is_no_wake_is_poison(key: str) -> None:
    with pytest.raises(Corrupt) as caught:
        events.wake_of(key)

    assert caught.value.code == "event.poison"


# --- messages of our own queues


@pytest.mark.parametrize("wrap", [lambda event: event, lambda event: [event]], ids=["event-driven", "event-streaming"])
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(json.dumps, id="JSON text, decoded by EventBridge"),
        pytest.param(encoded, id="base64, not decoded"),
        pytest.param(lambda value: value, id="an object, parsed by EventBridge"),
    ],
)
def test_a_delayed_message_names_its_wake(write: Callable[[object], object], wrap: Callable[[object], object]) -> None:
    event = wrap(queue_event(write({"wake": "steps/clone/story.json"})))

    assert [Wake("clone", "story", "")] == events.reminders(json.dumps(event).encode())


def test_a_message_body_may_also_come_bare() -> None:
    assert [Wake("clone", "story", "")] == events.reminders({"wake": "steps/clone/story.json"})


def test_each_message_of_a_batch_is_read() -> None:
    batch = [queue_event({"wake": f"steps/animate/story/000{number}.json"}) for number in (1, 2)]

    assert ["0001", "0002"] == [wake.item for wake in events.reminders(batch)]


@pytest.mark.parametrize(
    "event",
    [
        [],
        queue_event(""),
        queue_event("hello topic"),
        queue_event({}),
        queue_event([1]),
        queue_event({"wake": 7}),
        queue_event({"wake": "inbox/story/story.mp4"}),
        "null",
        7,
    ],
)
def test_a_message_that_reminds_of_nothing_is_poison(event: object) -> None:
    with pytest.raises(Corrupt) as caught:
        events.reminders(event)

    assert caught.value.code == "event.poison"


# --- IMS


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(IMS_MESSAGE, id="MessageBody as an object"),
        pytest.param({**IMS_MESSAGE, "MessageBody": json.dumps(IMS_MESSAGE["MessageBody"])}, id="MessageBody as text"),
        pytest.param({**IMS_MESSAGE, "MessageBody": encoded(IMS_MESSAGE["MessageBody"])}, id="MessageBody in base64"),
        pytest.param({"MessageBody": {"jobId": "ims-1", "status": "Success"}}, id="jobId"),
        pytest.param({"MessageBody": {"JobID": "ims-1"}}, id="JobID"),
        pytest.param({"MessageBody": {"Job": {"JobId": "ims-1"}}}, id="inside Job"),
        pytest.param({"JobId": "ims-1"}, id="at the top"),
    ],
)
def test_an_ims_message_names_its_job_wherever_it_stands(message: object) -> None:
    for event in (queue_event(json.dumps(message)), queue_event(message), [queue_event(encoded(message))]):
        assert [TaskNotice("ims", "ims-1")] == events.ims_jobs(json.dumps(event).encode())


@pytest.mark.parametrize("message", [{}, {"MessageBody": {}}, {"MessageBody": []}, {"MessageBody": {"JobId": 7}}])
def test_an_ims_message_without_a_job_is_poison(message: object) -> None:
    with pytest.raises(Corrupt) as caught:
        events.ims_jobs(queue_event(message))

    assert (caught.value.code, caught.value.detail) == ("event.poison", "an IMS message without JobId")


# --- Model Studio


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(TASK_EVENT, id="straight from the bus"),
        pytest.param(queue_event(json.dumps(TASK_EVENT)), id="through the rule's queue"),
        pytest.param(queue_event(encoded(TASK_EVENT)), id="through the queue, in base64"),
        pytest.param([queue_event(TASK_EVENT)], id="through the queue, parsed, in a list"),
        pytest.param({**TASK_EVENT, "data": json.dumps(TASK_EVENT["data"])}, id="data as text"),
        pytest.param(queue_event({**TASK_EVENT, "data": encoded(TASK_EVENT["data"])}), id="data in base64"),
        pytest.param({"data": {"output": {"task_id": THE_TASK[0].task}}}, id="as a query answers"),
        pytest.param({"task_id": THE_TASK[0].task}, id="bare"),
    ],
)
def test_a_model_studio_event_names_its_task(event: object) -> None:
    assert events.model_studio_tasks(json.dumps(event).encode()) == THE_TASK


@pytest.mark.parametrize("event", [{}, {"data": {}}, {"data": []}, {"data": {"task_id": ""}}, queue_event({"data": 7})])
def test_a_model_studio_event_without_a_task_is_poison(event: object) -> None:
    with pytest.raises(Corrupt) as caught:
        events.model_studio_tasks(event)

    assert (caught.value.code, caught.value.detail) == ("event.poison", "a Model Studio event without task_id")


@pytest.mark.parametrize("task", ["x" * 200, "with a space", "with\nlines", "狐狸", "\ud800", "../../etc"])
@pytest.mark.parametrize("read", [events.ims_jobs, events.model_studio_tasks])
def test_an_id_that_no_vendor_gives_is_poison(read: Callable[[object], object], task: str) -> None:
    """It would become part of a row's key, whose length and letters are bounded."""
    with pytest.raises(Corrupt) as caught:
        read({"task_id": task, "JobId": task})

    assert caught.value.code == "event.poison"


# --- FC's failure destination


def a_failure(**changes: object) -> dict[str, object]:
    """FC's page on result callbacks."""
    record = {
        "timestamp": 1660120276975,
        "requestContext": {
            "requestId": "request-1",
            "functionArn": "acs:fc:cn-beijing:123:functions/echobot-speak",
            "condition": "UnhandledInvocationError",
            "approximateInvokeCount": 4,
        },
        "requestPayload": json.dumps(OSS_EVENT),
        "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
        "responsePayload": '{"errorMessage": "boom", "errorType": "ValueError", "stackTrace": []}',
    }
    return {**record, **changes}


def test_a_given_up_invocation_keeps_what_it_was_called_with_and_why_it_failed() -> None:
    [failure] = events.failures(queue_event(json.dumps(a_failure())))

    assert failure == Failure(
        json.dumps(OSS_EVENT),
        '{"errorMessage": "boom", "errorType": "ValueError", "stackTrace": []}',
        "acs:fc:cn-beijing:123:functions/echobot-speak",
    )
    assert events.wakes(failure.payload) == [Wake("speak", "story", "0001")]


def test_a_timeout_has_no_answer_but_a_condition() -> None:
    record = a_failure(responsePayload="", requestContext={"condition": "FunctionTimedOut"})

    assert [failure.reason for failure in events.failures(record)] == ["FunctionTimedOut"]


def test_a_payload_that_is_an_object_is_read_as_well() -> None:
    [failure] = events.failures(a_failure(requestPayload=OSS_EVENT))

    assert not failure.is_poison


@pytest.mark.parametrize("payload", [None, "", "sweep", '{"triggerName": "every-minute"}', {"events": []}])
def test_a_given_up_invocation_of_something_else_is_kept_but_not_tried_again(payload: object) -> None:
    [failure] = events.failures(a_failure(requestPayload=payload))

    assert failure.is_poison
    assert failure.payload == payload


def test_what_we_put_aside_ourselves_is_known_as_such() -> None:
    [failure] = events.failures(queue_event({"function": "speak", "reason": "not JSON", "poison": "\x00"}))

    assert failure == Failure("\x00", "not JSON", "speak", is_poison=True)


def test_an_endless_stack_trace_is_cut() -> None:
    [failure] = events.failures(a_failure(responsePayload="x" * 100_000))

    assert len(failure.reason) <= 500


# --- anything at all

READERS = (
    events.objects,
    events.wakes,
    events.reminders,
    events.ims_jobs,
    events.model_studio_tasks,
    events.messages,
    events.failures,
)
NAMES = st.sampled_from(
    [
        *("events", "oss", "bucket", "name", "object", "key", "data", "messageBody", "MessageBody", "JobId", "Job"),
        *("task_id", "output", "wake", "poison", "requestPayload", "responsePayload", "requestContext", "condition"),
    ]
)
WORDS = st.sampled_from(["steps/speak/a/0001.json", "a154c328-7e5b", "half of a pair: \ud800", "故事" * 600])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner, max_size=4),
    max_leaves=20,
)


def _json(value: object) -> str:
    return json.dumps(value)


ANYTHING = (
    VALUES
    | VALUES.map(_json)
    | VALUES.map(lambda value: _json(value).encode())
    | VALUES.map(lambda value: _json(_json(value)))
    | VALUES.map(encoded)
    | VALUES.map(queue_event)
    | VALUES.map(lambda value: _json([queue_event(_json(value))]).encode())
    | st.binary()
    | st.text()
)


@pytest.mark.parametrize("read", READERS, ids=[reader.__name__ for reader in READERS])
@given(event=ANYTHING)
def test_any_payload_is_a_value_or_poison_and_nothing_else(read: Callable[[object], object], event: object) -> None:
    found = read_or_poison(read, event)

    assert isinstance(found, list | Corrupt)
    assert found if isinstance(found, list) else found.code == "event.poison"
    assert len(str(found)) < 1000 or isinstance(found, list)


@given(event=ANYTHING)
def test_what_is_read_can_be_written_down(event: object) -> None:
    """No half surrogate pairs, nothing longer than what holds it: rows and log lines are UTF-8 with limits."""
    for notice in listed(events.objects, event):
        assert 0 < len(notice.bucket.encode()) <= 1023
        assert 0 < len(notice.key.encode()) <= 1023
    for notice in [*listed(events.ims_jobs, event), *listed(events.model_studio_tasks, event)]:
        assert 0 < len(notice.task.encode("ascii")) <= 128
    for failure in listed(events.failures, event):
        assert len(failure.reason.encode()) <= 2000
        assert len(failure.function.encode()) <= 2000


def listed(read: Callable[[object], Any], event: object) -> list[Any]:
    found = read_or_poison(read, event)
    return found if isinstance(found, list) else []


def read_or_poison(read: Callable[[object], object], event: object) -> object:
    try:
        return read(event)
    except Corrupt as poison:
        return poison


@pytest.mark.parametrize("read", READERS, ids=[reader.__name__ for reader in READERS])
@pytest.mark.parametrize(
    "event",
    [
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param('{"data":' * 50_000, id="objects without end"),
        pytest.param("1" * 10_000, id="a number of ten thousand digits"),
        pytest.param(json.dumps("x" * (EVENT_CHARS_MAX + 1)), id="a megabyte of text"),
        pytest.param("A" * (EVENT_CHARS_MAX + 4), id="a megabyte of base64"),
    ],
)
def test_an_event_made_to_break_its_reader_is_poison(read: Callable[[object], object], event: str) -> None:
    with pytest.raises(Corrupt) as caught:
        read(event)

    assert caught.value.code == "event.poison"
    assert len(str(caught.value)) < 1000


def test_an_event_larger_than_any_that_fc_delivers_is_not_even_parsed() -> None:
    event = json.dumps({**OSS_EVENT, "more": "x" * EVENT_CHARS_MAX})

    with pytest.raises(Corrupt) as caught:
        events.objects(event)

    assert caught.value.detail == "too large or too deep"


def test_text_of_text_is_unwrapped_only_so_often() -> None:
    event: object = OSS_EVENT
    for _ in range(5):
        event = json.dumps(event)

    with pytest.raises(Corrupt) as caught:
        events.objects(event)

    assert caught.value.detail == "too large or too deep"
