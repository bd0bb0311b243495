"""What the SDK never sends: the wire face alone, with requests signed by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from xml.etree import ElementTree as ET

import pytest

from local.standins.account import Account
from local.standins.http import Request, Response
from local.standins.mns.api import MnsApi
from local.standins.mns.state import MnsState
from local.standins.mns.topics import Subscription

NAMESPACE = "{http://mns.aliyuncs.com/doc/v1/}"


@pytest.fixture
def api(account: Account, state: MnsState) -> MnsApi:
    state.create_queue("q")
    return MnsApi(account, state)


def signed(method: str, path: str, body: bytes = b"", **extra: str) -> Request:
    headers = {"date": "Sat, 21 Nov 2026 08:00:00 GMT", "x-mns-version": "2015-06-06", **extra}
    content = headers.get("content-md5", "")
    text = f"{method}\n{content}\n\n{headers['date']}\nx-mns-version:2015-06-06\n{path}"
    digest = hmac.new(b"test-secret", text.encode(), hashlib.sha1).digest()
    headers["Authorization"] = f"MNS test-id:{base64.b64encode(digest).decode()}"
    return Request.of(method, f"http://127.0.0.1:9000{path}", headers, body)


def xml(body: bytes | str) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314  written by the stand-in itself


def code(response: Response) -> tuple[int, str | None]:
    return response.status, xml(response.body).findtext(f"{NAMESPACE}Code")


def without(request: Request, header: str) -> Request:
    del request.headers[header]
    return request


def test_a_request_that_is_not_signed_is_refused(api: MnsApi) -> None:
    unsigned = without(signed("GET", "/queues/q"), "authorization")
    undated = without(signed("GET", "/queues/q"), "date")
    odd = signed("GET", "/queues/q")
    odd.headers["authorization"] = "Bearer sk-test"

    assert code(api.handle(unsigned)) == (400, "MissingAuthorizationHeader")
    assert code(api.handle(undated)) == (400, "MissingDateHeader")
    assert code(api.handle(odd)) == (400, "InvalidAuthorizationHeader")


def test_a_changed_query_breaks_the_signature(api: MnsApi) -> None:
    honest = signed("GET", "/queues/q/messages?waitseconds=1")
    changed = Request.of("GET", "http://127.0.0.1/queues/q/messages?waitseconds=2", dict(honest.headers))

    assert code(api.handle(changed)) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<Message><MessageBody>x</MessageBody>", "MalformedXML"),
        (b'{"MessageBody": "x"}', "MalformedXML"),
        (b"", "MalformedXML"),
        (b"<Letter><MessageBody>x</MessageBody></Letter>", "InvalidArgument"),
        (b"<Message><Body>x</Body></Message>", "InvalidArgument"),
        (b"<Message><Priority>8</Priority></Message>", "InvalidArgument"),
        (b"<Message><MessageBody>x</MessageBody><DelaySeconds>soon</DelaySeconds></Message>", "InvalidArgument"),
    ],
)
def test_a_body_that_is_not_the_xml_of_a_message_is_refused(api: MnsApi, body: bytes, expected: str) -> None:
    assert code(api.handle(signed("POST", "/queues/q/messages", body))) == (400, expected)


def test_a_body_that_does_not_fit_its_md5_is_refused(api: MnsApi) -> None:
    body = b"<Message><MessageBody>x</MessageBody></Message>"
    right = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()

    assert api.handle(signed("POST", "/queues/q/messages", body, **{"content-md5": right})).status == 201
    wrong = signed("POST", "/queues/q/messages", body + b" ", **{"content-md5": right})
    assert code(api.handle(wrong)) == (400, "InvalidDegist")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", "InvalidRequestURL"),
        ("PATCH", "/queues/q", "InvalidRequestURL"),
        ("DELETE", "/queues/q/messages", "MissingReceiptHandle"),
        ("PUT", "/queues/q/messages?VisibilityTimeout=1", "MissingReceiptHandle"),
        ("PUT", "/queues/q/messages?receiptHandle=1-abcd", "MissingVisibilityTimeout"),
    ],
)
def test_a_url_that_says_too_little_is_refused(api: MnsApi, method: str, path: str, expected: str) -> None:
    assert code(api.handle(signed(method, path))) == (400, expected)


def test_a_dead_letter_policy_is_not_of_this_api(api: MnsApi, state: MnsState) -> None:
    body = b"<Queue><DlqPolicy><Enabled>true</Enabled></DlqPolicy></Queue>"

    assert code(api.handle(signed("PUT", "/queues/q?metaoverride=true", body))) == (400, "InvalidArgument")


def test_every_answer_carries_a_request_id(api: MnsApi) -> None:
    assert len(api.handle(signed("GET", "/queues/q")).headers["x-mns-request-id"]) == 24


@pytest.mark.parametrize("content_format", ["JSON", "XML"])
def test_a_pushed_message_tells_where_it_comes_from(api: MnsApi, state: MnsState, content_format: str) -> None:
    api.topics.create("news")
    endpoint = "acs:mns:cn-beijing:1234567890123456:queues/q"
    api.topics.subscribe(Subscription("news", "sub", endpoint, 0, content_format=content_format))
    published = api.topics.publish("news", "a < b", "red")
    body = state.receive("q")[0].body
    told = (
        json.loads(body)
        if content_format == "JSON"
        else {child.tag.removeprefix(NAMESPACE): child.text for child in xml(body)}
    )

    assert (told["Message"], told["MessageTag"], told["MessageId"]) == ("a < b", "red", published.id)
    assert (told["TopicName"], told["SubscriptionName"]) == ("news", "sub")
    assert told["MessageMD5"] == hashlib.md5(b"a < b", usedforsecurity=False).hexdigest().upper()
