"""A family may change its mind at any moment: nothing more is bought, nothing of it is kept, and it can be proven."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from local.standins.fc.state import Ran
from shared.domain import keys
from shared.domain.errors import Corrupt, Refused, Retry, Unknown
from shared.domain.job import WHOLE, JobState
from shared.engine import effects, studio, wakes, waking, withdrawal
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import ABANDONED_S, sweep
from shared.ports import Bucket, Kind, Place, Queue, Table
from tests.engine.given import Call, interpose, letters, losing_the_answer, raising
from tests.engine.test_voices import enrol_narrator, tell_by, voices_alive
from tests.stage import PACE, Stage

TWO_SEGMENTS = {"segment_s_max": 5.0}


def told_for(seconds: float, **more: Any) -> Stage:
    """A story that has been under way for so long."""
    stage = Stage(**more)
    stage.tell()
    stage.run(seconds)
    return stage


def rest(stage: Stage) -> None:
    """Everything that is on its way arrives, and the sweep comes by."""
    stage.timing.run(3600.0)
    for _ in range(3):
        sweep(stage.world)
        stage.timing.run(ON_ITS_WAY_S)


def objects(stage: Stage, bucket: Bucket, prefix: str = "") -> list[str]:
    return [info.key for info in stage.world.objects.listing(bucket, prefix)]


def reading_that_lands(stage: Stage, after_s: float) -> None:
    """IMS is asked to read the captions, does not answer, and begins long after everybody has given up."""

    def unanswered(call: Call) -> Any:
        stage.timing.later(after_s, lambda: call() and None)
        raise Unknown("vendor.unanswered")

    interpose(stage, "media.read_captions", unanswered)


def swept(stage: Stage, for_s: float) -> int:
    """The sweep comes by every ten minutes; how often it listed what is left of jobs."""
    before = stage.account.count("oss")["ListObjects"]
    end = stage.timing.now() + for_s
    while stage.timing.now() < end:
        stage.timing.run(600.0)
        sweep(stage.world)
    return stage.account.count("oss")["ListObjects"] - before


# --- cancelled


@pytest.mark.parametrize("seconds", [1.0, 20.0, 40.0, 60.0, 80.0, 120.0, 150.0])
def test_a_job_can_be_cancelled_at_any_moment_and_buys_nothing_more(seconds: float) -> None:
    stage = told_for(seconds, settings=TWO_SEGMENTS)
    submitted = stage.account.count("model_studio")

    withdrawal.cancel(stage.world, "story")
    rest(stage)

    assert stage.job().state is JobState.CANCELLED
    after = stage.account.count("model_studio")
    bought = ("emo-v1", "emo-detect-v1", "voice.create_voice", "speech")
    assert [after[what] - submitted[what] for what in bought] == [0] * len(bought)
    assert voices_alive(stage) == 0
    assert objects(stage, Bucket.WORK, keys.JOBS) == []
    assert objects(stage, Bucket.OUTPUT) == ["stories/story/error.json"]
    assert stage.studio_holder() == ""


def test_the_family_is_told() -> None:
    stage = told_for(40.0)
    withdrawal.cancel(stage.world, "story")

    assert (stage.error()["state"], stage.error()["problems"][0]["code"]) == ("cancelled", "job.cancelled")
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["cancelled"]


def test_cancelling_again_changes_nothing() -> None:
    stage = told_for(40.0)
    withdrawal.cancel(stage.world, "story")
    ended = stage.job()

    gone = withdrawal.cancel(stage.world, "story")

    assert stage.job() == ended
    assert set(gone.values()) == {0}
    assert len(letters(stage, Queue.FINISHED)) == 1


def test_a_cancellation_that_died_half_way_is_finished_by_the_sweep() -> None:
    stage = told_for(40.0)
    interpose(stage, "objects.write", raising(Retry("vendor.busy")))
    with pytest.raises(Retry):
        withdrawal.cancel(stage.functions_world, "story")
    assert (stage.job().state, voices_alive(stage)) == (JobState.CANCELLED, 1)

    rest(stage)

    assert voices_alive(stage) == 0
    assert stage.error()["state"] == "cancelled"


def test_a_cancellation_whose_answer_was_lost_has_happened() -> None:
    stage = told_for(40.0)
    interpose(stage, "rows.update", losing_the_answer(Retry("vendor.busy")))

    withdrawal.cancel(stage.functions_world, "story")

    assert stage.job().state is JobState.CANCELLED
    assert len(letters(stage, Queue.FINISHED)) == 1


def test_a_call_that_was_only_meant_when_the_job_was_cancelled_is_not_made() -> None:
    """The intent is written first, then the job is looked at: of a cancellation and a call, one sees the other."""
    stage = Stage()

    def cancelled_meanwhile(call: Call) -> Any:
        table, key = call.args[:2]
        if table is Table.EFFECTS and key[3] == "clip":
            withdrawal.cancel(stage.world, "story")
        return call()

    interpose(stage, "rows.insert", cancelled_meanwhile)
    stage.tell()
    stage.run()

    assert stage.charges().count("emo-v1") == 0
    assert stage.account.count("model_studio")["emo-v1"] == 0
    (clip,) = [row for row in effects.rows_of(stage.world, "story") if row.name == "clip"]
    assert (clip.state, clip.sends) == (effects.EffectState.AGAIN, 0)


def test_a_call_that_was_on_its_way_is_let_end_and_its_result_kept_out() -> None:
    stage = told_for(0.0)

    def cancelled_meanwhile(call: Call) -> Any:
        withdrawal.cancel(stage.world, "story")
        return call()

    interpose(stage, "media.compose", cancelled_meanwhile)
    stage.run()
    rest(stage)

    assert stage.job().state is JobState.CANCELLED
    assert stage.charges().count("SubmitMediaProducingJob") <= 2
    assert objects(stage, Bucket.WORK, keys.JOBS) == []
    assert objects(stage, Bucket.OUTPUT) == ["stories/story/error.json"]


def test_a_clip_that_still_queues_at_the_vendor_is_taken_back_and_costs_nothing() -> None:
    stage = Stage()
    stage.tell()
    while not (sent := [row for row in effects.rows_of(stage.world, "story") if row.name == "clip" and row.task]):
        stage.timing.step()
    assert stage.world.avatars.tasks("emo-v1", 0.0, stage.timing.now() + 1)[0].status == "PENDING"

    gone = withdrawal.cancel(stage.world, "story")
    rest(stage)

    assert gone["tasks"] == 1
    assert stage.charges().count("emo-v1") == 0
    assert stage.stand_ins.model_studio.query_task(sent[0].task)["output"]["task_status"] == "CANCELED"


def two_at_the_studio(queues_s: float) -> tuple[Stage, str, str]:
    """Two stories, of which one is in the studio and the other waits for it; who holds it, and who waits."""
    stage = Stage(pace=replace(PACE, task_queue_s=queues_s))
    stage.tell("ann", options=b'{"family": "ann"}')
    stage.tell("bob", options=b'{"family": "bob"}')
    while len(studio.line(stage.world, "emo")[1]) < 2 or not [row for row in clips_of(stage) if row.task]:
        stage.timing.step()
    stage.timing.run(1.0)
    holder = stage.studio_holder()
    return stage, holder, {"ann": "bob", "bob": "ann"}[holder]


def clips_of(stage: Stage) -> list[effects.EffectRow]:
    return [row for job_id in ("ann", "bob") for row in effects.rows_of(stage.world, job_id) if row.name == "clip"]


def test_who_waits_for_the_studio_behind_a_cancelled_job_has_it_at_once_when_its_task_had_not_begun() -> None:
    stage, holder, waiting = two_at_the_studio(600.0)

    withdrawal.cancel(stage.world, holder)

    assert stage.studio_holder() == waiting
    stage.run(sweep_every_s=None)
    assert stage.job(waiting).state is JobState.DONE


def test_a_task_that_runs_keeps_the_studio_until_it_has_ended_though_its_job_is_cancelled() -> None:
    """The vendor takes no other of ours meanwhile."""
    stage, holder, waiting = two_at_the_studio(0.0)

    withdrawal.cancel(stage.world, holder)

    assert stage.studio_holder() == holder
    stage.run(sweep_every_s=None)
    assert stage.studio_holder() == ""
    assert stage.job(waiting).state is JobState.DONE
    tasks = sorted(stage.stand_ins.model_studio._tasks._tasks.rows.values(), key=lambda task: task.number)
    assert all((before.ended_at or 0.0) <= after.submitted_at for before, after in pairwise(tasks))


def test_the_studio_of_a_cancelled_job_is_freed_by_the_sweep_when_the_announcement_is_lost() -> None:
    stage, holder, waiting = two_at_the_studio(0.0)
    withdrawal.cancel(stage.world, holder)
    run_function = stage.run_function
    stage.stand_ins.fc._runner = lambda it: Ran(b"lost") if "callback" in it.function.code else run_function(it)

    stage.run()

    assert stage.job(waiting).state is JobState.DONE
    assert stage.studio_holder() == ""


def test_what_a_cancelled_jobs_task_cost_is_written_down() -> None:
    stage, holder, _ = two_at_the_studio(0.0)

    withdrawal.cancel(stage.world, holder)
    stage.run()

    (clip, *_) = [row for row in effects.rows_of(stage.world, holder) if row.name == "clip"]
    assert clip.state is effects.EffectState.DONE
    assert clip.spent > 0


# --- a cancellation meets the story's end


def publishing_when(stage: Stage, act: Any, *, before: bool) -> None:
    """Let something happen just before, or just after, the job is written done."""

    def between(call: Call) -> Any:
        table, _, put = call.args[:3]
        is_end = table is Table.JOBS and put.get("state") == JobState.DONE.value
        if is_end and before:
            act()
        answer = call()
        if is_end and not before:
            act()
        return answer

    interpose(stage, "rows.update", between)


def test_a_cancellation_that_is_written_before_the_end_wins_and_the_film_is_taken_away() -> None:
    stage = Stage()
    publishing_when(stage, lambda: withdrawal.cancel(stage.world, "story"), before=True)
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.CANCELLED
    assert objects(stage, Bucket.OUTPUT) == ["stories/story/error.json"]
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["cancelled"]


def test_a_cancellation_after_the_end_is_refused_and_takes_nothing_away() -> None:
    stage = Stage()
    refusals = []

    def too_late() -> None:
        with pytest.raises(Refused) as refusal:
            withdrawal.cancel(stage.world, "story")
        refusals.append(refusal.value)

    publishing_when(stage, too_late, before=False)
    stage.tell()
    stage.run()

    assert [refusal.code for refusal in refusals] == ["job.over"]
    assert stage.job().state is JobState.DONE
    assert "stories/story/story.mp4" in objects(stage, Bucket.OUTPUT)
    assert "stories/story/error.json" not in objects(stage, Bucket.OUTPUT)


def test_a_cancellation_that_the_end_overtakes_is_refused() -> None:
    """It has looked, the story ends, it writes: its write finds another version, and it looks again."""
    stage = told_for(0.0)
    ends = [True]

    def ended_meanwhile(call: Call) -> Any:
        if ends and call.args[0] is Table.JOBS:
            ends.pop()
            stage.run()
        return call()

    stage.run(30.0)
    interpose(stage, "rows.update", ended_meanwhile)
    world, stage.functions_world = stage.functions_world, stage.world
    with pytest.raises(Refused) as refusal:
        withdrawal.cancel(world, "story")

    assert refusal.value.code == "job.over"
    assert stage.job().state is JobState.DONE


# --- what cannot be cancelled, and what still can


def test_nobody_cancels_a_job_that_was_never_heard_of() -> None:
    with pytest.raises(Refused) as refusal:
        withdrawal.cancel(Stage().world, "nobody")

    assert refusal.value.code == "job.unknown"


def test_uploads_that_nobody_has_looked_at_yet_are_a_job_that_can_be_cancelled() -> None:
    stage = Stage()
    stage.around = lambda _name, _run: None
    stage.tell()
    withdrawal.cancel(stage.world, "story")
    stage.around = lambda _name, run: run()
    stage.run()
    rest(stage)

    assert stage.job().state is JobState.CANCELLED


def test_a_job_refused_at_the_door_can_be_cancelled_and_opens_no_more() -> None:
    stage = Stage()
    stage.tell(consent=None)
    stage.run(60.0)
    assert stage.job().state is JobState.REFUSED

    withdrawal.cancel(stage.world, "story")
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.CANCELLED


def test_a_job_refused_for_good_is_over() -> None:
    stage = Stage()
    interpose(stage, "avatars.detect", raising(Refused("photo.no_face")))
    stage.tell()
    stage.run()

    with pytest.raises(Refused) as refusal:
        withdrawal.cancel(stage.world, "story")
    assert refusal.value.code == "job.over"


def failed() -> Stage:
    stage = Stage()
    interpose(stage, "media.compose", raising(Corrupt("vendor.contract")))
    stage.tell()
    stage.run()
    assert stage.job().state is JobState.FAILED
    return stage


def test_a_failed_job_that_nobody_takes_up_is_cancelled_with_its_voice() -> None:
    stage = failed()
    assert voices_alive(stage) == 1
    stage.timing.advance(ABANDONED_S)

    counts = sweep(stage.world)

    assert counts == {"abandoned": 1}
    assert (stage.job().state, voices_alive(stage)) == (JobState.CANCELLED, 0)
    assert stage.error()["problems"][0]["code"] == "job.abandoned"


def test_a_failed_job_can_be_cancelled_at_once() -> None:
    stage = failed()
    withdrawal.cancel(stage.world, "story")

    assert (stage.job().state, voices_alive(stage)) == (JobState.CANCELLED, 0)


# --- erased


def left_anywhere(stage: Stage, job_id: str) -> list[str]:
    """Every object and row that names the job, but the tombstone and who owns the vendors' tasks."""
    found = [
        f"{bucket.value}/{key}" for bucket in Bucket for key in objects(stage, bucket) if job_id in key.split("/")[1:]
    ]
    for table in Table:
        if table in {Table.TASKS, Table.JOBS}:
            continue
        rows = stage.world.rows.range(table)
        found += [f"{table.value} {key}" for key, columns in rows if job_id in (*key, *columns.values())]
    return found


