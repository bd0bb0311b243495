"""Model Studio over plain REST: one request per call, and every reply is an object or an error of ours.

Not through the dashscope SDK: as of 1.26.7 it posts any call a second time when the connection breaks (its comment
takes that for proof that nothing was processed), `VoiceEnrollmentService` does so four times over, and both would
buy a paid task twice. Its session is shared by the whole process, so it also keeps sockets over a freeze of the
instance; here each call has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.clients import replies
from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.endpoints import Endpoints
from shared.clients.lean_requests import requests
from shared.clients.transport import CONNECT_S
from shared.domain.errors import Retry
from shared.settings import Settings

Reply = Mapping[str, Any]

ASYNC = {"X-DashScope-Async": "enable"}
"""Needed by every generator, refused by every detector (403 AccessDenied in both cases)."""


RETRY_AFTER_S_MAX = 3600.0
"""Nobody stays away for longer because of one header."""


class ModelStudioRest:
    def __init__(self, settings: Settings) -> None:
        self._base = Endpoints.of(settings).model_studio
        self._api_key = settings.model_studio_api_key
        self._timeout_s = settings.call_timeout_s

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        sent: bool,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """`sent` says that the call buys or makes something, see `codes.classify`."""
        request = requests.Request("POST", f"{self._base}/{path}", headers=dict(headers or {}), json=body)
        return self._call(request, str(body.get("model", "")), sent=sent, timeout_s=timeout_s)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        request = requests.Request("GET", f"{self._base}/{path}", params=params)
        return self._call(request, "", sent=False, timeout_s=None)

    def _call(self, request: requests.Request, model: str, *, sent: bool, timeout_s: float | None) -> Reply:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        read_s = timeout_s or self._timeout_s
        timeout = (min(CONNECT_S, read_s), read_s)
        with requests.Session() as session:
            session.trust_env = False  # a netrc would replace the Authorization header
            try:
                response = session.send(session.prepare_request(request), timeout=timeout, allow_redirects=False)
            except requests.RequestException as error:
                raise unanswered(Vendor.MODEL_STUDIO, error, sent=sent) from error
        return _reply(response, model, sent=sent)


def _reply(response: requests.Response, model: str, *, sent: bool) -> Reply:
    """The body of a success. A business error may also come as HTTP 200 with a code and nothing else."""
    is_success = 200 <= response.status_code < 300
    try:
        body: object = replies.loaded(response.content)
    except ValueError as error:
        if is_success:
            raise unanswered(Vendor.MODEL_STUDIO, error, sent=sent) from error
        body = {}
    body = body if isinstance(body, dict) else {}
    code = replies.text(body.get("code"))
    if is_success and (not code or body.get("output")):
        return body
    message, request_id = replies.text(body.get("message")), replies.text(body.get("request_id"))
    answer = Answer(Vendor.MODEL_STUDIO, response.status_code, code, message, request_id)
    refusal = classify(answer, sent=sent, **({"model": model} if model else {}))
    text = response.headers.get("Retry-After", "")
    if isinstance(refusal, Retry) and text.isascii() and text.isdigit():  # a date counts as nothing said
        refusal.after_s = min(float(text), RETRY_AFTER_S_MAX)
    raise refusal
