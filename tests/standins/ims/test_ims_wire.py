"""The vendor's own SDK, and clients that sign wrongly or not at all, before the IMS stand-in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest
from aliyunsdkice.request.v20201109.GetMediaProducingJobRequest import GetMediaProducingJobRequest
from aliyunsdkice.request.v20201109.GetSmartHandleJobRequest import GetSmartHandleJobRequest
from aliyunsdkice.request.v20201109.QueryIProductionJobRequest import QueryIProductionJobRequest
from aliyunsdkice.request.v20201109.SetEventCallbackRequest import SetEventCallbackRequest
from aliyunsdkice.request.v20201109.SubmitASRJobRequest import SubmitASRJobRequest
from aliyunsdkice.request.v20201109.SubmitIProductionJobRequest import SubmitIProductionJobRequest
from aliyunsdkice.request.v20201109.SubmitMediaProducingJobRequest import SubmitMediaProducingJobRequest

from local.standins.http import Request
from local.standins.ims.api import signature, string_to_sign
from tests.standins.ims.conftest import QUEUE, Ims, order, timeline


def ask(sdk: AcsClient, request: RpcRequest | CommonRequest) -> dict[str, Any]:
    request.set_accept_format("json")
    answer: dict[str, Any] = json.loads(sdk.do_action_with_exception(request))
    return answer


def composition() -> SubmitMediaProducingJobRequest:
    request = SubmitMediaProducingJobRequest()
    request.add_body_params("Timeline", timeline())
    request.set_OutputMediaConfig(order()["OutputMediaConfig"])
    request.set_ClientToken("token-1")
    request.set_UserData(json.dumps({"NotifyAddress": QUEUE, "句": "子"}))
    return request


def signed(**changes: str) -> dict[str, str]:
    """A hand-signed GetEventCallback."""
    params = {
        "Action": "GetEventCallback",
        "Version": "2020-11-09",
        "Format": "JSON",
        "AccessKeyId": "test-id",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": "n-1",
        "Timestamp": "2026-11-21T00:00:00Z",
    } | changes
    return params | {"Signature": signature("test-secret", string_to_sign("GET", params))}


def get(ims: Ims, params: dict[str, str]) -> tuple[int, str]:
    url = f"https://ice.cn-beijing.aliyuncs.com/?{urlencode(params)}"
    reply = ims.api.handle(Request.of("GET", url, {}))
    return reply.status, json.loads(reply.body).get("Code", "")


def test_the_sdk_composes_a_film_with_the_timeline_in_the_body(ims: Ims, sdk: AcsClient) -> None:
    job_id = ask(sdk, composition())["JobId"]
    ims.timing.run()
    query = GetMediaProducingJobRequest()
    query.set_JobId(job_id)

    answer = ask(sdk, query)
    assert (answer["MediaProducingJob"]["Status"], "RequestId" in answer) == ("Success", True)
    assert ims.events[0]["MessageBody"]["UserData"] == json.dumps({"NotifyAddress": QUEUE, "句": "子"})


def test_the_sdk_extracts_captions(ims: Ims, sdk: AcsClient) -> None:
    request = SubmitIProductionJobRequest()
    request.set_FunctionName("CaptionExtraction")
    request.set_Input({"Type": "OSS", "Media": "oss://work/jobs/a/story.mp4"})
    request.set_Output({"Type": "OSS", "Media": "oss://work/c.srt"})
    request.set_JobParams(json.dumps({"roi": [[0.75, 1], [0, 1]]}))
    query = QueryIProductionJobRequest()
    query.set_JobId(ask(sdk, request)["JobId"])
    ims.timing.run()

    assert ask(sdk, query)["OutputFiles"] == ["c.srt"]


def test_the_sdk_recognises_speech(ims: Ims, sdk: AcsClient) -> None:
    request = SubmitASRJobRequest()
    request.set_InputFile("oss://work.oss-cn-beijing.aliyuncs.com/jobs/a/story.mp4")
    query = GetSmartHandleJobRequest()
    query.set_JobId(ask(sdk, request)["JobId"])
    ims.timing.run()

    assert ask(sdk, query)["State"] == "Finished"


def test_the_sdk_sets_the_global_callback(ims: Ims, sdk: AcsClient) -> None:
    request = SetEventCallbackRequest()
    request.set_CallbackType("MNS")
    request.set_CallbackQueueName(QUEUE)
    request.set_EventTypeList("ProduceMediaComplete,AIProduceComplete")

    assert ask(sdk, request)["Success"] is True
    assert ims.state.get_event_callback()["CallbackQueueName"] == QUEUE


def test_refusals_reach_the_sdk_with_code_and_status(sdk: AcsClient) -> None:
    with pytest.raises(ServerException) as caught:
        ask(sdk, SubmitMediaProducingJobRequest())

    error = caught.value
    assert (error.get_http_status(), error.get_error_code()) == (400, "MissingParameter")
    assert error.get_request_id()


@pytest.mark.usefixtures("sdk")
def test_a_wrong_secret_is_noticed() -> None:
    wrong = AcsClient("test-id", "other-secret", "cn-beijing")
    wrong.add_endpoint("cn-beijing", "ICE", "ice.cn-beijing.aliyuncs.com")

    with pytest.raises(ServerException) as caught:
        ask(wrong, composition())
    # The SDK words a SignatureDoesNotMatch over the same string as a wrong secret.
    assert caught.value.get_error_code() == "InvalidAccessKeySecret"


@pytest.mark.usefixtures("sdk")
def test_an_unknown_key_is_noticed() -> None:
    stranger = AcsClient("nobody", "test-secret", "cn-beijing")
    stranger.add_endpoint("cn-beijing", "ICE", "ice.cn-beijing.aliyuncs.com")

    with pytest.raises(ServerException) as caught:
        ask(stranger, composition())
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.usefixtures("sdk")
def test_a_security_token_is_accepted() -> None:
    temporary = AcsClient(region_id="cn-beijing", credential=StsTokenCredential("test-id", "test-secret", "token"))
    temporary.add_endpoint("cn-beijing", "ICE", "ice.cn-beijing.aliyuncs.com")

    assert ask(temporary, composition())["JobId"]


def test_a_call_the_sdk_does_not_know_yet_is_not_found(sdk: AcsClient) -> None:
    request = CommonRequest("ice.cn-beijing.aliyuncs.com", "2020-11-09", "ListMediaProducingJobs")

    with pytest.raises(ServerException) as caught:
        ask(sdk, request)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (404, "InvalidAction.NotFound")


def test_a_changed_parameter_breaks_the_signature(ims: Ims) -> None:
    assert get(ims, signed() | {"Action": "GetMediaProducingJob"}) == (400, "SignatureDoesNotMatch")


def test_a_request_sent_twice_is_refused(ims: Ims) -> None:
    assert get(ims, signed()) == (200, "")
    assert get(ims, signed()) == (400, "SignatureNonceUsed")


def test_a_nonce_may_come_again_after_a_quarter_of_an_hour(ims: Ims) -> None:
    get(ims, signed())
    ims.timing.advance(900)

    assert get(ims, signed()) == (200, "")


@pytest.mark.parametrize(
    ("changes", "code"), [({"Version": "2016-01-01"}, "InvalidVersion"), ({"AccessKeyId": ""}, "MissingAccessKeyId")]
)
def test_version_and_key_are_mandatory(ims: Ims, changes: dict[str, str], code: str) -> None:
    assert get(ims, signed(**changes)) == (400, code)


def test_the_answer_is_xml_unless_json_is_asked_for(ims: Ims) -> None:
    ims.listen("ProduceMediaComplete")
    url = f"https://ice.cn-beijing.aliyuncs.com/?{urlencode(signed(Format='XML'))}"
    reply = ims.api.handle(Request.of("GET", url, {}))

    assert reply.headers["Content-Type"].startswith("text/xml")
    assert f"<CallbackQueueName>{QUEUE}</CallbackQueueName>" in reply.body.decode()


def test_calls_over_the_wire_are_counted_once_even_when_nobody_is_known(ims: Ims) -> None:
    get(ims, signed())
    get(ims, signed(AccessKeyId="nobody", SignatureNonce="n-2"))

    assert [(asked.operation, asked.status) for asked in ims.account.asked] == [
        ("GetEventCallback", 200),
        ("GetEventCallback", 404),
    ]
