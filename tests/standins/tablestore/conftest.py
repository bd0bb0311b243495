from __future__ import annotations

from typing import Any

import pytest

from local.standins.account import Account
from local.standins.http import Request
from local.standins.tablestore.api import TablestoreApi
from local.standins.tablestore.state import TablestoreState
from local.standins.timing import VirtualTiming
from tests.standins.tablestore.given import a_client


@pytest.fixture
def timing() -> VirtualTiming:
    return VirtualTiming()


@pytest.fixture
def account(timing: VirtualTiming) -> Account:
    return Account(timing=timing)


@pytest.fixture
def state(account: Account) -> TablestoreState:
    return TablestoreState(account)


@pytest.fixture
def api(state: TablestoreState) -> TablestoreApi:
    return TablestoreApi(state)


@pytest.fixture
def door(api: TablestoreApi, monkeypatch: pytest.MonkeyPatch) -> TablestoreApi:
    """The SDK's one function that touches the network leads to the stand-in; all of its own code still runs."""

    def send_receive(pool: Any, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str, Any, bytes]:
        answer = api.handle(Request.of("POST", pool.host + pool.path + url, headers, bytes(body)))
        return answer.status, "", answer.headers, answer.body

    monkeypatch.setattr("tablestore.connection.ConnectionPool.send_receive", send_receive)
    return api


@pytest.fixture
def client(door: TablestoreApi) -> Any:
    return a_client()
