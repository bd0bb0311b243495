"""Every error code that the vendors' pages and SDKs name, and what it means to us."""

from __future__ import annotations

import pytest

from docs import vendor_codes
from shared.clients.codes import RULES, Answer, Rule, Vendor, classify, find, photo_refusal
from shared.domain.errors import (
    Audience,
    Conflict,
    Corrupt,
    EchobotError,
    Offline,
    Refused,
    Retry,
    Unknown,
)
from shared.domain.sentences import SENTENCES

NAMED = {
    Vendor.MODEL_STUDIO: """
        InvalidParameter InvalidURL InvalidFile.Content InvalidFile.BodyProportion InvalidFile.Resolution
        InvalidFile.Value InvalidFile.FrontBody InvalidFile.FullFace InvalidFile.FacePose BadRequest.ResourceNotExist
        UnsupportedOperation InvalidParameter.DataInspection DataInspectionFailed IPInfringementSuspect FaqRuleBlocked
        CustomRoleBlocked Arrearage ClientDisconnect InvalidApiKey AccessDenied AccessDenied.Unpurchased
        Model.AccessDenied Workspace.AccessDenied Endpoint.AccessDenied AllocationQuota.FreeTierOnly ModelNotFound
        WorkSpaceNotFound Model.NotExist Throttling Throttling.RateQuota LimitRequests Throttling.BurstRate
        Throttling.Concurrency Throttling.ServiceOverloaded Throttling.AllocationQuota CommodityNotPurchased
        PrepaidBillOverdue PostpaidBillOverdue Audio.DecoderError Audio.FileSizeExceed Audio.AudioRateError
        Audio.AudioSilentError Audio.AudioShortError InternalError InternalError.Algo InternalError.FileUpload
        InternalError.Upload InternalError.Timeout SystemError ModelServiceFailed RequestTimeOut ModelUnavailable
        ServiceUnavailable GatewayTimeout InvalidURL.ConnectionRefused InvalidURL.Timeout InvalidFile.Size
        InvalidFile.Format InvalidFile.FPS InvalidFile.Duration InvalidFile.ImageSize InvalidFile.Openerror
        InvalidFile.FaceNotMatch InvalidFile.AudioLengthError InvalidAudio ImageCheckFailed Unauthorized
    """,
    Vendor.IMS: """
        Throttling.User Throttling ServiceUnavailable InternalError InvalidParameter TimelineFormatError Forbidden
        Forbidden.SubscriptionRequired QuotaExceeded SpeechTranslationNoValidVocal InvalidAccessKeyId.NotFound
        SignatureDoesNotMatch InvalidAccessKeySecret InvalidSecurityToken.Expired SDK.UnknownServerError
    """,
    Vendor.OSS: """
        NoSuchKey NoSuchBucket AccessDenied SignatureDoesNotMatch InvalidAccessKeyId FileAlreadyExists
        InvalidArgument InvalidDigest InternalError ServiceUnavailable
    """,
    Vendor.TABLESTORE: """
        OTSConditionCheckFail OTSRowOperationConflict OTSNotEnoughCapacityUnit OTSTableNotReady
        OTSPartitionUnavailable OTSServerBusy OTSOperationThrottled OTSQuotaExhausted OTSTimeout
        OTSInternalServerError OTSServerUnavailable OTSAuthFailed OTSInvalidPK OTSParameterInvalid OTSObjectNotExist
    """,
    Vendor.MNS: "QueueNotExist MessageNotExist InvalidArgument AccessDenied InvalidRequestURL InternalError",
}
ALL = [
    (vendor, code)
    for vendor, codes in NAMED.items()
    for code in (*codes.split(), *(("NOT AUTHORIZED",) if vendor is Vendor.MODEL_STUDIO else ()))
]
RULE_LIST = [(vendor, rule) for vendor, rules in RULES.items() for rule in rules]


@pytest.mark.parametrize(("vendor", "code"), ALL)
def test_every_code_the_vendors_name_is_in_the_table(vendor: Vendor, code: str) -> None:
    assert find(vendor, code, "") is not None


