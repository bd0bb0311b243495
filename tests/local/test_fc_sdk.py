"""The vendor's own SDKs, unmodified, against the FC stand-in through the loopback door."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import fc2
import pytest
import requests
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi import models as openapi
from alibabacloud_tea_openapi.exceptions import ClientException
from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]  # publishes no types

from local.standins.account import Account
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.fc.api import FcApi
from local.standins.fc.state import FcState, Function, Invocation, Ran, Trigger
from local.standins.timing import VirtualTiming

pytestmark = pytest.mark.loopback


def upper(invocation: Invocation) -> Ran:
    """Answers in capitals; `boom` makes it raise."""
    if invocation.event == b"boom":
        return Ran(b'{"errorMessage": "boom", "errorType": "ValueError"}', "UnhandledInvocationError")
    return Ran(invocation.event.upper())


@pytest.fixture
def fc() -> FcState:
    state = FcState(Account(timing=VirtualTiming()), upper, lambda _queue, _body: None)
    state.register(Function("echobot-upper", "./functions/upper", timeout_s=60))
    return state


@pytest.fixture
def server(fc: FcState) -> Iterator[LoopbackServer]:
    with LoopbackServer(Router({"fc": FcApi(fc)})) as server:
        yield server


def three(server: LoopbackServer, secret: str = "test-secret", key_id: str = "test-id") -> Client:
    """The client of FC 3.0."""
    config = openapi.Config(
        access_key_id=key_id,
        access_key_secret=secret,
        endpoint=server.endpoint,
        protocol="http",
        region_id="cn-beijing",
    )
    return Client(config)


def invoked(client: Client, body: bytes, name: str = "echobot-upper", **headers: Any) -> Any:
    request = models.InvokeFunctionRequest(body=io.BytesIO(body))
    return client.invoke_function_with_options(
        name, request, models.InvokeFunctionHeaders(**headers), RuntimeOptions(autoretry=False, max_attempts=1)
    )


@pytest.fixture
def two(server: LoopbackServer, caplog: pytest.LogCaptureFixture) -> fc2.Client:
    """The client of FC 2.0, for accounts that still have services; the root's level is put back after each test."""
    caplog.set_level(logging.CRITICAL)
    return fc2.Client(endpoint=server.url, accessKeyID="test-id", accessKeySecret="test-secret", Timeout=10)


# --- 3.0


@pytest.mark.parametrize("body", [b"hello", b"", bytes(range(256)) * 100, "狐狸".encode()])
def test_a_function_is_called_and_answers(server: LoopbackServer, body: bytes) -> None:
    answer = invoked(three(server), body)

    assert (answer.status_code, answer.body.read()) == (200, body.upper())


def test_a_function_that_raised_answers_with_a_header_that_says_so(server: LoopbackServer) -> None:
    answer = invoked(three(server), b"boom")

    assert answer.status_code == 200
    assert answer.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert json.loads(answer.body.read())["errorType"] == "ValueError"


def test_an_asynchronous_call_is_accepted_and_run_later(server: LoopbackServer, fc: FcState) -> None:
    answer = invoked(three(server), b"later", x_fc_invocation_type="Async")
    assert (answer.status_code, fc.ran) == (202, [])

    _run(fc)

    assert [invocation.event for invocation, _ in fc.ran] == [b"later"]


def test_an_asynchronous_call_may_be_delayed(server: LoopbackServer, fc: FcState) -> None:
    headers = {"x-fc-async-delay": "120"}
    invoked(three(server), b"later", x_fc_invocation_type="Async", common_headers=headers)
    _run(fc, 119.0)
    assert fc.ran == []

    _run(fc, 1.0)

    assert len(fc.ran) == 1


@pytest.mark.parametrize("delay", ["soon", "-1", "3601", "1.5"])
def test_a_delay_that_is_none_is_refused(server: LoopbackServer, delay: str) -> None:
    with pytest.raises(ClientException) as caught:
        invoked(three(server), b"", x_fc_invocation_type="Async", common_headers={"x-fc-async-delay": delay})

    assert (caught.value.status_code, caught.value.code) == (400, "InvalidArgument")


def test_an_unknown_function_is_named(server: LoopbackServer) -> None:
    with pytest.raises(ClientException) as caught:
        invoked(three(server), b"", "nobody")

    assert (caught.value.status_code, caught.value.code) == (404, "FunctionNotFound")
    assert caught.value.request_id


def test_a_payload_that_is_too_large_for_later_is_refused(server: LoopbackServer) -> None:
    with pytest.raises(ClientException) as caught:
        invoked(three(server), bytes(128 * 1024 + 1), x_fc_invocation_type="Async")

    assert (caught.value.status_code, caught.value.code) == (413, "PayloadTooLarge")


def test_functions_are_listed(server: LoopbackServer) -> None:
    listed = three(server).list_functions(models.ListFunctionsRequest()).body.functions

    assert [(one.function_name, one.timeout) for one in listed] == [("echobot-upper", 60)]


