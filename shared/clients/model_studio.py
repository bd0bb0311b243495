"""Talking portraits on Model Studio, over REST (see `model_studio_rest` for why not through the SDK)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.clients import avatar_documents as documents
from shared.clients import replies
from shared.clients.model_studio_rest import ASYNC, ModelStudioRest
from shared.domain.errors import EchobotError, Unknown
from shared.ports import Face, TaskSeen, Verdict
from shared.settings import Settings

DETECT = "services/aigc/image2video/face-detect"
ANIMATE = "services/aigc/image2video/video-synthesis"
TASKS = "tasks"

PAGE = 50
PAGES_MAX = 40


class ModelStudioAvatars:
    """`Avatars` on Model Studio. One instance may serve many threads."""

    def __init__(self, settings: Settings) -> None:
        self._rest = ModelStudioRest(settings)

    def detect(self, engine: str, model: str, photo_url: str, ratio: str) -> Face:
        # a detection costs next to nothing and may simply be repeated: nothing to be in doubt about
        body = documents.detection(engine, model, photo_url, ratio)
        return documents.face_of(engine, replies.part(self._rest.post(DETECT, body, sent=False), "output"))

    def animate(self, engine: str, model: str, photo_url: str, speech_url: str, face: Face, style: str) -> str:
        body = documents.animation(engine, model, photo_url, speech_url, face, style)
        reply = self._rest.post(ANIMATE, body, sent=True, headers=ASYNC)
        task_id = replies.text(replies.part(reply, "output").get("task_id"))
        if not task_id:
            raise Unknown("vendor.contract", "a task was accepted without telling its id")
        return task_id

    def verdict(self, task_id: str) -> Verdict:
        return documents.task_verdict(self._rest.get(f"{TASKS}/{task_id}"))

    def cancel(self, task_id: str) -> bool:
        try:
            self._rest.post(f"{TASKS}/{task_id}/cancel", {}, sent=False)
        except EchobotError as error:
            if error.fields.get("vendor_code") == documents.NOT_PENDING:
                return False
            raise
        return True

    def tasks(self, model: str, since: float, until: float) -> list[TaskSeen]:
        listed: list[Mapping[str, Any]] = []
        for page in range(1, PAGES_MAX + 1):
            reply = self._rest.get(TASKS, documents.listing(model, since, until, page, PAGE))
            tasks = replies.parts(reply, "data")
            listed.extend(tasks)
            if page >= (replies.number(reply.get("total_page")) or 0) and len(tasks) < PAGE:
                break
        return documents.tasks_seen(listed, since, until)
