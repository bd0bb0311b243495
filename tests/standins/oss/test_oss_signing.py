"""Who may ask: signatures in headers and URLs, their lifetimes, and requests without any."""

from __future__ import annotations

from typing import Any

import oss2
import pytest
import requests
import responses

from local.standins.http import Request
from local.standins.oss import OssApi
from tests.standins.oss.cloud import BUCKET, ENDPOINT, Cloud

KEY = "故事/a b+c.txt"
SECRET = "test-secret"
VERSIONS = ["v1", "v2", "v4"]


def bucket_of(version: str, key_id: str = "test-id", secret: str = SECRET, **options: Any) -> Any:
    auth = oss2.make_auth(key_id, secret, version)
    return oss2.Bucket(auth, ENDPOINT, BUCKET, **{"region": "cn-beijing", **options})


def status_and_code(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_secret_is_refused(door: responses.RequestsMock, version: str) -> None:
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch) as raised:
        bucket_of(version, secret="wrong").put_object("a", b"")

    assert (raised.value.status, raised.value.details["OSSAccessKeyId"]) == (403, "test-id")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_key_id_is_refused(door: responses.RequestsMock, version: str) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket_of(version, key_id="stranger").put_object("a", b"")

    assert (raised.value.status, raised.value.code) == (403, "InvalidAccessKeyId")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("skew_s", [-16 * 60, 16 * 60])
def test_a_header_signed_16_minutes_off_is_refused(
    cloud: Cloud, door: responses.RequestsMock, version: str, skew_s: float
) -> None:
    cloud.clock.advance(skew_s)

    with pytest.raises(oss2.exceptions.ServerError) as raised:
        bucket_of(version).put_object("a", b"")

    assert (raised.value.status, raised.value.code) == (403, "RequestTimeTooSkewed")


def test_a_header_signed_14_minutes_ago_is_taken(cloud: Cloud, bucket: Any) -> None:
    cloud.clock.advance(14 * 60)

    assert bucket.put_object("a", b"").status == 200


def test_the_check_of_dates_can_be_switched_off(cloud: Cloud) -> None:
    sent = requests.Request("GET", cloud.url("a"))
    signed = oss2.http.Request(sent.method, sent.url)
    oss2.Auth("test-id", "test-secret")._sign_request(signed, BUCKET, "a")
    cloud.state.put(BUCKET, "a", b"hello")
    cloud.clock.advance(365 * 24 * 3600)
    request = Request.of("GET", cloud.url("a"), dict(signed.headers))

    assert cloud.api.handle(request).status == 403
    assert OssApi(cloud.state, skew_s_max=None).handle(request).body == b"hello"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("slash_safe", [True, False])
def test_a_presigned_url_reads_until_it_expires(
    cloud: Cloud, door: responses.RequestsMock, version: str, slash_safe: bool
) -> None:
    cloud.state.put(BUCKET, KEY, b"hello")
    url = bucket_of(version).sign_url("GET", KEY, 60, slash_safe=slash_safe)

    assert requests.get(url, timeout=5).content == b"hello"
    cloud.clock.advance(62)
    refused = requests.get(url, timeout=5)
    assert status_and_code(refused) == (403, "AccessDenied")
    assert "Request has expired." in refused.text


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_url_is_good_for_one_key_and_one_method(
    cloud: Cloud, door: responses.RequestsMock, version: str
) -> None:
    cloud.state.put(BUCKET, "one", b"")
    cloud.state.put(BUCKET, "two", b"")
    url = bucket_of(version).sign_url("GET", "one", 60)

    assert status_and_code(requests.get(url.replace("/one", "/two"), timeout=5)) == (403, "SignatureDoesNotMatch")
    assert status_and_code(requests.put(url, data=b"x", timeout=5)) == (403, "SignatureDoesNotMatch")
    assert requests.head(bucket_of(version).sign_url("HEAD", "one", 60), timeout=5).status_code == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_put_wants_the_signed_content_type(
    cloud: Cloud, door: responses.RequestsMock, version: str
) -> None:
    url = bucket_of(version).sign_url("PUT", "voice.wav", 60, headers={"Content-Type": "audio/wav"})
    other = requests.put(url, data=b"x", headers={"Content-Type": "text/plain"}, timeout=5)

    assert status_and_code(other) == (403, "SignatureDoesNotMatch")
    assert requests.put(url, data=b"x", headers={"Content-Type": "audio/wav"}, timeout=5).status_code == 200
    assert cloud.state.head(BUCKET, "voice.wav").content_type == "audio/wav"


def test_a_v4_url_lives_7_days_at_most(cloud: Cloud, door: responses.RequestsMock) -> None:
    url = bucket_of("v4").sign_url("GET", "a", 7 * 24 * 3600 + 1)

    assert status_and_code(requests.get(url, timeout=5)) == (400, "InvalidArgument")


def test_a_v4_url_from_the_future_is_refused(cloud: Cloud, door: responses.RequestsMock) -> None:
    url = bucket_of("v4").sign_url("GET", "a", 3600)
    cloud.clock.advance(-16 * 60)

    assert status_and_code(requests.get(url, timeout=5)) == (403, "AccessDenied")


def test_a_v4_signature_for_another_region_is_refused(door: responses.RequestsMock) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument) as raised:
        bucket_of("v4", region="cn-hangzhou").put_object("a", b"")

    assert (raised.value.ec, raised.value.message) == (
        "0002-00000226",
        "Invalid signing region in Authorization header.",
    )


