"""What `s.yaml` and `template.yaml` declare, read as the tools of the cloud would read them.

The two files are the only description of the deployment. Understood here is what they use of the Serverless Devs YAML
(`vars`, `template` with `extend`, `${vars.*}`, `${env('NAME', 'default')}`) and of ROS (`Ref`, `Fn::Sub`, `Fn::Join`).
Anything else of those languages is an error that names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.standins.fc.state import Function, Trigger

ROOT = Path(__file__).resolve().parents[1]


class DeploymentError(Exception):
    """A declaration that cannot be understood; the message says where and what."""


@dataclass(frozen=True)
class ObjectTrigger:
    """Fires for objects of a bucket whose key has the prefix and suffix. `events` as in an OSS event, no `oss:`."""

    function: str
    bucket: str
    events: tuple[str, ...]
    prefix: str
    suffix: str

    def fires(self, event: str, bucket: str, key: str) -> bool:
        is_wanted = any(event == one or (one.endswith(":*") and event.startswith(one[:-1])) for one in self.events)
        return is_wanted and bucket == self.bucket and key.startswith(self.prefix) and key.endswith(self.suffix)


@dataclass(frozen=True)
class QueueTrigger:
    """EventBridge takes messages from a queue and invokes the function with each."""

    function: str
    queue: str
    retry: str
    dead_letters: str
    base64: bool


@dataclass(frozen=True)
class HttpTriggered:
    """A function that answers requests from outside."""

    function: str


@dataclass(frozen=True)
class TimerTrigger:
    function: str
    name: str
    every_s: float
    payload: str


@dataclass(frozen=True)
class TableDeclared:
    name: str
    primary_key: tuple[tuple[str, str], ...]
    ttl_s: int
    max_versions: int


@dataclass(frozen=True)
class Deployment:
    functions: tuple[Function, ...]
    object_triggers: tuple[ObjectTrigger, ...]
    queue_triggers: tuple[QueueTrigger, ...]
    timer_triggers: tuple[TimerTrigger, ...]
    http_triggers: tuple[HttpTriggered, ...] = ()
    buckets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # name -> properties
    instance: str = ""
    tables: tuple[TableDeclared, ...] = ()
    queues: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # name -> attributes
    topics: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()


def read(env: Mapping[str, str], *, region: str, account_id: str, root: Path = ROOT) -> Deployment:
    """The deployment of the project in `root`, with `env` for what the files take from the environment."""
    resources = render_services(root / "s.yaml", env)
    parts = _Parts()
    for name, props in resources.items():
        parts.function(name, props)
    given = {"Prefix": env["ECHOBOT_PREFIX"]} if env.get("ECHOBOT_PREFIX") else {}
    stack = render_stack(root / "template.yaml", given, region=region, account_id=account_id)
    buckets = {_need(place, one, "BucketName"): one for place, one in _of(stack, "ALIYUN::OSS::Bucket")}
    instances = [_need(place, one, "InstanceName") for place, one in _of(stack, "ALIYUN::OTS::Instance")]
    return Deployment(
        functions=tuple(parts.functions),
        object_triggers=tuple(parts.objects),
        queue_triggers=tuple(parts.queues),
        timer_triggers=tuple(parts.timers),
        http_triggers=tuple(parts.pages),
        buckets=buckets,
        instance=next(iter(instances), ""),
        tables=tuple(_table(place, one) for place, one in _of(stack, "ALIYUN::OTS::Table")),
        queues={_need(place, one, "QueueName"): one for place, one in _of(stack, "ALIYUN::MNS::Queue")},
        topics=tuple(_need(place, one, "TopicName") for place, one in _of(stack, "ALIYUN::MNS::Topic")),
        rules=tuple(one for _, one in _of(stack, "ALIYUN::EventBridge::Rule")),
    )


def render_services(path: Path, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Props of each resource of an s.yaml, templates merged and placeholders filled. A stage extends another file."""
    document = _document(path)
    if "extend" in document:
        document = _merged(_document(path.parent / document["extend"]), document)
    variables = _filled(document.get("vars", {}), {}, env)
    templates = document.get("template", {})
    rendered = {}
    for name, resource in document["resources"].items():
        template = resource.get("extend", {}).get("name")
        if template is not None and template not in templates:
            raise DeploymentError(f"s.yaml: {name}: there is no template {template}")
        rendered[name] = _filled(_merged(templates.get(template, {}), resource["props"]), variables, env)
    return rendered