@pytest.mark.parametrize("seconds", [1.0, 20.0, 40.0, 60.0, 80.0, 120.0, 150.0, 6 * 3600.0])
def test_a_job_can_be_erased_at_any_moment_and_leaves_nothing(seconds: float) -> None:
    stage = told_for(seconds, settings=TWO_SEGMENTS)

    withdrawal.erase(stage.world, "story")
    rest(stage)

    assert stage.job().state is JobState.ERASED
    assert left_anywhere(stage, "story") == []
    assert voices_alive(stage) == 0
    assert withdrawal.check(stage.world, "story").is_clean


def test_the_receipt_counts_what_was_deleted_and_says_nothing_of_the_family() -> None:
    stage = told_for(6 * 3600.0)
    uploads = len(objects(stage, Bucket.INPUT))
    story = len(objects(stage, Bucket.OUTPUT))

    receipt = withdrawal.erase(stage.world, "story")

    assert (receipt.deleted["uploads"], receipt.deleted["story"]) == (uploads, story)
    assert receipt.deleted["rows"] > 10
    assert set(receipt.left.values()) == {0}
    row = stage.world.rows.get(Table.JOBS, ("story",)) or {}
    assert set(row) == {"state", "version", "ended_at", "receipt", "history"}
    assert set(json.loads(str(row["receipt"]))) == {"deleted", "voices", "enrolling", "of_narrator"}


