"""Posting a document to an address that an operator has named: https, a public address, no redirects, no proxies."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.clients.endpoints import Endpoints
from shared.clients.lean_requests import requests
from shared.clients.results import PublicHosts
from shared.clients.transport import CONNECT_S, harmless, never_sent
from shared.domain.errors import Refused, Retry, Unknown

ANSWER_BYTES_MAX = 4096


def post(url: str, body: bytes, headers: Mapping[str, str], endpoints: Endpoints, timeout_s: float) -> bytes:
    """What is answered with 2xx, the first bytes of it. `Refused("url.hostile")` for an address that will not do,
    `Retry` when the receiver refused or was not reached, `Unknown` when it did not answer.
    """
    is_here = endpoints.is_override and urlsplit(url)[:2] == urlsplit(endpoints.override)[:2]
    if urlsplit(url).scheme != "https" and not is_here:
        raise Refused("url.hostile", f"{_place(url)}: not https")
    with requests.Session() as session:
        session.trust_env = False
        if not is_here:
            session.mount("https://", PublicHosts())
        waits = (min(CONNECT_S, timeout_s), timeout_s)
        try:
            answer = session.post(url, body, headers=headers, timeout=waits, allow_redirects=False, stream=True)
            with answer:
                told = next(answer.iter_content(ANSWER_BYTES_MAX), b"")
        except requests.RequestException as error:
            kind, code = (Retry, "announce.unreachable") if never_sent(error) else (Unknown, "announce.unanswered")
            raise kind(code, f"{_place(url)}: {harmless(str(error))}") from error
    if not 200 <= answer.status_code < 300:
        raise Retry("announce.unreachable", f"{_place(url)}: HTTP {answer.status_code}")
    return bytes(told)


def _place(url: str) -> str:
    """An address for our own line: whoever knows the rest of it may post there."""
    return urlsplit(url).hostname or "?"
