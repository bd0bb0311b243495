"""FC's HTTP trigger, version v1: its event as a request, a response as what FC wants back.

Apart, because header names come in any case, bodies perhaps in base64, and none of it may be believed.
Source: the trigger's event and return format, help.aliyun.com "configure HTTP triggers" (FC 3.0).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

from shared.domain.frozen import frozen

BODY_BYTES_MAX = 64 * 1024
"""Documents only: files go from the browser to the bucket."""


class Answered(Exception):  # noqa: N818  an early answer, not an error
    """Raised anywhere below a page to answer at once."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@frozen
class Request:
    """`path` is decoded, header names are small; `body` is at most `BODY_BYTES_MAX`. `address` is whose connection FC
    has, which no header can change; empty when FC does not say.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    def cookie(self, name: str) -> str:
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return found.value if found is not None else ""

    def document(self) -> dict[str, Any]:
        """The body as a JSON object. Anything else is answered with 400 (415 when it does not even say so).

        A form that another site has a browser send cannot have this content type without asking us first.
        """
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Answered(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json")
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Answered(HTTPStatus.BAD_REQUEST, "not_json") from error
        if not isinstance(found, dict):
            raise Answered(HTTPStatus.BAD_REQUEST, "not_json")
        return found


@frozen
class Response:
    status: HTTPStatus = HTTPStatus.OK
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_event(self) -> dict[str, object]:
        """What the function returns to FC."""
        return {
            "statusCode": int(self.status),
            "headers": {"Content-Type": self.content_type, **self.headers},
            "isBase64Encoded": True,
            "body": base64.b64encode(self.body).decode(),
        }


def read(event: object) -> Request:
    """The request in FC's event. `Answered` when it is none, or too large."""
    try:
        found = json.loads(event if isinstance(event, (bytes, str)) else b"")
        http = found["requestContext"]["http"]
        headers = {str(name).lower(): str(value) for name, value in (found.get("headers") or {}).items()}
        query = {str(name): str(value) for name, value in (found.get("queryParameters") or {}).items()}
        body = str(found.get("body") or "").encode("utf-8", "surrogatepass")
        if found.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True)
        method, path = str(http["method"]).upper(), unquote(str(found.get("rawPath") or http["path"]))
        address = str(http.get("sourceIp", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise Answered(HTTPStatus.BAD_REQUEST, "not_http") from error
    if len(body) > BODY_BYTES_MAX:
        raise Answered(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    return Request(method, path, headers, query, body, address)


def as_json(told: object, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(told, ensure_ascii=False).encode()
    return Response(status, body, "application/json; charset=utf-8", headers or {})
