"""Signature version 4: HMAC-SHA256 with a key derived from date and region, over a canonical request.

Source: help.aliyun.com "Include a V4 signature in the Authorization header", "... in a URL", "... in a PostObject
request".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import quote

from local.standins.oss.errors import invalid_argument
from local.standins.oss.signing_v1 import Signed

ALGORITHM = "OSS4-HMAC-SHA256"
EXPIRES_S_MAX = 7 * 24 * 3600
_ALWAYS_COVERED = ("content-type", "content-md5")


@dataclass(frozen=True)
class Scope:
    """A credential: `<access key id>/<date>/<region>/oss/aliyun_v4_request`."""

    access_key_id: str
    date: str
    region: str
    product: str

    @classmethod
    def of(cls, credential: str) -> Scope:
        parts = credential.split("/")
        if len(parts) != 5 or parts[4] != "aliyun_v4_request":
            raise invalid_argument("The Credential is not valid.", "Credential", credential)
        return cls(*parts[:4])

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.product}/aliyun_v4_request"


def seconds_of(date: str) -> float:
    """`20261123T101500Z` in seconds since the epoch."""
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        raise invalid_argument(
            "The x-oss-date is not valid: it must be like 20231203T121212Z.", "x-oss-date", date
        ) from None


def canonical_request(signed: Signed, additional_headers: Collection[str]) -> str:
    headers = {name.lower(): value.strip() for name, value in signed.headers.items()}
    query = sorted((_encoded(name), _encoded(value)) for name, value in signed.query.items())
    return "\n".join(
        (
            signed.method,
            _encoded(f"/{signed.bucket}/{signed.key}" if signed.bucket else "/", safe="/"),
            "&".join(f"{name}={value}" if value else name for name, value in query),
            _canonical_headers(headers, additional_headers),
            ";".join(sorted(additional_headers)),
            headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        )
    )


def signature(secret: str, scope: Scope, date: str, canonical: str) -> str:
    text = "\n".join((ALGORITHM, date, str(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    return sign(secret, scope, text)


def sign(secret: str, scope: Scope, text: str) -> str:
    """Also what a form upload signs its policy with."""
    key = f"aliyun_v4{secret}".encode()
    for part in (scope.date, scope.region, scope.product, "aliyun_v4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _canonical_headers(headers: Mapping[str, str], additional_headers: Collection[str]) -> str:
    covered = (
        name
        for name in sorted(headers)
        if name.startswith("x-oss-") or name in _ALWAYS_COVERED or name in additional_headers
    )
    return "".join(f"{name}:{headers[name]}\n" for name in covered)


def _encoded(text: str, safe: str = "") -> str:
    return quote(text, safe="~-._" + safe)
