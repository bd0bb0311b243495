"""A stand-in of Simple Log Service for one call: GetLogs of API 0.6.0 with its signature, pages, errors and its index.

Facts: the service's pages "GetLogs", "Request signatures" and "Error codes". The index cuts texts into words, as the
service's does: a search for `my-fox` also finds `fox-my` and `my-fox-2`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from local.standins.doors.router import Router
from local.standins.errors import VendorError
from local.standins.http import Request, Response

LATE_S = 900
LINE_MAX = 100
_HOST = re.compile(r"(?P<project>[^.]+)\.(?P<region>[^.]+)\.log\.aliyuncs\.com")
_PATH = re.compile(r"/logstores/(?P<store>[^/]+)")
_QUERY = re.compile(r'message\.job: "(?P<job>(?:[^"\\]|\\.)*)" or message\.about: "(?P<about>(?:[^"\\]|\\.)*)"')


@dataclass
class LogService(Router):
    """One project with its stores: store -> lines as (time, message). `progress` is told, one word a call.

    A router of one service: the in-process door hands it what is meant for any of the vendor's hosts.
    """

    now_s: float
    project: str = "owl-logs"
    region: str = "cn-beijing"
    keys: dict[str, str] = field(default_factory=lambda: {"test-id": "test-secret"})
    tokens: dict[str, str] = field(default_factory=dict)
    readers: set[str] = field(default_factory=lambda: {"test-id"})
    stores: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: {"functions": []})
    is_indexed: bool = True
    progress: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def write(self, at: float, **line: object) -> None:
        self.stores["functions"].append((at, json.dumps({"at": at, **line}, ensure_ascii=False)))

    def handle(self, request: Request) -> Response:
        headers = {"Content-Type": "application/json", "x-log-requestid": "60AC5164947E71A31F55D8D0"}
        try:
            found = self._answer(request)
        except VendorError as error:
            document = {"errorCode": error.code, "errorMessage": error.message}
            return Response(error.status, headers, json.dumps(document).encode())
        told = self.progress.pop(0) if self.progress else "Complete"
        return Response(200, {**headers, "x-log-progress": told}, json.dumps(found).encode())

    def _answer(self, request: Request) -> list[Mapping[str, Any]]:
        host, path = _HOST.fullmatch(request.host), _PATH.fullmatch(request.path)
        if request.method != "GET" or host is None or path is None or host["region"] != self.region:
            raise VendorError(400, "PostBodyInvalid", f"no such call: {request.method} {request.host}{request.path}")
        self._authenticate(request)
        if host["project"] != self.project:
            raise VendorError(404, "ProjectNotExist", f"The Project does not exist : {host['project']}")
        if path["store"] not in self.stores:
            raise VendorError(404, "LogStoreNotExist", f"logstore {path['store']} does not exist")
        if not self.is_indexed:
            raise VendorError(400, "IndexConfigNotExist", "logstore without index config")
        self.asked.append(request.query)
        return self._found(self.stores[path["store"]], request.query)

    def _authenticate(self, request: Request) -> None:
        headers = request.headers
        if abs(parsedate_to_datetime(headers["date"]).timestamp() - self.now_s) > LATE_S:
            raise VendorError(400, "RequestTimeExpired", f"Request time {headers['date']} has been expired")
        if (headers.get("x-log-apiversion"), headers.get("x-log-signaturemethod")) != ("0.6.0", "hmac-sha1"):
            raise VendorError(400, "InvalidAPIVersion", "x-log-apiversion or x-log-signaturemethod is unsupported")
        key_id, _, signature = headers.get("authorization", "").removeprefix("LOG ").partition(":")
        if key_id not in self.keys:
            raise VendorError(401, "Unauthorized", f"AccessKeyId not found: {key_id}")
        if not hmac.compare_digest(signature.encode(), _signature(request, self.keys[key_id]).encode()):
            raise VendorError(401, "SignatureNotMatch", f"Signature {signature} not matched.")
        if headers.get("x-acs-security-token", "") != self.tokens.get(key_id, ""):
            raise VendorError(401, "Unauthorized", "The security token you provided is invalid.")
        if key_id not in self.readers:
            raise VendorError(401, "Unauthorized", "denied by sts or ram, action: log:GetLogStoreLogs")

    @staticmethod
    def _found(lines: list[tuple[float, str]], query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        first_s, end_s = int(query["from"]), int(query["to"])
        line, offset = int(query.get("line", LINE_MAX)), int(query.get("offset", 0))
        asked = _QUERY.fullmatch(query["query"])
        if query["type"] != "log" or asked is None:
            raise VendorError(400, "InvalidQueryString", "Query string is invalid.")
        if first_s >= end_s:
            raise VendorError(400, "InvalidTimeRange", "Request time range is invalid.")
        if not 0 <= line <= LINE_MAX:
            raise VendorError(400, "InvalidLine", "Line is invalid.")
        words = {name: _words(re.sub(r"\\(.)", r"\1", asked[name])) for name in ("job", "about")}
        held: list[Mapping[str, Any]] = [
            {"__time__": str(int(at)), "__source__": "", "message": text}
            for at, text in sorted(lines)
            if first_s <= at < end_s and any(words[name] <= _words(_field(text, name)) for name in words)
        ]
        return held[offset : offset + line]


def _field(text: str, name: str) -> str:
    return str(json.loads(text).get(name, "")) if text.startswith("{") else ""


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text)) or {""}


def _signature(request: Request, secret: str) -> str:
    marks = sorted(
        (name.lower(), text) for name, text in request.headers.items() if name.lower().startswith(("x-log-", "x-acs-"))
    )
    plain = [request.headers.get(name, "") for name in ("content-md5", "content-type", "date")]
    resource = request.path + "?" + "&".join(f"{name}={text}" for name, text in sorted(request.query.items()))
    lines = [request.method, *plain, *(f"{name}:{text}" for name, text in marks), resource]
    return base64.b64encode(hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()).decode()
