"""The sweep finds each kind of debt in the rows, when it is due and not before, and wakes what owes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import Corrupt
from shared.domain.job import JobState, StepState
from shared.domain.keys import Asset
from shared.engine import agenda, waking
from shared.engine.sweep import QUIET_S, sweep
from shared.ports import Bucket, Key, Queue, Table
from tests.engine.given import Between, Call, done, interpose, letters, open_job
from tests.engine.test_voices import enrol_narrator, tell_by
from tests.stage import CONSENT, Stage
from tests.toys import toy_png

WAKES = (
    "uploaded, not opened",
    "ready and idle",
    "the lease ended",
    "overdue",
    "reported, not woken",
    "the studio is free",
)
"""Repairs that are wakes."""


@pytest.fixture
def stage() -> Stage:
    """An open job whose first steps are done."""
    stage = Stage()
    open_job(stage.world)
    done(stage.world, "detect")
    done(stage.world, "clone")
    return stage


def swept(stage: Stage) -> list[str]:
    """What one pass wakes."""
    for info in stage.world.objects.listing(Bucket.WORK, "steps/"):
        stage.stand_ins.oss.delete("echobot-work", info.key)
    counts = sweep(stage.world)
    keys = [info.key for info in stage.world.objects.listing(Bucket.WORK, "steps/", limit=5000)]
    assert sum(counts.get(kind, 0) for kind in WAKES) == len(keys)
    return keys


def a_step(stage: Stage, step: str, item: str, state: StepState, **columns: str | float) -> None:
    row = {"state": state.value, "fence": "f", "updated_at": stage.timing.now(), **columns}
    stage.world.rows.merge(Table.STEPS, ("story", step, item), row)


# --- debts of open jobs


def test_what_is_ready_and_idle_is_woken_after_a_quiet_while(stage: Stage) -> None:
    stage.timing.advance(QUIET_S - 0.001)
    assert swept(stage) == []

    stage.timing.advance(0.001)

    assert swept(stage) == ["steps/separate/story/captions.json", "steps/separate/story/music.json"]


def test_a_job_that_was_opened_and_never_begun_is_begun() -> None:
    stage = Stage()
    open_job(stage.world)
    stage.timing.advance(QUIET_S)

    assert swept(stage) == ["steps/clone/story.json", "steps/detect/story.json"]


def test_a_claim_whose_lease_ended_is_taken_up(stage: Stage) -> None:
    for item in ("captions", "music"):
        a_step(stage, "separate", item, StepState.CLAIMED, lease_until=stage.timing.now() + 10.0)
    stage.timing.advance(9.999)
    assert swept(stage) == []

    stage.timing.advance(0.001)

    assert swept(stage) == ["steps/separate/story/captions.json", "steps/separate/story/music.json"]


def test_what_is_overdue_is_woken(stage: Stage) -> None:
    """Its reminder was lost."""
    for item in ("captions", "music"):
        a_step(stage, "separate", item, StepState.WAITING, due_at=stage.timing.now() + 300.0)
    stage.timing.advance(300.0 + QUIET_S - 0.001)
    assert swept(stage) == []

    stage.timing.advance(0.001)

    assert swept(stage) == ["steps/separate/story/captions.json", "steps/separate/story/music.json"]


def test_an_announced_end_that_woke_nobody_is_followed_up(stage: Stage) -> None:
    far = stage.timing.now() + 86_400.0
    a_step(stage, "separate", "captions", StepState.WAITING, phase="finish", due_at=far)
    a_step(stage, "separate", "music", StepState.WAITING, phase="finish", due_at=far)
    for item, name in (("captions", "ocr"), ("music", "music")):
        effect: dict[str, str | float] = {
            "state": "sent",
            "kind": "ims.production",
            "task": f"task-{item}",
            "ask_at": far,
        }
        stage.world.rows.merge(Table.EFFECTS, ("story", "separate", item, name), effect)
    stage.timing.advance(QUIET_S)
    assert swept(stage) == []

    waking.report(stage.world, "ims", "task-music")

    assert swept(stage) == ["steps/separate/story/music.json"]


def test_the_ledger_of_a_job_is_read_once_however_many_of_its_steps_wait(stage: Stage) -> None:
    for item in ("captions", "music"):
        a_step(stage, "separate", item, StepState.WAITING, due_at=stage.timing.now() + 300.0)
    read = rows_read(stage, "rows.range")

    sweep(stage.functions_world)

    assert [key for table, key in read if table is Table.EFFECTS] == [("story",)]


def test_a_job_whose_last_step_is_done_is_concluded(stage: Stage) -> None:
    """The publishing function died between its own row and the job's."""
    for name, items in (("script", ("0001",)), ("compose", ()), ("publish", ())):
        done(stage.world, name, items=items)
    for name, item in (("separate", "captions"), ("separate", "music"), ("speak", "0001"), ("animate", "0001")):
        done(stage.world, name, item)

    assert swept(stage) == []
    assert stage.job().state is JobState.DONE
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["done"]


