"""Event patterns: which events a rule is for.

Source: help.aliyun.com/en/eventbridge/user-guide/event-patterns. A pattern has the structure of the events it is for;
keys must all match, of a key's list of conditions one must, and of a condition's operators all.
"""

from __future__ import annotations

import ipaddress
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

from local.standins.eventbridge.errors import invalid

EXPRESSIONS_MAX = 5

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def parse(text: str) -> dict[str, Any]:
    """A pattern from its JSON text; raises EventBridgeError for one the service could not use."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise invalid("The filter pattern is not JSON.") from error
    _check(pattern, "the pattern")
    return dict(pattern)


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return all(_field_matches(wanted, event, name) for name, wanted in pattern.items())


def _field_matches(wanted: Any, event: Mapping[str, Any], name: str) -> bool:
    if isinstance(wanted, Mapping):
        inner = event.get(name)
        return matches(wanted, inner if isinstance(inner, Mapping) else {})
    if name not in event:
        return {"exists": False} in wanted
    value = event[name]
    found = value if isinstance(value, list) else [value]
    return any(_condition_holds(condition, one) for condition in wanted for one in found)


def _condition_holds(condition: Any, value: Any) -> bool:
    if isinstance(condition, Mapping):
        return all(_OPERATORS[name](value, operand) for name, operand in condition.items())
    return _same(condition, value)


def _same(left: Any, right: Any) -> bool:
    """As JSON compares: 1 is 1.0, but true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _starts_with(value: Any, prefix: Any) -> bool:
    return isinstance(value, str) and value.startswith(prefix)


def _ends_with(value: Any, suffix: Any) -> bool:
    return isinstance(value, str) and value.endswith(suffix)


def _contains(value: Any, part: Any) -> bool:
    return isinstance(value, str) and part in value


def _anything_but(value: Any, excluded: Any) -> bool:
    if isinstance(excluded, Mapping):
        return not _condition_holds(excluded, value)
    return not any(_same(one, value) for one in (excluded if isinstance(excluded, list) else [excluded]))


def _numeric(value: Any, comparison: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    pairs = zip(comparison[::2], comparison[1::2], strict=True)
    return all(_COMPARISONS[sign](value, bound) for sign, bound in pairs)


def _cidr(value: Any, block: Any) -> bool:
    try:
        return ipaddress.IPv4Address(value) in ipaddress.IPv4Network(block)
    except ValueError:
        return False


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": _starts_with,
    "suffix": _ends_with,
    "contains": _contains,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": lambda _, wanted: bool(wanted),
}


def _check(pattern: Any, where: str) -> None:
    if not isinstance(pattern, Mapping):
        raise invalid(f"{where} must be an object.")
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            _check(wanted, name)
        elif not isinstance(wanted, list) or not 1 <= len(wanted) <= EXPRESSIONS_MAX:
            raise invalid(f"{name} must be a list of 1 to {EXPRESSIONS_MAX} expressions.")
        else:
            for condition in wanted:
                _check_condition(condition, name)


def _check_condition(condition: Any, where: str) -> None:
    if isinstance(condition, list):
        raise invalid(f"{where}: an expression cannot be a list.")
    if not isinstance(condition, Mapping):
        return
    if not condition:
        raise invalid(f"{where}: an expression without operator.")
    for name, operand in condition.items():
        if name not in _OPERATORS or not _fits(name, operand):
            raise invalid(f"{where}: {json.dumps({name: operand})} is not an expression.")


def _fits(name: str, operand: Any) -> bool:
    if name in {"prefix", "suffix", "contains"}:
        return isinstance(operand, str)
    if name == "exists":
        return isinstance(operand, bool)
    if name == "anything-but":
        return not isinstance(operand, Mapping) or (operand.keys() == {"prefix"} and isinstance(operand["prefix"], str))
    if name == "cidr":
        return _is_network(operand)
    return isinstance(operand, list) and len(operand) in {2, 4} and _are_comparisons(operand)


def _are_comparisons(operand: list[Any]) -> bool:
    bounds = operand[1::2]
    are_numbers = all(isinstance(bound, int | float) and not isinstance(bound, bool) for bound in bounds)
    return are_numbers and all(sign in _COMPARISONS for sign in operand[::2])


def _is_network(operand: Any) -> bool:
    try:
        ipaddress.IPv4Network(operand)
    except ValueError:
        return False
    return isinstance(operand, str)
