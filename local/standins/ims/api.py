"""The wire of IMS: Alibaba Cloud's RPC style, signature version 1.0 (HMAC-SHA1 over query and form)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

from local.standins.errors import VendorError
from local.standins.http import Request, Response
from local.standins.ims.state import SERVICE, ImsState

VERSION = "2020-11-09"
NONCE_KEPT_S = 900.0

Call = Callable[[Mapping[str, str]], dict[str, object]]


class ImsApi:
    """Checks who asks, hands parameters to the state, writes its reply. Timestamps are signed but not compared with
    the clock, which tests turn by hand; a nonce must be new.
    """

    def __init__(self, state: ImsState) -> None:
        self._state = state
        self._nonces: dict[str, float] = {}
        self._actions: dict[str, Call] = {
            "SubmitMediaProducingJob": state.submit_media_producing_job,
            "GetMediaProducingJob": lambda params: state.get_media_producing_job(_job_id(params)),
            "SubmitIProductionJob": state.submit_iproduction_job,
            "QueryIProductionJob": lambda params: state.query_iproduction_job(_job_id(params)),
            "SubmitASRJob": state.submit_asr_job,
            "GetSmartHandleJob": lambda params: state.get_smart_handle_job(_job_id(params)),
            "SetEventCallback": state.set_event_callback,
            "GetEventCallback": lambda _: state.get_event_callback(),
        }

    def handle(self, request: Request) -> Response:
        account = self._state.account
        request_id = account.new_uuid().upper()
        params = _parameters(request)
        as_json = params.get("Format", "XML").upper() == "JSON"
        action = params.get("Action", "")
        try:
            try:
                self._check(request.method, params)
                call = self._actions.get(action)
                if call is None:
                    raise _no_such_action()
            except VendorError as error:
                # The state notes what reaches it; a caller it never saw is noted here.
                account.note(SERVICE, action, error.status, error.code)
                raise
            body = {"RequestId": request_id, **call(params)}
            return _response(200, f"{action}Response", body, as_json=as_json)
        except VendorError as error:
            body = {"RequestId": request_id, "HostId": request.host, "Code": error.code, "Message": error.message}
            return _response(error.status, "Error", body, as_json=as_json)

    def _check(self, method: str, params: Mapping[str, str]) -> None:
        account = self._state.account
        key_id = params.get("AccessKeyId")
        if not key_id:
            raise VendorError(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
        secret = account.keys.get(key_id)
        if secret is None:
            raise VendorError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        text = string_to_sign(method, params)
        if not hmac.compare_digest(signature(secret, text), params.get("Signature", "")):
            message = f"Specified signature is not matched with our calculation. server string to sign is:{text}"
            raise VendorError(400, "SignatureDoesNotMatch", message)
        if params.get("Version") != VERSION:
            raise VendorError(400, "InvalidVersion", "Specified parameter Version is not valid.")
        with account.lock:
            self._use_nonce(params.get("SignatureNonce", ""))

    def _use_nonce(self, nonce: str) -> None:
        now = self._state.account.now()
        self._nonces = {used: at for used, at in self._nonces.items() if now - at < NONCE_KEPT_S}
        if not nonce or nonce in self._nonces:
            raise VendorError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = now


def string_to_sign(method: str, params: Mapping[str, str]) -> str:
    """Public so that a client without an SDK (a script, a test) can sign."""
    signed = sorted((name, value) for name, value in params.items() if name != "Signature")
    query = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in signed)
    return f"{method}&%2F&{_encode(query)}"


def signature(secret: str, text: str) -> str:
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha1)).decode()


def _encode(text: str) -> str:
    return quote(text, safe="~-_.")


def _parameters(request: Request) -> dict[str, str]:
    params = request.query
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        params |= dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    return params


def _job_id(params: Mapping[str, str]) -> str:
    return params.get("JobId", "")


def _no_such_action() -> VendorError:
    return VendorError(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")


def _response(status: int, root: str, body: Mapping[str, object], *, as_json: bool) -> Response:
    """XML unless Format asks for JSON: a client that forgets to ask must notice here, not in production."""
    if as_json:
        text = json.dumps(body, ensure_ascii=False)
        return Response(status, {"Content-Type": "application/json;charset=utf-8"}, text.encode())
    text = f"<?xml version='1.0' encoding='UTF-8'?>{_element(root, body)}"
    return Response(status, {"Content-Type": "text/xml;charset=utf-8"}, text.encode())


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inside = "".join(_element(str(key), item) for key, item in value.items())
    elif isinstance(value, bool):
        inside = str(value).lower()
    else:
        inside = escape(str(value))
    return f"<{name}>{inside}</{name}>"
