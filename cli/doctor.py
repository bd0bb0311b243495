"""Looks at a deployment before the first upload: each line says what, how it is, and how to mend it.

What should be there is read from `s.yaml` and `template.yaml`, what is there from the account (`cli/inspection.py`).
Nothing is changed and nothing is bought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from cli import deployed_functions
from cli.findings import KEYS, SETUP, STACK, Fault, Finding, State
from cli.inspection import BucketFacts, InspectionError, Inspector
from local.deployment import Deployment, queue_of
from shared import channels
from shared.clients.ims_documents import EVENTS
from shared.settings import Settings

CLOCK_S_MAX = 60.0
"""Signatures are refused from 15 minutes on; leases and deadlines suffer before."""

EVENTS_REGION = "cn-beijing"
"""Model Studio announces ends of tasks there only."""

HIDDEN_S_MIN = 300
"""EventBridge may take that long to hand a message over."""


def examine(account: Inspector, expected: Deployment) -> Iterator[Finding]:
    """Every check in order. When the keys do not work nothing else can be asked."""
    if not account.has_keys():
        yield Finding("credentials", State.WRONG, ("没有访问密钥", "there is no access key"), KEYS)
        return
    yield from _asked("clock", lambda: _clock(account))
    yield from _region(account.settings)
    for name, props in expected.buckets.items():
        yield from _asked(f"bucket {name}", partial(_bucket, account, name, props))
    yield from _asked(f"tables of {account.settings.instance}", lambda: _tables(account, expected))
    dead = {trigger.dead_letters for trigger in expected.queue_triggers} | set(_dead_letters(expected))
    for name, props in expected.queues.items():
        yield from _asked(f"queue {name}", partial(_queue, account, name, props, is_dead=name in dead))
    yield from _asked("announcements of IMS", lambda: _announcements(account))
    for rule in expected.rules:
        yield from _asked(f"rule {rule['RuleName']}", partial(_rule, account, rule))
    yield from _channels(account.settings)
    yield from _asked("functions", lambda: _functions(account, expected))
    yield from _models(account)


def exit_code(findings: Sequence[Finding]) -> int:
    return 1 if any(finding.state is State.WRONG for finding in findings) else 0


def _asked(what: str, ask: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check; one that says why it could not be made."""
    try:
        yield from list(ask())
    except InspectionError as trouble:
        found = (f"无法查询：{trouble}", f"cannot be asked: {trouble}")
        is_key = any(word in trouble.code for word in ("AccessKey", "Signature", "Denied", "Auth", "credentials"))
        network = ("检查网络、地域和代理", "look at the network, the region and the proxy")
        yield Finding(what, State.WRONG, found, KEYS if is_key else network)


def _clock(account: Inspector) -> Iterator[Finding]:
    ahead_s = account.clock_ahead_s()
    if abs(ahead_s) > CLOCK_S_MAX:
        found = (f"本机时钟偏差 {ahead_s:+.0f} 秒", f"this machine's clock is {ahead_s:+.0f} s off")
        yield Finding("clock", State.WRONG, found, ("打开时间同步（NTP）", "switch time synchronisation (NTP) on"))
    else:
        yield Finding("clock", State.OK, ("准", "right"))


def _region(settings: Settings) -> Iterator[Finding]:
    if settings.region != EVENTS_REGION:
        found = (
            f"{settings.region}：百炼只在 {EVENTS_REGION} 发任务结束事件",
            f"{settings.region}: Model Studio announces ends of tasks in {EVENTS_REGION} only",
        )
        yield Finding("region", State.WRONG, found, (f"部署到 {EVENTS_REGION}", f"deploy in {EVENTS_REGION}"))
    else:
        yield Finding("region", State.OK, (settings.region, settings.region))


def _bucket(account: Inspector, name: str, props: Mapping[str, object]) -> Iterator[Finding]:
    what, facts = f"bucket {name}", account.bucket(name)
    if facts is None:
        yield Finding(what, State.WRONG, ("不存在", "is not there"), STACK)
        return
    wrong = list(_bucket_faults(account.settings.region, facts, props))
    for found, mend in wrong:
        yield Finding(what, State.WRONG, found, mend)
    if not wrong:
        yield Finding(what, State.OK, ("私有、加密，规则齐全", "private, encrypted, its rules as they should be"))