def test_the_deletion_of_a_voice_is_confirmed_by_the_vendors_list() -> None:
    stage = failed()
    kept: list[Call] = []
    interpose(stage, "voices.delete", kept.append)

    receipt = withdrawal.erase(stage.functions_world, "story")
    assert receipt.left["voices"] == 1

    kept[0]()
    assert withdrawal.check(stage.world, "story").left["voices"] == 0


def test_erasing_again_is_harmless_and_keeps_the_receipt() -> None:
    stage = told_for(6 * 3600.0)
    first = withdrawal.erase(stage.world, "story")
    stage.timing.advance(3600.0)

    assert withdrawal.erase(stage.world, "story") == first


def test_what_was_put_since_is_seen_by_the_check_and_deleted_by_another_erasure() -> None:
    stage = told_for(6 * 3600.0)
    withdrawal.erase(stage.world, "story")
    stage.world.objects.write(Place(Bucket.INPUT, "inbox/story/photo.png"), b"again", "image/png")
    stage.run(60.0)

    assert withdrawal.check(stage.world, "story").left["uploads"] == 1
    assert withdrawal.erase(stage.world, "story").is_clean


def test_late_events_of_an_erased_job_do_nothing() -> None:
    stage = told_for(60.0, settings=TWO_SEGMENTS)
    withdrawal.erase(stage.world, "story")
    rest(stage)
    for name, event in list(stage.events):
        stage.call(name, event)
    waking.report(stage.world, Kind.MODEL_STUDIO.provider, "a-task")
    rest(stage)

    assert stage.job().state is JobState.ERASED
    assert stage.world.rows.range(Table.STEPS) == []
    assert stage.world.rows.range(Table.EFFECTS) == []


