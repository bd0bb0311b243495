"""The wire of Model Studio: bearer keys, JSON over REST, an event stream and a WebSocket for speech."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.standins.errors import VendorError
from local.standins.http import Headers, Request, Response
from local.standins.model_studio import detection, refusals
from local.standins.model_studio.bench import SERVICE
from local.standins.model_studio.speech import Spoken
from local.standins.model_studio.state import ModelStudioState
from local.standins.model_studio.websocket import Receive, SpeechSocket

BASE = "/api/v1/"
AIGC = "services/aigc/"
CUSTOMIZATION = "services/audio/tts/customization"
SYNTHESIZER = "services/audio/tts/SpeechSynthesizer"
CHUNK_BYTES = 16_384

Body = dict[str, Any]
Call = Callable[[], Body | Response]


class ModelStudioApi:
    """Checks the key, finds the call, writes its reply. `websocket` is the second door, for speech."""

    def __init__(self, state: ModelStudioState) -> None:
        self._state = state

    def handle(self, request: Request) -> Response:
        path = request.path.removeprefix(BASE).strip("/")
        try:
            try:
                self._check_key(request.headers)
                body = _body(request)
                call = self._call(request, path, body)
            except VendorError as error:
                # The state notes what reaches it; the rest is noted here.
                self._state.account.note(SERVICE, path, error.status, error.code)
                raise
            answer = call()
        except VendorError as error:
            request_id = self._state.account.new_uuid()
            return _json(error.status, {"code": error.code, "message": error.message, "request_id": request_id})
        return answer if isinstance(answer, Response) else _json(200, answer)

    def may_connect(self, headers: Mapping[str, str]) -> Response | None:
        """None when the handshake of a WebSocket may go on, else the answer that refuses it."""
        try:
            self._check_key(Headers(headers))
        except VendorError as error:
            self._state.account.note(SERVICE, "tts", error.status, error.code)
            return _json(error.status, {"code": error.code, "message": error.message})
        return None

    def websocket(
        self,
        headers: Mapping[str, str],
        receive: Receive,
        send_text: Callable[[str], None],
        send_binary: Callable[[bytes], None],
    ) -> None:
        """Serve `/api-ws/v1/inference` until the client leaves (`receive` gives None) or a task fails."""
        if self.may_connect(headers) is None:
            SpeechSocket(self._state, send_text, send_binary).serve(receive)

    def _check_key(self, headers: Mapping[str, str]) -> None:
        kind, _, key = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise refusals.bad_key("No API-key provided.")
        if key.strip() not in self._state.account.api_keys:
            raise refusals.bad_key("Invalid API-key provided.")

    def _call(self, request: Request, path: str, body: Body) -> Call:
        if request.method == "GET":
            return self._task_question(path, request.query)
        if request.method != "POST":
            raise refusals.invalid_parameter(f"Request method '{request.method}' is not supported.")
        if path.startswith("tasks/") and path.endswith("/cancel"):
            task_id = path.split("/")[1]
            return lambda: self._state.cancel_task(task_id)
        if path.startswith(AIGC):
            return self._model_call(path.removeprefix(AIGC), request.headers, body)
        return self._sound_call(path, request.headers, body)

    def _model_call(self, service: str, headers: Headers, body: Body) -> Call:
        model, fields, parameters = _parts(body)
        wants_task = headers.get("x-dashscope-async") == "enable"
        if service in detection.PATHS.values():
            if wants_task:
                raise refusals.only_synchronous()
            return lambda: self._state.detect(model, fields, parameters, service)
        if not wants_task:
            raise refusals.only_asynchronous()
        return lambda: self._state.submit_task(model, fields, parameters, service)

    def _sound_call(self, path: str, headers: Headers, body: Body) -> Call:
        model, fields, _ = _parts(body)
        if path == SYNTHESIZER:
            if headers.get("x-dashscope-sse") == "enable":
                return lambda: self._streamed(model, fields)
            return lambda: self._state.synthesize(model, fields)
        if path != CUSTOMIZATION or model != "voice-enrollment":
            raise refusals.wrong_address()
        return self._voice_action(fields)

    def _task_question(self, path: str, query: Mapping[str, str]) -> Call:
        if path == "tasks":
            page_no, page_size = (_count(query, name, usual) for name, usual in (("page_no", 1), ("page_size", 10)))
            return lambda: self._state.list_tasks(
                start_time=query.get("start_time", ""),
                end_time=query.get("end_time", ""),
                model_name=query.get("model_name", ""),
                status=query.get("status", ""),
                page_no=page_no,
                page_size=page_size,
            )
        kind, _, task_id = path.partition("/")
        if kind != "tasks" or "/" in task_id:
            raise refusals.invalid_parameter("Request method 'GET' is not supported.")
        return lambda: self._state.query_task(task_id)

    def _voice_action(self, fields: Body) -> Call:
        known = {"action", "target_model", "prefix", "url"}
        options = {name: value for name, value in fields.items() if name not in known}
        actions: dict[str, Call] = {
            "create_voice": lambda: self._state.create_voice(
                _text(fields, "target_model"), _text(fields, "prefix"), _text(fields, "url"), **options
            ),
            "query_voice": lambda: self._state.query_voice(_text(fields, "voice_id")),
            "list_voice": lambda: self._state.list_voice(
                fields.get("prefix") or "", _count(fields, "page_index", 0), _count(fields, "page_size", 10)
            ),
            "update_voice": lambda: self._state.update_voice(_text(fields, "voice_id"), _text(fields, "url")),
            "delete_voice": lambda: self._state.delete_voice(_text(fields, "voice_id")),
        }
        action = actions.get(str(fields.get("action")))
        if action is None:
            raise refusals.invalid_parameter("action is invalid.")
        return action

    def _streamed(self, model: str, fields: Body) -> Response:
        request_id = self._state.account.new_uuid()
        spoken = self._state.say(model, fields, request_id)
        events = [*_sentence(spoken), self._state.kept(spoken, request_id)]
        lines = [
            f"id:{number}\nevent:result\n:HTTP_STATUS/200\n"
            f"data:{json.dumps({**event, 'request_id': request_id}, ensure_ascii=False)}\n\n"
            for number, event in enumerate(events, 1)
        ]
        return Response(200, {"Content-Type": "text/event-stream;charset=UTF-8"}, "".join(lines).encode())


def _sentence(spoken: Spoken) -> Iterator[Body]:
    """The events of one sentence: its begin, its sound in chunks, its end with the times of its words."""
    usage = {"characters": spoken.characters}
    yield {"output": {"type": "sentence-begin", "sentence": {"index": 0, "words": []}, "finish_reason": "null"}}
    for start in range(0, len(spoken.sound), CHUNK_BYTES):
        data = base64.b64encode(spoken.sound[start : start + CHUNK_BYTES]).decode()
        yield {"output": {"type": "sentence-synthesis", "audio": {"data": data}, "finish_reason": "null"}}
    sentence = {"index": 0, "words": spoken.words_ms}
    yield {"output": {"type": "sentence-end", "sentence": sentence, "finish_reason": "null"}, "usage": usage}


def _body(request: Request) -> Body:
    if not request.body:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise VendorError(400, "BadRequest.IllegalInput", "The input parameter requires json format.")
    return body


def _parts(body: Body) -> tuple[str, Body, Body]:
    model, fields, parameters = body.get("model"), body.get("input"), body.get("parameters", {})
    if not isinstance(model, str) or not model:
        raise VendorError(400, "BadRequest.EmptyModel", 'Required parameter "model" missing from request.')
    if not isinstance(fields, dict) or not fields:
        raise VendorError(400, "BadRequest.EmptyInput", "Required input parameter missing from request.")
    if not isinstance(parameters, dict):
        raise refusals.missing_parameters()
    return model, fields, parameters


def _text(fields: Body, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise refusals.invalid_parameter(f"Field required: {name}")
    return value


def _count(fields: Mapping[str, Any], name: str, usual: int) -> int:
    try:
        value = int(fields.get(name, usual))
    except (TypeError, ValueError):
        value = -1
    if value < min(usual, 1):
        raise refusals.invalid_parameter(f"{name} is invalid.")
    return value


def _json(status: int, body: Body) -> Response:
    headers = {"Content-Type": "application/json", "x-request-id": str(body.get("request_id", ""))}
    return Response(status, headers, json.dumps(body, ensure_ascii=False).encode())
