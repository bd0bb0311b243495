"""Fetching what a vendor made for us: which addresses are trusted, and how their bytes come in.

The address of a result is the one url of foreign origin that Echobot ever opens. It is taken only from a vendor's
reply to our own key, and still only from a host of the vendor's result buckets, over https, without redirects, at a
public address, and no further than a size we expect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.endpoints import Endpoints
from shared.clients.lean_requests import HTTPAdapter, HTTPSConnection, HTTPSConnectionPool, requests
from shared.clients.transport import CONNECT_S, harmless
from shared.domain.errors import Corrupt, Refused, Retry

MB = 1024 * 1024
CHUNK = 256 * 1024

_RESULT_HOST = re.compile(r"dashscope-[a-z0-9][a-z0-9-]*\.oss-(?!.*-internal)[a-z0-9-]+\.aliyuncs\.com")
"""`dashscope-result-sh.oss-cn-shanghai.aliyuncs.com` and its sisters: results also come from other regions."""

_SIZE = re.compile(r"[0-9]{1,18}")
_PRINTABLE = re.compile(r"[!-~]+")


def trusted(url: str, endpoints: Endpoints) -> str:
    """The address to fetch, http raised to https; `Refused("url.hostile")` for anything else than a result."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise _hostile(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _hostile(url) from error
    if "@" in parts.netloc or parts.scheme not in {"http", "https"} or parts.fragment:
        raise _hostile(url)
    if _is_override(url, endpoints):
        return url
    if not _RESULT_HOST.fullmatch(parts.hostname or "") or port not in {None, _PORTS[parts.scheme]}:
        raise _hostile(url)
    scheme = parts.scheme if endpoints.is_plain_http else "https"
    host = parts.hostname or ""
    return urlunsplit(SplitResult(scheme, host, parts.path, parts.query, ""))


def is_public(address: str) -> bool:
    """Whether a result may lie at an IP address. Refused are our own machine and network, and the metadata service;
    the provider's shared range (100.64.0.0/10), where its storage may answer its own functions, is not.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    # `is_private` includes this machine itself
    ours = (found.is_private, found.is_link_local, found.is_multicast, found.is_unspecified, found.is_reserved)
    return not any((*ours, found == _METADATA))


_METADATA = ipaddress.ip_address("100.100.100.200")


class _PublicHost(HTTPSConnection):
    """Looks at the address it has reached before a byte is sent: a name may be resolved to anything."""

    def _new_conn(self) -> socket.socket:
        reached = super()._new_conn()
        address = str(reached.getpeername()[0])
        if not is_public(address):
            reached.close()
            raise Refused("url.hostile", f"{self.host} is at {address}")
        return reached


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHost


class PublicHosts(HTTPAdapter):
    """For https: connections to public addresses only."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


def _is_override(url: str, endpoints: Endpoints) -> bool:
    return endpoints.is_override and urlsplit(url)[:2] == urlsplit(endpoints.override)[:2]


_PORTS = {"http": 80, "https": 443}


def _hostile(url: str) -> Refused:
    return Refused("url.hostile", harmless(url))


@dataclass
class Body:
    """An open result. Iterate once; `size` is what came so far, `told` what the other side announced, or None."""

    chunks: Iterator[bytes]
    told: int | None
    limit: int
    size: int = 0

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, or `Corrupt` when they are too many or none, `Retry` when they break off."""
        try:
            for chunk in self.chunks:
                self.size += len(chunk)
                if self.size > self.limit:
                    raise Corrupt("vendor.contract", f"the result is larger than {self.limit} bytes")
                yield chunk
        except requests.RequestException as error:
            raise unanswered(Vendor.MODEL_STUDIO, error, sent=False) from error
        if self.size == 0:
            raise Corrupt("vendor.contract", "the result is empty")
        if self.told is not None and self.size != self.told:
            raise Retry("vendor.busy", f"the result broke off at {self.size} of {self.told} bytes")


@contextmanager
def opened(url: str, endpoints: Endpoints, *, limit_mb: int, timeout_s: float) -> Iterator[Body]:
    """Open a vendor's result for reading. `Retry("url.expired")` when it is gone: results live 24 hours."""
    address = trusted(url, endpoints)
    with requests.Session() as session:
        session.trust_env = False  # a netrc or proxy of the environment has no business with a vendor's result
        if not _is_override(address, endpoints):
            session.mount("https://", PublicHosts())
        try:
            response = session.get(
                address, stream=True, timeout=(min(CONNECT_S, timeout_s), timeout_s), allow_redirects=False
            )
        except requests.RequestException as error:
            raise unanswered(Vendor.MODEL_STUDIO, error, sent=False) from error
        with response:
            _check_status(response, address)
            told = _announced(response)
            limit = limit_mb * MB
            if told is not None and told > limit:
                raise Corrupt("vendor.contract", f"the result has {told} bytes, more than {limit}")
            yield Body(response.iter_content(CHUNK), told, limit)


def _check_status(response: requests.Response, address: str) -> None:
    if response.status_code == requests.codes.ok:
        return
    if response.is_redirect or 300 <= response.status_code < 400:
        raise Refused("url.hostile", f"{harmless(address)} redirects")
    if response.status_code in {403, 404, 410}:
        raise Retry("url.expired", f"HTTP {response.status_code} for {urlsplit(address).path}")
    raise classify(Answer(Vendor.OSS, response.status_code), sent=False)


def _announced(response: requests.Response) -> int | None:
    told = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    return int(told) if _SIZE.fullmatch(told) and not encoded else None
