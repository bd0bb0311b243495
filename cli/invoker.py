"""Calling a function by hand, through whichever API an account has: FC 3.0's, or that of 2.0 with its services.

Both refuse with `InvocationError`. A function that raised has been called: its answer says so.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from shared.clients.credentials import Credentials
from shared.clients.endpoints import Endpoints
from shared.log import redact_text
from shared.settings import Settings

WAIT_S = 600
DELAY_S_MAX = 3600
"""FC delays an asynchronous call by an hour at most."""

ERROR_TYPE = "x-fc-error-type"
UNHANDLED = "UnhandledInvocationError"
ANSWERED = 200


class InvocationError(Exception):
    """The function was not called; `code` in FC's word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {redact_text(detail)[:300]}")
        self.code = code


@dataclass(frozen=True)
class Answer:
    """`error` is empty, or the type of what the function raised."""

    body: bytes
    error: str = ""


class Invoker(Protocol):
    def call(self, function: str, event: bytes) -> Answer:
        """Call and wait for the answer."""

    def send(self, function: str, event: bytes, delay_s: int = 0) -> None:
        """Have it called once, after so many seconds (0 to 3,600); repeated by FC when it raises."""


class Fc3Invoker:
    """`Invoker` on alibabacloud-fc20230330."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._endpoints = Endpoints.of(settings)
        self._credentials = Credentials(env)

    def call(self, function: str, event: bytes) -> Answer:
        answer = self._invoke(function, event, {})
        headers = {name.lower(): text for name, text in answer.headers.items()}
        return Answer(answer.body.read(), str(headers.get(ERROR_TYPE, "")))

    def send(self, function: str, event: bytes, delay_s: int = 0) -> None:
        self._invoke(function, event, {"x-fc-invocation-type": "Async", **_delay(delay_s)})

    def _invoke(self, function: str, event: bytes, headers: Mapping[str, str]) -> Any:
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  a second to import
        from alibabacloud_tea_openapi.exceptions import ClientException  # noqa: PLC0415  as above
        from darabonba import exceptions as dara  # type: ignore[import-untyped]  # noqa: PLC0415  publishes no types
        from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]  # noqa: PLC0415  no types

        once = RuntimeOptions(autoretry=False, max_attempts=1, read_timeout=WAIT_S * 1000)
        request = models.InvokeFunctionRequest(body=io.BytesIO(event))
        given = models.InvokeFunctionHeaders(common_headers=dict(headers))
        try:
            return self._client().invoke_function_with_options(function, request, given, once)
        except ClientException as error:
            raise InvocationError(str(error.code), str(error.message)) from error
        except (dara.DaraException, dara.UnretryableException, OSError) as error:
            raise InvocationError("NoAnswer", str(error)) from error

    def _client(self) -> Any:
        from alibabacloud_fc20230330.client import Client  # noqa: PLC0415  as above
        from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415  as above

        keys, override = self._credentials.read(), urlsplit(self._endpoints.override)
        return Client(
            Config(
                access_key_id=keys.key_id,
                access_key_secret=keys.secret,
                security_token=keys.token or None,
                endpoint=override.netloc or f"{self._endpoints.account_id}.{self._endpoints.region}.fc.aliyuncs.com",
                protocol=override.scheme or "https",
                region_id=self._endpoints.region,
            )
        )


class RaisedError(Exception):
    """aliyun-fc2 raises what a function raised, with a request id put into its body."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        told = json.loads(text)
        self.body = json.dumps({name: value for name, value in told.items() if name != "RequestId"}).encode()


class Fc2Invoker:
    """`Invoker` on aliyun-fc2, for functions that live in a service."""

    def __init__(self, settings: Settings, env: Mapping[str, str], service: str) -> None:
        self._endpoints = Endpoints.of(settings)
        self._credentials = Credentials(env)
        self._service = service

    def call(self, function: str, event: bytes) -> Answer:
        try:
            return Answer(_bytes(self._invoke(function, event, {}).data))
        except RaisedError as raised:
            return Answer(raised.body, UNHANDLED)

    def send(self, function: str, event: bytes, delay_s: int = 0) -> None:
        self._invoke(function, event, {"x-fc-invocation-type": "Async", **_delay(delay_s)})

    def _invoke(self, function: str, event: bytes, headers: Mapping[str, str]) -> Any:
        import fc2  # noqa: PLC0415  only accounts with services need it

        keys = self._credentials.read()
        host = f"https://{self._endpoints.account_id}.{self._endpoints.region}.fc.aliyuncs.com"
        client = fc2.Client(
            endpoint=self._endpoints.override or host,
            accessKeyID=keys.key_id,
            accessKeySecret=keys.secret,
            securityToken=keys.token,
            Timeout=WAIT_S,
        )
        try:
            with _unheard():
                return client.invoke_function(self._service, function, event, headers=dict(headers))
        except fc2.FcError as error:
            if error.status_code == ANSWERED:
                raise RaisedError(str(error.message)) from error
            raise InvocationError(str(error.err_code), str(error.message)) from error
        except (OSError, ValueError) as error:  # an error that is no JSON leaves it as ValueError
            raise InvocationError("NoAnswer", str(error)) from error


@contextmanager
def _unheard() -> Iterator[None]:
    """aliyun-fc2 prints each refusal whole through the root logger, what was signed too."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _delay(delay_s: int) -> dict[str, str]:
    if not 0 <= delay_s <= DELAY_S_MAX:
        raise InvocationError("InvalidArgument", f"a delay of {delay_s} s; FC takes 0 to {DELAY_S_MAX}")
    return {"x-fc-async-delay": str(delay_s)} if delay_s else {}


def _bytes(data: object) -> bytes:
    """The SDK hands over text where it could decode it."""
    return data.encode() if isinstance(data, str) else bytes(data)  # type: ignore[call-overload]  # bytes else
