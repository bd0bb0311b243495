"""`template.yaml` is what ROS takes, holds what the code reads, and lets nobody do more than they must."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from local.deployment import ROOT
from shared.ports import Table
from shared.tables import PRIMARY_KEYS
from tests.deployment import stack_checks
from tests.deployment.broken import GONE, broken
from tests.deployment.conftest import rendered
from tests.deployment.lines import located

KEYS = {table.value: key for table, key in PRIMARY_KEYS.items()}
EXPIRING = {Table.TASKS.value, Table.VISITS.value}
"""Rows of foreign tasks pile up here; everything else is remembered as long as its job."""

CHECKS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Iterator[str]]] = {
    "by_ros": stack_checks.by_ros,
    "tables": lambda stack, types: stack_checks.tables(stack, KEYS, EXPIRING),
    "buckets": lambda stack, types: stack_checks.buckets(stack),
    "policies": lambda stack, types: stack_checks.policies(stack, ("ice:",)),
    "queues": lambda stack, types: stack_checks.queues(stack),
    "rules": lambda stack, types: stack_checks.rules(stack),
}


@pytest.mark.parametrize("check", CHECKS)
def test_there_is_nothing_to_find(check: str, stack: dict[str, Any], ros_types: dict[str, Any]) -> None:
    assert located(CHECKS[check](stack, ros_types)) == []


STATEMENT = "SeparateRole.Properties.Policies.0.PolicyDocument.Statement"
TARGET = "ModelStudioRule.Properties.Targets.0"
WRONG = [
    # check, where, what is there instead, what is said about it
    ("by_ros", "JobsTable.Type", "ALIYUN::OTS::Tabel", "JobsTable: ALIYUN::OTS::Tabel is not a type we know"),
    ("by_ros", "RecheckQueue.Properties.DelaySeconds", 604_801, "RecheckQueue.DelaySeconds: 604801 is not within 0 to"),
    ("by_ros", "RecheckQueue.Properties.VisibilityTimeout", 0, "RecheckQueue.VisibilityTimeout: 0 is not within 1 to"),
    (
        "by_ros",
        "RecheckQueue.Properties.VisibilityTimeout",
        "330",
        "RecheckQueue.VisibilityTimeout: '330' is not a number",
    ),
    (
        "by_ros",
        "RecheckQueue.Properties.VisibilityTimeout",
        True,
        "RecheckQueue.VisibilityTimeout: True is not a number",
    ),
    ("by_ros", "RecheckQueue.Properties.QueueName", GONE, "RecheckQueue: QueueName is required"),
    ("by_ros", "RecheckQueue.Properties.QueueName", "", "RecheckQueue.QueueName: '' has 0 characters"),
    ("by_ros", "RecheckQueue.Properties.QueueName", 7, "RecheckQueue.QueueName: 7 is not a text"),
    ("by_ros", "RecheckQueue.Properties.Retention", 60, "RecheckQueue: there is no property Retention"),
    (
        "by_ros",
        "WorkBucket.Properties.AccessControl",
        "public",
        "WorkBucket.AccessControl: 'public' is none of private, ",
    ),
    (
        "by_ros",
        "WorkBucket.Properties.BlockPublicAccess",
        "yes",
        "WorkBucket.BlockPublicAccess: 'yes' is neither true nor",
    ),
    (
        "by_ros",
        "WorkBucket.Properties.LifecycleConfiguration.Rule.0.Expiration.Weeks",
        1,
        "WorkBucket.LifecycleConfiguration.Rule[0].Expiration: there is no property Weeks",
    ),
    (
        "by_ros",
        "WorkBucket.Properties.LifecycleConfiguration.Rule",
        {},
        "WorkBucket.LifecycleConfiguration.Rule: {} is not a list",
    ),
    (
        "by_ros",
        "WorkBucket.Properties.LifecycleConfiguration",
        [],
        "WorkBucket.LifecycleConfiguration: [] is not a map",
    ),
    ("by_ros", "StepsTable.Properties.PrimaryKey", [], "StepsTable.PrimaryKey: 0 entries"),
    ("by_ros", "StepsTable.Properties.PrimaryKey.0.Type", "TEXT", "StepsTable.PrimaryKey[0].Type: 'TEXT' is none of"),
    ("by_ros", "StepsTable.Properties.TableName", "my-steps", "StepsTable.TableName: 'my-steps' does not match"),
    ("by_ros", "Tablestore.Properties.InstanceName", "a-name-that-is-too-long", "does not match"),
    (
        "by_ros",
        "SeparateRole.Properties.Policies.0.PolicyDocument.Version",
        GONE,
        "SeparateRole.Policies[0].PolicyDocument: Version is required",
    ),
    (
        "by_ros",
        f"{TARGET}.ErrorsTolerance",
        "SOME",
        "ModelStudioRule.Targets[0].ErrorsTolerance: 'SOME' is none of ALL, NONE",
    ),
    ("tables", "VoicesTable", GONE, "voices: only one of shared/tables.py and template.yaml has this table"),
    (
        "tables",
        "VoicesTable.Properties.TableName",
        "voice",
        "voice: only one of shared/tables.py and template.yaml has",
    ),
    (
        "tables",
        "StepsTable.Properties.PrimaryKey.2",
        GONE,
        "steps: its key is job STRING, step STRING, not job STRING, step STRING, item STRING",
    ),
    ("tables", "JobsTable.Properties.PrimaryKey.0.Type", "BINARY", "jobs: its key is job BINARY, not job STRING"),
    ("tables", "JobsTable.Properties.TimeToLive", 86_400, "jobs: its rows expire"),
    ("tables", "TasksTable.Properties.TimeToLive", -1, "tasks: its rows never expire"),
    ("tables", "JobsTable.Properties.MaxVersions", 3, "jobs: keeps 3 versions of what is read as one"),
    ("tables", "JobsTable.Properties.InstanceName", "other", "jobs: template.yaml creates no instance other"),
    (
        "tables",
        "Tablestore.Properties.InstanceName",
        "robots",
        "robots: Tablestore takes no instance with ots in its name",
    ),
    ("buckets", "InputBucket.Properties.AccessControl", "public-read", "InputBucket: AccessControl is public-read"),
    ("buckets", "InputBucket.Properties.AccessControl", GONE, "InputBucket: AccessControl is None"),
    ("buckets", "InputBucket.Properties.BlockPublicAccess", GONE, "InputBucket: public access is not blocked"),
    ("buckets", "InputBucket.Properties.ServerSideEncryptionConfiguration", GONE, "InputBucket: not encrypted"),
    ("buckets", "InputBucket.Properties.BucketName", "In_put", "InputBucket: In_put is no bucket name"),
    (
        "buckets",
        "WorkBucket.Properties.LifecycleConfiguration.Rule.0.Prefix",
        "",
        "WorkBucket: the rule wakes is off, or for everything",
    ),
    (
        "buckets",
        "WorkBucket.Properties.LifecycleConfiguration.Rule.1.Status",
        "Disabled",
        "WorkBucket: the rule jobs is off, or for everything",
    ),
    (
        "policies",
        f"{STATEMENT}.0.Action.0",
        "oss:*",
        "SeparateRole.echobot-separate[0]: oss:* allows more than it says",
    ),
    ("policies", f"{STATEMENT}.0.Action", "*", "SeparateRole.echobot-separate[0]: * allows more than it says"),
    ("policies", f"{STATEMENT}.6.Resource", "*", "SeparateRole.echobot-separate[6]: ots:GetRow, "),
    (
        "policies",
        f"{STATEMENT}.0.Action.0",
        "mns:SendMessage",
        "SeparateRole.echobot-separate[0]: mns:SendMessage, ice:",
    ),
    (
        "policies",
        f"{STATEMENT}.0.Effect",
        "Deny",
        "SeparateRole.echobot-separate[0]: Deny is not how these policies are",
    ),
    (
        "policies",
        "SeparateRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal",
        {"RAM": ["acs:ram::1:root"]},
        "SeparateRole: * may take this role",
    ),
    (
        "queues",
        "RecheckQueue.Properties.VisibilityTimeout",
        300,
        "RecheckQueue: a message comes back after 300 s, while",
    ),
    ("queues", "RecheckQueue.Properties.MessageRetentionPeriod", GONE, "RecheckQueue: messages are gone before a long"),
    (
        "rules",
        f"{TARGET}.Endpoint",
        "acs:mns:cn-beijing:1:queues/x",
        "ModelStudioRule: template.yaml creates no queue x",
    ),
    ("rules", f"{TARGET}.DeadLetterQueue", GONE, "ModelStudioRule: events that cannot be delivered are dropped"),
    ("rules", f"{TARGET}.PushRetryStrategy", GONE, "ModelStudioRule: None is no retry strategy"),
    (
        "rules",
        f"{TARGET}.ParamList.0.Value",
        "another",
        "ModelStudioRule: the endpoint is echobot-model-studio, the parameter says another",
    ),
]


@pytest.mark.parametrize(("check", "path", "value", "said"), WRONG, ids=[f"{one[0]}: {one[3]}"[:90] for one in WRONG])
def test_a_wrong_template_is_refused_with_place_and_reason(
    check: str, path: str, value: object, said: str, ros_types: dict[str, Any]
) -> None:
    _, stack = rendered("echobot")

    findings = list(CHECKS[check](broken(stack, path, value), ros_types))

    assert any(said in finding for finding in findings), findings


def test_a_template_without_a_queue_for_ims_is_refused() -> None:
    _, stack = rendered("echobot")
    stack = {name: one for name, one in stack.items() if not name.startswith("ImsCallback")}

    assert list(stack_checks.queues(stack)) == ["no queue begins with ice-callback, so IMS writes to none"]


def test_every_check_is_run_and_is_shown_what_it_must_refuse() -> None:
    source = (ROOT / "tests/deployment/stack_checks.py").read_text()
    defined = set(re.findall(r"^def ([a-z]\w+)\(.*\) -> Findings:", source, re.MULTILINE))

    assert set(CHECKS) == defined == {check for check, *_ in WRONG}


def test_every_name_that_a_family_or_an_operator_chooses_fits_what_is_made_of_it() -> None:
    """Bucket names have 63 characters, a Tablestore instance 16, and RAM roles are looked up in lower case."""
    pattern = _template()["Parameters"]["Prefix"]["AllowedPattern"]

    for prefix in ("echobot", "abc", "a" * 15, "nightingale-2"):
        assert re.fullmatch(pattern, prefix)
        _, stack = rendered(prefix)
        assert [finding for finding in stack_checks.tables(stack, KEYS, EXPIRING) if "no instance" in finding] == []
        assert list(stack_checks.buckets(stack)) == []
    for prefix in ("Echobot", "ab", "a" * 16, "-echo", "echo-", "echo_bot", ""):
        assert not re.fullmatch(pattern, prefix), prefix


def test_everything_that_is_named_by_another_is_made_before_it() -> None:
    """ROS knows an order only from Ref to a resource, or from DependsOn; our names are texts."""
    resources = _template()["Resources"]

    for name, resource in resources.items():
        if resource["Type"] == "ALIYUN::OTS::Table":
            assert resource["DependsOn"] == "Tablestore", name
        if resource["Type"] == "ALIYUN::SLS::Logstore":
            assert resource["DependsOn"] == "LogProject", name
    assert set(resources["ModelStudioRule"]["DependsOn"]) == {"ModelStudioQueue", "ModelStudioDeadLetters"}


def test_the_inbox_is_kept_long_enough_for_a_family_and_the_work_long_enough_for_an_operator() -> None:
    _, stack = rendered("echobot")
    days = {
        rule["Prefix"]: rule["Expiration"]["Days"]
        for resource in stack.values()
        for rule in resource["Properties"].get("LifecycleConfiguration", {}).get("Rule", [])
        if "Expiration" in rule
    }

    assert days == {"inbox/": 30, "requests/": 30, "steps/": 7, "jobs/": 7, "alarms/": 30, "results/": 90}


def _template() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "template.yaml").read_text())
    return found
