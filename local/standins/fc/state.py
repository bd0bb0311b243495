"""Function Compute's rules: who may be invoked, what is tried again, where a given-up invocation goes.

Facts: FC's pages on asynchronous invocation and its retry policy. Asynchronous payloads are at most 128 KB; a
function error is tried again `maxAsyncRetryAttempts` times; what is given up goes to the failure destination.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.standins.account import Account
from local.standins.errors import VendorError

ASYNC_BYTES_MAX = 128 * 1024
SYNC_BYTES_MAX = 32 * 1024 * 1024
RETRY_AFTER_S = (10.0, 30.0, 60.0)
"""The pages give no times for function errors; the waits grow here as they were seen to elsewhere."""


@dataclass(frozen=True)
class Trigger:
    """What invokes a function, as s.yaml declares it; `config` in the words of the trigger's kind."""

    name: str
    kind: str
    config: Mapping[str, Any]
    source_arn: str = ""
    role: str = ""


@dataclass(frozen=True)
class Function:
    """A function as s.yaml declares it. Without `has_async_config` FC's own defaults hold and no failure is sent on."""

    name: str
    code: str
    handler: str = "handler.handler"
    timeout_s: int = 3
    memory_mb: int = 512
    env: Mapping[str, str] = field(default_factory=dict)
    retries: int = 3
    age_s_max: int = 86_400
    on_failure_queue: str = ""
    role: str = ""
    has_async_config: bool = False
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True)
class Invocation:
    function: Function
    request_id: str
    event: bytes


@dataclass(frozen=True)
class Ran:
    """What came of one run: `body` is the return value, or FC's error document when `error_type` is set."""

    body: bytes
    error_type: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.error_type


Runner = Callable[[Invocation], Ran]
SendMessage = Callable[[str, str], object]


class FcState:
    """`runner` runs one invocation to its end; `send` puts a message into a queue for failure destinations."""

    def __init__(self, account: Account, runner: Runner, send: SendMessage) -> None:
        self.account = account
        self.functions: dict[str, Function] = {}
        self.ran: list[tuple[Invocation, Ran]] = []
        self._runner = runner
        self._send = send

    def register(self, function: Function) -> None:
        self.functions[function.name] = function

    def function(self, name: str) -> Function:
        if name not in self.functions:
            raise VendorError(404, "FunctionNotFound", f"function '{name}' does not exist")
        return self.functions[name]

    def invoke(self, name: str, event: bytes) -> Ran:
        """Run now and wait."""
        if len(event) > SYNC_BYTES_MAX:
            raise VendorError(413, "PayloadTooLarge", "the payload of a synchronous invocation is at most 32 MB")
        return self._run(Invocation(self.function(name), self.account.new_uuid(), event))

    def invoke_async(self, name: str, event: bytes, delay_s: float = 0.0) -> str:
        """Accept, and run soon; the request id."""
        if len(event) > ASYNC_BYTES_MAX:
            raise VendorError(413, "PayloadTooLarge", "the payload of an asynchronous invocation is at most 128 KB")
        invocation = Invocation(self.function(name), self.account.new_uuid(), event)
        accepted_at = self.account.now()
        self.account.timing.later(delay_s, lambda: self._attempt(invocation, 0, accepted_at))
        return invocation.request_id

    def _run(self, invocation: Invocation) -> Ran:
        ran = self._runner(invocation)
        self.ran.append((invocation, ran))
        return ran

    def _attempt(self, invocation: Invocation, retries: int, accepted_at: float) -> None:
        ran = self._run(invocation)
        if ran.is_ok:
            return
        function = invocation.function
        wait_s = RETRY_AFTER_S[min(retries, len(RETRY_AFTER_S) - 1)]
        in_time = self.account.now() + wait_s - accepted_at <= function.age_s_max
        if retries < function.retries and in_time:
            self.account.timing.later(wait_s, lambda: self._attempt(invocation, retries + 1, accepted_at))
        elif function.on_failure_queue:
            self._send(function.on_failure_queue, self._record(invocation, ran, retries + 1))

    def _record(self, invocation: Invocation, ran: Ran, tries: int) -> str:
        """The message of the failure destination (field names as FC's result-callback page gives them)."""
        account = self.account
        arn = f"acs:fc:{account.region}:{account.account_id}:functions/{invocation.function.name}"
        return json.dumps(
            {
                "timestamp": int(account.now() * 1000),
                "requestContext": {
                    "requestId": invocation.request_id,
                    "functionArn": arn,
                    "condition": ran.error_type,
                    "approximateInvokeCount": tries,
                },
                "requestPayload": invocation.event.decode("utf-8", "replace"),
                "responseContext": {"statusCode": 200, "functionError": ran.error_type},
                "responsePayload": ran.body.decode("utf-8", "replace"),
            },
            ensure_ascii=False,
        )
