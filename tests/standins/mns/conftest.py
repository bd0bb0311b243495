from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from mns.account import Account as MnsAccount

from local.standins.account import Account
from local.standins.doors.inprocess import in_process
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.mns.api import MnsApi
from local.standins.mns.state import MnsState
from local.standins.timing import VirtualTiming


@pytest.fixture
def timing() -> VirtualTiming:
    return VirtualTiming()


@pytest.fixture
def account(timing: VirtualTiming) -> Account:
    return Account(timing=timing)


@pytest.fixture
def state(account: Account) -> MnsState:
    return MnsState(account)


@pytest.fixture(params=[pytest.param("loopback", marks=pytest.mark.loopback), "in process"])
def endpoint(request: pytest.FixtureRequest, account: Account, state: MnsState) -> Iterator[str]:
    """Where the unmodified SDK finds the stand-in, through each of the two doors."""
    router = Router({"mns": MnsApi(account, state)})
    if request.param == "loopback":
        with LoopbackServer(router) as server:
            yield server.url
    else:
        with in_process(router):
            yield "https://1234567890123456.mns.cn-beijing.aliyuncs.com"


@pytest.fixture
def sdk(endpoint: str) -> Iterator[Any]:
    client = MnsAccount(endpoint, "test-id", "test-secret")
    yield client
    client.get_client().close_connection()
