"""The functions' roles as ROS takes them, made of `deploy/rights.py`."""

from __future__ import annotations

import json
from typing import Any

from deploy import rights
from shared.pipeline import BESIDE, FUNCTIONS

POLICY_CHARS_MAX = 6144
"""RAM takes no longer policy."""

LIST = "list "


def resources() -> dict[str, Any]:
    """The role of each function, by the resource's name."""
    return {resource_of(name): role(name) for name in (*FUNCTIONS, *BESIDE)}


def resource_of(function: str) -> str:
    """`ims_callback` is `ImsCallbackRole` in the template."""
    return "".join(part.capitalize() for part in function.split("_")) + "Role"


def role(function: str) -> dict[str, Any]:
    """The role that FC takes on for a function."""
    name = {"Fn::Sub": f"${{Prefix}}-{rights.role_of(function)}"}
    taken_by = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["fc.aliyuncs.com"]}}
    document = {"Version": "1", "Statement": statements(rights.of(function))}
    return {
        "Type": "ALIYUN::RAM::Role",
        "Properties": {
            "RoleName": name,
            "Description": f"What the function {function} may do",
            "AssumeRolePolicyDocument": {"Version": "1", "Statement": [taken_by]},
            "Policies": [{"PolicyName": name, "PolicyDocument": document}],
        },
    }


def statements(given: rights.Rights) -> list[dict[str, Any]]:
    """One statement for all places on which the same may be done; listing is a right on a bucket, within prefixes."""
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for place in sorted(given):
        if not place.startswith(LIST):
            by_actions.setdefault(tuple(sorted(given[place])), []).append(place)
    found = [_allow(list(actions), [resource(place) for place in places]) for actions, places in by_actions.items()]
    for (bucket, actions), prefixes in _listed(given).items():
        within = {"Condition": {"StringLike": {"oss:Prefix": prefixes}}}
        found.append({**_allow(list(actions), [_bucket(bucket)]), **within})
    return found


def _listed(given: rights.Rights) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Prefixes by the bucket and what may be listed in it."""
    listed: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for place in sorted(given):
        if place.startswith(LIST):
            bucket, _, prefix = place.removeprefix(LIST).partition("/")
            listed.setdefault((bucket, tuple(sorted(given[place]))), []).append(f"{prefix}*")
    return listed


def resource(place: str) -> dict[str, str] | str:
    """A place in RAM's words."""
    kind, _, name = place.partition(" ")
    if kind == "table":
        return _sub(f"acs:ots:*:${{ALIYUN::TenantId}}:instance/${{Prefix}}/table/{name}")
    if kind == "queue":
        queue = "ice-callback-${Prefix}-dead" if name == "ims-dead" else f"${{Prefix}}-{name}"
        return _sub(f"acs:mns:*:${{ALIYUN::TenantId}}:/queues/{queue}/messages")
    if kind == "topic":
        return _sub(f"acs:mns:*:${{ALIYUN::TenantId}}:/topics/${{Prefix}}-{name}/messages")
    if kind == "log":
        return _sub("acs:log:*:${ALIYUN::TenantId}:project/${Prefix}-logs/logstore/functions")
    if kind == "ims":
        return "*"  # IMS names no resources in its policies
    bucket, _, prefix = place.partition("/")
    return _bucket(bucket, f"/{prefix}*")


def size_of(document: dict[str, Any], prefix: str = "a" * 15, account: str = "1" * 16) -> int:
    """Characters of a policy as RAM gets it, with the longest names."""
    text = json.dumps(document, separators=(",", ":")).replace("${Prefix}", prefix)
    return len(text.replace("${ALIYUN::TenantId}", account).replace('{"Fn::Sub":', "").replace('"}', '"'))


def _bucket(bucket: str, rest: str = "") -> dict[str, str]:
    return _sub(f"acs:oss:*:${{ALIYUN::TenantId}}:${{Prefix}}-{bucket}{rest}")


def _allow(actions: list[str], resources: list[Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}
