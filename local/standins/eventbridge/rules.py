"""Rules and their targets: what the vendor's documents say of them, and what a target gets of an event.

Sources: help.aliyun.com/document_detail/185887.html (target parameters), .../181429.html (transformation).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.standins.eventbridge import pattern
from local.standins.eventbridge.errors import invalid

Event = dict[str, Any]

MNS_QUEUE = "acs.mns.queue"
FC_FUNCTION = "acs.fc.function"
BACKOFF_RETRY = "BACKOFF_RETRY"
EXPONENTIAL_DECAY_RETRY = "EXPONENTIAL_DECAY_RETRY"
BACKOFF_TRIES = 3
EXPONENTIAL_TRIES = 176
PAUSE_S_MAX = 512
TARGETS_MAX = 5

_FORMS = ("ORIGINAL", "JSONPATH", "CONSTANT", "TEMPLATE")
_QUEUE_ARN = re.compile(r"acs:mns:[\w-]*:\d*:/?queues/(?P<queue>[A-Za-z0-9-]+)")
_BUS_ARN = re.compile(r"acs:eventbridge:[\w-]*:\d*:eventbus/(?P<bus>[\w.-]+)")
_PATH = re.compile(r"\$((?:\.[\w-]+|\['[^']+'\]|\[\d+\])*)")
_PATH_PART = re.compile(r"\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Param:
    """One parameter of a target: where its value comes from. TEMPLATE: `value` names variables by JSONPath."""

    key: str
    form: str
    value: str = ""
    template: str = ""

    def of(self, event: Event) -> str:
        if self.form == "CONSTANT":
            return self.value
        if self.form == "JSONPATH":
            return _text(at_path(event, self.value))
        if self.form == "TEMPLATE":
            values = {name: _text(at_path(event, path)) for name, path in json.loads(self.value).items()}
            return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), self.template)
        return _text(event)


@dataclass(frozen=True)
class Target:
    id: str
    type: str
    endpoint: str
    params: tuple[Param, ...] = ()
    retry: str = BACKOFF_RETRY
    dead_letter_arn: str = ""
    errors_tolerance: str = "ALL"

    def resolve(self, event: Event) -> dict[str, str]:
        """The target's parameters (`queue`, `Body`, ...) for this event."""
        return {param.key: param.of(event) for param in self.params}

    def pause_s(self, tries: int, randomness: random.Random) -> float | None:
        """How long to wait after `tries` tries have failed; None when it is time to give up."""
        if self.retry == BACKOFF_RETRY:
            return randomness.uniform(10, 20) if tries <= BACKOFF_TRIES else None
        return min(2.0 ** (tries - 1), PAUSE_S_MAX) if tries <= EXPONENTIAL_TRIES else None

    @classmethod
    def of_sent(cls, sent: Mapping[str, Any]) -> Target:
        """A target as CreateRule, PutTargets and a ROS template write it; raises EventBridgeError."""
        for name in ("Id", "Type", "Endpoint"):
            if not isinstance(sent.get(name), str) or not sent[name]:
                raise invalid(f"A target needs {name}.")
        target = cls(
            sent["Id"],
            sent["Type"],
            sent["Endpoint"],
            tuple(_param(one) for one in sent.get("ParamList") or ()),
            sent.get("PushRetryStrategy") or BACKOFF_RETRY,
            (sent.get("DeadLetterQueue") or {}).get("Arn", ""),
            sent.get("ErrorsTolerance") or "ALL",
        )
        target.check()
        return target

    def check(self) -> None:
        if self.retry not in {BACKOFF_RETRY, EXPONENTIAL_DECAY_RETRY}:
            raise invalid(f"PushRetryStrategy {self.retry}")
        if self.errors_tolerance not in {"ALL", "NONE"}:
            raise invalid(f"ErrorsTolerance {self.errors_tolerance}")
        if self.dead_letter_arn and not (queue_of(self.dead_letter_arn) or bus_of(self.dead_letter_arn)):
            raise invalid(f"The stand-in has no dead-letter queue for {self.dead_letter_arn}.")

    def as_sent(self) -> dict[str, Any]:
        params = [
            {"ResourceKey": one.key, "Form": one.form, "Value": one.value, "Template": one.template}
            for one in self.params
        ]
        dead_letter = {"DeadLetterQueue": {"Arn": self.dead_letter_arn}} if self.dead_letter_arn else {}
        return {
            "Id": self.id,
            "Type": self.type,
            "Endpoint": self.endpoint,
            "ParamList": params,
            "PushRetryStrategy": self.retry,
            "ErrorsTolerance": self.errors_tolerance,
            **dead_letter,
        }


