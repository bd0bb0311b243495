"""Where each service is, in production and behind an override."""

from __future__ import annotations

import pytest

from shared.clients.endpoints import Endpoints
from shared.ports import Bucket, Place
from shared.settings import Settings

PRODUCTION = Endpoints.of(Settings(region="cn-shanghai", account_id="123", instance="tales"))
LOCAL = Endpoints.of(Settings(endpoint="http://127.0.0.1:9000/"))


def test_production_speaks_https_to_the_hosts_of_its_region() -> None:
    assert PRODUCTION.oss == "https://oss-cn-shanghai.aliyuncs.com"
    assert PRODUCTION.tablestore == "https://tales.cn-shanghai.ots.aliyuncs.com"
    assert PRODUCTION.mns == "https://123.mns.cn-shanghai.aliyuncs.com"
    assert PRODUCTION.model_studio == "https://dashscope.aliyuncs.com/api/v1"
    assert (PRODUCTION.ims_scheme, PRODUCTION.ims_host) == ("https", "ice.cn-shanghai.aliyuncs.com")


def test_an_override_stands_for_every_service() -> None:
    assert {LOCAL.oss, LOCAL.tablestore, LOCAL.mns} == {"http://127.0.0.1:9000"}
    assert LOCAL.model_studio == "http://127.0.0.1:9000/api/v1"
    assert (LOCAL.ims_scheme, LOCAL.ims_host) == ("http", "127.0.0.1:9000")


def test_an_override_may_speak_https() -> None:
    endpoints = Endpoints.of(Settings(endpoint="https://stand-ins.example"))

    assert (endpoints.ims_scheme, endpoints.ims_host) == ("https", "stand-ins.example")


@pytest.mark.parametrize("endpoints", [PRODUCTION, LOCAL])
def test_what_ims_reads_is_always_named_as_in_production(endpoints: Endpoints) -> None:
    url = endpoints.plain_url(Place(Bucket.WORK, "jobs/a b/0001.mp4"))

    assert url == f"https://echobot-work.oss-{endpoints.region}.aliyuncs.com/jobs/a%20b/0001.mp4"
