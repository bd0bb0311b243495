"""What the SDKs are made to put on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Service
from local.standins.http import Request, Response
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import MnsQueues
from shared.clients.oss import OssObjects
from shared.clients.tablestore import TablestoreRows
from shared.domain.errors import EchobotError, Retry, Unknown
from shared.ports import Bucket, Film, Kind, Place, Queue, Table
from tests.contract.cloud import ENV, RESULTS, SETTINGS, Cloud, opened

HERE = Place(Bucket.WORK, "jobs/fox/story.mp4")


class Recorder:
    """Keeps what was asked, and answers all the same."""

    def __init__(self, status: int = 200, body: bytes = b"{}") -> None:
        self.asked: list[Request] = []
        self.answer = Response(status, {"Content-Type": "application/json"}, body)

    def handle(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder, cloud = Recorder(), Cloud()
    for service in cloud.router.services:
        cloud.router.services[service] = recorder
    with in_process(cloud.router):
        yield recorder


def test_ims_is_asked_over_https_in_its_region_and_for_json(recorder: Recorder) -> None:
    ImsMediaJobs(SETTINGS, ENV).verdict(Kind.IMS_PRODUCING, "job")
    (request,) = recorder.asked

    assert (request.scheme, request.host) == ("https", "ice.cn-beijing.aliyuncs.com")
    assert request.query["Format"] == "JSON"


def test_a_timeline_travels_in_the_body(recorder: Recorder) -> None:
    with pytest.raises(Unknown):
        ImsMediaJobs(SETTINGS, ENV).compose({"VideoTracks": []}, HERE, Film(640, 480, 1.0), "token", "fox/compose")
    (request,) = recorder.asked

    assert parse_qs(request.body.decode())["Timeline"] == ['{"VideoTracks": []}']
    assert "Timeline" not in request.query
    assert request.query["ClientToken"] == "token"


def test_a_job_without_an_id_is_in_doubt(recorder: Recorder) -> None:
    with pytest.raises(Unknown) as doubt:
        ImsMediaJobs(SETTINGS, ENV).recognise(HERE, "fox/separate")

    assert doubt.value.code == "vendor.contract"


def test_ims_tells_nothing_that_it_signed() -> None:
    text = b'{"Code": "SignatureDoesNotMatch", "Message": "server string to sign is:GET&SecurityToken%3Dtop-secret"}'
    cloud = Cloud()
    cloud.router.services["ims"] = Recorder(400, text)
    with in_process(cloud.router), pytest.raises(EchobotError) as fault:
        ImsMediaJobs(SETTINGS, ENV).verdict(Kind.IMS_PRODUCING, "job")

    assert fault.value.code == "account.credentials"
    assert "top-secret" not in str(fault.value)


@pytest.mark.parametrize("message", ["no colon in it", ""])
def test_a_signature_error_that_the_sdk_cannot_split_is_still_an_error_of_ours(message: str) -> None:
    cloud = Cloud()
    cloud.router.services["ims"] = Recorder(
        400, f'{{"Code": "SignatureDoesNotMatch", "Message": "{message}"}}'.encode()
    )
    with in_process(cloud.router), pytest.raises(EchobotError):
        ImsMediaJobs(SETTINGS, ENV).recognise(HERE, "fox/separate")


def test_a_frame_is_a_snapshot_at_the_millisecond(recorder: Recorder) -> None:
    recorder.answer = Response(200, {"x-oss-request-id": "r"}, b"jpeg")

    assert OssObjects(SETTINGS, ENV).frame(HERE, 12.3456) == b"jpeg"
    (request,) = recorder.asked
    assert request.query["x-oss-process"] == "video/snapshot,t_12346,f_jpg,w_0,h_0,m_fast,ar_auto"


def test_objects_are_asked_for_with_a_v4_signature_and_virtual_hosts(recorder: Recorder) -> None:
    with pytest.raises(EchobotError):
        OssObjects(SETTINGS, ENV).head(HERE)

    assert recorder.asked[0].headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=test-id/")
    assert (recorder.asked[0].scheme, recorder.asked[0].host) == ("https", "echobot-work.oss-cn-beijing.aliyuncs.com")


def test_rows_are_asked_for_over_https_with_a_v4_signature(recorder: Recorder) -> None:
    with pytest.raises(EchobotError):
        TablestoreRows(SETTINGS, ENV).get(Table.JOBS, ("fox",))

    assert recorder.asked[0].host == "echobot.cn-beijing.ots.aliyuncs.com"
    assert recorder.asked[0].scheme == "https"
    assert "x-ots-signaturev4" in recorder.asked[0].headers


def test_messages_go_over_https_to_the_accounts_own_host(recorder: Recorder) -> None:
    with pytest.raises(EchobotError):
        MnsQueues(SETTINGS, ENV).send(Queue.RECHECK, "wake")
    (request,) = recorder.asked

    assert (request.scheme, request.host) == ("https", "1234567890123456.mns.cn-beijing.aliyuncs.com")


class BreaksOff:
    """OSS, except that results announce more than they give."""

    def __init__(self, oss: Service) -> None:
        self.oss = oss

    def handle(self, request: Request) -> Response:
        response = self.oss.handle(request)
        if RESULTS in request.host + request.path:
            response.headers = {"Content-Type": "video/mp4", "Content-Length": str(len(response.body) * 2)}
        return response


@pytest.mark.parametrize("door", ["in_process", pytest.param("loopback", marks=pytest.mark.loopback)])
def test_a_result_that_breaks_off_leaves_no_object(door: str) -> None:
    with opened(door) as ports:
        url = ports.cloud.result("task.mp4", b"clip" * 200_000)
        services = ports.cloud.router.services
        services["oss"] = BreaksOff(services["oss"])
        with pytest.raises(Retry) as fault:
            ports.objects.keep(url, HERE, limit_mb=10)

        assert fault.value.code == "vendor.busy"
        assert ports.objects.head(HERE) is None
        assert ports.objects.write(HERE, b"next", "text/plain").size == 4
