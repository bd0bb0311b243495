"""What EventBridge answers when it refuses.

Sources: help.aliyun.com/zh/eventbridge/error-codes; apache/rocketmq-eventbridge (the vendor's open version) for the
status 409 of everything about buses, rules and targets; `EventRuleNotExisted` as terraform-provider-alicloud meets it.
"""

from __future__ import annotations

from local.standins.errors import VendorError

_STATUS = {
    "AccessDenied": 403,
    "EventBusAlreadyExist": 409,
    "EventBusNotExist": 409,
    "EventRuleAlreadyExist": 409,
    "EventRuleNotExisted": 409,
    "InvalidAccessKeyId": 403,
    "InvalidAction.NotFound": 404,
    "InvalidArgument": 400,
    "SignatureDoesNotMatch": 403,
}


class EventBridgeError(VendorError):
    """A refusal; `code` is what callers may rely on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(_STATUS[code], code, message)


def invalid(message: str) -> EventBridgeError:
    return EventBridgeError("InvalidArgument", message)
