"""`Avatars` on the Model Studio stand-in's state."""

from __future__ import annotations

from typing import Any

from local.direct.answering import answering
from local.standins.model_studio.state import ModelStudioState
from shared.clients import avatar_documents as documents
from shared.clients.codes import Vendor
from shared.domain.errors import EchobotError
from shared.ports import Face, TaskSeen, Verdict

PATH = "image2video/video-synthesis"
PAGE = 1000


class DirectAvatars:
    def __init__(self, state: ModelStudioState) -> None:
        self._state = state

    def detect(self, engine: str, model: str, photo_url: str, ratio: str) -> Face:
        body: dict[str, Any] = documents.detection(engine, model, photo_url, ratio)
        with answering(Vendor.MODEL_STUDIO, sent=False, model=model):
            reply = self._state.detect(model, body["input"], body.get("parameters", {}))
        return documents.face_of(engine, reply["output"])

    def animate(self, engine: str, model: str, photo_url: str, speech_url: str, face: Face, style: str) -> str:
        body: dict[str, Any] = documents.animation(engine, model, photo_url, speech_url, face, style)
        with answering(Vendor.MODEL_STUDIO, sent=True, model=model):
            reply = self._state.submit_task(model, body["input"], body["parameters"], PATH)
        return str(reply["output"]["task_id"])

    def verdict(self, task_id: str) -> Verdict:
        with answering(Vendor.MODEL_STUDIO, sent=False):
            return documents.task_verdict(self._state.query_task(task_id))

    def cancel(self, task_id: str) -> bool:
        try:
            with answering(Vendor.MODEL_STUDIO, sent=False):
                self._state.cancel_task(task_id)
        except EchobotError as error:
            if error.fields.get("vendor_code") == documents.NOT_PENDING:
                return False
            raise
        return True

    def tasks(self, model: str, since: float, until: float) -> list[TaskSeen]:
        asked: dict[str, Any] = documents.listing(model, since, until, 1, PAGE)
        with answering(Vendor.MODEL_STUDIO, sent=False):
            reply = self._state.list_tasks(**{**asked, "page_no": 1, "page_size": PAGE})
        return documents.tasks_seen(reply["data"], since, until)
