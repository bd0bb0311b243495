"""`Generators` on the Model Studio stand-in's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from local.direct.answering import answering
from local.standins.model_studio.state import ModelStudioState
from shared.clients import generation_documents as documents
from shared.clients.codes import Vendor
from shared.domain.catalogue import CATALOGUE
from shared.domain.errors import EchobotError
from shared.ports import Verdict


class DirectGenerators:
    def __init__(self, state: ModelStudioState) -> None:
        self._state = state

    def check(self, model: str, body: Mapping[str, Any]) -> Mapping[str, object]:
        with _requested(body, sent=False):
            reply = self._state.detect(body["model"], body["input"], body["parameters"], _path(model))
        return documents.checked(model, reply)

    def submit(self, model: str, body: Mapping[str, Any]) -> str:
        with _requested(body, sent=True):
            reply = self._state.submit_task(body["model"], body["input"], body["parameters"], _path(model))
        return str(reply["output"]["task_id"])

    def verdict(self, task_id: str) -> Verdict:
        with answering(Vendor.MODEL_STUDIO, sent=False):
            return documents.verdict(self._state.query_task(task_id))


@contextmanager
def _requested(body: Mapping[str, Any], *, sent: bool) -> Iterator[None]:
    try:
        with answering(Vendor.MODEL_STUDIO, sent=sent, model=body["model"]):
            yield
    except EchobotError as error:
        raise documents.as_requests(error) from error


def _path(model: str) -> str:
    return CATALOGUE[model].path.strip("/")