def test_a_loopback_address_belongs_to_no_region(door: responses.RequestsMock) -> None:
    auth = oss2.AuthV4("test-id", "test-secret")
    local = oss2.Bucket(auth, "http://127.0.0.1:9000", BUCKET, region="cn-hangzhou")

    assert local.put_object(KEY, b"").status == 200


def test_v4_covers_additional_headers(cloud: Cloud, door: responses.RequestsMock) -> None:
    url = bucket_of("v4").sign_url("GET", "a", 60, headers={"range": "bytes=0-0"}, additional_headers=["range", "host"])
    cloud.state.put(BUCKET, "a", b"hello")

    assert requests.get(url, headers={"range": "bytes=0-0"}, timeout=5).content == b"h"
    assert status_and_code(requests.get(url, timeout=5)) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_security_token_is_signed_along(cloud: Cloud, door: responses.RequestsMock, version: str) -> None:
    auth = oss2.StsAuth("test-id", "test-secret", "token+/=", auth_version=version)
    sts = oss2.Bucket(auth, ENDPOINT, BUCKET, region="cn-beijing")
    sts.put_object("a", b"hello")

    assert requests.get(sts.sign_url("GET", "a", 60), timeout=5).content == b"hello"


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_loopback_addresses_are_path_style(cloud: Cloud, endpoint: str) -> None:
    cloud.state.put(BUCKET, "a/b", b"hello")
    cloud.state.set_bucket_acl(BUCKET, "public-read")

    assert cloud.ask("GET", f"{endpoint}/{BUCKET}/a/b").body == b"hello"


@pytest.mark.parametrize(
    "host",
    [
        f"{BUCKET}.oss-cn-beijing.aliyuncs.com",
        f"{BUCKET}.oss-cn-beijing-internal.aliyuncs.com",
        f"{BUCKET}.oss-accelerate.aliyuncs.com",
        f"{BUCKET}.cn-beijing.oss.aliyuncs.com",
        f"{BUCKET}.localhost:9000",
        f"{BUCKET}.example.org",
    ],
)
def test_a_bucket_may_be_named_by_the_host(cloud: Cloud, host: str) -> None:
    cloud.state.put(BUCKET, "a/b", b"hello")
    cloud.state.set_bucket_acl(BUCKET, "public-read")

    assert cloud.ask("GET", f"http://{host}/a/b").body == b"hello"


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("Basic abc", 400, "InvalidArgument"),
        ("OSS test-id", 400, "InvalidArgument"),
        ("OSS test-id:abc", 403, "AccessDenied"),
        ("OSS4-HMAC-SHA256 Credential=test-id/x, Signature=y", 400, "InvalidArgument"),
    ],
)
def test_malformed_authorizations_are_refused(cloud: Cloud, authorization: str, status: int, code: str) -> None:
    answered = cloud.ask("GET", cloud.url("a"), {"Authorization": authorization})

    assert answered.status == status
    assert f"<Code>{code}</Code>".encode() in answered.body


def test_a_url_signed_by_halves_is_refused(cloud: Cloud) -> None:
    answered = cloud.ask("GET", cloud.url("a", "OSSAccessKeyId=test-id&Expires=9999999999"))

    assert answered.status == 403
    assert b"Query-string authentication requires" in answered.body


@pytest.mark.parametrize(
    ("bucket_acl", "object_acl", "may_read", "may_write"),
    [
        ("private", "default", False, False),
        ("public-read", "default", True, False),
        ("public-read-write", "default", True, True),
        ("private", "public-read", True, False),
        ("public-read-write", "private", False, False),
    ],
)
def test_without_a_signature_the_acl_decides(
    cloud: Cloud, bucket_acl: str, object_acl: str, may_read: bool, may_write: bool
) -> None:
    cloud.state.set_bucket_acl(BUCKET, bucket_acl)
    cloud.state.put(BUCKET, "a", b"hello", {"x-oss-object-acl": object_acl})

    assert cloud.ask("GET", cloud.url("a")).status == (200 if may_read else 403)
    assert cloud.ask("HEAD", cloud.url("a")).status == (200 if may_read else 403)
    assert cloud.ask("PUT", cloud.url("a"), body=b"x").status == (200 if may_write else 403)


def test_a_private_bucket_does_not_tell_strangers_what_is_missing(cloud: Cloud) -> None:
    assert cloud.ask("GET", cloud.url("nope")).status == 403
    cloud.state.set_bucket_acl(BUCKET, "public-read")
    assert cloud.ask("GET", cloud.url("nope")).status == 404


def test_a_stranger_copies_only_what_he_may_read(cloud: Cloud) -> None:
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    cloud.state.create_bucket("private-bucket")
    for bucket in (BUCKET, "private-bucket"):
        cloud.state.put(bucket, "a", b"hello")

    assert cloud.ask("PUT", cloud.url("b"), {"x-oss-copy-source": f"/{BUCKET}/a"}).status == 200
    assert cloud.ask("PUT", cloud.url("b"), {"x-oss-copy-source": "/private-bucket/a"}).status == 403


def test_settings_are_never_for_strangers(cloud: Cloud) -> None:
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    cloud.state.put(BUCKET, "a", b"")

    assert cloud.ask("GET", cloud.url(query="acl")).status == 403
    assert cloud.ask("PUT", cloud.url("a", "acl"), {"x-oss-object-acl": "public-read"}).status == 403
    assert cloud.ask("PUT", "http://strangers-bucket.oss-cn-beijing.aliyuncs.com/").status == 403
    assert cloud.ask("GET", "http://oss-cn-beijing.aliyuncs.com/").status == 403
