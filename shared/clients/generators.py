"""Any model of the catalogue on Model Studio, over REST."""

from __future__ import annotations

from collections.abc import Mapping

from shared.clients import generation_documents as documents
from shared.clients import replies
from shared.clients.model_studio_rest import ASYNC, ModelStudioRest
from shared.domain.catalogue import CATALOGUE
from shared.domain.errors import EchobotError, Unknown
from shared.ports import Verdict
from shared.settings import Settings


class ModelStudioGenerators:
    """`Generators` on Model Studio. One instance may serve many threads."""

    def __init__(self, settings: Settings) -> None:
        self._rest = ModelStudioRest(settings)

    def check(self, model: str, body: Mapping[str, object]) -> Mapping[str, object]:
        # a check costs next to nothing and may simply be repeated: nothing to be in doubt about
        try:
            reply = self._rest.post(_path(model), body, sent=False)
        except EchobotError as error:
            raise documents.as_requests(error) from error
        return documents.checked(model, reply)

    def submit(self, model: str, body: Mapping[str, object]) -> str:
        try:
            reply = self._rest.post(_path(model), body, sent=True, headers=ASYNC)
        except EchobotError as error:
            raise documents.as_requests(error) from error
        task_id = replies.text(replies.part(reply, "output").get("task_id"))
        if not task_id:
            raise Unknown("vendor.contract", "a task was accepted without telling its id")
        return task_id

    def verdict(self, task_id: str) -> Verdict:
        return documents.verdict(self._rest.get(f"tasks/{task_id}"))


def _path(model: str) -> str:
    return f"services/aigc/{CATALOGUE[model].path}"