@pytest.mark.parametrize(("vendor", "rule"), RULE_LIST, ids=lambda value: getattr(value, "code", str(value)))
def test_no_rule_hides_behind_an_earlier_one(vendor: Vendor, rule: Rule) -> None:
    assert find(vendor, rule.code.replace(".*", ".SomethingNew"), rule.message) is rule


@pytest.mark.parametrize(("vendor", "rule"), RULE_LIST, ids=lambda value: getattr(value, "code", str(value)))
def test_every_rule_has_a_sentence_of_its_own(vendor: Vendor, rule: Rule) -> None:
    assert rule.sentence in SENTENCES


def told(vendor: Vendor, status: int, code: str, message: str = "", *, sent: bool = True) -> EchobotError:
    return classify(Answer(vendor, status, code, message, "r-1"), sent=sent)


CASES = [
    (429, "Throttling", "", Retry, "vendor.busy"),
    (429, "Throttling.RateQuota", "", Retry, "vendor.busy"),
    (429, "Throttling.AllocationQuota", "Requests rate exceeded", Retry, "vendor.busy"),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", Retry, "account.overdue"),
    (429, "Throttling.AllocationQuota", "Maximum voice-clone voice limit exceeded.", Retry, "account.quota"),
    (429, "CommodityNotPurchased", "", Retry, "account.overdue"),
    (429, "PrepaidBillOverdue", "", Retry, "account.overdue"),
    (429, "PostpaidBillOverdue", "", Retry, "account.overdue"),
    (400, "Arrearage", "", Retry, "account.overdue"),
    (401, "InvalidApiKey", "No API-key provided.", Retry, "account.credentials"),
    (403, "AccessDenied", "Access denied.", Offline, "engine.offline"),
    (403, "AccessDenied", "current user api does not support synchronous calls.", Corrupt, "vendor.rejected"),
    (403, "Endpoint.AccessDenied", "", Offline, "engine.offline"),
    (404, "ModelNotFound", "Model can not be found.", Offline, "engine.offline"),
    (400, "DataInspectionFailed", "", Refused, "content.blocked"),
    (400, "InvalidParameter.DataInspection", "Download the media resource timed out", Retry, "vendor.busy"),
    (400, "InvalidParameter", "[tts:]Engine return error code: 418", Corrupt, "vendor.rejected"),
    (400, "InvalidURL", "Required URL is missing or invalid.", Retry, "url.expired"),
    (400, "InvalidURL", "The input audio is longer than 60s!", Corrupt, "vendor.rejected"),
    (400, "InvalidURL", "File size is larger than 15MB.", Corrupt, "vendor.rejected"),
    (400, "InvalidFile.Content", "The input image has no human body.", Refused, "photo.no_face"),
    (400, "InvalidFile.Content", "The input image has multi human bodies.", Refused, "photo.many_faces"),
    (400, "InvalidFile.Resolution", "The image resolution is invalid", Refused, "photo.resolution"),
    (400, "InvalidFile.Resolution", "The video resolution is invalid", Refused, "request.media"),
    (400, "InvalidFile.FPS", "", Refused, "request.media"),
    (430, "Audio.AudioSilentError", "", Refused, "voice.silent"),
    (430, "Audio.DecoderError", "", Refused, "voice.format"),
    (430, "Audio.SomethingNew", "", Refused, "voice.rejected"),
    (430, "", "", Refused, "voice.rejected"),
    (500, "InternalError", "audio preprocess server error", Refused, "voice.rejected"),
    (500, "InternalError.Algo", "", Unknown, "vendor.unanswered"),
    (503, "ModelUnavailable", "", Unknown, "vendor.unanswered"),
    (200, "InvalidApiKey", "", Retry, "account.credentials"),
]


@pytest.mark.parametrize(("status", "code", "message", "error", "sentence"), CASES)
def test_model_studio_is_understood(
    status: int, code: str, message: str, error: type[EchobotError], sentence: str
) -> None:
    found = told(Vendor.MODEL_STUDIO, status, code, message)

    assert (type(found), found.code) == (error, sentence)