@dataclass(frozen=True)
class Rule:
    """`filter_pattern` is JSON text, as the service keeps it."""

    bus: str
    name: str
    filter_pattern: str
    targets: tuple[Target, ...] = ()
    description: str = ""
    is_enabled: bool = True
    created_at: float = 0.0
    _parsed: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises EventBridgeError for a pattern or targets the service would not take."""
        object.__setattr__(self, "_parsed", pattern.parse(self.filter_pattern))
        ids = [target.id for target in self.targets]
        if len(ids) > TARGETS_MAX or len(set(ids)) < len(ids):
            raise invalid(f"A rule has at most {TARGETS_MAX} targets, each with an id of its own.")

    def wants(self, event: Event) -> bool:
        return self.is_enabled and pattern.matches(self._parsed, event)

    def target(self, target_id: str) -> Target | None:
        return next((target for target in self.targets if target.id == target_id), None)

    def kept(self) -> bytes:
        row = {
            "filter_pattern": self.filter_pattern,
            "targets": [target.as_sent() for target in self.targets],
            "description": self.description,
            "is_enabled": self.is_enabled,
            "created_at": self.created_at,
        }
        return json.dumps(row).encode()

    @classmethod
    def of_kept(cls, bus: str, name: str, kept: bytes) -> Rule:
        row = json.loads(kept)
        return cls(bus, name, **{**row, "targets": tuple(Target.of_sent(sent) for sent in row["targets"])})


def queue_of(arn: str) -> str:
    """The queue an ARN names; "" when it names something else."""
    match = _QUEUE_ARN.fullmatch(arn)
    return match["queue"] if match else ""


def bus_of(arn: str) -> str:
    """The event bus an ARN names; "" when it names something else."""
    match = _BUS_ARN.fullmatch(arn)
    return match["bus"] if match else ""


def at_path(event: Event, path: str) -> Any:
    """What `$.data.task_id` or `$.data['a'][0]` points at; None when nothing is there."""
    found: Any = event
    for name, quoted, index in _PATH_PART.findall(path):
        if index:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
        else:
            found = found.get(name or quoted) if isinstance(found, dict) else None
    return found


def _param(sent: Mapping[str, Any]) -> Param:
    values = (sent.get("ResourceKey"), sent.get("Form"), sent.get("Value"), sent.get("Template"))
    param = Param(*(str(value or "") for value in values))
    if not param.key or param.form not in _FORMS:
        raise invalid(f"A parameter needs ResourceKey, and Form of {', '.join(_FORMS)}.")
    paths = [param.value] if param.form == "JSONPATH" else _variables(param) if param.form == "TEMPLATE" else []
    for path in paths:
        if not _PATH.fullmatch(path):
            raise invalid(f"{param.key}: {path} is not a path the stand-in can follow.")
    return param


def _variables(param: Param) -> list[str]:
    try:
        variables = json.loads(param.value)
    except ValueError as error:
        raise invalid(f"{param.key}: the variables of a template are a JSON object.") from error
    if not isinstance(variables, dict):
        raise invalid(f"{param.key}: the variables of a template are a JSON object.")
    return [str(path) for path in variables.values()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
