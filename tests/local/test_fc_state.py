"""Function Compute's rules: what is tried again and when, what is given up and where that is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.fc.state import ASYNC_BYTES_MAX, SYNC_BYTES_MAX, FcState, Function, Invocation, Ran
from local.standins.timing import VirtualTiming

BOOM = Ran(b'{"errorMessage": "boom"}', "UnhandledInvocationError")


@dataclass
class Cloud:
    """FC with one function whose every run is what `runs` says, `ok` when it says nothing."""

    timing: VirtualTiming = field(default_factory=VirtualTiming)
    runs: list[Ran] = field(default_factory=list)
    seen: list[tuple[float, Invocation]] = field(default_factory=list)
    letters: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        def send(queue: str, body: str) -> None:
            self.letters.append((queue, json.loads(body)))

        self.started = self.timing.now()
        self.fc = FcState(Account(timing=self.timing), self.run, send)

    def run(self, invocation: Invocation) -> Ran:
        self.seen.append((self.timing.now() - self.started, invocation))
        return self.runs.pop(0) if self.runs else Ran(b"ok")

    def has(self, **changes: Any) -> Cloud:
        self.fc.register(Function("echo", "./functions/echo", **changes))
        return self

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.seen]


# --- synchronous


def test_a_synchronous_call_is_run_at_once_and_never_again() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=3, on_failure_queue="failed")

    assert cloud.fc.invoke("echo", b"event") == BOOM
    cloud.timing.run()
    assert (cloud.times, cloud.letters) == ([0.0], [])


def test_an_unknown_function_is_refused() -> None:
    for call in (Cloud().fc.invoke, Cloud().fc.invoke_async):
        with pytest.raises(VendorError) as caught:
            call("echo", b"")

        assert (caught.value.status, caught.value.code) == (404, "FunctionNotFound")


@pytest.mark.parametrize(
    ("call", "limit"),
    [
        pytest.param(lambda cloud, event: cloud.fc.invoke("echo", event), SYNC_BYTES_MAX, id="32 MB"),
        pytest.param(lambda cloud, event: cloud.fc.invoke_async("echo", event), ASYNC_BYTES_MAX, id="128 KB"),
    ],
)
def test_a_payload_may_be_as_large_as_documented_and_no_larger(
    call: Callable[[Cloud, bytes], object], limit: int
) -> None:
    cloud = Cloud().has()
    call(cloud, bytes(limit))

    with pytest.raises(VendorError) as caught:
        call(cloud, bytes(limit + 1))

    assert (caught.value.status, caught.value.code) == (413, "PayloadTooLarge")
    cloud.timing.run()
    assert len(cloud.seen) == 1


# --- asynchronous


def test_an_asynchronous_call_is_accepted_first_and_run_later() -> None:
    cloud = Cloud().has()
    request_id = cloud.fc.invoke_async("echo", b"event", 90.0)
    assert cloud.times == []

    cloud.timing.run()

    [(at, invocation)] = cloud.seen
    assert (at, invocation.event, invocation.request_id) == (90.0, b"event", request_id)


def test_a_run_that_fails_is_tried_again_as_often_as_configured() -> None:
    cloud = Cloud(runs=[BOOM] * 9).has(retries=2)
    cloud.fc.invoke_async("echo", b"event")
    cloud.timing.run()

    assert cloud.times == [0.0, 10.0, 40.0]
    assert len({invocation.request_id for _, invocation in cloud.seen}) == 1


def test_a_run_that_succeeds_is_the_last() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=3, on_failure_queue="failed")
    cloud.fc.invoke_async("echo", b"event")
    cloud.timing.run()

    assert (cloud.times, cloud.letters) == ([0.0, 10.0], [])


def test_an_old_event_is_given_up_before_its_tries_are_used_up() -> None:
    cloud = Cloud(runs=[BOOM] * 9).has(retries=8, age_s_max=45, on_failure_queue="failed")
    cloud.fc.invoke_async("echo", b"event")
    cloud.timing.run()

    assert cloud.times == [0.0, 10.0, 40.0]
    assert len(cloud.letters) == 1


def test_what_is_given_up_is_told_with_what_it_was_called_with() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=0, on_failure_queue="failed")
    request_id = cloud.fc.invoke_async("echo", '{"a": "狐狸"}'.encode())
    cloud.timing.run()

    assert cloud.letters == [
        (
            "failed",
            {
                "timestamp": int(cloud.started * 1000),
                "requestContext": {
                    "requestId": request_id,
                    "functionArn": "acs:fc:cn-beijing:1234567890123456:functions/echo",
                    "condition": "UnhandledInvocationError",
                    "approximateInvokeCount": 1,
                },
                "requestPayload": '{"a": "狐狸"}',
                "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
                "responsePayload": '{"errorMessage": "boom"}',
            },
        )
    ]


def test_a_payload_of_no_text_can_be_given_up_too() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=0, on_failure_queue="failed")
    cloud.fc.invoke_async("echo", b"\xff\x00")
    cloud.timing.run()

    assert cloud.letters[0][1]["requestPayload"] == "\ufffd\x00"


def test_without_a_destination_it_is_given_up_in_silence() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=0)
    cloud.fc.invoke_async("echo", b"event")
    cloud.timing.run()

    assert cloud.letters == []


def test_every_run_is_remembered_for_the_tests() -> None:
    cloud = Cloud(runs=[BOOM]).has(retries=1)
    cloud.fc.invoke_async("echo", b"event")
    cloud.timing.run()

    assert [ran.is_ok for _, ran in cloud.fc.ran] == [False, True]
