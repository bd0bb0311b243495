"""The deployment's two files as the local cloud reads them; what it does not understand it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from local.deployment import DeploymentError, ObjectTrigger, queue_of, read
from local.standins.fc.state import Function, Trigger
from tests.deployment.broken import broken

SERVICES: dict[str, Any] = {
    "edition": "3.0.0",
    "vars": {"region": "${env('ECHO_REGION', 'cn-beijing')}", "prefix": "echo"},
    "template": {
        "function": {
            "handler": "handler.handler",
            "timeout": 60,
            "memorySize": 512,
            "environmentVariables": {"ECHO_REGION": "${vars.region}", "ECHO_KEPT": "7"},
            "triggers": [{"triggerName": "replaced"}],
        }
    },
    "resources": {
        "speak": {
            "component": "fc3",
            "extend": {"name": "function"},
            "props": {
                "functionName": "${vars.prefix}-speak",
                "code": "./functions/speak",
                "timeout": 600,
                "environmentVariables": {"ECHO_KEY": "${env('ECHO_KEY2')}"},
                "asyncInvokeConfig": {
                    "maxAsyncRetryAttempts": 2,
                    "maxAsyncEventAgeInSeconds": 3600,
                    "destinationConfig": {
                        "onFailure": {"destination": "acs:mns:${vars.region}:1:/queues/echo-failed/messages"}
                    },
                },
                "triggers": [
                    {
                        "triggerName": "wake",
                        "triggerType": "oss",
                        "sourceArn": "acs:oss:cn-beijing:1:${vars.prefix}-work",
                        "triggerConfig": {
                            "events": ["oss:ObjectCreated:PutObject"],
                            "filter": {"key": {"prefix": "steps/speak/", "suffix": ""}},
                        },
                    },
                    {
                        "triggerName": "tick",
                        "triggerType": "timer",
                        "triggerConfig": {"cronExpression": "@every 5m", "payload": "tick", "enable": True},
                    },
                    {
                        "triggerName": "queue",
                        "triggerType": "eventbridge",
                        "triggerConfig": {
                            "eventSourceConfig": {
                                "eventSourceType": "MNS",
                                "eventSourceParameters": {"sourceMNSParameters": {"QueueName": "echo-recheck"}},
                            },
                            "runOptions": {
                                "retryStrategy": {"PushRetryStrategy": "EXPONENTIAL_DECAY_RETRY"},
                                "deadLetterQueue": {"Arn": "acs:mns:cn-beijing:1:/queues/echo-dead"},
                            },
                        },
                    },
                ],
            },
        }
    },
}
STACK: dict[str, Any] = {
    "ROSTemplateFormatVersion": "2015-09-01",
    "Parameters": {"Prefix": {"Type": "String", "Default": "echo"}},
    "Resources": {
        "Bucket": {
            "Type": "ALIYUN::OSS::Bucket",
            "Properties": {
                "BucketName": {"Fn::Sub": "${Prefix}-work"},
                "CORSConfiguration": {"CORSRule": [{"AllowedOrigin": ["*"]}]},
            },
        },
        "Instance": {"Type": "ALIYUN::OTS::Instance", "Properties": {"InstanceName": {"Ref": "Prefix"}}},
        "Table": {
            "Type": "ALIYUN::OTS::Table",
            "Properties": {
                "InstanceName": {"Ref": "Prefix"},
                "TableName": "tasks",
                "PrimaryKey": [{"Name": "task", "Type": "STRING"}],
                "TimeToLive": 86_400,
            },
        },
        "Queue": {
            "Type": "ALIYUN::MNS::Queue",
            "Properties": {"QueueName": {"Fn::Join": ["-", [{"Ref": "Prefix"}, "recheck"]]}, "VisibilityTimeout": 330},
        },
        "Rule": {
            "Type": "ALIYUN::EventBridge::Rule",
            "Properties": {
                "EventBusName": "default",
                "Targets": [{"Endpoint": {"Fn::Sub": "acs:mns:${ALIYUN::Region}:${ALIYUN::TenantId}:queues/q"}}],
            },
        },
    },
}
ENV = {"ECHO_KEY2": "secret"}


def written(folder: Path, services: object = SERVICES, stack: object = STACK) -> Path:
    (folder / "s.yaml").write_text(yaml.safe_dump(services))
    (folder / "template.yaml").write_text(yaml.safe_dump(stack))
    return folder


def changed(tree: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    found: dict[str, Any] = broken(tree, path, value)
    return found


def test_functions_and_triggers_are_read_from_s_yaml(tmp_path: Path) -> None:
    found = read(ENV, region="cn-beijing", account_id="1", root=written(tmp_path))

    assert found.functions == (
        Function(
            name="echo-speak",
            code="./functions/speak",
            handler="handler.handler",
            timeout_s=600,
            memory_mb=512,
            env={"ECHO_REGION": "cn-beijing", "ECHO_KEPT": "7", "ECHO_KEY": "secret"},
            retries=2,
            age_s_max=3600,
            on_failure_queue="echo-failed",
            has_async_config=True,
            triggers=found.functions[0].triggers,
        ),
    )
    wake, *others = found.functions[0].triggers
    assert wake == Trigger(
        "wake",
        "oss",
        {"events": ["oss:ObjectCreated:PutObject"], "filter": {"key": {"prefix": "steps/speak/", "suffix": ""}}},
        source_arn="acs:oss:cn-beijing:1:echo-work",
    )
    assert [(trigger.name, trigger.kind) for trigger in others] == [("tick", "timer"), ("queue", "eventbridge")]
    [watch] = found.object_triggers
    assert watch == ObjectTrigger("echo-speak", "echo-work", ("ObjectCreated:PutObject",), "steps/speak/", "")
    [timer] = found.timer_triggers
    assert (timer.name, timer.every_s, timer.payload) == ("tick", 300.0, "tick")
    [queue] = found.queue_triggers
    assert (queue.queue, queue.retry, queue.dead_letters) == ("echo-recheck", "EXPONENTIAL_DECAY_RETRY", "echo-dead")
    assert queue.base64


def test_resources_are_read_from_template_yaml(tmp_path: Path) -> None:
    found = read(ENV, region="cn-beijing", account_id="1", root=written(tmp_path))

    assert list(found.buckets) == ["echo-work"]
    assert found.buckets["echo-work"]["CORSConfiguration"] == {"CORSRule": [{"AllowedOrigin": ["*"]}]}
    assert found.instance == "echo"
    assert [(table.name, table.primary_key, table.ttl_s) for table in found.tables] == [
        ("tasks", (("task", "STRING"),), 86_400)
    ]
    assert found.queues == {"echo-recheck": {"QueueName": "echo-recheck", "VisibilityTimeout": 330}}
    assert found.rules[0]["Targets"][0]["Endpoint"] == "acs:mns:cn-beijing:1:queues/q"


def test_maps_of_a_template_are_merged_and_lists_are_replaced(tmp_path: Path) -> None:
    """As Serverless Devs merges them."""
    found = read({**ENV, "ECHO_REGION": "cn-shanghai"}, region="cn-beijing", account_id="1", root=written(tmp_path))

    assert found.functions[0].env["ECHO_REGION"] == "cn-shanghai"
    assert len(found.object_triggers) == 1


def test_a_timer_that_is_off_does_not_tick(tmp_path: Path) -> None:
    services = changed(SERVICES, "resources.speak.props.triggers.1.triggerConfig.enable", False)

    assert read(ENV, region="r", account_id="1", root=written(tmp_path, services)).timer_triggers == ()


@pytest.mark.parametrize(("every", "seconds"), [("@every 30s", 30.0), ("@every 1m", 60.0), ("@every 2h", 7200.0)])
def test_timers_tick_every_so_often(tmp_path: Path, every: str, seconds: float) -> None:
    services = changed(SERVICES, "resources.speak.props.triggers.1.triggerConfig.cronExpression", every)

    assert [one.every_s for one in _read(tmp_path, services).timer_triggers] == [seconds]


def _read(folder: Path, services: object = SERVICES, stack: object = STACK) -> Any:
    return read(ENV, region="cn-beijing", account_id="1", root=written(folder, services, stack))


PROPS = "resources.speak.props"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (f"{PROPS}.code", "${vars.nowhere}", "s.yaml: ${vars.nowhere} is not understood"),
        (f"{PROPS}.code", "${file('x')}", "s.yaml: ${file('x')} is not understood"),
        (f"{PROPS}.code", "${env('ECHO_MISSING')}", "s.yaml needs the environment variable ECHO_MISSING"),
        ("resources.speak.extend.name", "functoin", "s.yaml: speak: there is no template functoin"),
        (f"{PROPS}.code", None, None),
        (f"{PROPS}.functionName", "", "s.yaml: speak: functionName is missing"),
        ("template.function.memorySize", None, "s.yaml: speak: memorySize is missing"),
        (f"{PROPS}.timeout", "soon", "s.yaml: speak: timeout is 'soon', not a number"),
        (f"{PROPS}.triggers.0.triggerConfig", None, "s.yaml: speak: triggers[0]: triggerConfig is missing"),
        (f"{PROPS}.triggers.0.triggerType", "cdn", "s.yaml: speak: the local cloud has no cdn trigger"),
        (
            f"{PROPS}.triggers.1.triggerConfig.cronExpression",
            "0 0 4 * * *",
            "s.yaml: speak: only `@every` timers are understood, not '0 0 4 * * *'",
        ),
        (
            f"{PROPS}.triggers.2.triggerConfig.eventSourceConfig.eventSourceType",
            "Default",
            "s.yaml: speak: event source Default is not understood",
        ),
        (
            f"{PROPS}.triggers.2.triggerConfig.eventSourceConfig.eventSourceParameters",
            {},
            "s.yaml: speak: triggers[2]: sourceMNSParameters is missing",
        ),
    ],
)
def test_what_s_yaml_says_wrong_is_named(tmp_path: Path, path: str, value: object, said: str | None) -> None:
    services = changed(SERVICES, path, value)
    if said is None:
        services = changed(services, "template.function.code", None)
        said = "s.yaml: speak: code is missing"

    with pytest.raises(DeploymentError) as caught:
        _read(tmp_path, services)

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (
            "Resources.Instance.Properties.InstanceName",
            {"Ref": "Prefx"},
            "template.yaml: Instance: nothing is called Prefx",
        ),
        (
            "Resources.Bucket.Properties.BucketName",
            {"Fn::Sub": "${Prefx}-work"},
            "template.yaml: Bucket: nothing is called Prefx",
        ),
        (
            "Resources.Bucket.Properties.BucketName",
            {"Fn::GetAtt": ["Other", "Name"]},
            'template.yaml: Bucket: Fn::GetAtt is not understood: {"Fn::GetAtt": ["Other", "Name"]}',
        ),
        ("Parameters.Prefix", {"Type": "String"}, "template.yaml: Bucket: the parameter Prefix has no value"),
        ("Resources.Table.Properties.PrimaryKey", None, "template.yaml: Table: PrimaryKey is missing"),
        ("Resources.Queue.Properties.QueueName", None, "template.yaml: Queue: QueueName is missing"),
    ],
)
def test_what_template_yaml_says_wrong_is_named(tmp_path: Path, path: str, value: object, said: str) -> None:
    with pytest.raises(DeploymentError) as caught:
        _read(tmp_path, stack=changed(STACK, path, value))

    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["s.yaml", "template.yaml"])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    (tmp_path / name).write_text("resources: [")

    with pytest.raises(DeploymentError) as caught:
        read(ENV, region="r", account_id="1", root=tmp_path)

    assert str(caught.value).startswith(f"{name} is no YAML: ")


@pytest.mark.parametrize(
    ("arn", "queue"),
    [
        ("acs:mns:cn-beijing:1:/queues/echo/messages", "echo"),
        ("acs:mns:cn-beijing:1:/queues/echo", "echo"),
        ("acs:mns:cn-beijing:1:queues/echo", "echo"),
        ("acs:mns:cn-beijing:1:/topics/echo/messages", ""),
        ("", ""),
    ],
)
def test_a_queue_is_known_by_any_form_of_its_arn(arn: str, queue: str) -> None:
    assert queue_of(arn) == queue


@pytest.mark.parametrize(
    ("event", "bucket", "key", "fires"),
    [
        ("ObjectCreated:PutObject", "work", "steps/speak/a.json", True),
        ("ObjectCreated:PutObject", "input", "steps/speak/a.json", False),
        ("ObjectCreated:PutObject", "work", "steps/animate/a.json", False),
        ("ObjectCreated:PutObject", "work", "steps/speak/a.txt", False),
        ("ObjectCreated:CopyObject", "work", "steps/speak/a.json", False),
        ("ObjectRemoved:DeleteObject", "work", "steps/speak/a.json", False),
    ],
)
def test_a_trigger_fires_for_its_events_bucket_prefix_and_suffix(
    event: str, bucket: str, key: str, fires: bool
) -> None:
    trigger = ObjectTrigger("f", "work", ("ObjectCreated:PutObject",), "steps/speak/", ".json")

    assert trigger.fires(event, bucket, key) is fires


def test_a_wildcard_stands_for_every_event_of_its_kind() -> None:
    trigger = ObjectTrigger("f", "work", ("ObjectCreated:*",), "", "")

    assert trigger.fires("ObjectCreated:UploadPart", "work", "k")
    assert not trigger.fires("ObjectRemoved:DeleteObject", "work", "k")


def test_the_projects_own_files_are_read() -> None:
    found = read({"ECHOBOT_ACCOUNT_ID": "1"}, region="cn-beijing", account_id="1")

    assert {function.on_failure_queue for function in found.functions} == {"echobot-failed"}
    assert len(found.object_triggers) == 13
