from __future__ import annotations

import json

import pytest

from local.standins.doors.router import SERVICES, Router
from local.standins.http import Request
from tests.standins.doors.dummies import Echo, echoing_router


def picked(url: str, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return echoing_router().pick(Request.of("GET", url, named))


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("echobot-input.oss-cn-beijing.aliyuncs.com", "oss"),
        ("echobot-input.oss-cn-beijing-internal.aliyuncs.com", "oss"),
        ("oss-cn-beijing.aliyuncs.com", "oss"),
        ("dashscope-result-bj.oss-cn-beijing.aliyuncs.com", "oss"),
        ("ice.oss-cn-beijing.aliyuncs.com", "oss"),
        ("echobot.cn-beijing.ots.aliyuncs.com", "tablestore"),
        ("echobot.cn-beijing.vpc.tablestore.aliyuncs.com", "tablestore"),
        ("1234567890123456.mns.cn-beijing.aliyuncs.com", "mns"),
        ("ice.cn-beijing.aliyuncs.com", "ims"),
        ("ice.aliyuncs.com", "ims"),
        ("dashscope.aliyuncs.com", "model_studio"),
        ("ws-123.cn-beijing.maas.aliyuncs.com", "model_studio"),
        ("1234567890123456.cn-beijing.fc.aliyuncs.com", "fc"),
        ("fcv3.cn-beijing.aliyuncs.com", "fc"),
        ("console-abc.cn-beijing.fcapp.run", "fc"),
        ("eventbridge-console.cn-beijing.aliyuncs.com", "eventbridge"),
        ("1234567890123456.eventbridge.cn-beijing.aliyuncs.com", "eventbridge"),
        ("sts.cn-beijing.aliyuncs.com", "sts.cn-beijing.aliyuncs.com"),
    ],
)
def test_a_production_host_name_decides(host: str, service: str) -> None:
    assert picked(f"https://{host}/any/key?x=1", authorization="Bearer sk-test") == service
    assert picked(f"http://{host.upper()}:9000/any/key") == service


@pytest.mark.parametrize(
    ("path", "headers", "service"),
    [
        ("/GetRow", {"x_ots_apiversion": "2015-12-31"}, "tablestore"),
        ("/queues/q", {"x_mns_version": "2015-06-06"}, "mns"),
        ("/queues/q", {"authorization": "MNS id:sig"}, "mns"),
        ("/?Action=SubmitMediaProducingJob&Version=2020-11-09", {"x_acs_version": "2020-11-09"}, "ims"),
        ("/?Action=SubmitMediaProducingJob&Version=2020-11-09", {}, "ims"),
        ("/2023-03-30/functions/f/invocations", {"x_acs_version": "2023-03-30"}, "fc"),
        ("/", {"x_acs_version": "2020-04-01", "x_acs_action": "ListRules"}, "eventbridge"),
        ("/", {"x_acs_version": "2014-05-26", "x_acs_action": "RunInstances"}, "API version 2014-05-26"),
        ("/2016-08-15/services/s/functions/f/invocations", {"authorization": "FC id:sig"}, "fc"),
        ("/api/v1/tasks/1", {}, "model_studio"),
        ("/api-ws/v1/inference", {"upgrade": "websocket"}, "model_studio"),
        ("/anything", {"authorization": "bearer sk-test"}, "model_studio"),
        ("/api/v1/film.mp4", {"authorization": "OSS id:sig"}, "oss"),
        ("/api/v1/film.mp4", {"authorization": "OSS4-HMAC-SHA256 Credential=id"}, "oss"),
        ("/api/v1/film.mp4?OSSAccessKeyId=id&Expires=1&Signature=s", {}, "oss"),
        ("/api/v1/film.mp4?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=s", {}, "oss"),
        ("/echobot-output/stories/1/story.mp4", {}, "oss"),
    ],
)
def test_on_loopback_the_protocol_decides(path: str, headers: dict[str, str], service: str) -> None:
    assert picked(f"http://127.0.0.1:9000{path}", **headers) == service


def test_a_service_without_stand_in_is_named_in_the_refusal() -> None:
    router = Router({"oss": Echo("oss")})
    absent = router.handle(Request.of("GET", "https://ice.cn-beijing.aliyuncs.com/", {}))
    foreign = router.handle(Request.of("GET", "https://sts.aliyuncs.com/", {}))

    assert (absent.status, json.loads(absent.body)) == (501, {"message": "no stand-in for ims"})
    assert (foreign.status, json.loads(foreign.body)) == (501, {"message": "no stand-in for sts.aliyuncs.com"})


def test_health_lists_the_services_there_are() -> None:
    response = echoing_router().handle(Request.of("GET", "http://127.0.0.1:9000/_echobot/health", {}))

    assert (response.status, json.loads(response.body)) == (200, sorted(SERVICES))


def test_a_misspelt_service_is_refused_when_the_router_is_built() -> None:
    with pytest.raises(ValueError, match="ots"):
        Router({"ots": Echo("ots")})
