"""The operator's commands over a socket, on a cloud that told a story before."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from cli.app import app
from cli.refusals import DONE, FAILED, REFUSED
from local.cloud import CONSOLE_SECRET, KEY_ID, SECRET, router_of
from local.standins.doors.loopback import LoopbackServer
from local.standins.timing import VirtualTiming
from shared.domain.job import JobState
from shared.engine.records import load_job
from tests.security.test_command_line import leaves
from tests.stage import Stage

pytestmark = pytest.mark.loopback
FILES = ("consent.json", "photo.jpg", "voice.wav")


@dataclass
class Operator:
    stage: Stage
    url: str
    home: Path

    def types(self, *words: str) -> tuple[int, str]:
        result = self.run(*words)
        return result.exit_code, result.output

    def run(self, *words: str) -> Result:
        env = {
            "ECHOBOT_ENDPOINT": self.url,
            "ECHOBOT_ACCOUNT_ID": None,
            "ECHOBOT_PREFIX": None,
            "ECHOBOT_HOME": str(self.home),
            "ECHOBOT_MODEL_STUDIO_API_KEY": "sk-test",
            "ECHOBOT_CONSOLE_SECRET": CONSOLE_SECRET,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        }
        return CliRunner().invoke(app, list(words), env=env)

    def reads(self, *words: str) -> Any:
        """What comes on standard output for a script."""
        result = self.run(*words, "--json")
        assert result.exit_code == DONE, result.output
        return json.loads(result.stdout)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    stage = Stage(timing=VirtualTiming(time.time()))
    with LoopbackServer(router_of(stage.stand_ins)) as server:
        yield Operator(stage, server.url, tmp_path)


@pytest.fixture
def told(operator: Operator) -> Operator:
    operator.stage.tell("fox")
    operator.stage.run()
    assert operator.stage.job("fox").state is JobState.DONE
    return operator


def test_the_doctor_says_of_a_sound_deployment_that_it_is_sound(operator: Operator) -> None:
    code, text = operator.types("doctor")

    assert code == DONE, text
    assert "wrong" not in text


def test_the_doctor_says_in_both_languages_what_to_do(operator: Operator) -> None:
    operator.stage.stand_ins.mns.delete_queue("echobot-recheck")
    code, text = operator.types("doctor")

    assert code == FAILED
    assert "queue echobot-recheck: 不存在 / is not there" in text
    assert "→ 更新 ROS 资源栈（template.yaml） / update the ROS stack" in text


def test_the_doctor_speaks_to_scripts(operator: Operator) -> None:
    findings = operator.reads("doctor")

    assert {one["state"] for one in findings} == {"ok"}
    assert {"what", "state", "found", "mend"} == set(findings[0])


def test_setup_does_what_is_missing_and_nothing_the_second_time(operator: Operator) -> None:
    other = {"CallbackType": "MNS", "CallbackQueueName": "ice-callback-other", "EventTypeList": "SmartJobComplete"}
    operator.stage.stand_ins.ims.set_event_callback(other)
    operator.stage.stand_ins.oss.configure("echobot-output", "lifecycle", None)
    _, first = operator.types("setup")
    _, second = operator.types("setup")

    assert "IMS announces its jobs in ice-callback-echobot (before: ice-callback-other)" in first
    assert "echobot-output forgets old versions after 7 days" in first
    assert "IMS announces its jobs in ice-callback-echobot already" in second
    assert "echobot-output forgets old versions already" in second


def test_setup_keeps_the_rules_that_the_bucket_has(operator: Operator) -> None:
    rules = (
        "<LifecycleConfiguration><Rule><ID>results</ID><Prefix>results/</Prefix><Status>Enabled</Status>"
        "<Expiration><Days>90</Days></Expiration></Rule></LifecycleConfiguration>"
    )
    operator.stage.stand_ins.oss.configure("echobot-output", "lifecycle", rules)
    operator.types("setup")
    kept = operator.stage.stand_ins.oss.bucket("echobot-output").configurations["lifecycle"]

    assert "<Days>90</Days>" in kept
    assert "<NoncurrentDays>7</NoncurrentDays>" in kept


def test_what_setup_did_is_told_to_scripts_in_both_languages(operator: Operator) -> None:
    operator.stage.stand_ins.oss.configure("echobot-output", "lifecycle", None)

    assert operator.reads("setup") == [
        {
            "zh": "IMS 已经把任务结束通知发到 ice-callback-echobot",
            "en": "IMS announces its jobs in ice-callback-echobot already",
        },
        {"zh": "echobot-output 的旧版本 7 天后删除", "en": "echobot-output forgets old versions after 7 days"},
    ]


def test_the_cost_of_a_job_is_the_sum_of_its_calls(told: Operator) -> None:
    found = told.reads("cost", "fox")
    whole = told.reads("cost")

    assert {one["name"].partition("/")[0] for one in found["of"]} >= {
        "clone",
        "separate",
        "speak",
        "animate",
        "compose",
    }
    assert float(found["yuan"]) == pytest.approx(sum(float(one["yuan"]) for one in found["of"]), abs=0.02)
    assert [(one["name"], one["yuan"]) for one in whole["of"]] == [("fox", found["yuan"])]


@pytest.mark.parametrize("words", [("cost", "nobody"), ("status", "nobody"), ("explain", "nobody")])
def test_a_job_that_is_not_there_is_refused(operator: Operator, words: tuple[str, ...]) -> None:
    code, text = operator.types(*words)

    assert code == REFUSED
    assert "There is no job called nobody" in text


def test_where_a_job_stands_is_told_to_scripts(told: Operator) -> None:
    found = told.reads("status", "fox")

    assert (found["job"], found["state"], found["problems"]) == ("fox", "done", [])
    assert {step["state"] for step in found["steps"]} == {"done"}
    assert "published" in " ".join(told.reads("explain", "fox")["history"])


def test_an_erased_job_and_a_redriven_one_are_told_to_scripts(told: Operator) -> None:
    assert told.reads("redrive", "--queue", "failures") == {
        "woken": [],
        "foreign": 0,
        "poison": [],
        "queue": "failures",
    }
    receipt = told.reads("erase", "fox", "--yes")

    assert receipt["is_clean"] is True
    assert receipt["deleted"]["story"] > 0


def test_a_function_is_called_by_hand_and_by_a_wake(operator: Operator) -> None:
    operator.stage.tell("fox")
    operator.stage.timing.run(5.0)
    code, text = operator.types("invoke", "sweep")
    again, _ = operator.types("invoke", "intake", "--wake", "steps/intake/fox.json")

    assert (code, text.strip(), again) == (DONE, "ok", DONE)
    job = load_job(operator.stage.world, "fox")
    assert job is not None
    assert job.state is JobState.OPEN


def test_a_function_is_called_later_and_through_a_service(operator: Operator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")  # aliyun-fc2 sets the root logger's level
    code, _ = operator.types("invoke", "sweep", "--later", "60")
    older, text = operator.types("invoke", "sweep", "--service", "any")

    assert (code, older, text.strip()) == (DONE, DONE, "ok")
    assert len(operator.stage.stand_ins.fc.ran) == 1


def test_what_a_function_answered_is_told_to_scripts(operator: Operator) -> None:
    assert operator.reads("invoke", "sweep") == {"function": "echobot-sweep", "answer": "ok", "error": ""}
    assert operator.reads("invoke", "sweep", "--later", "60") == {"function": "echobot-sweep", "later_s": 60}


def test_an_unknown_function_is_a_failure(operator: Operator) -> None:
    code, text = operator.types("invoke", "dance")

    assert code == FAILED
    assert "FunctionNotFound" in text


def test_what_functions_said_about_a_job_is_told_in_order(operator: Operator) -> None:
    logs = operator.home / "logs"
    logs.mkdir()
    line = '{"at": %d, "event": "turn", "function": "%s", "job": "%s", "step": "speak", "item": "-"}\n'
    (logs / "echobot-speak.log").write_text(line % (20, "echobot-speak", "fox") + line % (30, "echobot-speak", "owl"))
    (logs / "echobot-clone.log").write_text("Traceback of something\n" + line % (10, "echobot-clone", "fox"))
    _, text = operator.types("logs", "fox")

    first, second = text.splitlines()
    assert first.split()[:3] == ["10.000", "echobot-clone", "turn"]
    assert second.split()[:4] == ["20.000", "echobot-speak", "turn", "step=speak"]


def test_narrators_and_what_is_left_of_them_are_told_to_scripts(operator: Operator) -> None:
    sample = operator.home / "mama.wav"
    sample.write_bytes(b"sound")
    photo = operator.home / "mama.jpg"
    photo.write_bytes(b"picture")
    added = operator.reads(
        *("narrator", "add", "mama", "--voice", str(sample), "--photo", str(photo), "--consent", "Wang Fang")
    )
    assert added == {"name": "mama", "uploaded": [f"narrators/mama/{file}" for file in FILES]}
    [mama] = operator.reads("narrator", "list")
    receipt = operator.reads("narrator", "erase", "mama", "--yes")

    assert (mama["name"], mama["voices"], mama["stories"], len(mama["files"])) == ("mama", 0, [], 3)
    assert (receipt["name"], receipt["is_clean"]) == ("mama", True)
    assert operator.reads("narrator", "list") == []


def test_families_are_told_to_scripts(operator: Operator) -> None:
    added = operator.reads("family", "add", "wang", "--title", "王家", "--days", "2")
    [wang] = operator.reads("family", "list")

    assert {**added, "open": True} == {**wang, "link": added["link"]}
    assert operator.reads("family", "link", "wang") == {"name": "wang", "link": added["link"]}
    assert "/enter#" in operator.reads("operator")["link"]
    assert operator.reads("family", "revoke", "wang") == {"name": "wang", "open": False}

    assert (wang["name"], wang["title"], wang["open"]) == ("wang", "王家", True)
    assert wang["until"] == pytest.approx(operator.stage.timing.now() + 2 * 86_400, abs=60)


def test_every_command_speaks_to_scripts_but_those_whose_result_is_a_file() -> None:
    silent = {
        name for name, command in leaves(get_command(app)) if not any("--json" in one.opts for one in command.params)
    }

    assert silent == {"tell", "generate", "emo prepare", "report", "local up"}


@pytest.mark.parametrize("words", [("erase", "fox"), ("narrator", "erase", "mama")])
def test_a_question_is_no_part_of_what_a_script_reads(operator: Operator, words: tuple[str, ...]) -> None:
    result = operator.run(*words, "--json")

    assert (result.exit_code, result.stdout.strip()) == (FAILED, "")
    assert "彻底删除" in result.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("redrive --queue an", ["announcements"]),
        ("invoke s", ["script", "separate", "speak", "sweep"]),
        ("invoke ims", ["ims_callback"]),
        ("generate emo-", ["emo-detect-v1", "emo-v1"]),
        ("doctor --j", ["--json"]),
        ("red", ["redrive"]),
    ],
)
def test_the_shell_is_told_what_may_come_next(typed: str, offered: list[str]) -> None:
    env = {
        "_ECHOBOT_COMPLETE": "complete_bash",
        "COMP_WORDS": f"echobot {typed}",
        "COMP_CWORD": str(len(typed.split())),
    }
    result = CliRunner().invoke(app, [], env=env, prog_name="echobot")

    assert result.stdout.split() == offered
