"""One request and one response shape for every stand-in, whichever front door the bytes came through."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from requests.structures import CaseInsensitiveDict

Headers = CaseInsensitiveDict[str]


@dataclass(frozen=True)
class Request:
    """`raw_path` and `raw_query` are still percent-encoded: signatures are made over what was sent."""

    method: str
    host: str
    raw_path: str
    raw_query: str
    headers: Headers
    body: bytes = b""
    scheme: str = "http"

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @classmethod
    def of(cls, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Request:
        parts = urlsplit(url)
        folded: Headers = CaseInsensitiveDict(headers)
        host = folded.get("host") or parts.netloc
        return cls(method, host, parts.path or "/", parts.query, folded, body, parts.scheme)


@dataclass
class Response:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