@pytest.mark.parametrize(
    ("vendor", "status", "code", "error"),
    [
        (Vendor.IMS, 400, "Throttling.User", Retry),
        (Vendor.IMS, 500, "InternalError", Unknown),
        (Vendor.IMS, 400, "TimelineFormatError", Corrupt),
        (Vendor.OSS, 404, "NoSuchKey", Refused),
        (Vendor.OSS, 409, "FileAlreadyExists", Conflict),
        (Vendor.OSS, 500, "InternalError", Unknown),
        (Vendor.TABLESTORE, 403, "OTSConditionCheckFail", Conflict),
        (Vendor.TABLESTORE, 503, "OTSServerBusy", Retry),
        (Vendor.TABLESTORE, 503, "OTSTimeout", Unknown),
        (Vendor.MNS, 0, "QueueNotExist", Corrupt),
        (Vendor.MNS, 0, "InternalError", Unknown),
    ],
)
def test_the_other_vendors_are_understood(vendor: Vendor, status: int, code: str, error: type[EchobotError]) -> None:
    assert type(told(vendor, status, code)) is error


@pytest.mark.parametrize("vendor", list(Vendor))
@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (400, Corrupt, "vendor.rejected"),
        (403, Corrupt, "vendor.rejected"),
        (429, Retry, "vendor.busy"),
        (500, Unknown, "vendor.unanswered"),
        (502, Unknown, "vendor.unanswered"),
        (408, Unknown, "vendor.unanswered"),
    ],
)
def test_a_code_nobody_wrote_down_is_judged_by_its_status(
    vendor: Vendor, status: int, error: type[EchobotError], sentence: str
) -> None:
    found = told(vendor, status, "BrandNew")

    assert (type(found), found.code, found.fields["vendor_code"]) == (error, sentence, "BrandNew")


@pytest.mark.parametrize("code", ["InternalError", "ServiceUnavailable", "RequestTimeOut", "BrandNew", ""])
def test_a_read_that_broke_is_only_tried_again(code: str) -> None:
    found = told(Vendor.MODEL_STUDIO, 500, code, sent=False)

    assert (type(found), found.code) == (Retry, "vendor.busy")


def test_an_answer_without_a_code_names_its_status() -> None:
    assert told(Vendor.OSS, 418, "").fields["vendor_code"] == "HTTP 418"


def test_who_must_pay_has_a_quarter_of_an_hour() -> None:
    found = told(Vendor.MODEL_STUDIO, 429, "PrepaidBillOverdue")

    assert isinstance(found, Retry)
    assert found.after_s == 900


def test_the_detail_is_for_the_operator_and_names_the_request() -> None:
    found = told(Vendor.IMS, 400, "InvalidParameter", "Width must be a number")

    assert found.detail == "ims 400 InvalidParameter Width must be a number (request r-1)"
    assert "Width" not in found.sentence.en + found.sentence.zh


def test_a_refusal_is_the_familys_and_an_offline_model_the_operators() -> None:
    assert told(Vendor.MODEL_STUDIO, 430, "Audio.DecoderError").audience is Audience.FAMILY
    assert told(Vendor.MODEL_STUDIO, 404, "ModelNotFound").audience is Audience.OPERATOR


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        ("", "", "photo.rejected"),
        ("InvalidFile.FacePose", "", "photo.pose"),
        ("", "The input image has no human body. Please upload other image.", "photo.no_face"),
        ("", "No human face detected.", "photo.no_face"),
        ("InvalidFile.BrandNew", "something", "photo.rejected"),
        ("DataInspectionFailed", "", "content.blocked"),
        ("InvalidParameter", "odd", "photo.rejected"),
    ],
)
def test_a_photo_that_did_not_pass_is_always_refused(code: str, message: str, sentence: str) -> None:
    assert photo_refusal(code, message).code == sentence


def test_the_page_of_codes_is_fresh() -> None:
    assert vendor_codes.PAGE.read_text("utf-8") == vendor_codes.render()
