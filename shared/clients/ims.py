"""Media jobs through aliyun-python-sdk-core and the ICE request classes.

The SDK repeats nothing for ICE. Each call gets a client of its own: a connection kept over a freeze of the instance is
dead, and a submission without an idempotency token that dies on it would be in doubt for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.auth.signers.sts_token_signer import StsTokenSigner
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import RpcRequest
from aliyunsdkcore.vendored.requests.exceptions import RequestException
from aliyunsdkcore.vendored.requests.packages.urllib3.exceptions import HTTPError
from aliyunsdkice.request.v20201109.GetMediaProducingJobRequest import GetMediaProducingJobRequest
from aliyunsdkice.request.v20201109.GetSmartHandleJobRequest import GetSmartHandleJobRequest
from aliyunsdkice.request.v20201109.QueryIProductionJobRequest import QueryIProductionJobRequest
from aliyunsdkice.request.v20201109.SubmitASRJobRequest import SubmitASRJobRequest
from aliyunsdkice.request.v20201109.SubmitIProductionJobRequest import SubmitIProductionJobRequest
from aliyunsdkice.request.v20201109.SubmitMediaProducingJobRequest import SubmitMediaProducingJobRequest

from shared.clients import ims_documents as documents
from shared.clients import replies
from shared.clients.codes import Answer, Vendor, classify, unanswered
from shared.clients.credentials import Credentials
from shared.clients.endpoints import Endpoints
from shared.clients.transport import CONNECT_S, hush
from shared.domain.errors import EchobotError, Unknown
from shared.ports import Film, Kind, Place, Verdict
from shared.settings import Settings

_QUERIES = {
    Kind.IMS_PRODUCING: GetMediaProducingJobRequest,
    Kind.IMS_PRODUCTION: QueryIProductionJobRequest,
    Kind.IMS_SMART: GetSmartHandleJobRequest,
}


_NO_ANSWER = (
    RequestException,
    HTTPError,
    IndexError,  # it splits the message of SignatureDoesNotMatch at a colon, there or not
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
)
"""What the SDK lets out when an answer breaks off, or is not the JSON object that it expects."""


class ImsMediaJobs:
    """`MediaJobs` on IMS. One instance may serve many threads."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._endpoints = Endpoints.of(settings)
        self._credentials = Credentials(env)
        self._timeout_s = settings.call_timeout_s
        self._submissions = documents.Submissions(self._endpoints, settings.ims_callback_queue)
        hush("aliyunsdkcore")

    def read_captions(self, film: Place, output: Place, label: str) -> str:
        return self._submit(SubmitIProductionJobRequest(), self._submissions.captions(film, output, label))

    def split_music(self, film: Place, output_prefix: Place, label: str) -> str:
        return self._submit(SubmitIProductionJobRequest(), self._submissions.demix(film, output_prefix, label))

    def recognise(self, film: Place, label: str) -> str:
        return self._submit(SubmitASRJobRequest(), self._submissions.recognition(film, label))

    def compose(self, timeline: Mapping[str, object], output: Place, film: Film, token: str, label: str) -> str:
        params = self._submissions.production(timeline, output, film, token, label)
        return self._submit(SubmitMediaProducingJobRequest(), params)

    def verdict(self, kind: Kind, ims_job_id: str) -> Verdict:
        request = _QUERIES[kind]()
        request.set_JobId(ims_job_id)
        try:
            reply = self._call(request, sent=False)
        except EchobotError as error:
            if documents.is_forgotten(error):
                return documents.FORGOTTEN
            raise
        return documents.verdict(kind, reply, self._endpoints)

    def subscribe(self, queue: str) -> None:
        """Have the ends of all jobs announced in a queue; part of setting up a deployment, not of any step."""
        from aliyunsdkice.request.v20201109.SetEventCallbackRequest import (  # noqa: PLC0415  no function needs it
            SetEventCallbackRequest,
        )

        request = SetEventCallbackRequest()
        for name, value in documents.callback_setting(queue).items():
            request.add_query_param(name, value)
        self._call(request, sent=False)

    def subscribed(self) -> tuple[str, frozenset[str]]:
        """The queue in which ends are announced, empty when they are not, and the events that are."""
        from aliyunsdkice.request.v20201109.GetEventCallbackRequest import (  # noqa: PLC0415  no function needs it
            GetEventCallbackRequest,
        )

        reply = self._call(GetEventCallbackRequest(), sent=False)
        events = replies.text(reply.get("EventTypeList")).split(",")
        return replies.text(reply.get("CallbackQueueName")), frozenset(filter(None, events))

    def _submit(self, request: RpcRequest, params: documents.Params) -> str:
        # not through the setters: some encode what they get, some want it encoded, and set_Timeline puts a whole
        # story into the url
        for name, value in params.items():
            add = request.add_body_params if name == "Timeline" else request.add_query_param
            add(name, value)
        job_id = replies.text(self._call(request, sent=True).get("JobId"))
        if not job_id:
            raise Unknown("vendor.contract", "ims accepted a job without telling its id")
        return job_id

    def _call(self, request: RpcRequest, *, sent: bool) -> Mapping[str, Any]:
        request.set_endpoint(self._endpoints.ims_host)
        request.set_protocol_type(self._endpoints.ims_scheme)
        try:
            body = self._client().do_action_with_exception(request)
        except ServerException as error:
            raise _told(error, sent=sent) from error
        except ClientException as error:
            raise unanswered(Vendor.IMS, _lost(error), sent=sent) from None  # it quotes the whole signed url
        except _NO_ANSWER as error:
            raise unanswered(Vendor.IMS, error, sent=sent) from error
        try:
            reply = replies.loaded(body)
        except ValueError as error:
            raise unanswered(Vendor.IMS, error, sent=sent) from error
        if not isinstance(reply, dict):
            raise unanswered(Vendor.IMS, TypeError("a reply that is not an object"), sent=sent)
        return reply

    def _client(self) -> AcsClient:
        keys = self._credentials.read()
        client = AcsClient(
            keys.key_id,
            keys.secret,
            self._endpoints.region,
            auto_retry=False,
            connect_timeout=min(CONNECT_S, self._timeout_s),
            timeout=self._timeout_s,
        )
        if keys.token:
            # no private attribute is needed for `credential=`, but it loses to a variable ALIYUN_ACCESS_KEY_ID
            token = StsTokenCredential(keys.key_id, keys.secret, keys.token)
            client._signer = StsTokenSigner(token)  # noqa: SLF001  see above
        return client


def _lost(error: ClientException) -> Exception:
    """What went wrong on the way. The SDK hands it on as text only."""
    message = error.get_error_msg()
    if "NewConnectionError" in message or "ConnectTimeoutError" in message:
        return ConnectionRefusedError("never connected")
    return ConnectionError(f"{error.get_error_code()} without an answer")


def _told(error: ServerException, *, sent: bool) -> EchobotError:
    code = error.get_error_code()
    # the message of a refused signature repeats everything that was signed, the token too
    message = "" if code == "SignatureDoesNotMatch" else replies.text(error.get_error_msg())
    request_id = replies.text(error.get_request_id())
    answer = Answer(Vendor.IMS, error.get_http_status(), replies.text(code), message, request_id)
    return classify(answer, sent=sent)
