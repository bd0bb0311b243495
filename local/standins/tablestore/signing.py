"""Both signatures of a request, v2 (HMAC-SHA1) and v4, and the signature the SDK demands of every answer.

Time here is the real one, not the account's: the SDK stamps its requests and judges answers by the real clock, and
refuses one that is 15 minutes off.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from local.standins.http import Request
from local.standins.tablestore.errors import auth_failed, invalid

SKEW_S_MAX: Final = 15 * 60
_DATE: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_REQUIRED: Final = (
    "x-ots-date",
    "x-ots-apiversion",
    "x-ots-accesskeyid",
    "x-ots-instancename",
    "x-ots-contentmd5",
)


@dataclass(frozen=True)
class Signer:
    """Who asked, and the key both sides sign with."""

    access_key_id: str
    key: bytes

    def signed(self, operation: str, headers: dict[str, str]) -> dict[str, str]:
        """An answer's headers with the signature over them. Always HMAC-SHA1, whatever the request used."""
        text = _canonical(headers) + f"\n/{operation}"
        return headers | {"Authorization": f"OTS {self.access_key_id}:{_hmac64(self.key, text, 'sha1')}"}


def check_request(operation: str, request: Request, secrets: Mapping[str, str]) -> Signer:
    """Refuse a request that is incomplete, too old, or not signed by the secret of its access key."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name in _REQUIRED:
        if name not in headers:
            raise invalid(f"Missing header: {name}.")
    _check_date(headers["x-ots-date"])
    secret = secrets.get(headers["x-ots-accesskeyid"])
    if secret is None:
        raise auth_failed("The AccessKeyID does not exist.")
    # The query is never used, and a path prefix in the client's endpoint is not part of what it signs.
    text = f"/{operation}\nPOST\n\n{_canonical(headers)}\n"
    if "x-ots-signaturev4" in headers:
        key = _v4_key(secret, headers)
        expected, given = _hmac64(key, text + "ots", "sha256"), headers["x-ots-signaturev4"]
    else:
        key = secret.encode()
        expected, given = _hmac64(key, text, "sha1"), headers.get("x-ots-signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise auth_failed("Signature mismatch.")
    if content_md5(request.body) != headers["x-ots-contentmd5"]:
        raise auth_failed("Mismatch between MD5 value of request body and x-ots-contentmd5 in header.")
    return Signer(headers["x-ots-accesskeyid"], key)


def answer_headers(body: bytes, request_id: str) -> dict[str, str]:
    return {
        "x-ots-contentmd5": content_md5(body),
        "x-ots-requestid": request_id,
        "x-ots-date": datetime.now(timezone.utc).strftime(_DATE),
        "x-ots-contenttype": "protocol buffer",
    }


def content_md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _check_date(date: str) -> None:
    try:
        then = datetime.strptime(date, _DATE).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise invalid(f"Invalid date format: {date}.") from error
    if abs((datetime.now(timezone.utc) - then).total_seconds()) > SKEW_S_MAX:
        raise auth_failed(f"Mismatch between system time and x-ots-date: {date}.")


def _canonical(headers: Mapping[str, str]) -> str:
    return "\n".join(
        sorted(
            f"{name}:{value.strip()}"
            for name, value in headers.items()
            if name.startswith("x-ots-") and not name.startswith("x-ots-signature")
        )
    )


def _v4_key(secret: str, headers: Mapping[str, str]) -> bytes:
    key = b"aliyun_v4" + secret.encode()
    for part in (headers.get("x-ots-signdate", ""), headers.get("x-ots-signregion", ""), "ots", "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return base64.b64encode(key)


def _hmac64(key: bytes, text: str, algorithm: str) -> str:
    return base64.b64encode(hmac.digest(key, text.encode(), algorithm)).decode()
