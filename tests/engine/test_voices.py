"""A parent is enrolled once for many stories; what was uploaded for one story alone is forgotten with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import Corrupt, Refused, Retry
from shared.domain.job import JobState, StepState
from shared.domain.keys import Asset, Owner, upload
from shared.engine import enrolment
from shared.engine.ending import end_job
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import sweep
from shared.engine.withdrawal import cancel, erase
from shared.ports import Bucket, Place, Table
from tests.engine.given import Call, always, interpose
from tests.stage import CONSENT, Stage
from tests.toys import toy_png, toy_wav


def enrol_narrator(stage: Stage, name: str = "mama", voice_s: float = 12.0) -> None:
    files = ((Asset.VOICE, "wav", toy_wav(voice_s)), (Asset.PHOTO, "png", toy_png()))
    for asset, extension, body in (*files, (Asset.CONSENT, "json", json.dumps(CONSENT).encode())):
        key = upload(Owner.NARRATOR, name, asset, extension)
        stage.world.objects.write(Place(Bucket.INPUT, key), body, "application/octet-stream")


def tell_by(stage: Stage, narrator: str, job_id: str) -> None:
    options = json.dumps({"narrator": narrator}).encode()
    stage.tell(job_id, options=options, voice=None, photo=None, consent=None)


def calls(stage: Stage, operation: str) -> int:
    return stage.account.count("model_studio")[f"voice.{operation}"]


def voices_alive(stage: Stage) -> int:
    return len(stage.stand_ins.model_studio._voices._voices.rows)


def test_a_narrators_voice_is_enrolled_once_and_used_again() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert [False, True] == [stage.report(job_id)["voice"]["reused"] for job_id in ("monday", "tuesday")]
    assert (calls(stage, "create_voice"), voices_alive(stage)) == (1, 1)


def test_two_stories_of_one_narrator_at_once_enrol_one_voice() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert [JobState.DONE] * 2 == [job.state for job in stage.jobs()]
    assert calls(stage, "create_voice") == 1


def test_of_two_stories_that_take_over_a_dead_enrolment_one_enrols() -> None:
    """The row was left by a job that came to nothing; both see it, one writes it."""
    stage = Stage()
    enrol_narrator(stage)
    undeployable(stage)
    tell_by(stage, "mama", "sunday")
    stage.run()
    stage.functions_world = stage.world
    stage.stand_ins.model_studio.undeployable_prefixes.clear()
    raced: list[str] = []

    def let_the_rival_go_first(call: Call) -> Any:
        table, key, put = call.args[:3]
        if table is Table.VOICES and put["job"] == "monday" and not raced:
            raced.append("monday")
            rival = {**put, "job": "tuesday"}
            stage.world.rows.update(table, key, rival, expect=call.keywords["expect"])
        return call()

    interpose(stage, "rows.update", let_the_rival_go_first)
    tell_by(stage, "mama", "monday")
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert raced == ["monday"]
    assert {"monday": "done", "sunday": "refused", "tuesday": "done"} == {
        job.job_id: job.state.value for job in stage.jobs()
    }
    assert (calls(stage, "create_voice"), voices_alive(stage)) == (2, 1)


def test_another_sample_of_the_same_narrator_is_another_voice() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    enrol_narrator(stage, voice_s=13.0)
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert not stage.report("tuesday")["voice"]["reused"]
    assert calls(stage, "create_voice") == 2


def test_a_storys_own_voice_is_deleted_when_it_is_published() -> None:
    stage = Stage()
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert voices_alive(stage) == 0
    assert stage.world.rows.range(Table.VOICES) == []


def test_the_same_recording_for_two_stories_is_two_voices() -> None:
    """Each is deleted with its story, so neither may rest on the other's."""
    stage = Stage()
    stage.tell("monday")
    stage.tell("tuesday")
    stage.run()

    assert [JobState.DONE] * 2 == [job.state for job in stage.jobs()]
    assert (calls(stage, "create_voice"), voices_alive(stage)) == (2, 0)


def undeployable(stage: Stage) -> None:
    def enrol(call: Call) -> Any:
        stage.stand_ins.model_studio.undeployable_prefixes.add(call.args[1])
        return call()

    interpose(stage, "voices.enrol", enrol)


