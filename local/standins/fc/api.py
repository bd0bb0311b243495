"""Function Compute's wire: the 3.0 API of 2023-03-30 and, for accounts that still have services, that of 2016-08-15.

`alibabacloud-fc20230330` signs with ACS3-HMAC-SHA256 over the canonical request, `aliyun-fc2` with the `FC` scheme.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from urllib.parse import quote

from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.fc.state import FcState, Function, Ran, Trigger
from local.standins.http import Request, Response

SERVICE = "fc"
DELAY_S_MAX = 3600
_INVOKE = (
    re.compile(r"/2023-03-30/functions/(?P<name>[^/]+)/invocations"),
    re.compile(r"/2016-08-15/services/[^/]+/functions/(?P<name>[^/]+)/invocations"),
)
_READ = re.compile(r"/2023-03-30/functions/(?P<name>[^/]+)/(?P<what>triggers|async-invoke-config)")


class FcApi:
    def __init__(self, state: FcState) -> None:
        self._state = state
        self._account: Account = state.account

    def handle(self, request: Request) -> Response:
        request_id = self._account.new_uuid()
        headers = {"X-Fc-Request-Id": request_id, "Content-Type": "application/json"}
        operation = "unknown"
        try:
            self._authenticate(request)
            operation, answer = self._dispatch(request)
        except VendorError as error:
            document = {
                "RequestId": request_id,
                "Code": error.code,
                "ErrorCode": error.code,
                "Message": error.message,
                "ErrorMessage": error.message,
            }
            answer = Response(error.status, {}, json.dumps(document).encode())
        self._account.note(SERVICE, operation, answer.status)
        return Response(answer.status, {**headers, **answer.headers}, answer.body)

    def _dispatch(self, request: Request) -> tuple[str, Response]:
        if request.method == "GET" and request.path in {"/2023-03-30/functions", "/2016-08-15/functions"}:
            return "ListFunctions", self._functions()
        read = _READ.fullmatch(request.path)
        if read and request.method == "GET":
            function = self._state.function(read["name"])
            return _triggers(function) if read["what"] == "triggers" else self._async_config(function)
        for pattern in _INVOKE:
            found = pattern.fullmatch(request.path)
            if found and request.method == "POST":
                return "InvokeFunction", self._invoke(found["name"], request)
        raise VendorError(404, "PathNotSupported", f"the stand-in does not serve {request.method} {request.path}")

    def _functions(self) -> Response:
        listed = [
            {
                "functionName": one.name,
                "handler": one.handler,
                "timeout": one.timeout_s,
                "memorySize": one.memory_mb,
                "role": one.role,
            }
            for one in self._state.functions.values()
        ]
        return Response(200, {}, json.dumps({"functions": listed}).encode())

    def _async_config(self, function: Function) -> tuple[str, Response]:
        if not function.has_async_config:
            raise VendorError(404, "AsyncConfigNotExists", f"function '{function.name}' has no async config")
        account, queue = self._account, function.on_failure_queue
        arn = f"acs:mns:{account.region}:{account.account_id}:/queues/{queue}/messages"
        document = {
            "functionArn": f"acs:fc:{account.region}:{account.account_id}:functions/{function.name}",
            "maxAsyncRetryAttempts": function.retries,
            "maxAsyncEventAgeInSeconds": function.age_s_max,
            "destinationConfig": {"onFailure": {"destination": arn}} if queue else {},
        }
        return "GetAsyncInvokeConfig", Response(200, {}, json.dumps(document).encode())

    def _invoke(self, name: str, request: Request) -> Response:
        if request.headers.get("x-fc-invocation-type", "Sync").lower() == "async":
            delay_s = _delay_s(request.headers.get("x-fc-async-delay", "0"))
            self._state.invoke_async(name, request.body, delay_s)
            return Response(202, {"X-Fc-Invocation-Type": "Async"}, b"")
        return _answer_of(self._state.invoke(name, request.body))

    def _authenticate(self, request: Request) -> None:
        authorization = request.headers.get("authorization", "")
        if authorization.startswith("FC "):
            key_id, _, signature = authorization.removeprefix("FC ").partition(":")
            wanted = self._fc2_signature(request, self._secret(key_id))
        elif authorization.startswith("ACS3-HMAC-SHA256 "):
            parts = (part.strip().partition("=") for part in authorization.partition(" ")[2].split(","))
            fields = {name: value for name, _, value in parts}
            signature = fields.get("Signature", "")
            secret = self._secret(fields.get("Credential", ""))
            wanted = _acs3_signature(request, fields.get("SignedHeaders", ""), secret)
        else:
            raise VendorError(403, "AccessDenied", "an anonymous request may not call this API")
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise VendorError(403, "SignatureNotMatch", "the signature does not match")

    def _secret(self, key_id: str) -> str:
        if key_id not in self._account.keys:
            raise VendorError(403, "InvalidAccessKeyID", f"the access key id {key_id} does not exist")
        return self._account.keys[key_id]

    @staticmethod
    def _fc2_signature(request: Request, secret: str) -> str:
        """HMAC-SHA256 over the *unescaped* path, as the SDK makes it."""
        marks = "".join(
            f"{name.lower()}:{request.headers[name]}\n"
            for name in sorted(request.headers, key=str.lower)
            if name.lower().startswith("x-fc-")
        )
        plain = [request.headers.get(name, "") for name in ("content-md5", "content-type", "date")]
        text = "\n".join([request.method, *plain, marks + request.path])
        return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _triggers(function: Function) -> tuple[str, Response]:
    listed = [_trigger(one) for one in function.triggers]
    return "ListTriggers", Response(200, {}, json.dumps({"triggers": listed}).encode())


def _trigger(trigger: Trigger) -> dict[str, str]:
    """The configuration is a JSON text of its own; what a kind of trigger does not have is left out."""
    document = {
        "triggerName": trigger.name,
        "triggerType": trigger.kind,
        "triggerConfig": json.dumps(trigger.config),
        "sourceArn": trigger.source_arn,
        "invocationRole": trigger.role,
    }
    return {name: text for name, text in document.items() if text}


def _delay_s(text: str) -> int:
    """FC's page on asynchronous invocation: whole seconds from 0 to 3,600."""
    if not text.isascii() or not text.isdigit() or int(text) > DELAY_S_MAX:
        raise VendorError(400, "InvalidArgument", f"x-fc-async-delay is a whole number from 0 to {DELAY_S_MAX}")
    return int(text)


def _answer_of(ran: Ran) -> Response:
    """A function that raised is still an answered call: status 200, and a header that says so."""
    if ran.is_ok:
        return Response(200, {"Content-Type": "application/octet-stream"}, ran.body)
    return Response(200, {"X-Fc-Error-Type": ran.error_type}, ran.body)


def _acs3_signature(request: Request, signed_headers: str, secret: str) -> str:
    """Alibaba Cloud's V3 signature (ACS3-HMAC-SHA256)."""
    names = signed_headers.split(";")
    query = "&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in sorted(request.query.items()))
    canonical = "\n".join(
        [
            request.method,
            quote(request.path, safe="/-_.~"),
            query,
            "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names),
            signed_headers,
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