@pytest.mark.parametrize("state", [StepState.REVIEW, StepState.DONE])
def test_what_a_person_must_decide_and_what_is_done_is_no_debt(stage: Stage, state: StepState) -> None:
    for item in ("captions", "music"):
        a_step(stage, "separate", item, state)
    a_step(stage, "script", "-", StepState.REVIEW)
    stage.timing.advance(86_400.0)

    assert swept(stage) == []


@pytest.mark.parametrize("state", [JobState.DONE, JobState.REFUSED, JobState.FAILED])
def test_a_job_that_has_ended_owes_nothing(stage: Stage, state: JobState) -> None:
    a_step(stage, "separate", "music", StepState.CLAIMED, lease_until=0.0)
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": state.value, "ended_at": stage.timing.now()})
    stage.timing.advance(86_400.0)

    assert swept(stage) == []


def test_a_story_that_goes_well_is_never_woken_by_the_sweep() -> None:
    stage = Stage()
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    passes = [fields for event, fields in stage.world.lines if event == "swept"]
    assert passes
    assert [fields for fields in passes if fields] == []


# --- files that nobody looked at


def deaf(stage: Stage) -> Callable[[str, Callable[[], None]], None]:
    """Intake does not hear of uploads; what the sweep puts it hears."""

    def around(name: str, run: Callable[[], None]) -> None:
        if name != "intake" or "steps/intake/" in stage.events[-1][1].decode():
            run()

    return around


def test_an_upload_that_nobody_heard_of_is_found_in_the_inbox() -> None:
    stage = Stage()
    stage.around = deaf(stage)
    stage.tell()
    stage.timing.run(QUIET_S - 1.0)
    assert swept(stage) == []

    stage.timing.run(1.0)

    assert swept(stage) == ["steps/intake/story.json"]
    stage.run()
    assert stage.job().state is JobState.DONE


def test_the_last_of_several_files_is_found_though_the_others_were_looked_at_in_the_same_second() -> None:
    """OSS tells whole seconds; and a file may come while the others are being listed."""
    stage = Stage()
    stage.tell(film=None)
    stage.timing.run(0)
    stage.around = deaf(stage)
    stage.tell(consent=None, photo=None, voice=None)
    stage.timing.run(QUIET_S)

    assert swept(stage) == ["steps/intake/story.json"]
    stage.run()
    assert stage.job().state is JobState.DONE


def test_a_set_that_stays_incomplete_is_looked_at_only_once_more() -> None:
    stage = Stage()
    stage.tell(film=None)
    stage.timing.run(0)
    looks = []
    for _ in range(10):
        stage.timing.run(QUIET_S)
        looks += swept(stage)

    assert looks == ["steps/intake/story.json"]


def test_a_corrected_file_that_nobody_heard_of_opens_the_job_that_was_refused_at_the_door() -> None:
    stage = Stage()
    stage.tell(photo=toy_png(100, 100))
    stage.timing.run(0)
    assert stage.job().state is JobState.REFUSED
    stage.timing.run(3600.0)
    stage.around = deaf(stage)
    stage.upload("story", Asset.PHOTO, "png", toy_png())
    stage.timing.run(QUIET_S)

    assert swept(stage) == ["steps/intake/story.json"]
    stage.run()
    assert stage.job().state is JobState.DONE


def test_a_job_that_was_refused_later_is_not_taken_up_again(stage: Stage) -> None:
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": "refused"})
    stage.upload("story", Asset.PHOTO, "png", toy_png())
    stage.timing.advance(3600.0)

    assert swept(stage) == []


