"""What every vendor error code means to Echobot: which error, which sentence, how long to wait.

One table, so that a client never decides by HTTP status: 429 also carries billing errors, HTTP 200 also carries
rejections, and a message is sometimes all that tells two cases of one code apart. Sources: the vendors' error pages
and SDKs as of 2026-11; `docs/vendor-codes.md` is generated from this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from shared.clients.transport import harmless, never_sent
from shared.domain.errors import Conflict, Corrupt, EchobotError, Offline, Refused, Retry, Unknown
from shared.domain.frozen import frozen


class Vendor(str, Enum):
    MODEL_STUDIO = "model_studio"
    IMS = "ims"
    OSS = "oss"
    TABLESTORE = "tablestore"
    MNS = "mns"


@frozen
class Answer:
    """An error as a vendor told it. `status` 0 when the SDK does not pass the HTTP status on."""

    vendor: Vendor
    status: int
    code: str = ""
    message: str = ""
    request_id: str = ""

    @property
    def detail(self) -> str:
        told = " ".join(part for part in (harmless(self.code), harmless(self.message)) if part)
        request = harmless(self.request_id) or "-"
        return f"{self.vendor.value} {self.status or '-'} {told or 'without a code'} (request {request})"


@frozen
class Rule:
    """`code` is exact, or a family when it ends in `.*`; with `message`, only answers that contain that text.

    `error` Unknown means the call may have taken effect: a pure read of the same code is a `Retry`.
    """

    code: str
    error: type[EchobotError]
    sentence: str
    message: str = ""
    after_s: float | None = None
    fields: Mapping[str, object] = field(default_factory=dict)

    def matches(self, code: str, message: str) -> bool:
        named = code.startswith(self.code[:-1]) if self.code.endswith(".*") else code == self.code
        return named and self.message.lower() in message.lower()


MOMENT_S = 2.0
"""Limits per second are also enforced in shorter slices."""

MINUTE_S = 60.0
"""Quotas per minute; a service that says it is overloaded."""

PERSON_S = 900.0
"""Somebody must pay, grant or free something first; the job waits and goes on by itself."""

REJECTED = "vendor.rejected"
BUSY = "vendor.busy"
OVERDUE = "account.overdue"
CREDENTIALS = "account.credentials"


def classify(answer: Answer, *, sent: bool, **fields: object) -> EchobotError:
    """The error an answer means. `sent` says that the call changes the world, so that a 5xx leaves it open
    whether it did; a task the vendor reports as failed certainly has no effect any more (`sent=False`).
    """
    rule = find(answer.vendor, answer.code, answer.message) or _by_status(answer)
    named = harmless(answer.code) or (f"HTTP {answer.status}" if answer.status else "no code")
    known = {"vendor_code": named, **rule.fields, **fields}
    if rule.error is Unknown:
        return _open(answer.detail, sent=sent, after_s=rule.after_s, fields=known)
    if rule.error is Retry:
        return Retry(rule.sentence, answer.detail, after_s=rule.after_s, **known)
    return rule.error(rule.sentence, answer.detail, **known)


def unanswered(vendor: Vendor, error: BaseException, *, sent: bool) -> EchobotError:
    """The error of a call that got no readable answer: `Retry` when it cannot have taken effect, else `Unknown`."""
    detail = f"{vendor.value}: {type(error).__name__}: {harmless(str(error))}"
    return _open(
        detail, sent=sent and not never_sent(error), after_s=None, fields={"vendor_code": type(error).__name__}
    )


def find(vendor: Vendor, code: str, message: str) -> Rule | None:
    """The first rule that matches; specific rules stand before general ones."""
    return next((rule for rule in RULES[vendor] if rule.matches(code, message)), None)


def photo_refusal(code: str, message: str) -> Refused:
    """Why a detector did not pass a photo. Vendors also reject with HTTP 200 and an empty code or message."""
    detail = harmless(f"{code} {message}".strip())
    for rule in RULES[Vendor.MODEL_STUDIO]:
        is_photo = issubclass(rule.error, Refused) and rule.sentence.startswith(("photo.", "content."))
        named = rule.matches(code, message) if code else bool(rule.message) and rule.matches(rule.code, message)
        if is_photo and named:
            return Refused(rule.sentence, detail)
    return Refused("photo.rejected", detail)


def _open(detail: str, *, sent: bool, after_s: float | None, fields: Mapping[str, object]) -> EchobotError:
    if sent:
        return Unknown("vendor.unanswered", detail, **fields)
    return Retry(BUSY, detail, after_s=after_s, **fields)


def _by_status(answer: Answer) -> Rule:
    """The meaning of a code nobody wrote down."""
    if answer.status == 429:
        return Rule("", Retry, BUSY, after_s=MOMENT_S)
    if answer.status == 430:  # Model Studio's own status for voice samples
        return Rule("", Refused, "voice.rejected")
    if answer.status >= 500 or answer.status == 408:
        return Rule("", Unknown, "vendor.unanswered")
    return Rule("", Corrupt, REJECTED)


MODEL_STUDIO_RULES: tuple[Rule, ...] = (
    # --- the photo: emo-detect and wan2.2-s2v-detect, as HTTP 400 or inside a passed-over check
    Rule("InvalidFile.Content", Refused, "photo.no_face", "no human"),
    Rule("InvalidFile.Content", Refused, "photo.many_faces", "multi human"),
    Rule("InvalidFile.Content", Refused, "photo.rejected"),
    Rule("InvalidFile.BodyProportion", Refused, "photo.proportion"),
    Rule("InvalidFile.Resolution", Refused, "photo.resolution", "image resolution"),
    Rule("InvalidFile.Value", Refused, "photo.dark"),
    Rule("InvalidFile.FrontBody", Refused, "photo.pose"),
    Rule("InvalidFile.FullFace", Refused, "photo.pose"),
    Rule("InvalidFile.FacePose", Refused, "photo.pose"),
    Rule("ImageCheckFailed", Refused, "photo.rejected"),
    Rule("InvalidFile.AudioLengthError", Corrupt, REJECTED),  # of our own speech
    Rule("InvalidFile.*", Refused, "request.media"),
    # --- the voice sample (HTTP 430, some models 400)
    Rule("Audio.DecoderError", Refused, "voice.format"),
    Rule("Audio.FileSizeExceed", Refused, "voice.too_large"),
    Rule("Audio.AudioRateError", Refused, "voice.sample_rate"),
    Rule("Audio.AudioSilentError", Refused, "voice.silent"),
    Rule("Audio.AudioShortError", Refused, "voice.too_short"),
    Rule("Audio.*", Refused, "voice.rejected"),
    Rule("InvalidAudio", Refused, "voice.rejected"),
    Rule("InternalError", Refused, "voice.rejected", "audio preprocess server error"),
    # --- what they fetch from us: a presigned url may have died in their queue, so it is signed anew
    Rule("InvalidURL", Corrupt, REJECTED, "longer than"),
    Rule("InvalidURL", Corrupt, REJECTED, "File size is larger"),
    Rule("InvalidURL", Corrupt, REJECTED, "File type is not supported"),
    Rule("InvalidURL", Retry, "url.expired"),
    Rule("InvalidURL.*", Retry, "url.expired"),
    Rule("InvalidParameter.DataInspection", Retry, BUSY, after_s=MINUTE_S),
    # --- our own mistakes
    Rule("InvalidParameter", Corrupt, REJECTED),
    Rule("BadRequest.*", Corrupt, REJECTED),
    Rule("UnsupportedOperation", Corrupt, REJECTED),
    Rule("AccessDenied", Corrupt, REJECTED, "does not support"),  # the async header is missing or too many
    # --- content
    Rule("DataInspectionFailed", Refused, "content.blocked"),
    Rule("IPInfringementSuspect", Refused, "content.blocked"),
    Rule("FaqRuleBlocked", Refused, "content.blocked"),
    Rule("CustomRoleBlocked", Refused, "content.blocked"),
    # --- the model is switched off, or not open to this account
    Rule("Endpoint.AccessDenied", Offline, "engine.offline"),
    Rule("Model.AccessDenied", Offline, "engine.offline"),
    Rule("AccessDenied", Offline, "engine.offline"),
    Rule("ModelNotFound", Offline, "engine.offline"),
    Rule("Model.NotExist", Offline, "engine.offline"),
    # --- the account
    Rule("InvalidApiKey", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("NOT AUTHORIZED", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("Unauthorized", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("Workspace.AccessDenied", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("WorkSpaceNotFound", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("AccessDenied.Unpurchased", Retry, OVERDUE, after_s=PERSON_S),
    Rule("Arrearage", Retry, OVERDUE, after_s=PERSON_S),
    Rule("AllocationQuota.FreeTierOnly", Retry, OVERDUE, after_s=PERSON_S),
    Rule("CommodityNotPurchased", Retry, OVERDUE, after_s=PERSON_S),
    Rule("PrepaidBillOverdue", Retry, OVERDUE, after_s=PERSON_S),
    Rule("PostpaidBillOverdue", Retry, OVERDUE, after_s=PERSON_S),
    Rule(
        "Throttling.AllocationQuota",
        Retry,
        "account.quota",
        "voice limit exceeded",
        after_s=PERSON_S,
        fields={"what": "voices"},
    ),
    Rule("Throttling.AllocationQuota", Retry, OVERDUE, "Free allocated quota exceeded", after_s=PERSON_S),
    # --- busy: refused before anything happened
    Rule("Throttling.AllocationQuota", Retry, BUSY, after_s=MINUTE_S),
    Rule("Throttling.ServiceOverloaded", Retry, BUSY, after_s=MINUTE_S),
    Rule("Throttling", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.RateQuota", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.BurstRate", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.Concurrency", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.*", Retry, BUSY, after_s=MOMENT_S),
    Rule("LimitRequests", Retry, BUSY, after_s=MOMENT_S),
    Rule("ClientDisconnect", Retry, BUSY),
    # --- broken: it may have happened
    Rule("InternalError", Unknown, "vendor.unanswered"),
    Rule("InternalError.*", Unknown, "vendor.unanswered"),
    Rule("SystemError", Unknown, "vendor.unanswered"),
    Rule("ModelServiceFailed", Unknown, "vendor.unanswered"),
    Rule("RequestTimeOut", Unknown, "vendor.unanswered"),
    Rule("ModelUnavailable", Unknown, "vendor.unanswered"),
    Rule("ServiceUnavailable", Unknown, "vendor.unanswered"),
    Rule("GatewayTimeout", Unknown, "vendor.unanswered"),
)

IMS_RULES: tuple[Rule, ...] = (
    Rule("Throttling", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.User", Retry, BUSY, after_s=MOMENT_S),
    Rule("Throttling.*", Retry, BUSY, after_s=MOMENT_S),
    Rule("ServiceUnavailable", Unknown, "vendor.unanswered"),
    Rule("InternalError", Unknown, "vendor.unanswered"),
    Rule("SDK.UnknownServerError", Unknown, "vendor.unanswered"),  # a 5xx whose body is not JSON
    Rule("InvalidParameter", Corrupt, REJECTED),
    Rule("MissingParameter", Corrupt, REJECTED),
    Rule("InvalidAction.NotFound", Corrupt, REJECTED),
    Rule("TimelineFormatError", Corrupt, REJECTED),
    Rule("SpeechTranslationNoValidVocal", Refused, "captions.none"),
    Rule("Forbidden", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("Forbidden.SubscriptionRequired", Retry, OVERDUE, after_s=PERSON_S),
    Rule("Forbidden.*", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("QuotaExceeded", Retry, "account.quota", after_s=PERSON_S, fields={"what": "IMS"}),
    Rule("InvalidAccessKeyId.NotFound", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("InvalidAccessKeySecret", Retry, CREDENTIALS, after_s=PERSON_S),  # the SDK's word for the next one
    Rule("SignatureDoesNotMatch", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("InvalidSecurityToken.Expired", Retry, CREDENTIALS, after_s=MOMENT_S),  # read anew on the next use
)

OSS_RULES: tuple[Rule, ...] = (
    Rule("NoSuchKey", Refused, "object.missing"),
    Rule("NoSuchUpload", Refused, "object.missing"),
    Rule("NoSuchBucket", Corrupt, REJECTED),
    Rule("InvalidObjectName", Corrupt, REJECTED),
    Rule("InvalidArgument", Corrupt, REJECTED),
    Rule("InvalidDigest", Unknown, "vendor.unanswered"),  # damaged on the way
    Rule("EntityTooLarge", Corrupt, REJECTED),
    Rule("FileAlreadyExists", Conflict, "key.taken"),
    Rule("AccessDenied", Retry, "url.expired", "expired"),
    Rule("AccessDenied", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("InvalidAccessKeyId", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("SignatureDoesNotMatch", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("SecurityTokenExpired", Retry, CREDENTIALS, after_s=MOMENT_S),
    Rule("InvalidSecurityToken", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("RequestTimeTooSkewed", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("UserDisable", Retry, OVERDUE, after_s=PERSON_S),
    Rule("QpsLimitExceeded", Retry, BUSY, after_s=MOMENT_S),
    Rule("DownloadTrafficRateLimitExceeded", Retry, BUSY, after_s=MINUTE_S),
    Rule("UploadTrafficRateLimitExceeded", Retry, BUSY, after_s=MINUTE_S),
    Rule("RequestTimeout", Unknown, "vendor.unanswered"),
    Rule("InternalError", Unknown, "vendor.unanswered"),
    Rule("ServiceUnavailable", Unknown, "vendor.unanswered"),
)

TABLESTORE_RULES: tuple[Rule, ...] = (
    Rule("OTSConditionCheckFail", Conflict, "row.moved"),
    # --- refused before the row was touched: the SDK's own policy repeats these even for writes
    Rule("OTSRowOperationConflict", Retry, BUSY),
    Rule("OTSNotEnoughCapacityUnit", Retry, BUSY, after_s=MOMENT_S),
    Rule("OTSTableNotReady", Retry, BUSY, after_s=MINUTE_S),
    Rule("OTSPartitionUnavailable", Retry, BUSY, after_s=MOMENT_S),
    Rule("OTSServerBusy", Retry, BUSY, after_s=MOMENT_S),
    Rule("OTSOperationThrottled", Retry, BUSY, after_s=MOMENT_S),
    Rule("OTSQuotaExhausted", Retry, BUSY, "Too frequent table operations", after_s=MOMENT_S),
    Rule("OTSQuotaExhausted", Retry, "account.quota", after_s=PERSON_S, fields={"what": "Tablestore"}),
    # --- broken: it may have happened
    Rule("OTSTimeout", Unknown, "vendor.unanswered"),
    Rule("OTSInternalServerError", Unknown, "vendor.unanswered"),
    Rule("OTSServerUnavailable", Unknown, "vendor.unanswered"),
    # --- the account
    Rule("OTSAuthFailed", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("OTSNoPermissionAccess", Retry, CREDENTIALS, after_s=PERSON_S),
    # --- our own mistakes
    Rule("OTSParameterInvalid", Corrupt, REJECTED),
    Rule("OTSInvalidPK", Corrupt, REJECTED),
    Rule("OTSObjectNotExist", Corrupt, REJECTED),
    Rule("OTSObjectAlreadyExist", Corrupt, REJECTED),
    Rule("OTSRequestBodyTooLarge", Corrupt, REJECTED),
    Rule("OTSOutOfRowSizeLimit", Corrupt, REJECTED),
    Rule("OTSOutOfColumnCountLimit", Corrupt, REJECTED),
    Rule("OTSMetaNotMatch", Corrupt, REJECTED),
    Rule("OTSUnsupportOperation", Corrupt, REJECTED),
    Rule("OTSMethodNotAllowed", Corrupt, REJECTED),
)

MNS_RULES: tuple[Rule, ...] = (
    Rule("QueueNotExist", Corrupt, REJECTED),
    Rule("TopicNotExist", Corrupt, REJECTED),
    Rule("MessageNotExist", Corrupt, REJECTED),
    Rule("InvalidArgument", Corrupt, REJECTED),
    Rule("InvalidRequestURL", Corrupt, REJECTED),
    Rule("AccessDenied", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("InvalidAccessKeyId", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("SignatureDoesNotMatch", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("InvalidSecurityToken.*", Retry, CREDENTIALS, after_s=MOMENT_S),
    Rule("TimeExpired", Retry, CREDENTIALS, after_s=PERSON_S),
    Rule("QpsLimitExceeded", Retry, BUSY, after_s=MOMENT_S),
    Rule("InternalError", Unknown, "vendor.unanswered"),
    Rule("InternalServerError", Unknown, "vendor.unanswered"),
    Rule("RequestTimeout", Unknown, "vendor.unanswered"),
)

RULES: Mapping[Vendor, tuple[Rule, ...]] = {
    Vendor.MODEL_STUDIO: MODEL_STUDIO_RULES,
    Vendor.IMS: IMS_RULES,
    Vendor.OSS: OSS_RULES,
    Vendor.TABLESTORE: TABLESTORE_RULES,
    Vendor.MNS: MNS_RULES,
}
