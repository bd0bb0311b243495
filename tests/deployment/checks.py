"""What the tools do not tell before `s.yaml` is deployed. Each finding names the place and the reason.

The component fc3 logs schema errors at debug level and goes on; its schema knows nothing of most trigger settings.
Services are the rendered `s.yaml`, a stack is the rendered `template.yaml` that it stands on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jsonschema

from local.deployment import queue_of
from shared.pipeline import Step
from shared.settings import PREFIX, Settings
from tests.deployment.stack_checks import PUSH_S_MAX, STRATEGIES, Stack, properties_of, queues_of

Services = Mapping[str, Mapping[str, Any]]
Findings = Iterator[str]

OBJECT_TRIGGERS_MAX = 10
"""Native OSS triggers of one bucket."""

EVENT_AGE_S = (1, 604_800)
"""FC's API; the schema of fc3 allows more."""

TRIGGER_KEYS = {
    "oss": {"events", "filter"},
    "timer": {"cronExpression", "enable", "payload"},
    "http": {"authType", "methods", "disableURLInternet"},
    "eventbridge": {
        "triggerEnable",
        "asyncInvocationType",
        "eventRuleFilterPattern",
        "eventSourceConfig",
        "eventSinkConfig",
        "runOptions",
    },
}
QUEUES = ("RECHECK", "FAILED", "FINISHED", "ANNOUNCE", "IMS_CALLBACK")
RUN_OPTIONS = {"mode", "errorsTolerance", "retryStrategy", "deadLetterQueue", "batchWindow", "maximumTasks"}
MNS_PARAMETERS = {"RegionId", "QueueName", "IsBase64Decode"}


def by_schema(services: Services, schema: Mapping[str, Any]) -> Findings:
    """The component's schema, and its unknown keys, which it lets pass."""
    validator = jsonschema.Draft7Validator(schema)
    for name, props in services.items():
        for error in validator.iter_errors(props):
            yield f"{name}{_path(error.absolute_path)}: {error.message[:200]}"
        for key in props.keys() - schema["properties"].keys():
            yield f"{name}: fc3 knows no {key}"
        for place, trigger in _triggers(name, props):
            known = TRIGGER_KEYS.get(trigger["triggerType"])
            if known is None:
                yield f"{place}: a {trigger['triggerType']} trigger is not checked here"
                continue
            for key in trigger["triggerConfig"].keys() - known:
                yield f"{place}: a {trigger['triggerType']} trigger has no {key}"


def names(services: Services) -> Findings:
    functions = [str(props.get("functionName")) for props in services.values()]
    for name, props in services.items():
        function = str(props.get("functionName"))
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", function):
            yield f"{name}: {function} is no function name"
        if functions.count(function) > 1:
            yield f"{name}: there is another function called {function}"
        triggers = [trigger["triggerName"] for _, trigger in _triggers(name, props)]
        for twice in {one for one in triggers if triggers.count(one) > 1}:
            yield f"{name}: two triggers are called {twice}"
        roles = [props.get("role", ""), *(trigger.get("invocationRole", "") for _, trigger in _triggers(name, props))]
        for role in roles:
            if role != role.lower():
                yield f"{name}: fc3 lower-cases {role}, and RAM does not find it"


def functions_of(services: Services, steps: Mapping[str, Step], callbacks: Sequence[str], root: Path) -> Findings:
    """One function for each step and callback, with its own folder; timeouts as the pipeline declares them."""
    for name in sorted({*steps, *callbacks} - services.keys()):
        yield f"{name}: no function in s.yaml"
    for name, props in services.items():
        if name not in {*steps, *callbacks}:
            yield f"{name}: neither a step of the pipeline nor a callback"
            continue
        if props.get("code") != f"./functions/{name}":
            yield f"{name}: code {props.get('code')} is not its folder ./functions/{name}"
        elif not (root / "functions" / name / "handler.py").is_file():
            yield f"{name}: there is no functions/{name}/handler.py"
        if props.get("handler") != "handler.handler":
            yield f"{name}: handler {props.get('handler')} is not handler.handler"
        if props.get("runtime") != "python3.12":
            yield f"{name}: runtime {props.get('runtime')} is not python3.12"
        step = steps.get(name)
        if step is not None and props.get("timeout") != step.timeout_s:
            yield f"{name}: timeout {props.get('timeout')} s, the pipeline says {step.timeout_s} s"
        if step is not None and int(props.get("timeout", 3)) >= step.lease_s:
            yield f"{name}: its lease of {step.lease_s} s ends before its timeout"


def sizes(services: Services) -> Findings:
    """FC: memory in GB is one to four times the vCPUs, which come in steps of 0.05."""
    for name, props in services.items():
        cpu, memory_gb = float(props.get("cpu", 0.35)), int(props.get("memorySize", 512)) / 1024
        if round(cpu / 0.05, 6) % 1:
            yield f"{name}: {cpu} vCPU is no multiple of 0.05"
        if not cpu <= memory_gb <= 4 * cpu:
            yield f"{name}: {cpu} vCPU with {memory_gb * 1024:.0f} MB; memory must be 1 to 4 GB for each vCPU"
        if props.get("diskSize", 512) not in {512, 10240}:
            yield f"{name}: the disk has 512 or 10240 MB"


