"""The policy of a form upload: until when, and what the form may say.

Source: help.aliyun.com "PostObject", appendix "Policy". Conditions: `{"field": value}`,
`["eq" | "starts-with", "$field", value]`, `["in" | "not-in", "$field", [values]]`,
`["content-length-range", low, high]`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from local.standins.oss.errors import OssError, access_denied


def check_policy(encoded: str, fields: Mapping[str, str], size: int, now: float) -> None:
    """`fields` are the form's, with `bucket` added and lower-case names; `size` is the file's, in bytes."""
    policy = _decoded(encoded)
    if _expiration(policy) <= now:
        raise access_denied("Invalid according to Policy: Policy expired.")
    conditions = policy.get("conditions")
    if not isinstance(conditions, list) or not conditions:
        raise _invalid("Invalid Policy: missing conditions.")
    for condition in conditions:
        _check(condition, fields, size)


def _check(condition: Any, fields: Mapping[str, str], size: int) -> None:
    if isinstance(condition, dict):
        if len(condition) != 1:
            raise _invalid(
                "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property."
            )
        name, value = next(iter(condition.items()))
        if fields.get(name.lower()) != str(value):
            raise _failed(["eq", f"${name}", value])
        return
    if not isinstance(condition, list) or len(condition) != 3:
        raise _invalid("Invalid Policy: a condition must be an object with one property or a list of three.")
    how, name, value = condition
    if str(how).lower() == "content-length-range":
        _check_size(size, name, value)
    elif not _holds(str(how).lower(), fields.get(str(name).removeprefix("$").lower(), ""), value):
        raise _failed(condition)


def _holds(how: str, given: str, value: Any) -> bool:
    if how in ("in", "not-in") and isinstance(value, list):
        return (given in value) == (how == "in")
    if how == "eq":
        return given == str(value)
    if how == "starts-with":
        return given.startswith(str(value))
    raise _invalid(f"Invalid Policy: unknown condition {how}.")


def _check_size(size: int, low: Any, high: Any) -> None:
    if not isinstance(low, int) or not isinstance(high, int):
        raise _invalid("Invalid Policy: content-length-range wants two integers.")
    if size > high:
        raise OssError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
    if size < low:
        raise OssError(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.")


def _decoded(encoded: str) -> dict[str, Any]:
    try:
        policy = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise _invalid("Invalid Policy: not Base64 of JSON.") from None
    if not isinstance(policy, dict):
        raise _invalid("Invalid Policy: not a JSON object.")
    return policy


def _expiration(policy: Mapping[str, Any]) -> float:
    text = str(policy.get("expiration", ""))
    for shape in ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    raise _invalid("Invalid Policy: missing or invalid expiration.")


def _failed(condition: list[Any]) -> OssError:
    return access_denied(f"Invalid according to Policy: Policy Condition failed: {json.dumps(condition)}")


def _invalid(message: str) -> OssError:
    return OssError(400, "InvalidPolicyDocument", message)
