"""What MNS answers when it refuses: its own codes, statuses and messages.

Source: help.aliyun.com/zh/mns/developer-reference/syntax-of-error-responses (the vendor's spelling is kept).
"""

from __future__ import annotations

from local.standins.errors import VendorError

_NOT_VALID = "The XML you provided did not validate against our published schema, cause by {}."

_TABLE: dict[str, tuple[int, str]] = {
    "InvalidAccessKeyId": (403, "The AccessKey Id you provided is not exist."),
    "InvalidArgument": (400, "The value of an argument is invalid."),
    "InvalidAuthorizationHeader": (400, "The Authorization header format is invalid."),
    "InvalidDegist": (400, "The Content-MD5 you specified is invalid."),
    "InvalidQueueName": (
        400,
        "The queue name you provided is invalid. QueueName should start with alpha and contain only alpha, digit or -.",
    ),
    "InvalidRequestURL": (400, "Http request URL format invalid."),
    "InvalidTopicName": (
        400,
        "The topic name you provided is invalid. TopicName should start with alpha and contain only alpha, digit or -.",
    ),
    "MalformedXML": (400, "The XML you provided was not well-formed."),
    "MessageNotExist": (404, "Message not exist."),
    "MissingAuthorizationHeader": (400, "Authorization header is required."),
    "MissingDateHeader": (400, "Date header is required."),
    "MissingReceiptHandle": (400, "ReceiptHandle is required."),
    "MissingVisibilityTimeout": (400, "VisibilityTimeout is required."),
    "QueueAlreadyExist": (409, "The queue you want to create is already exist."),
    "QueueNameLengthError": (400, "Queue name length should between 1 and 256."),
    "QueueNotExist": (404, "The queue name you provided is not exist."),
    "ReceiptHandleError": (400, "The receipt handle you provide is not valid."),
    "SignatureDoesNotMatch": (
        403,
        (
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        ),
    ),
    "SubscriptionAlreadyExist": (409, "The subscription you want to create is already exist."),
    "SubscriptionNotExist": (404, "The subscription name you provided is not exist."),
    "TopicAlreadyExist": (409, "The topic you want to create is already exist."),
    "TopicNameLengthError": (400, "Topic name length should between 1 and 256."),
    "TopicNotExist": (404, "The topic name you provided is not exist."),
}


class MnsError(VendorError):
    """A refusal as the service words it; `code` is what callers may rely on."""

    def __init__(self, code: str, message: str | None = None) -> None:
        status, standard = _TABLE[code]
        super().__init__(status, code, message or standard)


def out_of_range(element: str, low: int, high: int, unit: str) -> MnsError:
    message = f"The value of {element} should between {low} and {high} {unit}".rstrip() + "."
    return MnsError("InvalidArgument", message)


def not_by_schema(element: str) -> MnsError:
    return MnsError("InvalidArgument", _NOT_VALID.format(element))
