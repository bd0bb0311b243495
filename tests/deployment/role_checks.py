"""Each function has a role of its own, with exactly the rights that `deploy/rights.py` gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy import rights, roles
from tests.deployment.stack_checks import Stack, properties_of

Findings = Iterator[str]
Right = tuple[str, str, str]
"""Action, resource, and under which condition."""


def own_roles(services: Mapping[str, Mapping[str, Any]], stack: Stack, prefix: str, account: str) -> Findings:
    """A function's role is named after it, is nobody else's, and allows what is declared, no more and no less."""
    found = {str(one["RoleName"]): one for one in properties_of(stack, "ALIYUN::RAM::Role").values()}
    for name, props in services.items():
        wanted = f"{prefix}-{rights.role_of(name)}"
        used = str(props.get("role", "")).rpartition("/")[2]
        if used != wanted:
            yield f"{name}.role: it runs as {used or 'nobody'}, not as {wanted}"
        role = found.get(wanted)
        if role is None:
            yield f"{name}: template.yaml creates no role {wanted}"
            continue
        allowed, due = _rights(role["Policies"], "", ""), _declared(name, prefix, account)
        place = roles.resource_of(name)
        for action, resource, within in sorted(due - allowed):
            yield f"{place}: {name} needs {action} on {resource}{within}, and may not"
        for action, resource, within in sorted(allowed - due):
            yield f"{place}: {name} may {action} on {resource}{within}, which nothing needs"


def short_enough(stack: Stack) -> Findings:
    for name, role in properties_of(stack, "ALIYUN::RAM::Role").items():
        for policy in role["Policies"]:
            size = roles.size_of(policy["PolicyDocument"])
            if size > roles.POLICY_CHARS_MAX:
                yield f"{name}: its policy has {size} characters, RAM takes {roles.POLICY_CHARS_MAX}"


def _declared(function: str, prefix: str, account: str) -> set[Right]:
    return _rights(roles.role(function)["Properties"]["Policies"], prefix, account)


def _rights(policies: list[Any], prefix: str, account: str) -> set[Right]:
    return {
        (action, _text(resource, prefix, account), _within(statement))
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def _within(statement: Mapping[str, Any]) -> str:
    return f" within {json.dumps(statement['Condition'])}" if "Condition" in statement else ""


def _text(resource: Any, prefix: str, account: str) -> str:
    text = resource["Fn::Sub"] if isinstance(resource, dict) else str(resource)
    return text.replace("${Prefix}", prefix).replace("${ALIYUN::TenantId}", account)
