"""The doctor finds nothing wrong with a deployment that is right, and each of many faults by name, with its mending."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cli.doctor import examine, exit_code
from cli.findings import Finding, State
from cli.inspection import Inspector
from local.cloud import KEY_ID, SECRET, router_of
from local.standins.doors.loopback import LoopbackServer
from local.standins.timing import VirtualTiming
from shared.clients.credentials import KEY_ID as KEY_NAME
from shared.clients.credentials import KEY_SECRET
from shared.settings import Settings
from tests.stage import Stage

pytestmark = pytest.mark.loopback


@dataclass
class Patient:
    """A deployment, and what the doctor is told of it."""

    stage: Stage
    settings: Settings
    env: dict[str, str] = field(default_factory=lambda: {KEY_NAME: KEY_ID, KEY_SECRET: SECRET})
    ahead_s: float = 0.0

    def findings(self) -> list[Finding]:
        inspector = Inspector(self.settings, self.env, lambda: self.stage.timing.now() + self.ahead_s)
        return list(examine(inspector, self.stage.declared))


@pytest.fixture
def patient() -> Iterator[Patient]:
    stage = Stage(timing=VirtualTiming(time.time()))
    with LoopbackServer(router_of(stage.stand_ins)) as server:
        yield Patient(stage, replace(stage.settings, endpoint=server.url, account_id=stage.account.account_id))


def configure(bucket: str, what: str, document: str | None) -> Callable[[Patient], None]:
    return lambda patient: patient.stage.stand_ins.oss.configure(bucket, what, document)


def without_queue(name: str) -> Callable[[Patient], None]:
    return lambda patient: patient.stage.stand_ins.mns.delete_queue(name)


def settings(**changes: object) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.settings = replace(patient.settings, **changes)  # type: ignore[arg-type]  # each by its own name

    return change


def keys(**changes: str) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.env = {**patient.env, **changes}

    return change


def test_a_deployment_that_is_right_is_all_green(patient: Patient) -> None:
    findings = patient.findings()

    assert [finding for finding in findings if finding.state is not State.OK] == []
    assert exit_code(findings) == 0
    assert {finding.what.partition(" ")[0] for finding in findings} == {
        *(
            "clock",
            "region",
            "bucket",
            "table",
            "queue",
            "announcements",
            "rule",
            "channel",
            "function",
            "engine",
            "portrait",
        )
    }


def table(name: str, ttl_s: int = 0) -> Callable[[Patient], None]:
    """Without the table; with a life of its rows, with another one in its place."""

    def change(patient: Patient) -> None:
        patient.stage.stand_ins.tablestore.delete_table(name)
        if ttl_s:
            patient.stage.stand_ins.tablestore.create_table(name, [("job", "STRING")], ttl_s=ttl_s)

    return change


def rule(**changes: Any) -> Callable[[Patient], None]:
    """Without the rule; with changes, with another one in its place."""

    def change(patient: Patient) -> None:
        bus, [known] = patient.stage.stand_ins.eventbridge, patient.stage.declared.rules
        bus.delete_rule("default", known["RuleName"])
        if changes:
            given = {
                "FilterPattern": known["FilterPattern"],
                "Targets": known["Targets"],
                "is_enabled": True,
                **changes,
            }
            bus.create_rule(
                "default", known["RuleName"], given["FilterPattern"], given["Targets"], is_enabled=given["is_enabled"]
            )

    return change


def targets(**changes: Any) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        [known] = patient.stage.declared.rules
        given = {**known["Targets"][0], **changes}
        rule(Targets=[{name: value for name, value in given.items() if value is not None}])(patient)

    return change


def function(name: str, **changes: object) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        functions = patient.stage.stand_ins.fc.functions
        gone = functions.pop(name)
        if changes:
            functions[name] = replace(gone, **changes)  # type: ignore[arg-type]  # each by its own name

    return change


def trigger(of: str, name: str, **changes: object) -> Callable[[Patient], None]:
    """Without the trigger of a function; with changes, with another one in its place. `config` is merged."""

    def change(patient: Patient) -> None:
        functions = patient.stage.stand_ins.fc.functions
        known = functions[f"echobot-{of}"]
        [gone] = [one for one in known.triggers if one.name == name]
        kept = tuple(one for one in known.triggers if one is not gone)
        if changes:
            config = merged(gone.config, changes.get("config", {}))
            kept += (replace(gone, **{**changes, "config": config}),)
        functions[known.name] = replace(known, triggers=kept)

    return change


def merged(known: Any, over: Any) -> Any:
    if not isinstance(over, Mapping):
        return over
    return {**known, **{name: merged(known[name], inner) for name, inner in over.items()}}


def queue_source(**changes: object) -> dict[str, object]:
    return {"eventSourceConfig": {"eventSourceParameters": {"sourceMNSParameters": changes}}}


TRIGGER_FAULTS: list[tuple[str, str, str, dict[str, Any], str]] = [
    # what is wrong, of which function, of which trigger, how, and in which words (after "trigger NAME")
    ("no trigger", "speak", "wake", {}, " is not there"),
    ("a trigger of another kind", "speak", "wake", {"kind": "timer"}, " is of the kind timer"),
    (
        "another prefix",
        "speak",
        "wake",
        {"config": {"filter": {"key": {"prefix": "steps/"}}}},
        ': filter.key.prefix is "steps/", not "steps/speak/"',
    ),
    (
        "a suffix",
        "speak",
        "wake",
        {"config": {"filter": {"key": {"suffix": ".wav"}}}},
        ': filter.key.suffix is ".wav", not ""',
    ),
    (
        "an event that does not fire",
        "speak",
        "wake",
        {"config": {"events": ["oss:ObjectCreated:PutObject"]}},
        ': events is ["oss:ObjectCreated:PutObject"], not ["oss:ObjectCreated:PutObject", "oss',
    ),
    (
        "another bucket",
        "speak",
        "wake",
        {"source_arn": "acs:oss:cn-beijing:1:else"},
        ': sourceArn is "acs:oss:cn-beijing:1:else"',
    ),
    ("another's invocation role", "speak", "wake", {"role": "acs:ram::1:role/x"}, ': invocationRole is "acs:ram::1'),
    ("a queue trigger switched off", "recheck", "reminders", {"config": {"triggerEnable": False}}, " is switched off"),
    (
        "another queue",
        "recheck",
        "reminders",
        {"config": queue_source(QueueName="echobot-failed")},
        ': eventSourceConfig.eventSourceParameters.sourceMNSParameters.QueueName is "echobot-failed", not "echobot-re',
    ),
    (
        "messages that are not decoded",
        "recheck",
        "reminders",
        {"config": queue_source(IsBase64Decode=False)},
        ": eventSourceConfig.eventSourceParameters.sourceMNSParameters.IsBase64Decode is false, not true",
    ),
    (
        "a filter",
        "recheck",
        "reminders",
        {"config": {"eventRuleFilterPattern": '{"source": ["x"]}'}},
        ": eventRuleFilterPattern is ",
    ),
    (
        "a poison message that blocks",
        "recheck",
        "reminders",
        {"config": {"runOptions": {"errorsTolerance": "NONE"}}},
        ': runOptions.errorsTolerance is "NONE", not "ALL"',
    ),
    (
        "no dead letters of a trigger",
        "recheck",
        "reminders",
        {"config": {"runOptions": {"deadLetterQueue": {"Arn": ""}}}},
        ': runOptions.deadLetterQueue.Arn is "", not "acs:mns:',
    ),
    ("a timer switched off", "sweep", "every-minute", {"config": {"enable": False}}, " is switched off"),
    (
        "a slow timer",
        "sweep",
        "every-minute",
        {"config": {"cronExpression": "@every 1h"}},
        ': cronExpression is "@every 1h", not "@every 1m"',
    ),
    (
        "a page behind a signature",
        "console",
        "page",
        {"config": {"authType": "function"}},
        ': authType is "function", not "anonymous"',
    ),
]


def callback(queue: str, events: str) -> Callable[[Patient], None]:
    setting = {"CallbackType": "MNS", "CallbackQueueName": queue, "EventTypeList": events}

    def change(patient: Patient) -> None:
        patient.stage.stand_ins.ims.set_event_callback(setting)

    return change


def offline(*models: str) -> Callable[[Patient], None]:
    return lambda patient: patient.stage.stand_ins.model_studio.offline_models.update(models)


def dead_letter(queue: str) -> Callable[[Patient], None]:
    def change(patient: Patient) -> None:
        patient.stage.stand_ins.mns.send(queue, "x")

    return change


FAULTS: list[tuple[str, Callable[[Patient], None], str, str, str]] = [
    # what is wrong, how it is done, which line says it, in which words, and how to mend it
    ("no key", lambda patient: patient.env.clear(), "credentials", "no access key", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    ("a wrong secret", keys(**{KEY_SECRET: "x"}), "bucket echobot-input", "SignatureDoesNotMatch", "ACCESS_KEY_SECRET"),
    ("an unknown key", keys(**{KEY_NAME: "x"}), "bucket echobot-work", "InvalidAccessKeyId", "ACCESS_KEY_ID"),
    ("a clock that is ahead", lambda patient: setattr(patient, "ahead_s", 300.0), "clock", "clock is +30", "NTP"),
    ("another region", settings(region="cn-shanghai"), "region", "cn-beijing only", "deploy in cn-beijing"),
    ("buckets elsewhere", settings(region="cn-shanghai"), "bucket echobot-work", "is in cn-beijing", "one region"),
    (
        "no bucket",
        lambda patient: patient.stage.stand_ins.oss.delete_bucket("echobot-work"),
        "bucket echobot-work",
        "is not there",
        "ROS stack",
    ),
    (
        "a public bucket",
        lambda patient: patient.stage.stand_ins.oss.set_bucket_acl("echobot-output", "public-read"),
        "bucket echobot-output",
        "is public-read",
        "ROS stack",
    ),
    (
        "public access",
        configure("echobot-input", "publicAccessBlock", None),
        "bucket echobot-input",
        "public access",
        "ROS",
    ),
    (
        "no encryption",
        configure("echobot-input", "encryption", None),
        "bucket echobot-input",
        "not encrypted",
        "ROS stack",
    ),
    (
        "no lifecycle",
        configure("echobot-work", "lifecycle", None),
        "bucket echobot-work",
        "rule as declared for jobs/",
        "ROS",
    ),
    ("no CORS", configure("echobot-input", "cors", None), "bucket echobot-input", "no browser can upload", "ROS stack"),
    (
        "no versions",
        lambda patient: patient.stage.stand_ins.oss.set_versioning("echobot-output", "Suspended"),
        "bucket echobot-output",
        "keeps no versions",
        "ROS stack",
    ),
    (
        "old versions for ever",
        configure(
            "echobot-output",
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>a</ID><Prefix>results/</Prefix><Status>Enabled</Status>"
            "<Expiration><Days>90</Days></Expiration></Rule><Rule><ID>b</ID><Prefix>stories/</Prefix>"
            "<Status>Enabled</Status></Rule></LifecycleConfiguration>",
        ),
        "bucket echobot-output",
        "keeps old versions for ever",
        "echobot setup",
    ),
    ("no table", table("voices"), "table voices", "is not there", "ROS stack"),
    ("a table with another key", table("steps", ttl_s=-1), "table steps", "its key is job", "delete this table"),
    ("rows that expire", table("jobs", ttl_s=86_400), "table jobs", "keeps rows for 86400 s", "ROS stack"),
    ("no queue", without_queue("echobot-recheck"), "queue echobot-recheck", "is not there", "ROS stack"),
    ("no dead letters", without_queue("echobot-failed-dead"), "queue echobot-failed-dead", "is not there", "ROS stack"),
    (
        "messages that come back too soon",
        lambda patient: patient.stage.stand_ins.mns.set_attributes("echobot-failed", VisibilityTimeout=30),
        "queue echobot-failed",
        "comes back after 30 s",
        "ROS stack",
    ),
    (
        "dead letters waiting",
        dead_letter("echobot-recheck-dead"),
        "queue echobot-recheck-dead",
        "1 message(s) that nobody could take",
        "echobot redrive",
    ),
    (
        "announcements elsewhere",
        callback("ice-callback-other", "ProduceMediaComplete"),
        "announcements of IMS",
        "go to ice-callback-other",
        "echobot setup",
    ),
    (
        "half the announcements",
        callback("ice-callback-echobot", "ProduceMediaComplete"),
        "announcements of IMS",
        "leave out AIProduceComplete",
        "echobot setup",
    ),
    (
        "a webhook that signs nothing",
        settings(webhook_url="https://hook.example.com/"),
        "channel webhook",
        "the setting ECHOBOT_WEBHOOK_SECRET is missing or wrong",
        "docs/page.md",
    ),
    ("no rule", rule(), "rule echobot-model-studio", "is not there", "ROS stack"),
    ("a rule switched off", rule(is_enabled=False), "rule echobot-model-studio", "is switched off", "switch it on"),
    (
        "a rule for others",
        rule(FilterPattern={"source": ["acs.oss"]}),
        "rule echobot-model-studio",
        "does not match",
        "ROS",
    ),
    (
        "a rule to another queue",
        targets(Endpoint="acs:mns:cn-beijing:1:queues/echobot-failed"),
        "rule echobot-model-studio",
        "does not send to our queue",
        "ROS stack",
    ),
    ("no dead letters of a rule", targets(DeadLetterQueue=None), "rule echobot-model-studio", "no dead-letter", "ROS"),
    ("no function", function("echobot-speak"), "function echobot-speak", "is not there", "s deploy"),
    ("a short timeout", function("echobot-speak", timeout_s=3), "function echobot-speak", "timeout is 3 s", "s deploy"),
    (
        "another's role",
        function("echobot-speak", role="x/admin"),
        "function echobot-speak",
        "runs as x/admin",
        "s deploy",
    ),
    *(
        (wrong, function("echobot-speak", **changes), "function echobot-speak", found, "s deploy")
        for wrong, changes, found in (
            ("few retries", {"retries": 0}, "is tried again 0 time(s)"),
            ("a short event age", {"age_s_max": 3600}, "gives a call up after 3600 s"),
            ("another failure destination", {"on_failure_queue": "lost"}, "not to echobot-failed"),
            ("no failure destination", {"on_failure_queue": ""}, "sends what was given up to -, not to"),
            ("no asynchronous configuration", {"has_async_config": False}, "has no asynchronous configuration"),
        )
    ),
    *(
        (wrong, trigger(of, name, **changes), f"function echobot-{of}", f"trigger {name}{found}", "s deploy")
        for wrong, of, name, changes, found in TRIGGER_FAULTS
    ),
    ("little memory", function("echobot-speak", memory_mb=128), "function echobot-speak", "has 128 MB", "s deploy"),
    ("no API key", settings(model_studio_api_key=""), "Model Studio", "no API key", "DASHSCOPE_API_KEY"),
    ("a wrong API key", settings(model_studio_api_key="sk-x"), "engine emo", "does not work: account.", "API key"),
    ("EMO switched off", offline("emo-detect-v1"), "engine emo", "switched it off", "next engine"),
    (
        "no engine at all",
        lambda patient: (settings(engines="emo")(patient), offline("emo-detect-v1")(patient))[0],
        "portrait",
        "no engine works",
        "still",
    ),
]


@pytest.mark.parametrize(("wrong", "break_it", "what", "found", "mend"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_found_and_named_with_its_mending(
    patient: Patient, wrong: str, break_it: Callable[[Patient], None], what: str, found: str, mend: str
) -> None:
    break_it(patient)

    told = {finding for finding in patient.findings() if finding.state is not State.OK}

    hits = [one for one in told if one.what == what and found in one.found[1] and mend in one.mend[1]]
    assert hits, told
    assert all(hit.found[0] and hit.mend[0] for hit in hits)


def test_with_emo_switched_off_the_doctor_says_what_a_story_gets_instead(patient: Patient) -> None:
    offline("emo-detect-v1")(patient)
    findings = {finding.what: finding for finding in patient.findings()}

    assert findings["engine emo"].state is State.NOTE
    assert findings["portrait"].found[1] == "a new story gets wan-s2v"
    assert exit_code(list(findings.values())) == 0


def test_one_fault_does_not_hide_another(patient: Patient) -> None:
    without_queue("echobot-recheck")(patient)
    function("echobot-speak")(patient)
    told = [finding.what for finding in patient.findings() if finding.state is State.WRONG]

    assert {"queue echobot-recheck", "function echobot-speak"} <= set(told)


def test_a_trigger_that_is_not_ours_is_noted_and_nothing_is_called_wrong(patient: Patient) -> None:
    functions = patient.stage.stand_ins.fc.functions
    known = functions["echobot-speak"]
    older = replace(known.triggers[0], name="older")
    functions["echobot-speak"] = replace(known, triggers=(*known.triggers, older))
    told = [finding for finding in patient.findings() if finding.what == "function echobot-speak"]

    assert [finding.state for finding in told] == [State.NOTE, State.OK]
    assert told[0].found[1] == "has a trigger older that s.yaml does not have"
    assert exit_code(told) == 0


def test_what_fc_says_in_other_words_is_no_fault(patient: Patient) -> None:
    """The order of events, an empty suffix left out, a filter pattern written with other spaces."""
    functions = patient.stage.stand_ins.fc.functions
    wake, events = functions["echobot-speak"], {"config": {"eventRuleFilterPattern": "{ }"}}
    config = {"filter": {"key": {"prefix": "steps/speak/"}}, "events": wake.triggers[0].config["events"][::-1]}
    functions["echobot-speak"] = replace(wake, triggers=(replace(wake.triggers[0], config=config),))
    trigger("recheck", "reminders", **events)(patient)

    assert [finding for finding in patient.findings() if finding.state is not State.OK] == []


def test_all_faults_of_a_function_are_told(patient: Patient) -> None:
    function("echobot-speak", timeout_s=3, memory_mb=128, retries=0)(patient)
    told = [finding.found[1] for finding in patient.findings() if finding.what == "function echobot-speak"]

    assert told == ["its timeout is 3 s", "has 128 MB", "is tried again 0 time(s)"]


def test_the_doctor_changes_nothing_and_buys_nothing(patient: Patient) -> None:
    before = patient.stage.charges()
    patient.findings()

    assert patient.stage.charges() == before == []
