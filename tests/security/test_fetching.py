"""The one foreign url that is opened, whatever its name is resolved to and whatever answers there.

The addresses that are refused by how they are written are in `tests/contract/test_result_urls.py`.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from shared.clients import results
from shared.clients.endpoints import Endpoints
from shared.domain.errors import Corrupt, Refused, Retry
from shared.settings import Settings
from tests.security.canary import Canary, listening

PRODUCTION = Endpoints.of(Settings())
HOST = "dashscope-result-sh.oss-cn-shanghai.aliyuncs.com"
GOOD = f"https://{HOST}/1d/clip.mp4?Expires=1&Signature=secret"


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as canary:
        yield canary


def fetched(endpoints: Endpoints = PRODUCTION, limit_mb: int = 1) -> bytes:
    with results.opened(GOOD, endpoints, limit_mb=limit_mb, timeout_s=5) as body:
        return b"".join(body)


def test_a_vendors_name_that_leads_to_our_own_machine_is_refused_before_a_byte_is_sent(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolved(*_args: Any, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", canary.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with pytest.raises(Refused) as refusal:
        fetched()

    assert (refusal.value.code, refusal.value.detail) == ("url.hostile", f"{HOST} is at 127.0.0.1")
    assert canary.calls in ([], [b""])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:100.100.100.200",
        "::ffff:169.254.169.254",
    ],
)
def test_an_address_of_ours_is_no_place_for_a_result(address: str) -> None:
    assert not results.is_public(address)


@pytest.mark.parametrize("address", ["47.95.85.22", "8.8.8.8", "2408:4000::1", "::ffff:47.95.85.22"])
def test_an_address_of_the_vendor_is(address: str) -> None:
    assert results.is_public(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_no_private_address_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert not (
        results.is_public(str(address)) and (address.is_private or address.is_loopback or address.is_link_local)
    )


@pytest.mark.parametrize("told", ["0", "-1", "1", "4", "6", "1e3", "0x10", "²", "9" * 30, " 5", "5, 5", "nonsense", ""])
def test_a_size_that_lies_gives_the_whole_result_or_an_error_of_the_tree(told: str) -> None:
    with responses.RequestsMock() as web:
        web.get(GOOD, body=b"film!", headers={"Content-Length": told}, auto_calculate_content_length=False)
        with suppress(Retry, Corrupt):
            assert fetched() == b"film!"


def test_a_refusal_does_not_repeat_what_is_signed() -> None:
    with pytest.raises(Refused) as refusal:
        results.trusted("https://example.com/a.mp4?Signature=secret", PRODUCTION)

    assert "secret" not in refusal.value.detail