def render_stack(path: Path, given: Mapping[str, str], *, region: str, account_id: str) -> dict[str, dict[str, Any]]:
    """Resources of a ROS template with references resolved; `given` overrides parameter defaults."""
    document = _document(path)
    values = {
        "ALIYUN::Region": region,
        "ALIYUN::TenantId": account_id,
        **{name: given.get(name, one.get("Default")) for name, one in document.get("Parameters", {}).items()},
    }
    resources = document["Resources"]
    return {
        name: {"Type": resource["Type"], "Properties": _resolved(resource.get("Properties", {}), values, name)}
        for name, resource in resources.items()
    }


def _document(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise DeploymentError(f"{path.name} is no YAML: {error}") from error
    return found


class _Parts:
    """Functions and triggers as they are met in s.yaml."""

    def __init__(self) -> None:
        self.functions: list[Function] = []
        self.objects: list[ObjectTrigger] = []
        self.queues: list[QueueTrigger] = []
        self.timers: list[TimerTrigger] = []
        self.pages: list[HttpTriggered] = []

    def function(self, resource: str, props: Mapping[str, Any]) -> None:
        place = f"s.yaml: {resource}"
        config = props.get("asyncInvokeConfig", {})
        destination = config.get("destinationConfig", {}).get("onFailure", {}).get("destination", "")
        name = _need(place, props, "functionName")
        self.functions.append(
            Function(
                name=name,
                code=_need(place, props, "code"),
                handler=_need(place, props, "handler"),
                timeout_s=_number(place, props, "timeout"),
                memory_mb=_number(place, props, "memorySize"),
                env={str(key): str(value) for key, value in props.get("environmentVariables", {}).items()},
                retries=int(config.get("maxAsyncRetryAttempts", 3)),
                age_s_max=int(config.get("maxAsyncEventAgeInSeconds", 86_400)),
                on_failure_queue=queue_of(destination) if destination else "",
                role=str(props.get("role", "")),
                has_async_config=bool(config),
                triggers=tuple(
                    _trigger(f"{place}: triggers[{at}]", one) for at, one in enumerate(props.get("triggers", []))
                ),
            )
        )
        for at, trigger in enumerate(props.get("triggers", [])):
            self.trigger(place, f"{place}: triggers[{at}]", name, trigger)

    def trigger(self, resource: str, place: str, function: str, trigger: Mapping[str, Any]) -> None:
        kind, config = _need(place, trigger, "triggerType"), _need(place, trigger, "triggerConfig")
        if kind == "oss":
            key = config.get("filter", {}).get("key", {})
            events = tuple(event.removeprefix("oss:") for event in _need(place, config, "events"))
            bucket = _need(place, trigger, "sourceArn").rpartition(":")[2]
            prefix, suffix = key.get("prefix", ""), key.get("suffix", "")
            self.objects.append(ObjectTrigger(function, bucket, events, prefix, suffix))
        elif kind == "eventbridge":
            self.queues.append(self._queue(resource, place, function, config))
        elif kind == "http":
            if config.get("authType") != "anonymous":
                raise DeploymentError(f"{place}: only anonymous HTTP triggers are understood")
            self.pages.append(HttpTriggered(function))
        elif kind == "timer":
            every_s = _every_s(_need(place, config, "cronExpression"), resource)
            if config.get("enable", True):
                name = _need(place, trigger, "triggerName")
                self.timers.append(TimerTrigger(function, name, every_s, config.get("payload", "")))
        else:
            raise DeploymentError(f"{resource}: the local cloud has no {kind} trigger")

    @staticmethod
    def _queue(resource: str, place: str, function: str, config: Mapping[str, Any]) -> QueueTrigger:
        source = _need(place, config, "eventSourceConfig")
        if source.get("eventSourceType") != "MNS":
            raise DeploymentError(f"{resource}: event source {source.get('eventSourceType')} is not understood")
        parameters = _need(place, source.get("eventSourceParameters", {}), "sourceMNSParameters")
        options = config.get("runOptions", {})
        return QueueTrigger(
            function=function,
            queue=_need(place, parameters, "QueueName"),
            retry=options.get("retryStrategy", {}).get("PushRetryStrategy", "BACKOFF_RETRY"),
            dead_letters=queue_of(options.get("deadLetterQueue", {}).get("Arn", "")),
            base64=bool(parameters.get("IsBase64Decode", True)),
        )


def _trigger(place: str, given: Mapping[str, Any]) -> Trigger:
    return Trigger(
        name=_need(place, given, "triggerName"),
        kind=_need(place, given, "triggerType"),
        config=_need(place, given, "triggerConfig"),
        source_arn=str(given.get("sourceArn", "")),
        role=str(given.get("invocationRole", "")),
    )


def _need(place: str, given: Mapping[str, Any], name: str) -> Any:
    value = given.get(name)
    if value is None or value == "":
        raise DeploymentError(f"{place}: {name} is missing")
    return value


def _number(place: str, given: Mapping[str, Any], name: str) -> int:
    value = _need(place, given, name)
    try:
        return int(value)
    except ValueError:
        raise DeploymentError(f"{place}: {name} is {value!r}, not a number") from None


def queue_of(arn: str) -> str:
    """The queue's name in any of the ARN forms in use: `…:/queues/<q>/messages`, `…:/queues/<q>`, `…:queues/<q>`."""
    found = re.search(r"queues/([^/]+)", arn)
    return found.group(1) if found else ""


def _every_s(expression: str, resource: str) -> float:
    found = re.fullmatch(r"@every (\d+)(s|m|h)", expression)
    if not found:
        raise DeploymentError(f"{resource}: only `@every` timers are understood, not {expression!r}")
    return int(found.group(1)) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found.group(2)]


