"""One contract for calling a function by hand, whichever API the account has."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cli.invoker import Answer, Fc2Invoker, Fc3Invoker, InvocationError, Invoker
from local.cloud import KEY_ID, SECRET
from local.standins.account import Account
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.fc.api import FcApi
from local.standins.fc.state import FcState, Function, Invocation, Ran
from local.standins.timing import VirtualTiming
from shared.clients.credentials import KEY_ID as KEY_NAME
from shared.clients.credentials import KEY_SECRET
from shared.settings import Settings

pytestmark = pytest.mark.loopback
VERSIONS = ("3.0", "2.0")


@dataclass
class Door:
    fc: FcState
    timing: VirtualTiming
    settings: Settings
    version: str

    def invoker(self, secret: str = SECRET) -> Invoker:
        env = {KEY_NAME: KEY_ID, KEY_SECRET: secret}
        return Fc3Invoker(self.settings, env) if self.version == "3.0" else Fc2Invoker(self.settings, env, "echobot")

    def events(self) -> list[bytes]:
        return [invocation.event for invocation, _ in self.fc.ran]


def upper(invocation: Invocation) -> Ran:
    if invocation.event == b"boom":
        return Ran(b'{"errorMessage": "boom"}', "UnhandledInvocationError")
    return Ran(invocation.event.upper())


@pytest.fixture(params=VERSIONS)
def door(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Door]:
    caplog.set_level(logging.CRITICAL)  # aliyun-fc2 sets the root logger's level
    timing = VirtualTiming()
    fc = FcState(Account(timing=timing), upper, lambda _queue, _body: None)
    fc.register(Function("echobot-upper", "./functions/upper", timeout_s=60))
    with LoopbackServer(Router({"fc": FcApi(fc)})) as server:
        yield Door(fc, timing, Settings(account_id="1", endpoint=server.url), request.param)


@pytest.mark.parametrize("event", [b"hello", b"", "狐狸".encode()])
def test_a_function_is_called_and_its_answer_comes_back(door: Door, event: bytes) -> None:
    assert door.invoker().call("echobot-upper", event) == Answer(event.upper())


def test_what_a_function_raised_is_its_answer(door: Door) -> None:
    answer = door.invoker().call("echobot-upper", b"boom")

    assert (answer.body, answer.error) == (b'{"errorMessage": "boom"}', "UnhandledInvocationError")


def test_a_function_is_called_later(door: Door) -> None:
    door.invoker().send("echobot-upper", b"later", 120)
    door.timing.run(119.0)
    assert door.events() == []

    door.timing.run(2.0)

    assert door.events() == [b"later"]


def test_an_unknown_function_is_refused(door: Door) -> None:
    with pytest.raises(InvocationError) as caught:
        door.invoker().call("nobody", b"")

    assert caught.value.code == "FunctionNotFound"


def test_wrong_keys_are_refused(door: Door) -> None:
    with pytest.raises(InvocationError) as caught:
        door.invoker("wrong").call("echobot-upper", b"")

    assert caught.value.code == "SignatureNotMatch"


@pytest.mark.parametrize("delay_s", [-1, 3601])
def test_a_delay_that_fc_does_not_take_is_refused_before_it_is_sent(door: Door, delay_s: int) -> None:
    with pytest.raises(InvocationError) as caught:
        door.invoker().send("echobot-upper", b"", delay_s)

    assert caught.value.code == "InvalidArgument"
    assert door.events() == []


def test_nobody_there_is_told(door: Door) -> None:
    door.settings = Settings(account_id="1", endpoint="http://127.0.0.1:9")
    with pytest.raises(InvocationError) as caught:
        door.invoker().call("echobot-upper", b"")

    assert caught.value.code == "NoAnswer"
