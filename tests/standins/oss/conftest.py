"""An account with one bucket, and a door that leads every HTTP request of `requests` into the stand-in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import oss2
import pytest
import requests
import responses

from local.standins.account import Account
from local.standins.http import Request
from local.standins.oss import OssApi, OssState
from local.standins.timing import VirtualTiming
from tests.standins.oss.cloud import BUCKET, ENDPOINT, Cloud

METHODS = ("GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS")


@pytest.fixture
def cloud() -> Cloud:
    clock = VirtualTiming(start=time.time())
    account = Account(timing=clock)
    state = OssState(account)
    state.create_bucket(BUCKET)
    return Cloud(clock, account, state, OssApi(state))


@pytest.fixture
def door(cloud: Cloud) -> Iterator[responses.RequestsMock]:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        headers = {name: _text(value) for name, value in request.headers.items()}
        method, url = request.method or "", request.url or ""
        response = cloud.api.handle(Request.of(method, url, headers, _bytes(request.body)))
        return response.status, response.headers, response.body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in METHODS:
            mock.add_callback(method, re.compile(".*"), callback=answer, content_type=None)
        yield mock


@pytest.fixture
def bucket(door: responses.RequestsMock) -> Any:
    return oss2.Bucket(oss2.Auth("test-id", "test-secret"), ENDPOINT, BUCKET)


@pytest.fixture(params=["v1", "v2", "v4"])
def signed_bucket(request: pytest.FixtureRequest, door: responses.RequestsMock) -> Any:
    """The same bucket, asked with each signature version that oss2 has."""
    auth = oss2.make_auth("test-id", "test-secret", request.param)
    return oss2.Bucket(auth, ENDPOINT, BUCKET, region="cn-beijing")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        return bytes(body.read())
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)
