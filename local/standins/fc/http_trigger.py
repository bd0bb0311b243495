"""FC's HTTP trigger: a request becomes an event (version v1), what the function returns becomes the answer.

Shapes as of the trigger's page (FC 3.0): see docs/unproven.md. A function that fails is answered with 502, as FC does.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timezone

from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.fc.state import FcState
from local.standins.http import Request, Response

FAILED = 502
LOOPBACK = "127.0.0.1"
"""Who else speaks to a laptop's cloud."""

HOP_BY_HOP = frozenset({"connection", "content-length", "transfer-encoding"})


class HttpTrigger:
    """One function behind an address of its own, reached without a signature (`authType: anonymous`)."""

    def __init__(self, state: FcState, function: str) -> None:
        self._state = state
        self._account: Account = state.account
        self._function = function

    def handle(self, request: Request) -> Response:
        try:
            ran = self._state.invoke(self._function, json.dumps(self._event(request)).encode())
        except VendorError as error:
            return _failed(error.code)
        if not ran.is_ok:
            return _failed(ran.error_type)
        try:
            return _response(json.loads(ran.body))
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            return _failed("InvalidResponse")

    def _event(self, request: Request) -> dict[str, object]:
        now = self._account.now()
        return {
            "version": "v1",
            "rawPath": request.raw_path,
            "headers": {name.title(): value for name, value in request.headers.items()},
            "queryParameters": request.query,
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
            "requestContext": {
                "accountId": self._account.account_id,
                "domainName": request.host,
                "requestId": self._account.new_uuid(),
                "time": f"{datetime.fromtimestamp(now, timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
                "timeEpoch": str(int(now * 1000)),
                "triggerId": "http",
                "http": {
                    "method": request.method,
                    "path": request.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": LOOPBACK,
                },
            },
        }


def _response(told: dict[str, object]) -> Response:
    body = str(told.get("body", ""))
    raw = base64.b64decode(body, validate=True) if told.get("isBase64Encoded") else body.encode()
    given = told.get("headers")
    headers = {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
    return Response(int(str(told["statusCode"])), kept, raw)


def _failed(kind: str) -> Response:
    return Response(FAILED, {"Content-Type": "application/json", "X-Fc-Error-Type": kind}, b'{"errorType":"Failed"}')