def test_a_voice_that_the_vendor_turns_down_after_all_is_refused_in_words() -> None:
    stage = Stage()
    undeployable(stage)
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.REFUSED
    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("voice.rejected", "family")
    assert "10-20 s" in problem["en"]
    assert "emo-v1" not in stage.charges()


def test_a_narrator_who_was_turned_down_once_may_try_again() -> None:
    """The row of the enrolment that came to nothing belongs to a job that has ended."""
    stage = Stage()
    undeployable(stage)
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    assert stage.job("monday").state is JobState.REFUSED

    stage.functions_world = stage.world
    stage.stand_ins.model_studio.undeployable_prefixes.clear()
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert stage.job("tuesday").state is JobState.DONE


def test_a_story_that_is_refused_leaves_no_voice_behind() -> None:
    stage = Stage()
    interpose(stage, "media.compose", always(lambda: Refused("content.blocked")))
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.REFUSED
    assert voices_alive(stage) == 0
    assert stage.world.rows.range(Table.VOICES) == []


def test_a_story_that_failed_keeps_its_voice_for_when_it_is_taken_up_again() -> None:
    stage = Stage()
    interpose(stage, "media.compose", always(lambda: Corrupt("vendor.rejected")))
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.FAILED
    assert voices_alive(stage) == 1


def test_a_job_ends_only_when_its_voice_is_gone() -> None:
    """Nobody comes back to a job that has ended, so while the vendor cannot be reached the job stays open."""
    stage = Stage()
    reachable_at = stage.timing.now() + 3600.0

    def unreachable(call: Call) -> Any:
        if stage.timing.now() < reachable_at:
            raise Retry("vendor.busy")
        return call()

    interpose(stage, "media.compose", always(lambda: Refused("content.blocked")))
    interpose(stage, "voices.delete", unreachable)
    stage.tell()
    stage.run(3000.0)
    assert (stage.job().state, voices_alive(stage)) == (JobState.OPEN, 1)

    stage.run()
    assert (stage.job().state, voices_alive(stage)) == (JobState.REFUSED, 0)


def test_a_narrators_voice_outlives_a_story_that_failed() -> None:
    stage = Stage()
    interpose(stage, "media.compose", always(lambda: Corrupt("vendor.rejected")))
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()

    assert stage.job("monday").state is JobState.FAILED
    assert voices_alive(stage) == 1


def test_a_voice_that_was_enrolled_while_its_job_ended_is_deleted_once_it_must_have_arrived() -> None:
    """Two steps run at once: the photo is refused while the sample is on its way to the vendor."""
    stage = Stage()

    def meanwhile_refused(call: Call) -> Any:
        end_job(stage.world, stage.job(), JobState.REFUSED, [Refused("photo.no_face")], "detect/-")
        return call()

    interpose(stage, "voices.enrol", meanwhile_refused)
    stage.tell()
    stage.run(10.0)
    assert (stage.job().state, voices_alive(stage)) == (JobState.REFUSED, 1)
    sweep(stage.world)
    assert voices_alive(stage) == 1

    stage.timing.advance(ON_ITS_WAY_S)
    sweep(stage.world)

    assert voices_alive(stage) == 0
    assert stage.world.rows.range(Table.VOICES) == []


def test_a_story_ends_with_the_models_it_opened_with() -> None:
    """Whenever another model is deployed: the lines are spoken by the model that knows the voice, which is deleted."""
    for after_s in range(0, 60, 3):
        stage = Stage()
        stage.tell()
        stage.run(float(after_s), sweep_every_s=None)
        is_open = bool(stage.jobs()) and stage.job().state is not JobState.COLLECTING
        later = replace(stage.settings, voice_model="cosyvoice-v3-flash", emo_detect_model="another-detect")
        stage.functions_world = replace(stage.world, settings=later) if is_open else stage.functions_world
        stage.run()

        assert stage.job().state is JobState.DONE, f"deployed after {after_s} s: {stage.job().error}"
        assert "cosyvoice-v3-flash" not in stage.charges()
        assert voices_alive(stage) == 0