def asynchronous(services: Services, queues: set[str]) -> Findings:
    """What FC gives up on must be told somewhere."""
    for name, props in services.items():
        config = props.get("asyncInvokeConfig", {})
        destination = str(config.get("destinationConfig", {}).get("onFailure", {}).get("destination", ""))
        if not destination:
            yield f"{name}: no failure destination"
        elif queue_of(destination) not in queues:
            yield f"{name}: the failure destination {destination} is no queue of template.yaml"
        elif not re.fullmatch(r"acs:mns:[\w-]+:\d*:/queues/[\w-]+/messages", destination):
            yield f"{name}: the failure destination {destination} is not of the form acs:mns:…:/queues/…/messages"
        age_s = config.get("maxAsyncEventAgeInSeconds")
        if not isinstance(age_s, int) or not EVENT_AGE_S[0] <= age_s <= EVENT_AGE_S[1]:
            yield f"{name}: an event age of {age_s} s; FC takes {EVENT_AGE_S[0]} to {EVENT_AGE_S[1]}"
        if "maxAsyncRetryAttempts" not in config:
            yield f"{name}: the number of retries is left to chance"


def environment(services: Services, settings: Settings, stack: Stack) -> Findings:
    """Values are texts, names are settings, and what they name exists."""
    known = {PREFIX + field.name.upper() for field in fields(settings)}
    buckets = {one["BucketName"] for one in properties_of(stack, "ALIYUN::OSS::Bucket").values()}
    there = {
        "ECHOBOT_INPUT_BUCKET": buckets,
        "ECHOBOT_WORK_BUCKET": buckets,
        "ECHOBOT_OUTPUT_BUCKET": buckets,
        "ECHOBOT_INSTANCE": {one["InstanceName"] for one in properties_of(stack, "ALIYUN::OTS::Instance").values()},
        **{f"ECHOBOT_{name}_QUEUE": queues_of(stack) for name in QUEUES},
        "ECHOBOT_ANNOUNCE_TOPIC": {one["TopicName"] for one in properties_of(stack, "ALIYUN::MNS::Topic").values()},
    }
    for name, props in services.items():
        variables = props.get("environmentVariables", {})
        for variable, value in variables.items():
            if not isinstance(value, str):
                yield f"{name}: {variable} is {value!r}, not a text"
            if variable.startswith(PREFIX) and variable not in known:
                yield f"{name}: {variable} is no setting"
            if variable in there and value not in there[variable]:
                yield f"{name}: {variable} names {value}, which template.yaml does not create"
        for variable in sorted(there.keys() - variables.keys()):
            yield f"{name}: {variable} is not set"


def object_triggers(services: Services, steps: Mapping[str, Step], stack: Stack) -> Findings:
    """A step is woken by exactly its own prefix of the work bucket; no two triggers of a bucket overlap."""
    seen: list[_Watch] = []
    buckets = {one["BucketName"] for one in properties_of(stack, "ALIYUN::OSS::Bucket").values()}
    for name, props in services.items():
        wakes = []
        for place, trigger in _triggers(name, props, "oss"):
            watch = _watch(place, trigger)
            yield from _watched(watch, buckets)
            for other in filter(watch.overlaps, seen):
                yield f"{place}: overlaps {other.place}: {watch.prefix} and {other.prefix}"
            seen.append(watch)
            wakes += [watch.prefix] if watch.bucket.endswith("-work") else []
        expected = [f"steps/{name}/"] if name in steps else []
        if wakes != expected:
            yield f"{name}: woken by {wakes}, not by {expected}"
    for bucket in sorted({watch.bucket for watch in seen}):
        count = sum(watch.bucket == bucket for watch in seen)
        if count > OBJECT_TRIGGERS_MAX:
            yield f"{bucket}: {count} triggers; OSS allows {OBJECT_TRIGGERS_MAX}"


def _watched(watch: _Watch, buckets: set[str]) -> Findings:
    if watch.bucket not in buckets:
        yield f"{watch.place}: template.yaml creates no bucket {watch.bucket}"
    for event in sorted(watch.events):
        if "*" in event:
            yield f"{watch.place}: {event} fires once for each part of a large upload"
    if not watch.prefix:
        yield f"{watch.place}: without a prefix it fires for everything"
    if watch.suffix:
        yield f"{watch.place}: the suffix {watch.suffix} hides some of what is put there"


