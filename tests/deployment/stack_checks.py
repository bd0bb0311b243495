"""What ROS would find out only while it creates things, and what it would never find. Each finding names the place and
the reason. A stack is the rendered `template.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.deployment import queue_of

Stack = Mapping[str, Mapping[str, Any]]
Findings = Iterator[str]

PUSH_S_MAX = 300
"""EventBridge waits this long for a function it calls."""

STRATEGIES = {"BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"}

NOT_IN_INSTANCE_NAMES = ("ali", "ay", "ots", "taobao", "admin")
"""Tablestore refuses instances named like this."""


def by_ros(stack: Stack, types: Mapping[str, Any]) -> Findings:
    """Types, required and unknown properties, enums, ranges and patterns as ROS has them."""
    for name, resource in stack.items():
        known = types.get(resource["Type"])
        if known is None:
            yield f"{name}: {resource['Type']} is not a type we know"
            continue
        yield from _properties(name, resource["Properties"], known["props"], known["nested"])


def _properties(place: str, given: Any, props: Mapping[str, Any], nested: Mapping[str, Any]) -> Findings:
    if not isinstance(given, Mapping):
        yield f"{place}: {given!r} is not a map"
        return
    by_name = {prop["template"]: prop for prop in props.values()}
    for name in sorted(given.keys() - by_name.keys()):
        yield f"{place}: there is no property {name}"
    for name, prop in by_name.items():
        if name in given:
            yield from _value(f"{place}.{name}", given[name], prop, str(prop["type"]), nested)
        elif prop["required"]:
            yield f"{place}: {name} is required"


def _value(place: str, value: Any, prop: Mapping[str, Any], kind: str, nested: Mapping[str, Any]) -> Findings:
    inner = re.fullmatch(r"array<(.*)>", kind)
    if inner:
        if not isinstance(value, list):
            yield f"{place}: {value!r} is not a list"
            return
        if not prop.get("minLength", 0) <= len(value) <= prop.get("maxLength", len(value)):
            yield f"{place}: {len(value)} entries"
        for at, one in enumerate(value):
            yield from _value(f"{place}[{at}]", one, {}, inner[1], nested)
    elif kind.startswith("Ros"):
        yield from _properties(place, value, nested[kind.partition(".")[2]], nested)
    else:
        yield from _plain(place, value, prop, kind)


def _plain(place: str, value: Any, prop: Mapping[str, Any], kind: str) -> Findings:
    if kind == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield f"{place}: {value!r} is not a number"
        return
    if kind == "boolean" and not isinstance(value, bool):
        yield f"{place}: {value!r} is neither true nor false"
    if kind == "string" and not isinstance(value, str):
        yield f"{place}: {value!r} is not a text"
        return
    if "allowed" in prop and value not in prop["allowed"]:
        yield f"{place}: {value!r} is none of {', '.join(map(str, prop['allowed']))}"
    if kind == "number" and not prop.get("min", value) <= value <= prop.get("max", value):
        yield f"{place}: {value} is not within {prop.get('min')} to {prop.get('max')}"
    if "pattern" in prop and not re.fullmatch(prop["pattern"].strip("/").strip("^$"), value):
        yield f"{place}: {value!r} does not match {prop['pattern']}"
    if kind == "string" and not prop.get("minLength", 0) <= len(value) <= prop.get("maxLength", len(value)):
        yield f"{place}: {value!r} has {len(value)} characters"


def tables(stack: Stack, primary_keys: Mapping[str, tuple[str, ...]], expiring: set[str]) -> Findings:
    """Exactly our tables with exactly our keys; only what may be forgotten expires."""
    declared = {str(one["TableName"]): one for one in properties_of(stack, "ALIYUN::OTS::Table").values()}
    instances = {one["InstanceName"] for one in properties_of(stack, "ALIYUN::OTS::Instance").values()}
    for name in sorted(primary_keys.keys() ^ declared.keys()):
        yield f"{name}: only one of shared/tables.py and template.yaml has this table"
    for name in sorted(primary_keys.keys() & declared.keys()):
        table = declared[name]
        key = ", ".join(f"{one['Name']} {one['Type']}" for one in table["PrimaryKey"])
        wanted = ", ".join(f"{column} STRING" for column in primary_keys[name])
        if key != wanted:
            yield f"{name}: its key is {key}, not {wanted}"
        if (table.get("TimeToLive", -1) != -1) is not (name in expiring):
            yield f"{name}: its rows {'never expire' if name in expiring else 'expire'}"
        if table.get("MaxVersions", 1) != 1:
            yield f"{name}: keeps {table['MaxVersions']} versions of what is read as one"
        if table["InstanceName"] not in instances:
            yield f"{name}: template.yaml creates no instance {table['InstanceName']}"
    for instance in sorted(instances):
        for part in NOT_IN_INSTANCE_NAMES:
            if part in instance:
                yield f"{instance}: Tablestore takes no instance with {part} in its name"


def buckets(stack: Stack) -> Findings:
    """Nobody but us, and nothing in clear."""
    for name, bucket in properties_of(stack, "ALIYUN::OSS::Bucket").items():
        if bucket.get("AccessControl") != "private":
            yield f"{name}: AccessControl is {bucket.get('AccessControl')}"
        if bucket.get("BlockPublicAccess") is not True:
            yield f"{name}: public access is not blocked"
        if not bucket.get("ServerSideEncryptionConfiguration", {}).get("SSEAlgorithm"):
            yield f"{name}: not encrypted"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", str(bucket.get("BucketName"))):
            yield f"{name}: {bucket.get('BucketName')} is no bucket name"
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rule", []):
            if not rule.get("Prefix") or rule.get("Status") != "Enabled":
                yield f"{name}: the rule {rule.get('ID')} is off, or for everything"


def policies(stack: Stack, unscoped: tuple[str, ...]) -> Findings:
    """No action that stands for many; every resource is named, but for services that cannot name theirs."""
    for name, role in properties_of(stack, "ALIYUN::RAM::Role").items():
        for policy in role.get("Policies", []):
            for at, statement in enumerate(policy["PolicyDocument"]["Statement"]):
                place = f"{name}.{policy['PolicyName']}[{at}]"
                actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
                for action in actions:
                    if "*" in action:
                        yield f"{place}: {action} allows more than it says"
                if "*" in resources and not all(action.startswith(unscoped) for action in actions):
                    yield f"{place}: {', '.join(actions)} on everything"
                if statement["Effect"] != "Allow":
                    yield f"{place}: {statement['Effect']} is not how these policies are written"
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            for service in statement["Principal"].get("Service", ["*"]):
                if not service.endswith(".aliyuncs.com"):
                    yield f"{name}: {service} may take this role"


def queues(stack: Stack, ims_prefix: str = "ice-callback") -> Findings:
    """A message stays hidden for longer than a push may take, and is kept as long as MNS keeps any."""
    for name, queue in properties_of(stack, "ALIYUN::MNS::Queue").items():
        hidden_s = queue.get("VisibilityTimeout", 30)
        if hidden_s <= PUSH_S_MAX:
            yield f"{name}: a message comes back after {hidden_s} s, while it is being handled"
        if queue.get("MessageRetentionPeriod") != 604_800:
            yield f"{name}: messages are gone before a long weekend is over"
    if not any(queue.startswith(ims_prefix) for queue in queues_of(stack)):
        yield f"no queue begins with {ims_prefix}, so IMS writes to none"


def rules(stack: Stack) -> Findings:
    """What the bus brings goes to a queue of ours, and what fails to a dead-letter queue."""
    there = queues_of(stack)
    for name, rule in properties_of(stack, "ALIYUN::EventBridge::Rule").items():
        for target in rule["Targets"]:
            queue, dead = queue_of(target["Endpoint"]), queue_of(target.get("DeadLetterQueue", {}).get("Arn", ""))
            if queue not in there:
                yield f"{name}: template.yaml creates no queue {queue}"
            if dead not in there:
                yield f"{name}: events that cannot be delivered are dropped"
            if target.get("PushRetryStrategy") not in STRATEGIES:
                yield f"{name}: {target.get('PushRetryStrategy')} is no retry strategy"
            named = {one["ResourceKey"]: one["Value"] for one in target["ParamList"]}
            if named.get("queue") != queue:
                yield f"{name}: the endpoint is {queue}, the parameter says {named.get('queue')}"


def queues_of(stack: Stack) -> set[str]:
    return {str(one["QueueName"]) for one in properties_of(stack, "ALIYUN::MNS::Queue").values()}


def properties_of(stack: Stack, kind: str) -> dict[str, Mapping[str, Any]]:
    return {name: resource["Properties"] for name, resource in stack.items() if resource["Type"] == kind}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