def test_a_voice_that_a_cancelled_story_enrolled_does_not_outlive_the_one_that_stands() -> None:
    """The first story ends between enrolment and verdict; the second, of the same narrator, enrols again."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(5.0)
    assert voices_alive(stage) == 1
    cancel(stage.world, "monday")
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert stage.job("tuesday").state is JobState.DONE
    assert (calls(stage, "create_voice"), voices_alive(stage)) == (2, 1)
    stage.run(5.0)
    tell_by(stage, "mama", "wednesday")
    stage.run()
    assert stage.report("wednesday")["voice"]["reused"]


def test_of_two_voices_of_one_sample_the_first_that_stood_is_used() -> None:
    """Both stories enrolled, because one was thought dead: who is second to finish takes the other's voice."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(2.0)
    (digest,), _ = stage.world.rows.range(Table.VOICES)[0]
    enrolled = stage.stand_ins.model_studio._voices._voices.rows
    stage.world.rows.merge(Table.VOICES, (digest,), {"job": "tuesday", "voice_id": "the-voice-that-stands"})
    stage.run(60.0)

    clone = stage.steps("monday")["clone", "-"]
    assert (clone.state, clone.result["voice_id"]) == (StepState.DONE, "the-voice-that-stands")
    assert clone.result["reused"]
    assert enrolled == {}


def test_what_arrives_long_after_its_story_ended_is_not_the_narrators_voice() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    wanted = enrolment.of(stage.world, stage.job("monday"))
    place = stage.job("monday").assets["voice"].place
    stage.world.voices.enrol(wanted.model, wanted.prefix, stage.world.objects.share(place, 3600), "zh")
    assert voices_alive(stage) == 2
    stage.timing.advance(ON_ITS_WAY_S + 1.0)
    sweep(stage.world)

    assert voices_alive(stage) == 1
    row = stage.world.rows.get(Table.VOICES, (wanted.digest,)) or {}
    assert [row["voice_id"]] == list(stage.stand_ins.model_studio._voices._voices.rows)


@pytest.mark.parametrize("withdraw", [cancel, erase])
def test_a_narrators_voice_that_no_story_waits_for_any_more_is_deleted(withdraw: Callable[..., object]) -> None:
    """It was enrolled, and never stood: nobody would ever find it again. The narrator may be enrolled anew."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(5.0)
    assert voices_alive(stage) == 1
    withdraw(stage.world, "monday")
    stage.run()
    stage.timing.advance(ON_ITS_WAY_S + 1.0)
    sweep(stage.world)
    assert voices_alive(stage) == 0

    tell_by(stage, "mama", "tuesday")
    stage.run()
    assert stage.job("tuesday").state is JobState.DONE
    assert voices_alive(stage) == 1


# --- another voice of the same narrator


def after_a_while(stage: Stage) -> None:
    """The sweep has looked at the stories that ended."""
    stage.timing.run(ON_ITS_WAY_S)
    sweep(stage.world)


def with_model(stage: Stage, model: str) -> None:
    stage.functions_world = replace(stage.world, settings=replace(stage.settings, voice_model=model))


def test_a_narrator_keeps_one_voice_when_another_model_is_deployed() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    with_model(stage, "cosyvoice-v3-flash")
    tell_by(stage, "mama", "tuesday")
    stage.run()
    after_a_while(stage)

    (digest,), row = stage.world.rows.range(Table.VOICES)[0]
    assert voices_alive(stage) == 1
    assert digest == enrolment.of(stage.world, stage.job("tuesday")).digest
    assert row["voice_id"]


def test_a_narrator_keeps_one_voice_when_another_sample_is_put() -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run()
    enrol_narrator(stage, voice_s=13.0)
    tell_by(stage, "mama", "tuesday")
    stage.run()
    after_a_while(stage)

    assert voices_alive(stage) == 1
    assert len(stage.world.rows.range(Table.VOICES)) == 1


@pytest.mark.parametrize("state", [JobState.OPEN, JobState.FAILED])
def test_the_older_voice_stays_while_a_story_reads_with_it_or_may_be_taken_up_again(state: JobState) -> None:
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(60.0, sweep_every_s=None)
    assert stage.job("monday").state is JobState.OPEN
    stage.world.rows.merge(Table.JOBS, ("monday",), {"state": state.value, "ended_at": stage.timing.now()})
    with_model(stage, "cosyvoice-v3-flash")
    tell_by(stage, "mama", "tuesday")
    stage.run(sweep_every_s=None)
    stage.world.rows.merge(Table.JOBS, ("monday",), {"state": state.value})

    assert enrolment.retire(stage.world, "mama") == 0
    assert voices_alive(stage) == 2
