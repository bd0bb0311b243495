"""Pages of other origins."""

from __future__ import annotations

import pytest

from tests.standins.oss.cloud import BUCKET, Cloud

RULES = """<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.org</AllowedOrigin>
<AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-oss-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>
<MaxAgeSeconds>100</MaxAgeSeconds></CORSRule></CORSConfiguration>"""


def preflight(origin: str, method: str, headers: str = "") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return {**asked, "Access-Control-Request-Headers": headers} if headers else asked


def test_a_bucket_without_rules_lets_every_page_in(cloud: Cloud) -> None:
    answered = cloud.ask(
        "OPTIONS", cloud.url("a"), preflight("http://localhost:3000", "PUT", "content-type, X-Oss-Meta-A")
    )

    assert answered.status == 200
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert answered.headers["Access-Control-Allow-Headers"] == "content-type, x-oss-meta-a"


def test_rules_decide_once_there_are_any(cloud: Cloud) -> None:
    cloud.state.configure(BUCKET, "cors", RULES)
    answered = cloud.ask("OPTIONS", cloud.url("a"), preflight("https://www.example.org", "PUT", "x-oss-meta-a"))

    assert answered.status == 200
    assert answered.headers["Access-Control-Allow-Origin"] == "https://www.example.org"
    assert answered.headers["Access-Control-Max-Age"] == "100"


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("https://evil.test", "PUT", ""),
        ("https://www.example.org", "GET", ""),
        ("https://www.example.org", "PUT", "content-type"),
    ],
)
def test_what_no_rule_allows_is_refused(cloud: Cloud, origin: str, method: str, headers: str) -> None:
    cloud.state.configure(BUCKET, "cors", RULES)
    answered = cloud.ask("OPTIONS", cloud.url("a"), preflight(origin, method, headers))

    assert answered.status == 403
    assert b"<Code>AccessForbidden</Code>" in answered.body
    assert "Access-Control-Allow-Origin" not in answered.headers


def test_a_preflight_without_its_headers_is_refused(cloud: Cloud) -> None:
    assert cloud.ask("OPTIONS", cloud.url("a")).status == 400
    assert cloud.ask("OPTIONS", cloud.url("a"), {"Origin": "http://localhost"}).status == 400


def test_the_real_answer_tells_the_page_what_it_may_read(cloud: Cloud) -> None:
    cloud.state.configure(BUCKET, "cors", RULES)
    cloud.state.set_bucket_acl(BUCKET, "public-read-write")
    allowed = cloud.ask("PUT", cloud.url("a"), {"Origin": "https://www.example.org"}, b"x")
    foreign = cloud.ask("PUT", cloud.url("a"), {"Origin": "https://evil.test"}, b"x")

    assert allowed.headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_a_refusal_can_be_read_by_the_page_too(cloud: Cloud) -> None:
    refused = cloud.ask("GET", cloud.url("a"), {"Origin": "http://localhost:3000"})

    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (403, "*")
