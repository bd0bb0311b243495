"""What the vendors answer, as bytes on the wire: each call of each client, with whatever a server may say to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.http import Request, Response
from shared.clients import ims_documents, results
from shared.clients.cosyvoice import CosyVoices
from shared.clients.endpoints import Endpoints
from shared.clients.generators import ModelStudioGenerators
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import MnsQueues
from shared.clients.model_studio import ModelStudioAvatars
from shared.clients.oss import OssObjects
from shared.clients.tablestore import TablestoreRows
from shared.ports import Bucket, Face, Film, Kind, Place, Queue, Table
from shared.settings import Settings
from tests.fuzz.harness import Harness
from tests.fuzz.inputs import any_document, damaged, json_values, odd_texts
from tests.toys import toy_wav

SETTINGS = Settings(account_id="1234567890123456", model_studio_api_key="sk-test")
ENV = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "test-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "test-secret"}
HERE = Place(Bucket.WORK, "jobs/fox/x")
HOST = "dashscope-result-sh.oss-cn-shanghai.aliyuncs.com"

STUDIO_REPLIES: tuple[object, ...] = (
    {"output": {"task_id": "t", "task_status": "PENDING"}, "request_id": "r"},
    {
        "output": {"task_status": "SUCCEEDED", "results": {"video_url": f"https://{HOST}/a.mp4?Signature=s"}},
        "usage": {"video_duration": 9.5, "video_ratio": "1:1"},
    },
    {"output": {"task_status": "SUCCEEDED", "results": [{"url": "u"}], "video_url": "u"}, "usage": {"duration": "1"}},
    {"output": {"task_status": "FAILED", "code": "InvalidFile.Content", "message": "no human"}},
    {"output": {"check_pass": True, "face_bbox": [1, 2, 3, 4], "ext_bbox": [0.0, 1, 2, 3]}},
    {"output": {"check_pass": False, "code": "InvalidFile.FullFace", "message": "x"}},
    {"output": {"voice_id": "cosyvoice-v3-a-b", "status": "OK"}},
    {
        "output": {
            "voice_list": [{"voice_id": "cosyvoice-v3-aa-b", "gmt_create": "2026-11-21 10:00:00", "status": "OK"}]
        }
    },
    {"output": {"audio": {"url": f"https://{HOST}/a.wav"}}, "usage": {"characters": 4}},
    {"data": [{"task_id": "t", "gmt_create": 1_790_000_000_000, "status": "RUNNING"}], "total_page": 1},
    {"data": [{"task_id": "t", "submit_time": "2026-11-21 10:00:00.123"}], "total_page": "1"},
    {"code": "Throttling.RateQuota", "message": "slow down", "request_id": "r"},
)
IMS_REPLIES: tuple[object, ...] = (
    {"RequestId": "r", "JobId": "j"},
    {"MediaProducingJob": {"Status": "Success", "Duration": 9.5, "MediaURL": "u"}},
    {"MediaProducingJob": {"Status": "Failed", "Code": "InvalidParameter", "Message": "no"}},
    {
        "Status": "Success",
        "OutputFiles": ["jobs/fox/1.wav"],
        "OutputUrls": ["https://echobot-work.oss-cn-beijing.aliyuncs.com/2.wav"],
    },
    {"Status": "Success", "Output": {"Media": "oss://echobot-work/jobs/fox/captions.srt"}},
    {"Status": "Fail", "FunctionName": "MusicDemix", "Result": '{"Code": "x", "Message": "y"}'},
    {"State": "Finished", "JobResult": {"AiResult": '[{"content": "a", "from": 1, "to": "2.5"}]'}},
    {"State": "Failed", "ErrorCode": "x", "ErrorMessage": "y"},
    {"Code": "Throttling.User", "Message": "slow"},
)
OSS_REPLIES = (
    (
        b"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size>"
        b"<ETag>e</ETag><LastModified>2026-11-21T10:00:00.000Z</LastModified></Contents></ListBucketResult>"
    ),
    b"<Error><Code>NoSuchKey</Code><Message>no</Message><RequestId>r</RequestId></Error>",
    b"<CopyObjectResult><ETag>e</ETag><LastModified>x</LastModified></CopyObjectResult>",
)
MNS_REPLIES = (
    (
        b"<?xml version='1.0'?><Message xmlns='http://mns.aliyuncs.com/doc/v1/'><MessageId>m</MessageId>"
        b"<MessageBodyMD5>d</MessageBodyMD5></Message>"
    ),
    b"<Error><Code>QueueNotExist</Code><Message>no</Message><RequestId>r</RequestId><HostId>h</HostId></Error>",
)

_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Content-Type",
            "ETag",
            "Last-Modified",
            "Date",
            "Content-Length",
            "x-oss-request-id",
            "Location",
            "x-mns-request-id",
        ]
    ),
    st.one_of(
        st.sampled_from(["0", "-1", "9" * 30, "Sat, 21 Nov 2026 10:00:00 GMT", "yesterday", "text/xml"]),
        st.text("abc,:/ 0", max_size=9),
    ),
    max_size=4,
)


_STATUS = st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 403, 404, 409, 416, 429, 430, 500, 503])


@st.composite
def answers(draw: Callable[..., Any], bodies: SearchStrategy[bytes]) -> Response:
    return Response(draw(_STATUS), draw(_HEADERS), draw(bodies))


def _whole(said: Response) -> Response:
    """For the SDK with a requests of its own, which the in-process door serves with the errors of another."""
    headers = {name: value for name, value in said.headers.items() if name != "Content-Length"}
    return Response(200 if said.status == 204 else said.status, headers, said.body)


def _as_text(said: Response) -> Response:
    """For the SDK that reads UTF-8 off the socket, where the in-process door stands."""
    return Response(said.status, said.headers, said.body.decode("utf-8", "replace").encode())


class _Says:
    """A service that says one thing to everything it is asked."""

    response = Response()

    def handle(self, request: Request) -> Response:
        del request
        return self.response


@lru_cache(maxsize=1)
def _clients() -> Mapping[str, Any]:
    return {
        "objects": OssObjects(SETTINGS, ENV),
        "rows": TablestoreRows(SETTINGS, ENV),
        # in clear: it makes a TLS context, 25 ms each, for every message
        "queues": MnsQueues(replace(SETTINGS, endpoint="http://1234.mns.cn-beijing.aliyuncs.com"), ENV),
        "media": ImsMediaJobs(SETTINGS, ENV),
        "voices": CosyVoices(SETTINGS),
        "avatars": ModelStudioAvatars(SETTINGS),
        "generators": ModelStudioGenerators(SETTINGS),
    }


def _asking(*calls: Callable[[Any], object]) -> Callable[[tuple[int, Response]], object]:
    def call(drawn: tuple[int, Response]) -> object:
        number, said = drawn
        service = _Says()
        service.response = said
        names = ("oss", "tablestore", "mns", "ims", "model_studio")
        with ExitStack() as stack:
            stack.enter_context(in_process(Router(dict.fromkeys(names, service))))
            return calls[number % len(calls)](_clients())

    return call


def _wire(name: str, said: SearchStrategy[Response], *calls: Callable[[Any], object]) -> Harness:
    return Harness(name, st.tuples(st.integers(0, len(calls) - 1), said), _asking(*calls))


def _keep(clients: Any) -> object:
    return clients["objects"].keep(f"https://{HOST}/a.mp4", HERE, 1)


FILM = Film(1280, 720, 9.5)
FACE = Face((1, 2, 3, 4), (0, 0, 8, 8))

# --- addresses

_ADDRESSES = st.one_of(
    st.from_regex(
        r"(https?|ftp|HTTPS)?:?/{0,3}([a-z@.:\[\]%-]{0,12})dashscope-[a-z-]{1,9}\.oss-cn-[a-z-]{2,9}\.aliyuncs\.com[/?#:@.a-z0-9%-]{0,20}",
        fullmatch=True,
    ),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "https:\\\\", ""]),
        st.one_of(odd_texts, st.just("")),
        st.just(HOST),
        odd_texts,
    ),
    odd_texts,
)
PRODUCTION = Endpoints.of(Settings())


def _trusted(url: str) -> str:
    return results.trusted(url, PRODUCTION)


def _is_a_result_of_the_vendor(url: str, address: str) -> None:
    del url
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].partition("?")[0]

    assert scheme == "https"
    assert host.startswith("dashscope-")
    assert host.endswith(".aliyuncs.com")
    assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert address.isascii()
    assert address.isprintable()
    assert results.trusted(address, PRODUCTION) == address


def _are_sentences(value: object, found: list[dict[str, object]]) -> None:
    del value
    assert all(set(each) == {"text", "start_ms", "end_ms"} for each in found)


HARNESSES = (
    Harness("result-url", _ADDRESSES, _trusted, _is_a_result_of_the_vendor),
    Harness(
        "ims-sentences", st.one_of(json_values, json_values.map(json.dumps)), ims_documents.sentences, _are_sentences
    ),
    _wire(
        "model-studio-tasks",
        answers(any_document(*STUDIO_REPLIES)),
        lambda clients: clients["avatars"].animate("emo", "emo-v1", "https://p", "https://s", FACE, "normal"),
        lambda clients: clients["avatars"].verdict("t"),
        lambda clients: clients["avatars"].tasks("emo-v1", 1.79e9, 1.79e9 + 60),
    ),
    _wire(
        "model-studio-detect",
        answers(any_document(*STUDIO_REPLIES)),
        lambda clients: clients["avatars"].detect("emo", "emo-detect-v1", "https://p", "1:1"),
        lambda clients: clients["avatars"].detect("wan-s2v", "wan2.2-s2v-detect", "https://p", "1:1"),
        lambda clients: clients["avatars"].detect("liveportrait", "liveportrait-detect", "https://p", "1:1"),
    ),
    _wire(
        "model-studio-generators",
        answers(any_document(*STUDIO_REPLIES)),
        lambda clients: clients["generators"].submit("wan2.2-s2v", {"model": "wan2.2-s2v"}),
        lambda clients: clients["generators"].check("emo-detect-v1", {"model": "emo-detect-v1"}),
        lambda clients: clients["generators"].verdict("t"),
    ),
    _wire(
        "model-studio-voices",
        answers(any_document(*STUDIO_REPLIES)),
        lambda clients: clients["voices"].enrol("cosyvoice-v3", "aa", "https://s", "zh"),
        lambda clients: clients["voices"].verdict("v"),
        lambda clients: clients["voices"].enrolled("aa"),
        lambda clients: clients["voices"].delete("v"),
        lambda clients: clients["voices"].speak("cosyvoice-v3", "v", "你好", rate=1.0, seed=1),
    ),
    _wire(
        "ims",
        answers(any_document(*IMS_REPLIES)).map(_whole),
        lambda clients: clients["media"].compose({}, HERE, FILM, "token", "fox/compose"),
        lambda clients: clients["media"].split_music(HERE, HERE, "fox/separate"),
        *(lambda clients, kind=kind: clients["media"].verdict(kind, "j") for kind in Kind if kind.provider == "ims"),
    ),
    _wire(
        "oss",
        answers(st.one_of(damaged(*OSS_REPLIES), any_document({}))),
        lambda clients: clients["objects"].head(HERE),
        lambda clients: clients["objects"].read(HERE),
        lambda clients: clients["objects"].read(HERE, 2, 3),
        lambda clients: clients["objects"].write(HERE, b"x", "text/plain"),
        lambda clients: clients["objects"].copy(HERE, HERE),
        lambda clients: clients["objects"].listing(Bucket.WORK, "jobs/", limit=3),
        lambda clients: clients["objects"].delete(HERE),
    ),
    _wire("result-bytes", answers(st.one_of(st.binary(max_size=50), st.just(toy_wav(0.01)))), _keep),
    _wire(
        "mns",
        answers(st.one_of(damaged(*MNS_REPLIES), st.binary(max_size=60))).map(_as_text),
        lambda clients: clients["queues"].send(Queue.RECHECK, "x"),
    ),
    _wire(
        "tablestore",
        answers(st.binary(max_size=60)),
        lambda clients: clients["rows"].get(Table.JOBS, ("fox",)),
        lambda clients: clients["rows"].range(Table.STEPS, ("fox",), limit=3),
        lambda clients: clients["rows"].merge(Table.JOBS, ("fox",), {"a": 1}),
    ),
)