def _bucket_faults(region: str, facts: BucketFacts, props: Mapping[str, object]) -> Iterator[Fault]:
    if facts.region != region:
        moved = ("三个 bucket、IMS、FC、MNS 须在同一地域", "buckets, IMS, FC and MNS must be in one region")
        yield (f"在 {facts.region}", f"is in {facts.region}"), moved
    if facts.acl != "private":
        yield (f"权限是 {facts.acl}", f"is {facts.acl}"), STACK
    if not facts.is_blocked:
        yield ("没有阻止公共访问", "does not block public access"), STACK
    if not facts.encryption:
        yield ("没有加密", "is not encrypted"), STACK
    config = props.get("LifecycleConfiguration")
    rules = config["Rule"] if isinstance(config, Mapping) else []
    wanted = {str(rule["Prefix"]): int(rule.get("Expiration", {}).get("Days", 0)) for rule in rules}
    for prefix, days in wanted.items():
        if facts.lifecycle.get(prefix) != days:
            yield (f"缺少 {prefix} 的生命周期规则", f"has no lifecycle rule as declared for {prefix}"), STACK
    if "CORSConfiguration" in props and not facts.origins:
        yield ("没有跨域规则，浏览器无法上传", "has no CORS rule, so no browser can upload"), STACK
    if "VersioningConfiguration" in props and facts.versioning != "Enabled":
        yield ("没有开启版本控制", "keeps no versions"), STACK
    elif "VersioningConfiguration" in props and not facts.old_versions_days:
        yield ("旧版本永远不删", "keeps old versions for ever"), SETUP


def _tables(account: Inspector, expected: Deployment) -> Iterator[Finding]:
    there = account.tables()
    for table in expected.tables:
        what, facts = f"table {table.name}", there.get(table.name)
        key = tuple(name for name, _ in table.primary_key)
        if facts is None:
            yield Finding(what, State.WRONG, ("不存在", "is not there"), STACK)
        elif facts.primary_key != key:
            has = ", ".join(facts.primary_key)
            again = ("删除此表后更新资源栈", "delete this table, then update the stack")
            yield Finding(what, State.WRONG, (f"主键是 {has}", f"its key is {has}"), again)
        elif (facts.ttl_s, facts.max_versions) != (table.ttl_s, table.max_versions):
            has = f"{facts.ttl_s} s, {facts.max_versions}"
            yield Finding(what, State.WRONG, (f"保留设置是 {has}", f"keeps rows for {has} version(s)"), STACK)
        else:
            yield Finding(what, State.OK, ("就绪", "ready"))


def _queue(account: Inspector, name: str, props: Mapping[str, object], *, is_dead: bool) -> Iterator[Finding]:
    what, facts = f"queue {name}", account.queue(name)
    if facts is None:
        yield Finding(what, State.WRONG, ("不存在", "is not there"), STACK)
    elif facts.hidden_s <= HIDDEN_S_MIN:
        found = (f"消息 {facts.hidden_s} 秒后重现", f"a message comes back after {facts.hidden_s} s")
        yield Finding(what, State.WRONG, found, STACK)
    elif facts.kept_s != props.get("MessageRetentionPeriod"):
        yield Finding(what, State.WRONG, (f"只保留 {facts.kept_s} 秒", f"keeps messages for {facts.kept_s} s"), STACK)
    elif is_dead and facts.waiting:
        found = (f"有 {facts.waiting} 条投递不了的消息", f"holds {facts.waiting} message(s) that nobody could take")
        mend = ("执行 echobot redrive --queue，见 docs/runbook.md", "`echobot redrive --queue`, see docs/runbook.md")
        yield Finding(what, State.WRONG, found, mend)
    else:
        yield Finding(what, State.OK, ("就绪", "ready"))


def _dead_letters(expected: Deployment) -> Iterator[str]:
    for rule in expected.rules:
        for target in rule["Targets"]:
            yield queue_of(target.get("DeadLetterQueue", {}).get("Arn", ""))


