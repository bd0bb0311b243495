"""`s.yaml` says what the pipeline says and names what `template.yaml` creates; each check must see what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.deployment import ROOT
from shared.pipeline import BESIDE, FUNCTIONS
from shared.settings import OTHERS, Settings
from tests.deployment import checks
from tests.deployment.broken import GONE, broken
from tests.deployment.conftest import rendered
from tests.deployment.lines import located
from tests.deployment.stack_checks import queues_of

CHECKS = {
    "by_schema": lambda services, stack, schema: checks.by_schema(services, schema),
    "names": lambda services, stack, schema: checks.names(services),
    "functions_of": lambda services, stack, schema: checks.functions_of(services, FUNCTIONS, BESIDE, ROOT),
    "sizes": lambda services, stack, schema: checks.sizes(services),
    "asynchronous": lambda services, stack, schema: checks.asynchronous(services, queues_of(stack)),
    "environment": lambda services, stack, schema: checks.environment(services, Settings(), stack),
    "object_triggers": lambda services, stack, schema: checks.object_triggers(services, FUNCTIONS, stack),
    "queue_triggers": lambda services, stack, schema: checks.queue_triggers(services, stack),
    "roles_exist": lambda services, stack, schema: checks.roles_exist(services, stack),
}


@pytest.mark.parametrize("check", CHECKS)
def test_there_is_nothing_to_find(
    check: str, services: dict[str, Any], stack: dict[str, Any], schema: dict[str, Any]
) -> None:
    assert located(CHECKS[check](services, stack, schema)) == []


SOURCE = "triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters"
OPTIONS = "triggerConfig.runOptions"
ANOTHER_QUEUE = "acs:mns:cn-beijing:1:/queues/another/messages"
WRONG = [
    # check, where, what is there instead, what is said about it
    ("by_schema", "speak.memorySize", 500, "speak.memorySize: 500 is not a multiple of 64"),
    ("by_schema", "speak.runtime", "python3.11", "speak.runtime: 'python3.11' is not one of"),
    ("by_schema", "speak.handler", GONE, "speak: 'handler' is a required property"),
    ("by_schema", "speak.region", GONE, "speak: 'region' is a required property"),
    (
        "by_schema",
        "speak.environmentVariables.PYTHONPATH",
        7,
        "speak.environmentVariables.PYTHONPATH: 7 is not of type",
    ),
    ("by_schema", "speak.asyncInvokeConfig.maxAsyncRetryAttempts", 9, "9 is greater than the maximum of 8"),
    ("by_schema", "speak.timeOut", 60, "speak: fc3 knows no timeOut"),
    (
        "by_schema",
        "speak.triggers.0.triggerType",
        "mns_queue",
        "speak.triggers[0].triggerType: 'mns_queue' is not one of",
    ),
    ("by_schema", "speak.triggers.0.triggerType", "log", "speak.triggers[0]: a log trigger is not checked here"),
    ("by_schema", "speak.triggers.0.triggerConfig.prefix", "x", "speak.triggers[0]: a oss trigger has no prefix"),
    ("by_schema", "speak.triggers.0.triggerName", GONE, "speak.triggers[0]: 'triggerName' is a required property"),
    ("names", "speak.functionName", "1-speak", "speak: 1-speak is no function name"),
    ("names", "speak.functionName", "echobot-sweep", "speak: there is another function called echobot-sweep"),
    ("names", "intake.triggers.1.triggerName", "uploads", "intake: two triggers are called uploads"),
    ("names", "speak.role", "acs:ram::1:role/Echobot", "speak: fc3 lower-cases acs:ram::1:role/Echobot"),
    ("names", "speak.triggers.0.invocationRole", "acs:ram::1:role/T", "speak: fc3 lower-cases acs:ram::1:role/T"),
    ("functions_of", "speak", GONE, "speak: no function in s.yaml"),
    ("functions_of", "sweep", GONE, "sweep: no function in s.yaml"),
    ("functions_of", "dance", {}, "dance: neither a step of the pipeline nor a callback"),
    ("functions_of", "speak.code", "./functions", "speak: code ./functions is not its folder ./functions/speak"),
    ("functions_of", "speak.handler", "index.handler", "speak: handler index.handler is not handler.handler"),
    ("functions_of", "speak.runtime", "python3.10", "speak: runtime python3.10 is not python3.12"),
    ("functions_of", "speak.timeout", 60, "speak: timeout 60 s, the pipeline says 600 s"),
    ("functions_of", "detect.timeout", 180, "detect: its lease of 180 s ends before its timeout"),
    ("sizes", "speak.memorySize", 256, "speak: 0.35 vCPU with 256 MB; memory must be 1 to 4 GB for each vCPU"),
    ("sizes", "speak.memorySize", 2048, "speak: 0.35 vCPU with 2048 MB; memory must be 1 to 4 GB for each vCPU"),
    ("sizes", "speak.cpu", 0.33, "speak: 0.33 vCPU is no multiple of 0.05"),
    ("sizes", "speak.diskSize", 1024, "speak: the disk has 512 or 10240 MB"),
    ("asynchronous", "speak.asyncInvokeConfig", GONE, "speak: no failure destination"),
    (
        "asynchronous",
        "speak.asyncInvokeConfig.destinationConfig.onFailure.destination",
        ANOTHER_QUEUE,
        f"speak: the failure destination {ANOTHER_QUEUE} is no queue of template.yaml",
    ),
    (
        "asynchronous",
        "speak.asyncInvokeConfig.destinationConfig.onFailure.destination",
        "acs:mns:cn-beijing:1:/queues/echobot-failed",
        "is not of the form acs:mns:…:/queues/…/messages",
    ),
    ("asynchronous", "speak.asyncInvokeConfig.maxAsyncEventAgeInSeconds", 604_801, "speak: an event age of 604801 s"),
    ("asynchronous", "speak.asyncInvokeConfig.maxAsyncEventAgeInSeconds", GONE, "speak: an event age of None s"),
    ("asynchronous", "speak.asyncInvokeConfig.maxAsyncRetryAttempts", GONE, "speak: the number of retries is left"),
    ("environment", "speak.environmentVariables.ECHOBOT_REGION", 7, "speak: ECHOBOT_REGION is 7, not a text"),
    ("environment", "speak.environmentVariables.ECHOBOT_COLOUR", "blue", "speak: ECHOBOT_COLOUR is no setting"),
    (
        "environment",
        "speak.environmentVariables.ECHOBOT_WORK_BUCKET",
        "another",
        "speak: ECHOBOT_WORK_BUCKET names another, which template.yaml does not create",
    ),
    ("environment", "speak.environmentVariables.ECHOBOT_INSTANCE", "other", "speak: ECHOBOT_INSTANCE names other"),
    ("environment", "speak.environmentVariables.ECHOBOT_FAILED_QUEUE", "q", "speak: ECHOBOT_FAILED_QUEUE names q"),
    ("environment", "speak.environmentVariables.ECHOBOT_INPUT_BUCKET", GONE, "speak: ECHOBOT_INPUT_BUCKET is not set"),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.filter.key.prefix",
        "steps/sp",
        "speak: woken by ['steps/sp'], not by ['steps/speak/']",
    ),
    ("object_triggers", "speak.triggers", [], "speak: woken by [], not by ['steps/speak/']"),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.filter.key.prefix",
        "steps/animate/",
        "animate.triggers[0]: overlaps speak.triggers[0]: steps/animate/ and steps/animate/",
    ),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.filter.key.prefix",
        "steps/",
        "animate.triggers[0]: overlaps speak.triggers[0]: steps/animate/ and steps/",
    ),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.filter.key.prefix",
        "",
        "speak.triggers[0]: without a prefix it fires for everything",
    ),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.filter.key.suffix",
        ".json",
        "speak.triggers[0]: the suffix .json hides some of what is put there",
    ),
    (
        "object_triggers",
        "speak.triggers.0.triggerConfig.events.0",
        "oss:ObjectCreated:*",
        "speak.triggers[0]: oss:ObjectCreated:* fires once for each part of a large upload",
    ),
    (
        "object_triggers",
        "speak.triggers.0.sourceArn",
        "acs:oss:cn-beijing:1:another",
        "speak.triggers[0]: template.yaml creates no bucket another",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{SOURCE}.QueueName",
        "x",
        "recheck.triggers[0]: template.yaml creates no queue x",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{SOURCE}.QueueName",
        "echobot-failed",
        "echobot-failed: two functions take its messages from each other",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{SOURCE}.IsBase64Decode",
        False,
        "recheck.triggers[0]: our messages are in base64",
    ),
    ("queue_triggers", f"recheck.triggers.0.{SOURCE}.Region", "x", "recheck.triggers[0]: EventBridge knows no Region"),
    (
        "queue_triggers",
        f"recheck.triggers.0.{OPTIONS}.deadLetterQueue",
        GONE,
        "recheck.triggers[0]: nothing is not the dead-letter queue of echobot-recheck",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{OPTIONS}.deadLetterQueue.Arn",
        "acs:mns:cn-beijing:1:/queues/echobot-failed-dead",
        "recheck.triggers[0]: echobot-failed-dead is not the dead-letter queue of echobot-recheck",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{OPTIONS}.errorsTolerance",
        "NONE",
        "one message that nobody can take would",
    ),
    (
        "queue_triggers",
        f"recheck.triggers.0.{OPTIONS}.retryStrategy.PushRetryStrategy",
        "FOREVER",
        "recheck.triggers[0]: {'PushRetryStrategy': 'FOREVER'} is no retry strategy",
    ),
    ("queue_triggers", f"recheck.triggers.0.{OPTIONS}.mode", "event-streaming", "runOptions.mode must be event-driven"),
    (
        "queue_triggers",
        "recheck.triggers.0.triggerConfig.eventSinkConfig.deliveryOption.mode",
        GONE,
        "eventSinkConfig.mode must be event-driven",
    ),
    (
        "queue_triggers",
        "recheck.triggers.0.triggerConfig.triggerEnable",
        False,
        "recheck.triggers[0]: it is switched off",
    ),
    (
        "queue_triggers",
        "recheck.triggers.0.triggerConfig.eventSourceConfig.eventSourceType",
        "Default",
        "recheck.triggers[0]: its source is no queue",
    ),
    ("queue_triggers", "recheck.timeout", 301, "recheck: EventBridge waits 300 s at most, its timeout is 301 s"),
    (
        "queue_triggers",
        "speak.triggers",
        [{"triggerType": "eventbridge", "triggerConfig": {}}, {"triggerType": "oss", "triggerConfig": {}}],
        "speak: fc3 forgets the triggers behind an unchanged eventbridge trigger",
    ),
    (
        "queue_triggers",
        "speak.triggers",
        [{"triggerType": "eventbridge", "triggerConfig": {}}] * 2,
        "speak: fc3 forgets the triggers behind an unchanged eventbridge trigger",
    ),
    ("roles_exist", "speak.role", "acs:ram::1:role/nobody", "speak: template.yaml creates no role nobody"),
    ("roles_exist", "speak.triggers.0.invocationRole", GONE, "speak: template.yaml creates no role (none)"),
    ("roles_exist", "speak.logConfig.logstore", "x", "speak: template.yaml creates no logstore echobot-logs/x"),
]


@pytest.mark.parametrize(("check", "path", "value", "said"), WRONG, ids=[f"{one[0]}: {one[3]}"[:90] for one in WRONG])
def test_a_wrong_file_is_refused_with_place_and_reason(
    check: str, path: str, value: object, said: str, schema: dict[str, Any]
) -> None:
    services, stack = rendered("echobot")

    findings = list(CHECKS[check](broken(services, path, value), stack, schema))

    assert any(said in finding for finding in findings), findings


def test_more_triggers_than_a_bucket_may_have_are_counted() -> None:
    services, stack = rendered("echobot")
    trigger = services["speak"]["triggers"][0]
    many = [broken(trigger, "triggerConfig.filter.key.prefix", f"steps/more-{at}/") for at in range(3)]
    services = broken(services, "speak.triggers", [trigger, *many])

    findings = list(checks.object_triggers(services, FUNCTIONS, stack))

    assert "echobot-work: 13 triggers; OSS allows 10" in findings


def test_a_function_without_code_is_refused(tmp_path: Path) -> None:
    services, _ = rendered("echobot")

    findings = list(checks.functions_of(services, FUNCTIONS, BESIDE, tmp_path))

    assert findings == [f"{name}: there is no functions/{name}/handler.py" for name in services]


def test_every_check_is_run_and_is_shown_what_it_must_refuse() -> None:
    defined = re.findall(r"^def ([a-z]\w+)\(", (ROOT / "tests/deployment/checks.py").read_text(), re.MULTILINE)

    assert set(CHECKS) == set(defined) == {check for check, *_ in WRONG}


SIGNS_LINKS = "ECHOBOT_CONSOLE_SECRET"
CHANNELS = {f"ECHOBOT_{name}" for name in ("WEBHOOK_SECRET", "DINGTALK_TOKEN", "DINGTALK_SECRET", "MAIL_PASSWORD")}
"""Ours, for the page; it opens nothing of the account."""


def test_no_function_holds_a_key_of_its_own() -> None:
    """Function Compute gives each instance the keys of its role, and renews them."""
    services, _ = rendered("echobot")
    speaks_outside = services["announce"]["environmentVariables"].keys() & CHANNELS
    others = (props["environmentVariables"] for name, props in services.items() if name != "announce")
    names = {name for variables in others for name in variables} - {SIGNS_LINKS}

    assert speaks_outside == CHANNELS

    assert [name for name in names if "ACCESS_KEY" in name or "SECRET" in name or "TOKEN" in name] == []


def test_what_the_file_takes_from_the_shell_does_not_disturb_the_command_line() -> None:
    """After a deployment `echobot setup` runs in the same shell, and refuses settings that it does not know."""
    used = set(re.findall(r"env\('(ECHOBOT_[A-Z0-9_]+)'", (ROOT / "s.yaml").read_text()))

    assert used
    assert Settings.from_env(dict.fromkeys(used, "x")) is not None
    assert used - set(OTHERS) <= {f"ECHOBOT_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_the_actions_hang_on_events_that_serverless_devs_has() -> None:
    actions = yaml.safe_load((ROOT / "s.yaml").read_text())["actions"]

    assert _unknown(actions, ("pre-", "success-", "fail-", "complete-")) == []


def _unknown(actions: Iterable[str], prefixes: tuple[str, ...]) -> list[str]:
    return [action for action in actions if not action.startswith(prefixes)]