def test_a_narrators_file_that_nobody_heard_of_opens_the_story_that_waits_for_it() -> None:
    stage = Stage()
    tell_by(stage, "mama", "monday")
    stage.timing.run(3600.0)
    stage.around = deaf(stage)
    enrol_narrator(stage)
    stage.timing.run(QUIET_S)

    assert swept(stage) == ["steps/intake/monday.json"]
    stage.run()
    assert stage.job("monday").state is JobState.DONE


def test_a_narrators_corrected_photo_opens_the_story_that_was_refused_for_the_old_one() -> None:
    stage = Stage()
    enrol_narrator(stage)
    stage.stand_ins.oss.put("echobot-input", "narrators/mama/photo.png", toy_png(100, 100))
    tell_by(stage, "mama", "monday")
    stage.timing.run(0)
    assert stage.job("monday").state is JobState.REFUSED

    stage.stand_ins.oss.put("echobot-input", "narrators/mama/photo.png", toy_png())
    stage.run(sweep_every_s=None)

    assert stage.job("monday").state is JobState.DONE


def test_strange_files_in_the_inbox_are_passed_over() -> None:
    stage = Stage()
    for key in ("inbox/readme.txt", "inbox/story/IMG_1.heic", "inbox/A B/story.mp4"):
        stage.stand_ins.oss.put("echobot-input", key, json.dumps(CONSENT).encode())
    stage.timing.advance(3600.0)

    assert swept(stage) == []


def test_an_inbox_of_more_than_a_page_is_seen_to_its_end_pass_by_pass() -> None:
    stage = Stage()
    stage.around = lambda _name, _run: None
    for number in range(1001):
        stage.stand_ins.oss.put("echobot-input", f"inbox/story-{number:04}/consent.json", b"{}")
    stage.timing.advance(3600.0)

    woken = [swept(stage) for _ in range(3)]

    assert [len(keys) for keys in woken] == [500, 500, 1]
    assert woken[-1] == ["steps/intake/story-1000.json"]


# --- it reads only what may owe something


def test_what_ended_long_ago_is_not_looked_at_again(stage: Stage) -> None:
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": "done", "ended_at": stage.timing.now()})
    stage.timing.advance(86_400.0)
    assert sweep(stage.world) == {"tidied up": 1}
    read = rows_read(stage)

    assert sweep(stage.functions_world) == {}
    assert [key for table, key in read if table is Table.JOBS] == []


def test_an_inbox_that_was_walked_once_is_not_looked_up_again() -> None:
    stage = Stage()
    stage.tell()
    stage.run()
    stage.timing.advance(86_400.0)
    for _ in range(2):
        sweep(stage.world)
    read = rows_read(stage)

    sweep(stage.functions_world)

    assert [key for table, key in read if table is Table.JOBS] == []


def test_a_job_at_the_door_is_looked_at_less_and_less_and_in_the_end_no_more() -> None:
    stage = Stage()
    stage.tell(film=None)
    stage.timing.run(60.0)
    looks: list[float] = []

    def note(call: Call) -> Any:
        if call.args[1] == "inbox/story/":
            looks.append(stage.timing.now())
        return call()

    interpose(stage, "objects.listing", note)
    for _ in range(24 * 60):
        stage.timing.run(60.0)
        sweep(stage.functions_world)
    assert 24 <= len(looks) < 40

    for _ in range(2):
        stage.timing.advance(32 * 86_400.0)
        sweep(stage.functions_world)

    assert agenda.due(stage.world, 10) == []


def test_a_job_that_cannot_be_mended_keeps_nobody_waiting(stage: Stage) -> None:
    open_job(stage.world, "another")
    stage.timing.advance(QUIET_S)
    interpose(stage, "rows.range", raising_for("another", Corrupt("internal", "a row that no code can read")))

    counts = sweep(stage.functions_world)

    assert counts == {"ready and idle": 2, "troubles": 1}


def rows_read(stage: Stage, port_method: str = "rows.get") -> list[tuple[Table, Key]]:
    """Keys that are read from now on, or what ranges begin with."""
    read: list[tuple[Table, Key]] = []

    def note(call: Call) -> Any:
        read.append(call.args[:2])
        return call()

    interpose(stage, port_method, note)
    return read


def raising_for(job_id: str, error: Exception) -> Between:
    def between(call: Call) -> Any:
        if call.args[1][:1] == (job_id,):
            raise error
        return call()

    return between
