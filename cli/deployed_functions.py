"""Is each function deployed as `s.yaml` has it: itself, what FC does when a call fails, and what invokes it.

Everything that `s.yaml` says of a trigger is compared. What FC adds of its own (a default role, a source) is right, but
a whole trigger that `s.yaml` does not have is noted: `s deploy` never removes one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cli.findings import SERVERLESS, Fault, Finding, State
from cli.inspection import AsyncFacts, FunctionFacts, Inspector, TriggerFacts
from local.deployment import queue_of
from local.standins.fc.state import Function, Trigger

SWITCHES = {"triggerEnable", "enable"}
"""How an EventBridge trigger and a timer say that they are on."""


def findings(account: Inspector, function: Function, facts: FunctionFacts | None) -> Iterator[Finding]:
    """One line when all is well, else one for each fault; `facts` is what the list of functions says of it."""
    what = f"function {function.name}"
    if facts is None:
        yield Finding(what, State.WRONG, ("不存在", "is not there"), SERVERLESS)
        return
    there = account.triggers(function.name)
    faults = [
        *_itself(function, facts),
        *_async(function, account.async_config(function.name)),
        *(fault for trigger in function.triggers for fault in _trigger(trigger, there.get(trigger.name))),
    ]
    for found, mend in faults:
        yield Finding(what, State.WRONG, found, mend)
    for name in sorted(set(there) - {trigger.name for trigger in function.triggers}):
        found = (f"触发器 {name} 不在 s.yaml 里", f"has a trigger {name} that s.yaml does not have")
        yield Finding(what, State.NOTE, found, ("在控制台删除它", "delete it in the console: `s deploy` never does"))
    if not faults:
        yield Finding(what, State.OK, ("就绪", "ready"))


def _itself(function: Function, facts: FunctionFacts) -> Iterator[Fault]:
    if facts.timeout_s != function.timeout_s:
        yield (f"超时是 {facts.timeout_s} 秒", f"its timeout is {facts.timeout_s} s"), SERVERLESS
    if facts.role.rpartition("/")[2] != function.role.rpartition("/")[2]:
        yield (f"角色是 {facts.role or '空'}", f"runs as {facts.role or 'nobody'}"), SERVERLESS
    if facts.memory_mb != function.memory_mb:
        yield (f"内存是 {facts.memory_mb} MB", f"has {facts.memory_mb} MB"), SERVERLESS


def _async(function: Function, facts: AsyncFacts | None) -> Iterator[Fault]:
    if not function.has_async_config:
        return
    if facts is None:
        yield ("没有异步调用配置", "has no asynchronous configuration: nobody hears of a call given up"), SERVERLESS
        return
    if facts.retries != function.retries:
        yield (f"失败后重试 {facts.retries} 次", f"is tried again {facts.retries} time(s)"), SERVERLESS
    if facts.age_s_max != function.age_s_max:
        yield (f"异步事件只保留 {facts.age_s_max} 秒", f"gives a call up after {facts.age_s_max} s"), SERVERLESS
    queue = queue_of(facts.failures)
    if queue != function.on_failure_queue:
        where = facts.failures or "-"
        yield (
            (f"失败送到 {where}", f"sends what was given up to {where}, not to {function.on_failure_queue}"),
            SERVERLESS,
        )


def _trigger(trigger: Trigger, facts: TriggerFacts | None) -> Iterator[Fault]:
    zh, en = f"触发器 {trigger.name}", f"trigger {trigger.name}"
    if facts is None:
        yield (f"{zh} 不存在", f"{en} is not there"), SERVERLESS
        return
    if facts.kind != trigger.kind:
        again = (f"删除{zh}，再执行 s deploy", f"delete {en}, then run `s deploy` again")
        yield (f"{zh} 的类型是 {facts.kind}", f"{en} is of the kind {facts.kind}"), again
        return
    declared = {"sourceArn": trigger.source_arn, "invocationRole": trigger.role}
    whole = {**{name: arn for name, arn in declared.items() if arn}, **trigger.config}
    given = {"sourceArn": facts.source_arn, "invocationRole": facts.role, **facts.config}
    for path, wanted, is_now in _differences(whole, given):
        if path in SWITCHES:
            yield (f"{zh} 已停用", f"{en} is switched off"), SERVERLESS
        else:
            now, meant = (json.dumps(value, ensure_ascii=False) for value in (is_now, wanted))
            yield (f"{zh}：{path} 是 {now}，应为 {meant}", f"{en}: {path} is {now}, not {meant}"), SERVERLESS


def _differences(wanted: Any, given: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where the declared tree is not as deployed: path, declared, deployed. The order of a list means nothing."""
    if isinstance(wanted, Mapping):
        held = given if isinstance(given, Mapping) else {}
        for name, inner in wanted.items():
            yield from _differences(inner, held.get(name), f"{path}.{name}" if path else str(name))
    elif _plain(wanted) != _plain(given):
        yield path, wanted, given


def _plain(value: Any) -> Any:
    """Fit for comparing: a filter pattern is a JSON text, and what is empty or off may as well be left out."""
    if isinstance(value, str) and value.startswith("{"):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(str(one) for one in value)
    return None if value in ("", {}, False) else value