def _of(stack: Mapping[str, Mapping[str, Any]], kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Each resource of a kind, and where it stands."""
    return [
        (f"template.yaml: {name}", resource["Properties"])
        for name, resource in stack.items()
        if resource["Type"] == kind
    ]


def _table(place: str, props: Mapping[str, Any]) -> TableDeclared:
    return TableDeclared(
        name=_need(place, props, "TableName"),
        primary_key=tuple((one["Name"], one["Type"]) for one in _need(place, props, "PrimaryKey")),
        ttl_s=int(props.get("TimeToLive", -1)),
        max_versions=int(props.get("MaxVersions", 1)),
    )


def _merged(base: Any, over: Any) -> Any:
    """Serverless Devs' deep merge: maps are merged, everything else (lists too) is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {name: _merged(base.get(name), over[name]) if name in over else base[name] for name in {**base, **over}}
    return base if over is None else over


_PLACE = re.compile(r"\$\{(?P<what>[^}]*)\}")
_ENV = re.compile(r"env\('(?P<name>[A-Z][A-Z0-9_]*)'(?:,\s*'(?P<default>[^']*)')?\)")


def _filled(value: Any, variables: Mapping[str, Any], env: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, variables, env) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, variables, env) for inner in value]
    if isinstance(value, str):
        return _PLACE.sub(lambda found: _place(found.group("what"), variables, env), value)
    return value


def _place(what: str, variables: Mapping[str, Any], env: Mapping[str, str]) -> str:
    if what.startswith("vars."):
        name = what.removeprefix("vars.")
        if name in variables:
            return str(variables[name])
    found = _ENV.fullmatch(what)
    if found:
        text = env.get(found.group("name"), found.group("default"))
        if text is not None:
            return text
        raise DeploymentError(f"s.yaml needs the environment variable {found.group('name')}")
    raise DeploymentError(f"s.yaml: ${{{what}}} is not understood")


def _resolved(value: Any, values: Mapping[str, Any], where: str) -> Any:
    if isinstance(value, list):
        return [_resolved(inner, values, where) for inner in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return _value(value["Ref"], values, where)
    if set(value) == {"Fn::Sub"}:
        return _PLACE.sub(lambda found: str(_value(found.group("what"), values, where)), value["Fn::Sub"])
    if set(value) == {"Fn::Join"}:
        separator, pieces = value["Fn::Join"]
        return separator.join(str(_resolved(piece, values, where)) for piece in pieces)
    strange = [name for name in value if name.startswith("Fn::")]
    if strange:
        raise DeploymentError(f"template.yaml: {where}: {strange[0]} is not understood: {json.dumps(value)[:80]}")
    return {name: _resolved(inner, values, where) for name, inner in value.items()}


def _value(name: str, values: Mapping[str, Any], where: str) -> Any:
    if name not in values:
        raise DeploymentError(f"template.yaml: {where}: nothing is called {name}")
    if values[name] is None:
        raise DeploymentError(f"template.yaml: {where}: the parameter {name} has no value")
    return values[name]