def queue_triggers(services: Services, stack: Stack) -> Findings:
    """Fed by a queue of ours with its own dead-letter queue; last of a function's triggers, alone of its kind."""
    queues, fed = queues_of(stack), []
    for name, props in services.items():
        kinds = [trigger["triggerType"] for _, trigger in _triggers(name, props)]
        if "eventbridge" in kinds[:-1]:
            yield f"{name}: fc3 forgets the triggers behind an unchanged eventbridge trigger; it must be last and alone"
        for place, trigger in _triggers(name, props, "eventbridge"):
            yield from _queue_trigger(place, trigger["triggerConfig"], queues)
            fed.append(_source(trigger["triggerConfig"]).get("QueueName", ""))
            if int(props.get("timeout", 3)) > PUSH_S_MAX:
                yield f"{name}: EventBridge waits {PUSH_S_MAX} s at most, its timeout is {props['timeout']} s"
    for queue in sorted({one for one in fed if fed.count(one) > 1}):
        yield f"{queue}: two functions take its messages from each other"


def _queue_trigger(place: str, config: Mapping[str, Any], queues: set[str]) -> Findings:
    source, options = _source(config), config.get("runOptions", {})
    queue, dead = source.get("QueueName", ""), queue_of(options.get("deadLetterQueue", {}).get("Arn", ""))
    if config.get("eventSourceConfig", {}).get("eventSourceType") != "MNS":
        yield f"{place}: its source is no queue"
    for key in [*(source.keys() - MNS_PARAMETERS), *(options.keys() - RUN_OPTIONS)]:
        yield f"{place}: EventBridge knows no {key}"
    if queue not in queues:
        yield f"{place}: template.yaml creates no queue {queue}"
    if dead != f"{queue}-dead" or dead not in queues:
        yield f"{place}: {dead or 'nothing'} is not the dead-letter queue of {queue}"
    if source.get("IsBase64Decode") is not True:
        yield f"{place}: our messages are in base64"
    if options.get("errorsTolerance") != "ALL":
        yield f"{place}: one message that nobody can take would block all behind it"
    if options.get("retryStrategy", {}).get("PushRetryStrategy") not in STRATEGIES:
        yield f"{place}: {options.get('retryStrategy')} is no retry strategy"
    for where, mode in (("runOptions", options), ("eventSinkConfig", _sink(config))):
        if mode.get("mode") != "event-driven":
            yield f"{place}: {where}.mode must be event-driven, one message at a time"
    if config.get("triggerEnable") is not True:
        yield f"{place}: it is switched off"


def roles_exist(services: Services, stack: Stack) -> Findings:
    """Roles and logs that s.yaml names are created by template.yaml."""
    roles = {one["RoleName"] for one in properties_of(stack, "ALIYUN::RAM::Role").values()}
    logs = {(one["ProjectName"], one["LogstoreName"]) for one in properties_of(stack, "ALIYUN::SLS::Logstore").values()}
    for name, props in services.items():
        invoking = [trigger.get("invocationRole", "") for _, trigger in _triggers(name, props, "oss")]
        for role in [props.get("role", ""), *invoking]:
            if role.rpartition("/")[2] not in roles:
                yield f"{name}: template.yaml creates no role {role.rpartition('/')[2] or '(none)'}"
        log = props.get("logConfig", {})
        if (log.get("project"), log.get("logstore")) not in logs:
            yield f"{name}: template.yaml creates no logstore {log.get('project')}/{log.get('logstore')}"


# --- parts


@dataclass(frozen=True)
class _Watch:
    """What an OSS trigger watches."""

    place: str
    bucket: str
    events: frozenset[str]
    prefix: str
    suffix: str

    def overlaps(self, other: _Watch) -> bool:
        """OSS's rule: the same event type, and one prefix and one suffix within the other."""
        return (
            self.bucket == other.bucket
            and bool(_expanded(self.events) & _expanded(other.events))
            and (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix))
            and (self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix))
        )


CREATED = ("PutObject", "PostObject", "CompleteMultipartUpload", "CopyObject", "AppendObject", "UploadPart")


def _expanded(events: frozenset[str]) -> set[str]:
    return {
        one
        for event in events
        for one in ([event.replace("*", name) for name in CREATED] if event.endswith("*") else [event])
    }


def _watch(place: str, trigger: Mapping[str, Any]) -> _Watch:
    key = trigger["triggerConfig"].get("filter", {}).get("key", {})
    return _Watch(
        place,
        str(trigger.get("sourceArn", "")).rpartition(":")[2],
        frozenset(trigger["triggerConfig"].get("events", [])),
        str(key.get("prefix", "")),
        str(key.get("suffix", "")),
    )


def _triggers(name: str, props: Mapping[str, Any], kind: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for at, trigger in enumerate(props.get("triggers", [])):
        if kind in {"", trigger["triggerType"]}:
            yield f"{name}.triggers[{at}]", trigger


def _source(config: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        config.get("eventSourceConfig", {}).get("eventSourceParameters", {}).get("sourceMNSParameters", {})
    )
    return found


def _sink(config: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = config.get("eventSinkConfig", {}).get("deliveryOption", {})
    return found


def _path(parts: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
