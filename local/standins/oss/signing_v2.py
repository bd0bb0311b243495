"""Signature version 2: HMAC-SHA256 over every query parameter and the additional headers the client names.

Kept because oss2 still offers it (`oss2.AuthV2`); new clients use version 4.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection
from urllib.parse import quote

from local.standins.oss.signing_v1 import Signed


def string_to_sign(signed: Signed, additional_headers: Collection[str]) -> str:
    headers = {name.lower(): value for name, value in signed.headers.items()}
    covered = sorted(name for name in headers if name.startswith("x-oss-") or name in additional_headers)
    query = sorted((_encoded(name), _encoded(value)) for name, value in signed.query.items())
    resource = _encoded(f"/{signed.bucket}/{signed.key}" if signed.bucket else "/")
    if query:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in query)
    return "\n".join(
        (
            signed.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            signed.date,
            "".join(f"{name}:{headers[name]}\n" for name in covered) + ";".join(sorted(additional_headers)),
            resource,
        )
    )


def signature(secret: str, signed: Signed, additional_headers: Collection[str]) -> str:
    text = string_to_sign(signed, additional_headers)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~-._")