def test_the_triggers_of_a_function_are_listed_as_they_were_made(server: LoopbackServer, fc: FcState) -> None:
    wake = Trigger("wake", "oss", {"events": ["oss:ObjectCreated:PutObject"]}, "acs:oss:cn-beijing:1:b", "acs:ram::1:r")
    page = Trigger("page", "http", {"authType": "anonymous"})
    fc.register(Function("echobot-two", "./functions/two", triggers=(wake, page)))
    first, second = three(server).list_triggers("echobot-two", models.ListTriggersRequest(limit=100)).body.triggers

    assert (first.trigger_name, first.trigger_type, json.loads(first.trigger_config)) == ("wake", "oss", wake.config)
    assert (first.source_arn, first.invocation_role) == (wake.source_arn, wake.role)
    assert (second.trigger_name, second.source_arn, second.invocation_role) == ("page", None, None)
    assert three(server).list_triggers("echobot-upper", models.ListTriggersRequest()).body.triggers == []


def test_what_becomes_of_asynchronous_calls_is_told(server: LoopbackServer, fc: FcState) -> None:
    fc.register(
        Function("echobot-two", "", retries=2, age_s_max=60, on_failure_queue="failed", has_async_config=True),
    )
    found = three(server).get_async_invoke_config("echobot-two", models.GetAsyncInvokeConfigRequest()).body

    assert (found.max_async_retry_attempts, found.max_async_event_age_in_seconds) == (2, 60)
    assert found.destination_config.on_failure.destination.endswith(":/queues/failed/messages")


@pytest.mark.parametrize(
    ("function", "code"), [("echobot-upper", "AsyncConfigNotExists"), ("nobody", "FunctionNotFound")]
)
def test_an_asynchronous_configuration_that_is_not_there_is_a_404(
    server: LoopbackServer, function: str, code: str
) -> None:
    with pytest.raises(ClientException) as caught:
        three(server).get_async_invoke_config(function, models.GetAsyncInvokeConfigRequest())

    assert (caught.value.status_code, caught.value.code) == (404, code)


@pytest.mark.parametrize(
    ("key_id", "secret", "code"),
    [("test-id", "wrong", "SignatureNotMatch"), ("nobody", "test-secret", "InvalidAccessKeyID")],
)
def test_wrong_keys_are_refused(server: LoopbackServer, fc: FcState, key_id: str, secret: str, code: str) -> None:
    with pytest.raises(ClientException) as caught:
        invoked(three(server, secret, key_id), b"hello")

    assert (caught.value.status_code, caught.value.code) == (403, code)
    assert fc.ran == []


# --- 2.0


def test_the_older_client_calls_a_function_of_any_service(two: fc2.Client) -> None:
    assert two.invoke_function("any", "echobot-upper", b"hello").data == b"HELLO"


def test_the_older_client_calls_for_later(two: fc2.Client, fc: FcState) -> None:
    answer = two.invoke_function("any", "echobot-upper", b"later", headers={"x-fc-invocation-type": "Async"})
    _run(fc)

    assert answer.headers["X-Fc-Invocation-Type"] == "Async"
    assert [invocation.event for invocation, _ in fc.ran] == [b"later"]


def test_the_older_client_hears_of_an_unknown_function(two: fc2.Client) -> None:
    with pytest.raises(fc2.FcError) as caught:
        two.invoke_function("any", "nobody", b"")

    assert (caught.value.status_code, caught.value.err_code) == (404, "FunctionNotFound")


def test_the_older_client_hears_of_a_wrong_signature(server: LoopbackServer) -> None:
    wrong = fc2.Client(endpoint=server.url, accessKeyID="test-id", accessKeySecret="wrong", Timeout=10)

    with pytest.raises(fc2.FcError) as caught:
        wrong.invoke_function("any", "echobot-upper", b"")

    assert (caught.value.status_code, caught.value.err_code) == (403, "SignatureNotMatch")


# --- neither


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "AccessDenied"),
        ({"Authorization": "FC test-id"}, "SignatureNotMatch"),
        ({"Authorization": "FC nobody:x"}, "InvalidAccessKeyID"),
        ({"Authorization": "ACS3-HMAC-SHA256 nonsense"}, "InvalidAccessKeyID"),
        ({"Authorization": "ACS3-HMAC-SHA256 Credential=test-id,SignedHeaders=,Signature=é"}, "SignatureNotMatch"),
        ({"Authorization": "Bearer sk-test"}, "AccessDenied"),
    ],
)
def test_a_caller_without_a_good_signature_is_refused(
    server: LoopbackServer, headers: dict[str, str], code: str
) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    url = f"{server.url}/2023-03-30/functions/echobot-upper/invocations"
    answer = requests.post(url, b"hello", headers=encoded, timeout=10)

    assert (answer.status_code, answer.json()["Code"]) == (403, code)


def test_what_is_not_served_says_so(server: LoopbackServer) -> None:
    with pytest.raises(ClientException) as caught:
        three(server).get_function("echobot-upper", models.GetFunctionRequest())

    assert (caught.value.status_code, caught.value.code) == (404, "PathNotSupported")


def _run(fc: FcState, for_s: float = 0.0) -> None:
    timing = fc.account.timing
    assert isinstance(timing, VirtualTiming)
    timing.run(for_s)
