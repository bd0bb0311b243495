"""Keys are read anew on each use, because the platform renews them under a living instance."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from local.standins.doors.inprocess import in_process
from local.standins.http import Request, Response
from shared.clients.credentials import Credentials, TablestoreCredentials
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import MnsQueues
from shared.clients.oss import OssObjects
from shared.clients.tablestore import TablestoreRows
from shared.domain.errors import EchobotError, Retry
from shared.ports import Bucket, Kind, Place, Queue, Table
from tests.contract.cloud import SETTINGS, Cloud

HERE = Place(Bucket.WORK, "x")


def env(key_id: str, token: str = "") -> dict[str, str]:
    named = {"ALIBABA_CLOUD_ACCESS_KEY_ID": key_id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": f"secret of {key_id}"}
    return {**named, **({"ALIBABA_CLOUD_SECURITY_TOKEN": token} if token else {})}


def test_nothing_is_kept_from_the_last_reading() -> None:
    variables = env("first", "token-1")
    credentials = Credentials(variables)
    before = credentials.read()
    variables.update(env("second", "token-2"))
    after = credentials.read()

    assert (before.key_id, before.token) == ("first", "token-1")
    assert (after.key_id, after.secret, after.token) == ("second", "secret of second", "token-2")


def test_keys_do_not_print_their_secrets() -> None:
    assert "secret" not in repr(Credentials(env("first", "token-1")).read())
    assert "token-1" not in repr(Credentials(env("first", "token-1")).read())


@pytest.mark.parametrize("missing", ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"])
def test_a_function_without_a_role_waits_for_a_person(missing: str) -> None:
    variables = env("first")
    del variables[missing]
    with pytest.raises(Retry) as fault:
        Credentials(variables).read()

    assert fault.value.code == "account.credentials"


def test_tablestore_gets_no_empty_token() -> None:
    assert TablestoreCredentials(Credentials(env("first"))).get_credentials().get_security_token() is None
    assert TablestoreCredentials(Credentials(env("first", "t"))).get_credentials().get_security_token() == "t"


class Listener:
    """Notes who asked, in whatever place the protocol has for it, and refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def handle(self, request: Request) -> Response:
        query = {name: values[0] for name, values in parse_qs(request.raw_query).items()}
        authorization = request.headers.get("authorization", "")
        key_id = (
            request.headers.get("x-ots-accesskeyid")
            or query.get("AccessKeyId")
            or authorization.partition("Credential=")[2].partition("/")[0]
            or authorization.partition(" ")[2].partition(":")[0]
        )
        token = next(
            (
                found
                for name in ("x-ots-ststoken", "x-oss-security-token", "security-token")
                if (found := request.headers.get(name))
            ),
            query.get("SecurityToken", ""),
        )
        self.asked.append((key_id, token))
        return Response(500, {}, b"")


def _calls(variables: dict[str, str]) -> dict[str, Callable[[], object]]:
    objects, rows = OssObjects(SETTINGS, variables), TablestoreRows(SETTINGS, variables)
    queues, jobs = MnsQueues(SETTINGS, variables), ImsMediaJobs(SETTINGS, variables)
    return {
        "oss": lambda: objects.delete(HERE),
        "tablestore": lambda: rows.delete(Table.JOBS, ("fox",)),
        "mns": lambda: queues.send(Queue.RECHECK, "wake"),
        "ims": lambda: jobs.verdict(Kind.IMS_SMART, "job"),
    }


@pytest.mark.parametrize("service", ["oss", "tablestore", "mns", "ims"])
def test_each_call_is_signed_with_the_keys_of_the_moment(service: str) -> None:
    listener, variables = Listener(), env("first")
    cloud = Cloud()
    cloud.router.services[service] = listener
    with in_process(cloud.router):
        call = _calls(variables)[service]
        for key_id, token in (("first", ""), ("second", "token-2"), ("third", "token-3")):
            variables.clear()
            variables.update(env(key_id, token))
            with pytest.raises(EchobotError):
                call()

    assert listener.asked == [("first", ""), ("second", "token-2"), ("third", "token-3")]


def test_a_shared_url_is_signed_with_the_keys_of_the_moment() -> None:
    variables = env("first")
    objects = OssObjects(SETTINGS, variables)
    first = objects.share(HERE, 60)
    variables.update(env("second", "token-2"))
    second = parse_qs(urlsplit(objects.share(HERE, 60)).query)

    assert "first" in first
    assert second["x-oss-credential"][0].startswith("second/")
    assert second["x-oss-security-token"] == ["token-2"]


def test_a_token_of_ours_wins_over_the_sdks_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIYUN_ACCESS_KEY_ID", "foreign")
    monkeypatch.setenv("ALIYUN_ACCESS_KEY_SECRET", "foreign")
    listener, cloud = Listener(), Cloud()
    cloud.router.services["ims"] = listener
    with in_process(cloud.router), pytest.raises(EchobotError):
        ImsMediaJobs(SETTINGS, env("ours", "token-1")).verdict(Kind.IMS_SMART, "job")

    assert listener.asked == [("ours", "token-1")]
