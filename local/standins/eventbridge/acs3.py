"""The signature ACS3-HMAC-SHA256 of the vendor's OpenAPI gateway, as the Tea SDKs make it.

Source: help.aliyun.com "V3版本请求体&签名机制"; checked against alibabacloud-tea-openapi 0.4.6.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from local.standins.account import Account
from local.standins.eventbridge.errors import EventBridgeError
from local.standins.http import Request

_ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(_ALGORITHM + r" Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")


def authenticate(account: Account, request: Request) -> None:
    """Raises EventBridgeError unless a key of the account signed exactly this request."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    key_id, signed_headers, signature = match.groups() if match else ("", "", "")
    if key_id not in account.keys:
        raise EventBridgeError("InvalidAccessKeyId", "The access Id you provided is not exist.")
    expected = _signature(account.keys[key_id], request, signed_headers.split(";"))
    digest = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(expected, signature) or request.headers.get("x-acs-content-sha256") != digest:
        raise EventBridgeError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
        )


def _signature(secret: str, request: Request, signed_headers: list[str]) -> str:
    pairs = sorted(parse_qsl(request.raw_query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed_headers)
    payload = request.headers.get("x-acs-content-sha256", "")
    canonical = "\n".join((request.method, request.raw_path, query, headers, ";".join(signed_headers), payload))
    text = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