def test_an_erasure_that_died_half_way_is_finished_by_the_sweep() -> None:
    stage = told_for(60.0)
    withdrawal.cancel(stage.world, "story")
    interpose(stage, "objects.delete", raising(Retry("vendor.busy")))
    with pytest.raises(Retry):
        withdrawal.erase(stage.functions_world, "story")
    assert left_anywhere(stage, "story")

    rest(stage)

    assert left_anywhere(stage, "story") == []


def test_while_a_vendor_is_at_work_the_receipt_is_not_clean_and_the_sweep_waits_for_it() -> None:
    stage = Stage()
    stage.tell()
    while not any(row.name == "film" and row.task for row in effects.rows_of(stage.world, "story")):
        stage.timing.step()

    receipt = withdrawal.erase(stage.world, "story")
    assert (receipt.under_way, receipt.is_clean) == (1, False)
    rest(stage)

    assert withdrawal.check(stage.world, "story").is_clean
    assert objects(stage, Bucket.WORK, keys.JOBS) == []


def test_what_a_vendor_writes_hours_after_a_call_that_it_never_answered_goes_too() -> None:
    stage = Stage()
    reading_that_lands(stage, 5 * 3600.0)
    stage.tell()
    stage.run(60.0)

    withdrawal.cancel(stage.world, "story")
    looks = swept(stage, 5 * 3600.0 + 600.0)
    assert objects(stage, Bucket.WORK, keys.JOBS) == ["jobs/story/captions.read.srt"]
    looks += swept(stage, 20 * 3600.0)

    assert objects(stage, Bucket.WORK, keys.JOBS) == []
    assert looks < 10


