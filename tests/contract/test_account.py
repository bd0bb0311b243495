"""What `make verify` does to an account: it makes things of its own, and leaves none."""

from __future__ import annotations

import pytest

from local.standins.account import Account
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router, Service
from local.standins.mns.api import MnsApi
from local.standins.mns.state import MnsState
from local.standins.oss import OssApi, OssState
from local.standins.tablestore.api import TablestoreApi
from local.standins.tablestore.state import TablestoreState
from local.standins.timing import RealTiming
from shared.clients.credentials import KEY_ID, KEY_SECRET
from shared.clients.mns import MnsQueues
from shared.clients.oss import OssObjects
from shared.clients.tablestore import TablestoreRows
from shared.ports import Bucket, Place, Queue, Table
from tests.contract import account

ENV = {
    KEY_ID: "test-id",
    KEY_SECRET: "test-secret",
    "ECHOBOT_ACCOUNT_ID": "1234567890123456",
    "DASHSCOPE_API_KEY": "sk-test",
    "VERIFY_INSTANCE": "verify",
}


@pytest.mark.loopback
def test_it_makes_things_of_its_own_empties_them_and_leaves_none() -> None:
    timing = RealTiming(workers=1)
    owner = Account(timing=timing)
    oss, tables, mns = OssState(owner), TablestoreState(owner), MnsState(owner)
    services: dict[str, Service] = {"oss": OssApi(oss), "tablestore": TablestoreApi(tables), "mns": MnsApi(owner, mns)}
    with LoopbackServer(Router(services)) as server:
        env = {**ENV, "ECHOBOT_ENDPOINT": server.url}
        settings = account.settings_of(env)
        with account.belongings(settings, env) as made:
            objects, rows, queues = OssObjects(settings, env), TablestoreRows(settings, env), MnsQueues(settings, env)
            place = Place(Bucket.WORK, "jobs/fox/a.txt")
            objects.write(place, b"a", "text/plain")
            rows.insert(Table.JOBS, ("fox",), {"state": "open"})
            queues.send(Queue.RECHECK, "x")
            made.empty()

            assert objects.head(place) is None
            assert rows.range(Table.JOBS) == []
            assert queues.waiting(Queue.RECHECK) == 0
            objects.write(place, b"left behind", "text/plain")
    timing.close()

    assert (oss.bucket_names(), list(tables.tables()), mns.queue_names()) == ([], [], [])


@pytest.mark.parametrize("name", account.WANTED)
def test_without_an_account_it_says_what_is_missing(name: str) -> None:
    env = {key: value for key, value in ENV.items() if key != name}

    assert account.missing(env) == f"no account to verify against: set {name}"
    assert account.missing(ENV) == ""
