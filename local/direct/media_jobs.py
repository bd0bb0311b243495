"""`MediaJobs` on the IMS stand-in's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.direct.answering import answering
from local.standins.ims.state import ImsState
from shared.clients import ims_documents as documents
from shared.clients.codes import Vendor
from shared.clients.endpoints import Endpoints
from shared.domain.errors import EchobotError
from shared.ports import Film, Kind, Place, Verdict
from shared.settings import Settings

Submit = Callable[[Mapping[str, str]], dict[str, object]]


class DirectMediaJobs:
    def __init__(self, settings: Settings, state: ImsState) -> None:
        self._state = state
        self._endpoints = Endpoints.of(settings)
        self._submissions = documents.Submissions(self._endpoints, settings.ims_callback_queue)
        self._queries: dict[Kind, Callable[[str], Mapping[str, Any]]] = {
            Kind.IMS_PRODUCING: state.get_media_producing_job,
            Kind.IMS_PRODUCTION: state.query_iproduction_job,
            Kind.IMS_SMART: state.get_smart_handle_job,
        }

    def read_captions(self, film: Place, output: Place, label: str) -> str:
        return _submit(self._state.submit_iproduction_job, self._submissions.captions(film, output, label))

    def split_music(self, film: Place, output_prefix: Place, label: str) -> str:
        return _submit(self._state.submit_iproduction_job, self._submissions.demix(film, output_prefix, label))

    def recognise(self, film: Place, label: str) -> str:
        return _submit(self._state.submit_asr_job, self._submissions.recognition(film, label))

    def compose(self, timeline: Mapping[str, object], output: Place, film: Film, token: str, label: str) -> str:
        params = self._submissions.production(timeline, output, film, token, label)
        return _submit(self._state.submit_media_producing_job, params)

    def verdict(self, kind: Kind, ims_job_id: str) -> Verdict:
        try:
            with answering(Vendor.IMS, sent=False):
                reply = self._queries[kind](ims_job_id)
        except EchobotError as error:
            if documents.is_forgotten(error):
                return documents.FORGOTTEN
            raise
        return documents.verdict(kind, reply, self._endpoints)


def _submit(submit: Submit, params: documents.Params) -> str:
    with answering(Vendor.IMS, sent=True):
        return str(submit(params)["JobId"])