def test_while_a_call_is_in_doubt_the_receipt_is_not_clean_and_a_day_later_it_is() -> None:
    stage = Stage()
    reading_that_lands(stage, 5 * 3600.0)
    stage.tell()
    stage.run(60.0)

    receipt = withdrawal.erase(stage.world, "story")
    assert (receipt.under_way, receipt.is_clean) == (1, False)
    swept(stage, 25 * 3600.0)

    assert withdrawal.check(stage.world, "story").is_clean
    assert left_anywhere(stage, "story") == []


def test_a_narrators_files_and_voice_stay() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()

    receipt = withdrawal.erase(stage.world, "monday")

    assert (receipt.of_narrator, receipt.is_clean) == (True, True)
    assert voices_alive(stage) == 1
    assert len(objects(stage, Bucket.INPUT, keys.NARRATORS)) == 3


def test_there_is_no_receipt_for_what_was_not_erased() -> None:
    stage = told_for(60.0)
    with pytest.raises(Refused) as refusal:
        withdrawal.check(stage.world, "story")

    assert refusal.value.code == "job.not_erased"


@pytest.mark.parametrize("step", ["intake", "script"])
def test_a_reminder_that_comes_after_the_erasure_leaves_no_wake(step: str) -> None:
    stage = Stage()
    stage.tell()
    stage.run(60.0)
    withdrawal.erase(stage.world, "story")
    stage.run()
    wakes.wake(stage.world, "story", step, WHOLE, "reminder")
    stage.run(60.0)

    assert withdrawal.check(stage.world, "story").left["wakes"] == 0
