"""An event is a hint and nothing more: one that is foreign, forged or another job's changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.job import JobState, StepState
from shared.engine import effects
from shared.ports import Bucket, Columns, Table
from tests.engine.given import row_of
from tests.stage import Stage

EVIL = "https://dashscope-result-evil.oss-cn-beijing.aliyuncs.com/evil.mp4"


def waiting_story() -> tuple[Stage, str]:
    """A story whose clip is being made, and the task's id."""
    stage = Stage()
    stage.tell()
    while not [row for row in effects.rows_of(stage.world, "story", "animate") if row.task]:
        assert stage.timing.step()
    [row] = effects.rows_of(stage.world, "story", "animate")
    stage.timing.run(1.0)
    return stage, row.task


def rows(stage: Stage) -> dict[str, Mapping[Any, Columns]]:
    """All rows but those that note what was reported."""
    return {table.value: dict(stage.world.rows.range(table)) for table in Table if table is not Table.TASKS}


def outputs(stage: Stage) -> list[str]:
    return [info.key for info in stage.world.objects.listing(Bucket.OUTPUT, "")]


def of_model_studio(task: str, status: str = "SUCCEEDED") -> bytes:
    data = {"task_id": task, "task_status": status, "output": {"video_url": EVIL, "results": {"video_url": EVIL}}}
    return json.dumps({"source": "acs.dashscope", "type": "dashscope:System:AsyncTaskFinish", "data": data}).encode()


def of_ims(job: str, label: str, status: str = "Success") -> bytes:
    data = json.dumps({"NotifyAddress": "ice-callback-echobot", "label": label})
    body = {"JobId": job, "Status": status, "UserData": data, "MediaURL": EVIL}
    return json.dumps({"EventType": "ProduceMediaComplete", "MessageBody": body}).encode()


FOREIGN = {
    "a task of another project": ("model_studio_callback", of_model_studio("of-another-project")),
    "a failure of another project": ("model_studio_callback", of_model_studio("of-another-project", "FAILED")),
    "a job of another project": ("ims_callback", of_ims("of-another-project", "theirs/compose")),
    "a job of another project with our label": ("ims_callback", of_ims("of-another-project", "story/compose")),
    "our label with a name that climbs": ("ims_callback", of_ims("of-another-project", "../../story/compose")),
    "nothing that we know": ("model_studio_callback", b'{"data": {"task_id": "?"}}'),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_event_changes_no_row_and_wakes_nobody(name: str) -> None:
    stage, _ = waiting_story()
    before, events = rows(stage), len(stage.events)
    stage.call(*FOREIGN[name])
    stage.timing.run(1.0)

    assert rows(stage) == before
    assert len(stage.events) == events


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN"])
def test_a_forged_end_of_our_own_task_is_not_believed(status: str) -> None:
    """The vendor is asked, says that the task runs, and the step waits on."""
    stage, task = waiting_story()
    before = outputs(stage)
    stage.call("model_studio_callback", of_model_studio(task, status))
    stage.timing.run(1.0)

    row = row_of(stage.world, "animate", "0001")
    [effect] = effects.rows_of(stage.world, "story", "animate")
    assert (row.state, row.result) == (StepState.WAITING, {})
    assert (effect.task, effect.state.value) == (task, "sent")
    assert outputs(stage) == before

    stage.run()
    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1


def test_an_event_of_one_vendor_does_not_end_a_task_of_the_other() -> None:
    stage, task = waiting_story()
    before = rows(stage)
    stage.call("ims_callback", of_ims(task, "story/animate"))
    stage.timing.run(1.0)

    assert rows(stage) == before


def test_the_end_of_one_jobs_task_moves_no_other_job() -> None:
    stage, task = waiting_story()
    stage.tell("other")
    while not [row for row in effects.rows_of(stage.world, "other") if row.task]:
        assert stage.timing.step()
    stage.timing.run(1.0)
    before = {name: found for name, found in rows(stage).items() if name in {"steps", "effects", "jobs"}}
    stage.call("model_studio_callback", of_model_studio(task))
    stage.timing.run(0.5)
    after = rows(stage)

    for name, found in before.items():
        assert {key: row for key, row in after[name].items() if key[0] == "other"} == {
            key: row for key, row in found.items() if key[0] == "other"
        }


def test_no_result_is_taken_from_an_event() -> None:
    """The url in the event is the attacker's; what is copied is what the vendor answers."""
    stage, task = waiting_story()
    stage.call("model_studio_callback", of_model_studio(task))
    stage.run()

    assert stage.job().state is JobState.DONE
    assert EVIL not in str(rows(stage))