def _announcements(account: Inspector) -> Iterator[Finding]:
    what, wanted = "announcements of IMS", account.settings.ims_callback_queue
    queue, events = account.announcements()
    if not queue:
        yield Finding(what, State.WRONG, ("没有设置", "are not switched on"), SETUP)
    elif queue != wanted:
        yield Finding(what, State.WRONG, (f"发到 {queue}", f"go to {queue}"), SETUP)
    elif not set(EVENTS) <= events:
        missing = ", ".join(sorted(set(EVENTS) - events))
        yield Finding(what, State.WRONG, (f"缺少 {missing}", f"leave out {missing}"), SETUP)
    else:
        yield Finding(what, State.OK, (f"发到 {queue}", f"go to {queue}"))


def _channels(settings: Settings) -> Iterator[Finding]:
    """Of the announcements of our own: which are on. Whether somebody hears them shows with the first one."""
    faults = channels.faults(settings)
    for channel in channels.configured(settings):
        what, fault = f"channel {channel.value}", faults.get(channel, "")
        if fault:
            name = f"ECHOBOT_{fault.upper()}"
            found = (f"设置 {name} 不对或没有", f"the setting {name} is missing or wrong")
            yield Finding(what, State.WRONG, found, ("见 docs/page.md", "see docs/page.md"))
        else:
            yield Finding(what, State.OK, ("已设置", "is set"))


def _rule(account: Inspector, rule: Mapping[str, object]) -> Iterator[Finding]:
    name = str(rule["RuleName"])
    what, facts = f"rule {name}", account.rule(name)
    targets = rule["Targets"]
    wanted = {queue_of(str(target["Endpoint"])) for target in targets} if isinstance(targets, list) else set()
    if facts is None:
        yield Finding(what, State.WRONG, ("不存在", "is not there"), STACK)
    elif not facts.is_enabled:
        yield Finding(
            what, State.WRONG, ("已停用", "is switched off"), ("在事件总线控制台启用", "switch it on in the console")
        )
    elif facts.pattern != rule["FilterPattern"]:
        yield Finding(what, State.WRONG, ("匹配的不是百炼的事件", "does not match Model Studio's events"), STACK)
    elif {queue_of(endpoint) for endpoint in facts.endpoints} != wanted:
        yield Finding(what, State.WRONG, ("没有送到我们的队列", "does not send to our queue"), STACK)
    elif not facts.dead_letters:
        yield Finding(what, State.WRONG, ("没有死信队列", "has no dead-letter queue"), STACK)
    else:
        yield Finding(what, State.OK, ("就绪", "ready"))


def _functions(account: Inspector, expected: Deployment) -> Iterator[Finding]:
    there = account.functions(_prefix([function.name for function in expected.functions]))
    for function in expected.functions:
        what = f"function {function.name}"
        yield from _asked(what, partial(deployed_functions.findings, account, function, there.get(function.name)))


def _models(account: Inspector) -> Iterator[Finding]:
    """The key, and which avatar engine a story would get now."""
    settings = account.settings
    if not settings.model_studio_api_key:
        mend = ("设置 DASHSCOPE_API_KEY", "set DASHSCOPE_API_KEY")
        yield Finding("Model Studio", State.WRONG, ("没有 API key", "there is no API key"), mend)
        return
    first = ""
    for engine in settings.engine_order:
        code = account.answers(engine, settings.detect_model(engine)) if engine in ("emo", "wan-s2v") else ""
        if not code:
            first = first or engine
            yield Finding(f"engine {engine}", State.OK, ("可用", "answers"))
        elif code == "engine.offline":
            found = ("百炼已关闭或未开通此模型", "Model Studio has switched it off, or it is not opened")
            mend = ("在百炼控制台申请；否则用下一个引擎", "apply for it in Model Studio; else the next engine is used")
            yield Finding(f"engine {engine}", State.NOTE, found, mend)
        else:
            mend = ("检查 API key、余额和网络", "look at the API key, the balance and the network")
            yield Finding(f"engine {engine}", State.WRONG, (f"不能用：{code}", f"does not work: {code}"), mend)
    told = (f"新故事会用 {first}", f"a new story gets {first}") if first else ("没有可用的引擎", "no engine works")
    mend = ("在 ECHOBOT_ENGINES 里加上 still", "add `still` to ECHOBOT_ENGINES")
    yield Finding("portrait", State.OK if first else State.WRONG, told, ("", "") if first else mend)


def _prefix(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    return first[: next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), None)]
