"""`echobot logs` on a real account: the service's own call, signed, page by page, and a clear word when it says no."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from typer.testing import CliRunner, Result

from cli.app import app
from cli.log_store import LogStore, LogStoreError, query_of, signed
from cli.refusals import DONE, FAILED
from local.standins.doors.inprocess import in_process
from local.standins.http import Response
from shared.clients.credentials import KEY_ID, KEY_SECRET, TOKEN, Keys
from tests.cli.log_service import LogService

ENV = {
    "ECHOBOT_ACCOUNT_ID": "1",
    "ECHOBOT_PREFIX": "owl",
    "ECHOBOT_ENDPOINT": None,
    KEY_ID: "test-id",
    KEY_SECRET: "test-secret",
    TOKEN: None,
}


@pytest.fixture
def service() -> Iterator[LogService]:
    service = LogService(time.time())
    with in_process(service):
        yield service


def logs(*words: str, **env: str | None) -> Result:
    return CliRunner().invoke(app, ["logs", *words], env={**ENV, **env})


def store(service: LogService, *waits: float) -> LogStore:
    """A store whose waits are checked instead of waited."""
    left = list(waits)
    env = {KEY_ID: "test-id", KEY_SECRET: "test-secret"}
    return LogStore("owl", "cn-beijing", env, lambda: service.now_s, left.remove)


def test_the_signature_is_the_one_that_the_vendors_own_sdk_makes() -> None:
    """Made by aliyun-log-python-sdk 0.9.52 (`AuthV1`) of the same request."""
    query = {
        "type": "log",
        "from": "1234567000",
        "to": "1234568000",
        "query": 'message.job: "狐狸 & owl" or x',
        "line": "100",
        "offset": "0",
    }
    headers = signed("GET", "/logstores/functions", query, Keys("test-id", "test-secret", "sts token"), 1234567890.0)

    assert headers["Date"] == "Fri, 13 Feb 2009 23:31:30 GMT"
    assert headers["Authorization"] == "LOG test-id:p/zD488rsLs6btyF6VFWtVof2fk="


def test_what_functions_said_about_a_job_is_told_in_order(service: LogService) -> None:
    now = service.now_s
    service.write(now - 10, event="turn", function="owl-speak", job="fox", step="speak", item="-")
    service.write(now - 20, event="turn", function="owl-clone", job="fox")
    service.write(now - 15, event="alarm", function="owl-sweep", about="fox", alarm="person")
    result = logs("fox")

    assert result.exit_code == DONE, result.output
    told = [line.split()[1:] for line in result.stdout.splitlines()]
    assert told == [["owl-clone", "turn"], ["owl-sweep", "alarm", "about=fox", "alarm=person"], told[2]]
    assert told[2] == ["owl-speak", "turn", "step=speak"]


def test_it_is_told_to_scripts_as_a_line_of_json_each(service: LogService) -> None:
    service.write(service.now_s - 1, event="turn", function="owl-speak", job="狐狸", ms=12)
    result = logs("狐狸", "--json")

    [line] = [json.loads(text) for text in result.stdout.splitlines()]
    assert (line["job"], line["function"], line["ms"]) == ("狐狸", "owl-speak", 12)


def test_a_job_of_a_similar_name_is_left_out(service: LogService) -> None:
    for job in ("my-fox", "my-fox-2", "fox-my"):
        service.write(service.now_s - 1, event=job, function="f", job=job)
    service.stores["functions"].append((service.now_s - 1, 'Traceback of "my-fox"'))
    result = logs("my-fox", "--json")

    assert [json.loads(text)["event"] for text in result.stdout.splitlines()] == ["my-fox"]


def test_what_is_cut_off_or_no_json_is_left_out(service: LogService) -> None:
    whole = json.dumps({"at": 1.0, "event": "turn", "function": "f", "job": "fox"})
    service.write(service.now_s - 1, event="turn", function="f", job="fox")
    found = [whole[:-9], '{"job": "fox"} twice {}', '"fox"', whole]
    service._found = lambda lines, query: [{"message": text} for text in found]  # type: ignore[method-assign]  # what an index might find

    assert len(logs("fox", "--json").stdout.splitlines()) == 1


def test_all_pages_are_read(service: LogService) -> None:
    for number in range(250):
        service.write(service.now_s - 250 + number, event="turn", function="f", job="fox", number=number)
    result = logs("fox", "--json")

    assert [json.loads(text)["number"] for text in result.stdout.splitlines()] == list(range(250))
    assert [query["offset"] for query in service.asked] == ["0", "100", "200"]


def test_the_last_seven_days_are_asked_for_unless_others_are(service: LogService) -> None:
    service.write(service.now_s - 8 * 86_400, event="turn", function="f", job="fox")

    assert logs("fox").stdout == ""
    assert len(logs("fox", "--days", "9").stdout.splitlines()) == 1


def test_a_name_with_quotes_is_a_name_and_no_search(service: LogService) -> None:
    service.write(service.now_s - 1, event="turn", function="f", job="owl")

    assert query_of('x" or *\\') == 'message.job: "x\\" or *\\\\" or message.about: "x\\" or *\\\\"'
    assert logs('x" or message.job: "owl').stdout == ""


def test_an_answer_that_is_not_whole_is_asked_for_again(service: LogService) -> None:
    service.write(service.now_s - 1, event="turn", job="fox")
    service.progress = ["Incomplete", "Incomplete"]
    told = store(service, 0.5, 0.5).about("fox", 1)

    assert (len(told.texts), told.is_complete, len(service.asked)) == (1, True, 3)


def test_after_five_tries_what_is_there_is_told_as_a_part(service: LogService) -> None:
    service.write(service.now_s - 1, event="turn", job="fox")
    service.progress = ["Incomplete"] * 5
    told = store(service, 0.5, 0.5, 0.5, 0.5).about("fox", 1)

    assert (len(told.texts), told.is_complete, len(service.asked)) == (1, False, 5)


def test_more_than_can_be_shown_is_said_to_be_a_part(service: LogService) -> None:
    service._found = lambda lines, query: [{"message": "{}"}] * 100  # type: ignore[method-assign]  # quicker than a search
    result = logs("fox")

    assert result.exit_code == DONE
    assert "Not all of it, at most 10000 lines: ask for fewer --days" in result.stderr
    assert len(service.asked) == 100


def test_keys_with_a_token_are_signed_with_it(service: LogService) -> None:
    service.tokens["test-id"] = "sts"

    assert logs("fox", **{TOKEN: "sts"}).exit_code == DONE
    assert logs("fox", **{TOKEN: "old"}).exit_code == FAILED


def lacking(name: str, value: object) -> Callable[[LogService], None]:
    return lambda service: setattr(service, name, value)


@pytest.mark.parametrize(
    ("break_it", "env", "said"),
    [
        (lacking("project", "else-logs"), {}, "There is no log project: update the ROS stack"),
        (lacking("stores", {}), {}, "There is no log store: update the ROS stack"),
        (lacking("is_indexed", False), {}, "The log store has no index: update the ROS stack"),
        (lacking("readers", set()), {}, "This access key may not read the log: allow it log:GetLogStoreLogs"),
        (lacking("keys", {}), {}, "Unauthorized: AccessKeyId not found: test-id"),
        (lacking("keys", {"test-id": "else"}), {}, "The secret of the access key is wrong"),
        (lacking("now_s", 1.0), {}, "This machine's clock is off: switch NTP on"),
        (lacking("region", "cn-shanghai"), {}, "Simple Log Service did not answer"),
        (lacking("readers", set()), {KEY_ID: None}, "There is no access key"),
    ],
)
def test_a_no_is_told_with_what_to_do_and_where_else_to_look(
    service: LogService, break_it: Callable[[LogService], None], env: dict[str, str | None], said: str
) -> None:
    break_it(service)
    result = logs("fox", **env)

    assert (result.exit_code, result.stdout) == (FAILED, "")
    assert said in result.stderr
    assert 'project owl-logs, store functions: message.job: "fox" or message.about: "fox"' in result.stderr


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (200, b'{"logs": []}'), (502, b"bad"), (500, b"[]")])
def test_an_answer_that_is_no_answer_is_a_failure(service: LogService, status: int, body: bytes) -> None:
    service.handle = lambda request: Response(status, {}, body)  # type: ignore[method-assign]  # a proxy in between
    with pytest.raises(LogStoreError) as caught:
        store(service).about("fox", 1)

    assert caught.value.code == ("InvalidResponse" if status == 200 else f"HTTP {status}")


def test_no_answer_at_all_is_a_failure(service: LogService) -> None:
    def handle(request: object) -> None:
        raise requests.ConnectionError("refused")

    service.handle = handle  # type: ignore[method-assign, assignment]  # the network is gone
    with pytest.raises(LogStoreError) as caught:
        store(service).about("fox", 1)

    assert caught.value.code == "NoAnswer"
