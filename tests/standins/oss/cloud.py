"""What the tests of the OSS stand-in hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass

from local.standins.account import Account
from local.standins.http import Request, Response
from local.standins.oss import OssApi, OssState
from local.standins.timing import VirtualTiming

ENDPOINT = "http://oss-cn-beijing.aliyuncs.com"
BUCKET = "echobot-tests"


@dataclass(frozen=True)
class Cloud:
    """Everything a test needs; `clock` starts at the laptop's time, because SDKs sign with that."""

    clock: VirtualTiming
    account: Account
    state: OssState
    api: OssApi

    def ask(self, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        """A request straight to the stand-in, for what no SDK would send."""
        return self.api.handle(Request.of(method, url, headers or {}, body))

    def url(self, key: str = "", query: str = "") -> str:
        return f"http://{BUCKET}.oss-cn-beijing.aliyuncs.com/{key}{'?' + query if query else ''}"
