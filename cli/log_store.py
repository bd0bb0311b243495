"""What functions said about a job, asked of Simple Log Service: GetLogs of API 0.6.0, signed with HMAC-SHA1.

Signed here, on `requests`, since aliyun-log-python-sdk brings ten more packages for one GET (Elasticsearch's client, a
parser of dates, lz4). Facts: the service's pages "GetLogs", "Request signatures" and "Error codes".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import requests

from shared.clients.credentials import Credentials, Keys
from shared.domain.errors import EchobotError
from shared.log import redact_text

STORE = "functions"
"""Of the project `<prefix>-logs`, as template.yaml has it."""

PAGE_LINES = 100
LINES_MAX = 10_000
TRIES = 5
TRY_AGAIN_S = 0.5
WAIT_S = 30
DAY_S = 86_400
AHEAD_S = 900
"""A function's clock may be that far ahead: lines are found by their own time."""


class LogStoreError(Exception):
    """The store did not answer; `code` in the service's word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {redact_text(detail)[:300]}")
        self.code = code


@dataclass(frozen=True)
class Told:
    """Texts as functions wrote them; `is_complete` is false when the service says, or we do, that there are more."""

    texts: tuple[str, ...]
    is_complete: bool


class LogStore:
    """The log of one deployment."""

    def __init__(
        self,
        prefix: str,
        region: str,
        env: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.project = f"{prefix}-logs"
        self._url = f"https://{self.project}.{region}.log.aliyuncs.com"
        self._credentials = Credentials(env)
        self._clock = clock
        self._wait = wait

    def about(self, job: str, days: int) -> Told:
        """Lines of the last days whose job or subject has the words of this name; a similar name may be among them."""
        now = int(self._clock())
        asked = {"type": "log", "from": str(now - days * DAY_S), "to": str(now + AHEAD_S), "query": query_of(job)}
        texts: list[str] = []
        for offset in range(0, LINES_MAX, PAGE_LINES):
            logs, is_complete = self._page({**asked, "line": str(PAGE_LINES), "offset": str(offset)})
            texts += [str(log.get("message", "")) for log in logs]
            if not is_complete or len(logs) < PAGE_LINES:
                return Told(tuple(texts), is_complete)
        return Told(tuple(texts), is_complete=False)

    def _page(self, query: Mapping[str, str]) -> tuple[list[Mapping[str, Any]], bool]:
        """The service answers with what it has found in its time, and finds more when asked again."""
        for _ in range(TRIES - 1):
            answer = self._get(query)
            if _is_complete(answer):
                return _logs(answer), True
            self._wait(TRY_AGAIN_S)
        answer = self._get(query)
        return _logs(answer), _is_complete(answer)

    def _get(self, query: Mapping[str, str]) -> requests.Response:
        path = f"/logstores/{STORE}"
        try:
            headers = signed("GET", path, query, self._credentials.read(), self._clock())
            answer = requests.get(self._url + path, params=dict(query), headers=headers, timeout=WAIT_S)
        except EchobotError as error:
            raise LogStoreError(error.code, error.detail) from error
        except requests.RequestException as error:
            raise LogStoreError("NoAnswer", str(error)) from error
        if answer.status_code != requests.codes.ok:
            raise _refusal(answer)
        return answer


def query_of(job: str) -> str:
    """In the service's search language; also what to paste into its console."""
    name = job.replace("\\", "\\\\").replace('"', '\\"')
    return f'message.job: "{name}" or message.about: "{name}"'


def signed(method: str, path: str, query: Mapping[str, str], keys: Keys, at: float) -> dict[str, str]:
    """The headers of a request without a body. What is signed is the query before it is percent-encoded."""
    marks = {"x-log-apiversion": "0.6.0", "x-log-bodyrawsize": "0", "x-log-signaturemethod": "hmac-sha1"}
    if keys.token:
        marks["x-acs-security-token"] = keys.token
    date = formatdate(at, usegmt=True)
    resource = f"{path}?" + "&".join(f"{name}={query[name]}" for name in sorted(query))
    text = "\n".join([method, "", "", date, *(f"{name}:{marks[name]}" for name in sorted(marks)), resource])
    signature = base64.b64encode(hmac.new(keys.secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    return {**marks, "Date": date, "Authorization": f"LOG {keys.key_id}:{signature}"}


def _is_complete(answer: requests.Response) -> bool:
    return bool(answer.headers.get("x-log-progress", "Complete") == "Complete")


def _logs(answer: requests.Response) -> list[Mapping[str, Any]]:
    """The page shows a document around the list, the vendor's own SDK takes the list itself; so it is."""
    try:
        found = answer.json()
    except ValueError as error:
        raise LogStoreError("InvalidResponse", answer.text) from error
    if not isinstance(found, list):
        raise LogStoreError("InvalidResponse", answer.text)
    return found


def _refusal(answer: requests.Response) -> LogStoreError:
    try:
        told = answer.json()
        return LogStoreError(str(told["errorCode"]), str(told["errorMessage"]))
    except (ValueError, KeyError, TypeError):
        return LogStoreError(f"HTTP {answer.status_code}", answer.text)
