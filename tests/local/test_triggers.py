"""Events of the stand-ins as the functions get them: fields as FC documents them, retries as EventBridge makes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.deployment import ObjectTrigger, QueueTrigger, TimerTrigger
from local.standins.account import Account
from local.standins.fc.state import FcState, Function, Invocation, Ran
from local.standins.mns.state import MnsState
from local.standins.oss.state import OssState
from local.standins.timing import VirtualTiming
from local.triggers import ObjectTriggers, QueueTriggers, Timers
from shared.domain.keys import Wake
from shared.engine import events

BOOM = Ran(b"{}", "UnhandledInvocationError")
STARTED = "2026-11-18T11:06:40.000Z"


class Cloud:
    """An account with a function `echo`; `runs` says what comes of its runs, `ok` when it says nothing."""

    def __init__(self, *runs: Ran) -> None:
        self.timing = VirtualTiming()
        self.account = Account(timing=self.timing)
        self.started = self.timing.now()
        self.runs = list(runs)
        self.seen: list[tuple[float, Invocation]] = []
        self.fc = FcState(self.account, self.run, lambda _queue, _body: None)
        self.fc.register(Function("echo", "./functions/echo", retries=0))
        self.oss, self.mns = OssState(self.account), MnsState(self.account)

    def run(self, invocation: Invocation) -> Ran:
        self.seen.append((self.timing.now() - self.started, invocation))
        return self.runs.pop(0) if self.runs else Ran(b"ok")

    def watch(self, **changes: Any) -> None:
        trigger = {"bucket": "work", "events": ("ObjectCreated:PutObject",), "prefix": "steps/", "suffix": ""} | changes
        self.oss.create_bucket("work")
        self.oss.listeners.append(ObjectTriggers(self.account, self.fc, [ObjectTrigger("echo", **trigger)]))

    def listen(self, retry: str = "BACKOFF_RETRY", dead_letters: str = "dead", base64: bool = True) -> None:
        for name in ("queue", "dead"):
            self.mns.create_queue(name, VisibilityTimeout=330)
        trigger = QueueTrigger("echo", "queue", retry, dead_letters, base64)
        self.mns.listeners.append(QueueTriggers(self.account, self.mns, self.fc, [trigger]))

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.seen]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(invocation.event) for _, invocation in self.seen]

    def waiting(self, queue: str) -> list[str]:
        return [message.body for message in self.mns._queues[queue].messages.values()]


# --- OSS


def test_an_object_event_has_the_fields_that_fc_documents() -> None:
    cloud = Cloud()
    cloud.watch()
    cloud.oss.put("work", "steps/a+b 故事.json", b"{}", {"content-type": "application/json", "x-oss-meta-who": "me"})
    cloud.timing.run()

    [event] = cloud.events
    [record] = event["events"]
    etag, request_id = record["oss"]["object"].pop("eTag"), record["responseElements"].pop("requestId")
    assert etag == cloud.oss.head("work", "steps/a+b 故事.json").etag.strip('"')
    assert request_id
    assert record == {
        "eventName": "ObjectCreated:PutObject",
        "eventSource": "acs:oss",
        "eventTime": STARTED,
        "eventVersion": "1.0",
        "oss": {
            "bucket": {
                "arn": "acs:oss:cn-beijing:1234567890123456:work",
                "name": "work",
                "ownerIdentity": "1234567890123456",
            },
            "object": {
                "deltaSize": 2,
                "key": "steps/a+b 故事.json",
                "size": 2,
                "objectMeta": {
                    "mimeType": "application/json",
                    "userMeta": {"x-oss-meta-who": "me"},
                },
            },
            "ossSchemaVersion": "1.0",
            "ruleId": "local",
        },
        "region": "cn-beijing",
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {},
        "userIdentity": {"principalId": "1234567890123456"},
    }


@pytest.mark.parametrize(
    ("changes", "key", "count"),
    [
        pytest.param({}, "steps/one.json", 1, id="its prefix"),
        pytest.param({}, "jobs/one.json", 0, id="another prefix"),
        pytest.param({"suffix": ".json"}, "steps/one.txt", 0, id="another suffix"),
        pytest.param({"bucket": "other"}, "steps/one.json", 0, id="another bucket"),
        pytest.param({"events": ("ObjectCreated:CopyObject",)}, "steps/one.json", 0, id="another event"),
        pytest.param({"events": ("ObjectCreated:*",)}, "steps/one.json", 1, id="every kind of event"),
    ],
)
def test_only_what_a_trigger_watches_fires_it(changes: dict[str, Any], key: str, count: int) -> None:
    cloud = Cloud()
    cloud.watch(**changes)
    cloud.oss.put("work", key, b"{}")
    cloud.timing.run()

    assert len(cloud.seen) == count


def test_every_put_of_the_same_key_fires_again() -> None:
    cloud = Cloud()
    cloud.watch()
    for body in (b"1", b"22", b"1"):
        cloud.oss.put("work", "steps/one.json", body)
    cloud.timing.run()

    assert [event["events"][0]["oss"]["object"]["deltaSize"] for event in cloud.events] == [1, 1, -1]


def test_deleting_fires_nothing() -> None:
    cloud = Cloud()
    cloud.watch()
    cloud.oss.put("work", "steps/one.json", b"{}")
    cloud.oss.delete("work", "steps/one.json")
    cloud.timing.run()

    assert len(cloud.seen) == 1


def test_our_own_reader_understands_it() -> None:
    cloud = Cloud()
    cloud.watch()
    cloud.oss.put("work", "steps/speak/story/0001.json", b"{}")
    cloud.timing.run()

    assert events.wakes(cloud.seen[0][1].event) == [Wake("speak", "story", "0001")]


# --- queues


def sent(cloud: Cloud, body: str = "hello", delay_s: int = 0) -> None:
    cloud.mns.send("queue", base64.b64encode(body.encode()).decode(), delay_s)


def test_a_message_event_has_the_fields_that_eventbridge_documents() -> None:
    cloud = Cloud()
    cloud.listen()
    sent(cloud, "狐狸")
    [message] = cloud.mns.peek("queue")
    cloud.timing.run(1.0)

    [event] = cloud.events
    assert event.pop("id")
    assert event["data"].pop("requestId")
    assert event == {
        "source": "MNS-echo",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": "acs:mns:cn-beijing:1234567890123456:queues/queue",
        "time": STARTED,
        "aliyunaccountid": "1234567890123456",
        "aliyunpublishtime": STARTED,
        "aliyunoriginalaccountid": "1234567890123456",
        "aliyuneventbusname": "MNS-echo",
        "aliyunregionid": "cn-beijing",
        "aliyunpublishaddr": "127.0.0.1",
        "data": {"messageId": message.id, "messageBody": "狐狸"},
    }


@pytest.mark.parametrize(
    ("decodes", "body", "expected"),
    [
        pytest.param(True, "aGVsbG8=", "hello", id="decoded"),
        pytest.param(True, "not base64!", "not base64!", id="no base64 passes as it is"),
        pytest.param(True, "/w==", "/w==", id="base64 of no text passes as it is"),
        pytest.param(False, "aGVsbG8=", "aGVsbG8=", id="left alone"),
    ],
)
def test_a_body_is_decoded_if_it_is_to_be_and_can_be(decodes: bool, body: str, expected: str) -> None:
    cloud = Cloud()
    cloud.listen(base64=decodes)
    cloud.mns.send("queue", body)
    cloud.timing.run(1.0)

    assert cloud.events[0]["data"]["messageBody"] == expected


def test_a_message_that_was_taken_is_gone() -> None:
    cloud = Cloud()
    cloud.listen()
    for body in ("one", "two", "three"):
        sent(cloud, body)
    cloud.timing.run(3600.0)

    assert sorted(event["data"]["messageBody"] for event in cloud.events) == ["one", "three", "two"]
    assert cloud.waiting("queue") == []


def test_a_delayed_message_comes_when_it_is_due() -> None:
    cloud = Cloud()
    cloud.listen()
    sent(cloud, delay_s=100)
    cloud.timing.run(99.9)
    assert cloud.seen == []

    cloud.timing.run(0.1)

    assert cloud.times == [100.0]


def test_a_message_of_another_queue_is_nobodys() -> None:
    cloud = Cloud()
    cloud.listen()
    cloud.mns.send("dead", "body")
    cloud.timing.run(3600.0)

    assert cloud.seen == []


def test_backoff_retry_tries_three_more_times_within_a_minute_and_then_gives_up() -> None:
    cloud = Cloud(*[BOOM] * 9)
    cloud.listen("BACKOFF_RETRY")
    sent(cloud)
    cloud.timing.run(3600.0)

    assert len(cloud.seen) == 4
    assert [10 <= later - sooner <= 20 for sooner, later in zip(cloud.times, cloud.times[1:], strict=False)] == [
        True
    ] * 3
    assert cloud.waiting("queue") == []
    assert cloud.waiting("dead") == ["aGVsbG8="]


def test_exponential_decay_retry_tries_on_for_a_day_and_then_gives_up() -> None:
    cloud = Cloud(*[BOOM] * 500)
    cloud.listen("EXPONENTIAL_DECAY_RETRY")
    sent(cloud)
    cloud.timing.run(86_400.0 * 2)

    pauses = [later - sooner for sooner, later in zip(cloud.times, cloud.times[1:], strict=False)]
    assert pauses[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]
    assert len(cloud.seen) == 177
    assert 0.9 * 86_400 <= cloud.times[-1] <= 1.1 * 86_400
    assert cloud.waiting("dead") == ["aGVsbG8="]


def test_a_try_that_succeeds_is_the_last() -> None:
    cloud = Cloud(BOOM, BOOM)
    cloud.listen()
    sent(cloud)
    cloud.timing.run(3600.0)

    assert len(cloud.seen) == 3
    assert (cloud.waiting("queue"), cloud.waiting("dead")) == ([], [])


def test_one_message_that_nobody_can_take_does_not_keep_the_others_waiting() -> None:
    cloud = Cloud(BOOM)
    cloud.listen()
    sent(cloud, "poison")
    sent(cloud, "good")
    cloud.timing.run(5.0)

    assert [event["data"]["messageBody"] for event in cloud.events] == ["poison", "good"]


def test_without_a_dead_letter_queue_it_is_dropped() -> None:
    cloud = Cloud(*[BOOM] * 9)
    cloud.listen(dead_letters="")
    sent(cloud)
    cloud.timing.run(3600.0)

    assert (cloud.waiting("queue"), cloud.waiting("dead")) == ([], [])


def test_a_function_that_is_slower_than_the_visibility_timeout_gets_the_message_again() -> None:
    """Delivery is at least once: what it did the first time it must find done."""
    cloud = Cloud()
    cloud.listen()
    slow = [400.0]

    def run(invocation: Invocation) -> Ran:
        if slow:
            cloud.timing.advance(slow.pop())
        return Cloud.run(cloud, invocation)

    cloud.fc._runner = run
    sent(cloud)
    cloud.timing.run(3600.0)

    assert len(cloud.seen) == 2
    assert cloud.waiting("queue") == []


def test_messages_that_were_there_before_a_restart_are_announced() -> None:
    cloud = Cloud()
    cloud.mns.create_queue("queue", VisibilityTimeout=330)
    sent(cloud)
    cloud.listen()
    cloud.timing.run(60.0)
    assert cloud.seen == []

    cloud.mns.announce()
    cloud.timing.run(1.0)

    assert len(cloud.seen) == 1


# --- timers


def test_a_timer_ticks_each_period_with_its_own_name_and_payload() -> None:
    cloud = Cloud()
    timers = Timers(cloud.account, cloud.fc, [TimerTrigger("echo", "every-minute", 60.0, "sweep")])
    timers.start()
    cloud.timing.run(200.0)

    assert cloud.times == [60.0, 120.0, 180.0]
    assert cloud.events[0] == {
        "triggerTime": "2026-11-18T11:07:40.000Z",
        "triggerName": "every-minute",
        "payload": "sweep",
    }


def test_a_slow_run_does_not_put_the_next_tick_off() -> None:
    cloud = Cloud()

    def run(invocation: Invocation) -> Ran:
        ran = Cloud.run(cloud, invocation)
        cloud.timing.advance(45.0)
        return ran

    cloud.fc._runner = run
    timers = Timers(cloud.account, cloud.fc, [TimerTrigger("echo", "every-minute", 60.0, "")])
    timers.start()
    cloud.timing.run(185.0)

    assert cloud.times == [60.0, 120.0, 180.0]


def test_a_timer_that_was_stopped_ticks_no_more() -> None:
    cloud = Cloud()
    timers = Timers(cloud.account, cloud.fc, [TimerTrigger("echo", "every-minute", 60.0, "")])
    timers.start()
    cloud.timing.run(60.0)
    timers.stop()
    cloud.timing.run(600.0)

    assert cloud.times == [60.0]
    assert cloud.timing.pending == 0
