"""The one foreign url that Echobot opens: only a vendor's result, and only as it should be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import responses

from shared.clients import results
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt, Refused, Retry
from shared.settings import Settings

PRODUCTION = Endpoints.of(Settings())
LOCAL = Endpoints.of(Settings(endpoint="http://127.0.0.1:9000"))
HOST = "dashscope-result-sh.oss-cn-shanghai.aliyuncs.com"
GOOD = f"https://{HOST}/1d/clip.mp4?Expires=1&Signature=a%2Bb"


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        f"https://{HOST}:443/clip.mp4",
        "https://dashscope-result.oss-cn-beijing.aliyuncs.com/x.mp4",
        "https://dashscope-result-hz.oss-cn-hangzhou.aliyuncs.com/x.mp4",
        "https://dashscope-7c2c.oss-accelerate.aliyuncs.com/x.wav",
    ],
)
def test_a_result_of_the_vendor_is_fetched(url: str) -> None:
    assert results.trusted(url, PRODUCTION) == url.replace(":443", "")


@pytest.mark.parametrize("port", ["", ":80"])
def test_plain_http_is_raised_to_https(port: str) -> None:
    assert results.trusted(f"http://{HOST}{port}/clip.mp4?a=b", PRODUCTION) == f"https://{HOST}/clip.mp4?a=b"


TRICKS = {
    "another host": "https://example.com/clip.mp4",
    "our host as a suffix": f"https://evil.{HOST}/clip.mp4",
    "our host as a prefix": f"https://{HOST}.evil.com/clip.mp4",
    "another bucket": "https://evil.oss-cn-beijing.aliyuncs.com/clip.mp4",
    "a bucket that ends like ours": "https://not-dashscope-result.oss-cn-beijing.aliyuncs.com/clip.mp4",
    "path style": "https://oss-cn-beijing.aliyuncs.com/dashscope-result-bj/clip.mp4",
    "inside the vendor": "https://dashscope-result-bj.oss-cn-beijing-internal.aliyuncs.com/clip.mp4",
    "user information": f"https://{HOST}@evil.com/clip.mp4",
    "user and password": f"https://user:password@{HOST}/clip.mp4",
    "an empty user": f"https://@{HOST}/clip.mp4",
    "encoded user information": f"https://{HOST}%40evil.com/clip.mp4",
    "loopback": "https://127.0.0.1/clip.mp4",
    "decimal IP": "https://2130706433/clip.mp4",
    "hexadecimal IP": "https://0x7f000001/clip.mp4",
    "short IP": "https://127.1/clip.mp4",
    "IPv6": "https://[::1]/clip.mp4",
    "IPv6 with IPv4 inside": "https://[::ffff:100.100.100.200]/clip.mp4",
    "metadata service": "http://100.100.100.200/latest/meta-data/",
    "another port": f"https://{HOST}:8443/clip.mp4",
    "http's port with https": f"https://{HOST}:80/clip.mp4",
    "no number for a port": f"https://{HOST}:https/clip.mp4",
    "a port beyond all": f"https://{HOST}:99999/clip.mp4",
    "file": "file:///etc/passwd",
    "ftp": f"ftp://{HOST}/clip.mp4",
    "gopher": f"gopher://{HOST}/clip.mp4",
    "no scheme": f"//{HOST}/clip.mp4",
    "not even a url": "clip.mp4",
    "nothing": "",
    "a backslash": f"https://{HOST}\\@evil.com/clip.mp4",
    "a slash too few": f"https:/{HOST}/clip.mp4",
    "a space before": f" https://{HOST}/clip.mp4",
    "a line break": f"https://{HOST}/clip.mp4\r\nHost: evil.com",
    "a tab": f"https://{HOST}\t/clip.mp4",
    "a fragment": f"https://{HOST}#@evil.com/clip.mp4",
    "a full stop after": f"https://{HOST}./clip.mp4",
    "letters that look alike": "https://dashscope-result-bj.oss-cn-beijing.aliyuncs.ⅽom/clip.mp4",
    "a wide full stop": "https://dashscope-result-bj.oss-cn-beijing.aliyuncs。com/clip.mp4",
    "broken brackets": "https://[dashscope/clip.mp4",
    "the address of an override that is not there": "http://127.0.0.1:9000/dashscope-result-bj/clip.mp4",
}


@pytest.mark.parametrize("url", TRICKS.values(), ids=TRICKS.keys())
def test_nothing_else_is_fetched(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        results.trusted(url, PRODUCTION)

    assert refusal.value.code == "url.hostile"


def test_an_override_is_trusted_beside_the_vendor_and_as_it_is() -> None:
    url = "http://127.0.0.1:9000/dashscope-result-bj/clip.mp4?Expires=1"

    assert results.trusted(url, LOCAL) == url
    assert results.trusted(f"http://{HOST}/clip.mp4", LOCAL) == f"http://{HOST}/clip.mp4"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9001/clip.mp4",
        "http://127.0.0.1/clip.mp4",
        "https://127.0.0.1:9000/clip.mp4",
        "http://localhost:9000/clip.mp4",
        "http://user@127.0.0.1:9000/clip.mp4",
        "http://127.0.0.1:9000@evil.com/clip.mp4",
        "http://example.com/clip.mp4",
    ],
)
def test_only_the_override_itself_is_trusted(url: str) -> None:
    with pytest.raises(Refused):
        results.trusted(url, LOCAL)


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def fetched(limit_mb: int = 1) -> bytes:
    with results.opened(GOOD, PRODUCTION, limit_mb=limit_mb, timeout_s=1) as body:
        return b"".join(body)


def test_a_result_comes_whole(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"clip" * 100_000)

    assert fetched() == b"clip" * 100_000


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_a_redirect_is_not_followed(web: responses.RequestsMock, status: int) -> None:
    web.get(GOOD, status=status, headers={"Location": "http://100.100.100.200/"})
    with pytest.raises(Refused) as refusal:
        fetched()

    assert refusal.value.code == "url.hostile"
    assert len(web.calls) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_result_that_is_gone_is_expired(web: responses.RequestsMock, status: int) -> None:
    web.get(GOOD, status=status)
    with pytest.raises(Retry) as fault:
        fetched()

    assert fault.value.code == "url.expired"


@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_host_is_tried_again_later(web: responses.RequestsMock, status: int) -> None:
    web.get(GOOD, status=status)
    with pytest.raises(Retry) as fault:
        fetched()

    assert fault.value.code == "vendor.busy"


@pytest.mark.parametrize("error", [requests.ConnectionError("cut"), requests.Timeout("slow")])
def test_a_host_that_does_not_answer_is_tried_again_later(
    web: responses.RequestsMock, error: requests.RequestException
) -> None:
    web.get(GOOD, body=error)
    with pytest.raises(Retry) as fault:
        fetched()

    assert fault.value.code == "vendor.busy"


def test_an_announced_size_over_the_limit_is_not_even_read(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"x", headers={"Content-Length": str(2 * results.MB)}, auto_calculate_content_length=False)
    with pytest.raises(Corrupt) as fault:
        fetched()

    assert fault.value.code == "vendor.contract"


def test_a_size_that_grows_over_the_limit_is_cut_off(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"x" * (results.MB + 1))
    with pytest.raises(Corrupt) as fault:
        fetched()

    assert fault.value.code == "vendor.contract"


def test_an_empty_result_is_not_a_result(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"")
    with pytest.raises(Corrupt) as fault:
        fetched()

    assert fault.value.code == "vendor.contract"


def test_a_result_that_breaks_off_is_tried_again_later(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"half", headers={"Content-Length": "8"}, auto_calculate_content_length=False)
    with pytest.raises(Retry) as fault:
        fetched()

    assert fault.value.code == "vendor.busy"


def test_no_key_of_ours_goes_to_the_host_of_a_result(web: responses.RequestsMock) -> None:
    web.get(GOOD, body=b"clip")
    fetched()

    assert "Authorization" not in web.calls[0].request.headers
