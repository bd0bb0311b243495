"""CosyVoice over a WebSocket: run-task, continue-task, finish-task in; task-started, sound, task-finished out.

help.aliyun.com/zh/model-studio/cosyvoice-websocket-api. The whole text is spoken when the task is finished; the vendor
begins earlier, which no client may rely on. The 23 s after which it drops a silent client are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.state import ModelStudioState

FRAME_BYTES = 8192

Receive = Callable[[], str | bytes | None]


@dataclass
class _Run:
    """One task between run-task and finish-task."""

    task_id: str
    model: str
    parameters: dict[str, Any]
    texts: list[str] = field(default_factory=list)


class SpeechSocket:
    """One connection, which may carry several tasks one after the other. It ends with the first task that fails."""

    def __init__(
        self, state: ModelStudioState, send_text: Callable[[str], None], send_binary: Callable[[bytes], None]
    ) -> None:
        self._state = state
        self._send_text = send_text
        self._send_binary = send_binary
        self._run: _Run | None = None

    def serve(self, receive: Receive) -> None:
        """Answer until `receive` gives None or a task fails."""
        while (message := receive()) is not None:
            task_id = ""
            try:
                order = _order(message)
                task_id = order["header"].get("task_id", "")
                self._obey(order["header"].get("action"), task_id, order.get("payload") or {})
            except VendorError as error:
                self._tell(task_id, "task-failed", {"error_code": error.code, "error_message": error.message})
                return

    def _obey(self, action: object, task_id: str, payload: dict[str, Any]) -> None:
        if action == "run-task":
            self._begin(task_id, payload)
        elif self._run is None or self._run.task_id != task_id:
            raise refusals.invalid_parameter("Missing required parameter 'header.task_id'! Please follow the protocol!")
        elif action == "continue-task":
            self._hear(self._run, payload)
        elif action == "finish-task":
            self._speak(self._run)
            self._run = None
        else:
            raise refusals.invalid_parameter(f"The action {action} is not known.")

    def _begin(self, task_id: str, payload: dict[str, Any]) -> None:
        for name in ("model", "task_group", "task", "function"):
            if not payload.get(name):
                raise refusals.invalid_parameter(
                    f"Missing required parameter 'payload.{name}'! Please follow the protocol!"
                )
        run = _Run(task_id, str(payload["model"]), dict(payload.get("parameters") or {}))
        self._state.check_line(run.model, run.parameters)
        self._run = run
        self._tell(task_id, "task-started")

    def _hear(self, run: _Run, payload: dict[str, Any]) -> None:
        text = (payload.get("input") or {}).get("text")
        if text is None:  # a flush
            return
        if run.texts and run.parameters.get("enable_ssml"):
            raise refusals.invalid_parameter("Text request limit violated, expected 1.")
        run.texts.append(str(text))

    def _speak(self, run: _Run) -> None:
        spoken = self._state.say(run.model, {**run.parameters, "text": "".join(run.texts)}, run.task_id)
        for start in range(0, len(spoken.sound), FRAME_BYTES):
            self._send_binary(spoken.sound[start : start + FRAME_BYTES])
        self._tell(run.task_id, "result-generated", payload={"output": {"sentence": {"words": spoken.words_ms}}})
        usage = {"characters": spoken.characters}
        self._tell(run.task_id, "task-finished", payload={"output": {"sentence": {"words": []}}, "usage": usage})

    def _tell(
        self, task_id: str, event: str, more: dict[str, str] | None = None, payload: dict[str, Any] | None = None
    ) -> None:
        header = {"task_id": task_id, "event": event, "attributes": {}, **(more or {})}
        self._send_text(json.dumps({"header": header, "payload": payload or {}}, ensure_ascii=False))


def _order(message: str | bytes) -> dict[str, Any]:
    try:
        order = json.loads(message)
    except ValueError:
        order = None
    if not isinstance(order, dict) or not isinstance(order.get("header"), dict):
        raise refusals.invalid_parameter("Invalid payload data")
    return order
