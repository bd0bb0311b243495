"""Which stand-in a request is for: by host name first, then by marks of the protocols, OSS last.

Production host names come in through the in-process door and the proxy form; on loopback all services share one port,
so there the protocols must tell. OSS is last because anything may be an object's key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Protocol

from local.standins.http import Request, Response

SERVICES = ("oss", "tablestore", "mns", "ims", "model_studio", "fc", "eventbridge")
HEALTH_PATH = "/_echobot/health"
PROGRESS_PATH = "/_echobot/progress"
PAGE_PATH = "/_echobot/page"

_HOSTS = tuple(
    (re.compile(pattern), service)
    for pattern, service in (
        # results of Model Studio lie in dashscope-result-*.oss-*: OSS goes before dashscope
        (r"(.+\.)?oss-[\w-]+\.aliyuncs\.com", "oss"),
        (r".+\.(ots|tablestore)\..+", "tablestore"),
        (r".+\.mns\..+", "mns"),
        (r"ice\..+", "ims"),
        (r".*dashscope.*|.+\.maas\.aliyuncs\.com", "model_studio"),
        (r".+\.fc\..+|fcv3\..+|.+\.fcapp\.run", "fc"),
        (r"(.+\.)?eventbridge(-console)?\..+", "eventbridge"),
    )
)
_VENDOR_HOST = re.compile(r".+\.(aliyuncs\.com|aliyun-inc\.com)")
_ACS_VERSIONS = {"2020-11-09": "ims", "2023-03-30": "fc", "2020-04-01": "eventbridge"}
_FC_PATHS = ("/2016-08-15/", "/2023-03-30/")
_MODEL_STUDIO_PATHS = ("/api/v1/", "/api-ws/", "/compatible-mode/")
_OSS_QUERY = {"OSSAccessKeyId", "x-oss-signature", "x-oss-signature-version"}


class Service(Protocol):
    """The wire face of one stand-in."""

    def handle(self, request: Request) -> Response: ...


class Router:
    """Hands each request to the stand-in it is meant for; 501 names one that is not there."""

    def __init__(
        self,
        services: Mapping[str, Service],
        progress: Callable[[], object] = dict,
        page: Callable[[], str] = str,
    ) -> None:
        unknown = sorted(set(services) - set(SERVICES))
        if unknown:
            raise ValueError(f"not a service of the local cloud: {', '.join(unknown)}")
        self.services = dict(services)
        self._progress = progress
        self._page = page

    def pick(self, request: Request) -> str:
        """The name of the service, or the host name of a vendor's service that has no stand-in."""
        host = request.host.rsplit(":", 1)[0].lower()
        for pattern, service in _HOSTS:
            if pattern.fullmatch(host):
                return service
        if _VENDOR_HOST.fullmatch(host):
            return host
        return _by_protocol(request)

    def handle(self, request: Request) -> Response:
        if request.raw_path == HEALTH_PATH:
            return _json(200, sorted(self.services))
        if request.raw_path == PAGE_PATH:
            return _json(200, {"url": self._page()})
        if request.raw_path == PROGRESS_PATH:
            return _json(200, self._progress())
        name = self.pick(request)
        if name not in self.services:
            return _json(501, {"message": f"no stand-in for {name}"})
        return self.services[name].handle(request)


def _by_protocol(request: Request) -> str:
    headers, path = request.headers, request.raw_path
    scheme = headers.get("authorization", "").partition(" ")[0]
    version = headers.get("x-acs-version") or request.query.get("Version", "")
    is_acs = "x-acs-action" in headers or "x-acs-version" in headers
    marks = (
        ("tablestore", "x-ots-apiversion" in headers),
        ("mns", "x-mns-version" in headers or scheme == "MNS"),
        (_ACS_VERSIONS.get(version, ""), version in _ACS_VERSIONS),
        (f"API version {version or '(none)'}", is_acs),
        ("oss", scheme.startswith("OSS") or bool(_OSS_QUERY & request.query.keys())),
        ("fc", scheme == "FC" or path.startswith(_FC_PATHS)),
        ("model_studio", scheme.lower() == "bearer" or path.startswith(_MODEL_STUDIO_PATHS)),
    )
    return next((service for service, is_marked in marks if is_marked), "oss")


def _json(status: int, told: object) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps(told).encode())
