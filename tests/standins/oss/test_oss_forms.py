"""Uploads from a browser's form."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from local.standins.http import Response
from tests.standins.oss.cloud import BUCKET, Cloud

FILE = b"\r\n--not-the-boundary\r\n\x00film\r\n"
SECRET = "test-secret"
SCOPE = ("20261121", "cn-beijing", "oss", "aliyun_v4_request")


def policy_of(cloud: Cloud, *conditions: Any, lasts_s: int = 60) -> str:
    until = datetime.fromtimestamp(cloud.clock.now(), timezone.utc) + timedelta(seconds=lasts_s)
    stated = {"expiration": until.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "conditions": [{"bucket": BUCKET}, *conditions]}
    return base64.b64encode(json.dumps(stated).encode()).decode()


def v1_fields(policy: str, secret: str = SECRET) -> dict[str, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), policy.encode(), hashlib.sha1).digest()).decode()
    return {"OSSAccessKeyId": "test-id", "policy": policy, "Signature": signature}


def v4_fields(policy: str) -> dict[str, str]:
    key = f"aliyun_v4{SECRET}".encode()
    for part in SCOPE:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return {
        "policy": policy,
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": "/".join(("test-id", *SCOPE)),
        "x-oss-date": "20261121T101500Z",
        "x-oss-signature": hmac.new(key, policy.encode(), hashlib.sha256).hexdigest(),
    }


def post(
    cloud: Cloud, fields: dict[str, str], file_name: str = "story.mp4", file_field: str = "file", url: str = ""
) -> Response:
    url = url or cloud.url()
    form = requests.Request("POST", url, data=fields, files={file_field: (file_name, FILE, "video/mp4")})
    prepared = form.prepare()
    assert isinstance(prepared.body, bytes)
    return cloud.ask("POST", url, dict(prepared.headers), prepared.body)


def code_of(answered: Response) -> str:
    return answered.body.decode().partition("<Code>")[2].partition("</Code>")[0]


def test_a_form_signed_with_v1_is_stored(cloud: Cloud) -> None:
    policy = policy_of(cloud, ["starts-with", "$key", "inbox/"], ["content-length-range", 1, 1000])
    answered = post(cloud, {"key": "inbox/a b.mp4", "x-oss-meta-name": "v", **v1_fields(policy)})
    stored = cloud.state.head(BUCKET, "inbox/a b.mp4")

    assert (answered.status, answered.body) == (204, b"")
    assert cloud.state.read(BUCKET, "inbox/a b.mp4") == FILE
    assert (stored.content_type, stored.user_meta) == ("video/mp4", {"x-oss-meta-name": "v"})


def test_a_form_signed_with_v4_is_stored(cloud: Cloud) -> None:
    policy = policy_of(cloud, ["eq", "$key", "a"], {"x-oss-signature-version": "OSS4-HMAC-SHA256"})

    assert post(cloud, {"key": "a", **v4_fields(policy)}).status == 204
    assert post(cloud, {"key": "a", **v4_fields(policy), "x-oss-signature": "0" * 64}).status == 403


def test_a_form_with_a_wrong_secret_is_refused(cloud: Cloud) -> None:
    answered = post(cloud, {"key": "a", **v1_fields(policy_of(cloud), secret="wrong")})

    assert (answered.status, code_of(answered)) == (403, "SignatureDoesNotMatch")


def test_an_expired_policy_is_refused(cloud: Cloud) -> None:
    fields = {"key": "a", **v1_fields(policy_of(cloud))}
    cloud.clock.advance(61)
    answered = post(cloud, fields)

    assert (answered.status, code_of(answered)) == (403, "AccessDenied")
    assert b"Invalid according to Policy: Policy expired." in answered.body


@pytest.mark.parametrize(
    "condition",
    [
        {"bucket": "other-bucket"},
        ["eq", "$key", "b"],
        ["starts-with", "$key", "inbox/"],
        ["in", "$content-type", ["image/png"]],
        ["not-in", "$key", ["a"]],
        {"x-oss-meta-name": "v"},
    ],
)
def test_a_condition_that_does_not_hold_is_named(cloud: Cloud, condition: Any) -> None:
    answered = post(cloud, {"key": "a", **v1_fields(policy_of(cloud, condition))})

    assert (answered.status, code_of(answered)) == (403, "AccessDenied")
    assert b"Invalid according to Policy: Policy Condition failed: [" in answered.body


@pytest.mark.parametrize(
    ("low", "high", "code"), [(0, len(FILE) - 1, "EntityTooLarge"), (len(FILE) + 1, 9999, "EntityTooSmall")]
)
def test_a_policy_can_bound_the_size(cloud: Cloud, low: int, high: int, code: str) -> None:
    policy = policy_of(cloud, ["content-length-range", low, high])
    answered = post(cloud, {"key": "a", **v1_fields(policy)})

    assert (answered.status, code_of(answered)) == (400, code)


@pytest.mark.parametrize(
    "policy",
    ["{not base64}", base64.b64encode(b'{"conditions": [{"bucket": "b"}]}').decode(), base64.b64encode(b"[]").decode()],
)
def test_a_policy_that_is_none_is_refused(cloud: Cloud, policy: str) -> None:
    answered = post(cloud, {"key": "a", **v1_fields(policy)})

    assert (answered.status, code_of(answered)) == (400, "InvalidPolicyDocument")


def test_the_key_may_take_the_files_own_name(cloud: Cloud) -> None:
    post(cloud, {"key": "inbox/${filename}", **v1_fields(policy_of(cloud))}, file_name="故事.mp4")

    assert cloud.state.read(BUCKET, "inbox/故事.mp4") == FILE


def test_a_form_may_ask_for_201_and_a_document(cloud: Cloud) -> None:
    fields = {"success_action_status": "201", **v1_fields(policy_of(cloud))}
    answered = post(cloud, {"key": "a", **fields})

    assert answered.status == 201
    assert b"<Key>a</Key>" in answered.body
    assert answered.headers["Location"] == cloud.url("a")
    elsewhere = f"http://127.0.0.1:9000/{BUCKET}"
    assert post(cloud, {"key": "a", **fields}, url=elsewhere).headers["Location"] == f"{elsewhere}/a"


def test_a_form_may_ask_to_be_sent_on(cloud: Cloud) -> None:
    fields = {"key": "a", "success_action_redirect": "http://localhost/done?x=1", **v1_fields(policy_of(cloud))}
    answered = post(cloud, fields)

    assert answered.status == 303
    assert answered.headers["Location"].startswith("http://localhost/done?x=1&bucket=echobot-tests&key=a&etag=")


def test_without_a_signature_a_form_needs_a_public_bucket(cloud: Cloud) -> None:
    assert post(cloud, {"key": "a"}).status == 403
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    assert post(cloud, {"key": "a"}).status == 204


def test_a_form_needs_key_and_file(cloud: Cloud) -> None:
    signed = v1_fields(policy_of(cloud))

    assert code_of(post(cloud, signed)) == "InvalidArgument"
    assert code_of(post(cloud, {"key": "a", **signed}, file_field="other")) == "IncorrectNumberOfFilesInPOSTRequest"


def test_what_is_no_form_is_refused(cloud: Cloud) -> None:
    assert (
        code_of(cloud.ask("POST", cloud.url(), {"Content-Type": "text/plain"}, b"x")) == "RequestIsNotMultiPartContent"
    )
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    assert code_of(cloud.ask("POST", cloud.url(), broken, b"x")) == "MalformedPOSTRequest"
