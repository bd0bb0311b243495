"""A parent tells many stories: the second costs less and says so; and a parent can be forgotten, with proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from shared.domain.errors import Refused, Retry
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine import narrators
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import sweep
from shared.ports import Bucket, Clock, Place, Table
from tests.engine.given import interpose, raising
from tests.engine.test_voices import calls, enrol_narrator, tell_by, voices_alive
from tests.stage import Stage
from tests.toys import toy_png, toy_wav


def told_by_mama(*job_ids: str) -> Stage:
    stage = Stage()
    enrol_narrator(stage)
    for job_id in job_ids:
        tell_by(stage, "mama", job_id)
        stage.run()
    return stage


def test_the_second_story_buys_neither_voice_nor_photo_check_and_says_what_it_saved() -> None:
    stage = told_by_mama("monday", "tuesday")

    assert calls(stage, "create_voice") == 1
    assert stage.charges().count("emo-detect-v1") == 1
    assert stage.report("monday")["narrator"] == {
        "name": "mama",
        "voice_reused": False,
        "photo_check_reused": False,
        "saved_yuan": "0.00",
    }
    assert stage.report("tuesday")["narrator"] == {
        "name": "mama",
        "voice_reused": True,
        "photo_check_reused": True,
        "saved_yuan": "0.0040",
    }
    monday, tuesday = (float(stage.report(job_id)["spent"]["total_yuan"]) for job_id in ("monday", "tuesday"))
    assert tuesday <= monday


def test_another_photo_is_checked_anew() -> None:
    stage = told_by_mama("monday")
    stage.world.objects.write(Place(Bucket.INPUT, "narrators/mama/photo.png"), another_photo(), "image/png")
    tell_by(stage, "mama", "tuesday")
    stage.run()

    assert stage.charges().count("emo-detect-v1") == 2


def another_photo() -> bytes:
    return toy_png(600, 600)


def test_a_story_without_a_narrator_says_nothing_of_one() -> None:
    stage = Stage()
    stage.tell()
    stage.run()

    assert stage.report()["narrator"] is None


def test_narrators_are_listed_with_their_files_voices_and_stories() -> None:
    stage = told_by_mama("monday", "tuesday")
    enrol_narrator(stage, "papa")

    mama, papa = narrators.listed(stage.world)
    assert (mama.name, mama.voices, mama.stories) == ("mama", 1, ("monday", "tuesday"))
    assert (papa.name, papa.voices, papa.stories) == ("papa", 0, ())
    assert papa.files == ("consent.json", "photo.png", "voice.wav")


# --- erased


def test_everything_of_a_narrator_is_deleted_and_the_receipt_counts_it() -> None:
    stage = told_by_mama("monday", "tuesday")
    receipt = narrators.erase(stage.world, "mama")

    assert receipt.is_clean
    assert (receipt.deleted["uploads"], receipt.deleted["voices"]) == (3, 1)
    assert receipt.deleted["work"] > 0
    assert voices_alive(stage) == 0
    assert stage.world.rows.range(Table.VOICES) == []
    assert stage.world.objects.listing(Bucket.INPUT, "narrators/") == []
    assert stage.world.objects.listing(Bucket.WORK, "jobs/") == []


def test_stories_that_were_handed_over_stay() -> None:
    stage = told_by_mama("monday")
    narrators.erase(stage.world, "mama")

    assert stage.output("stories/monday/story.mp4")


def test_a_later_check_proves_it_by_listing_anew() -> None:
    stage = told_by_mama("monday")
    erased = narrators.erase(stage.world, "mama")
    stage.timing.advance(86_400.0)

    assert narrators.check(stage.world, "mama") == erased
    enrol_narrator(stage)
    assert narrators.check(stage.world, "mama").left["uploads"] == 3


def test_erasing_again_is_harmless_and_keeps_the_counts() -> None:
    stage = told_by_mama("monday")
    first = narrators.erase(stage.world, "mama")

    assert narrators.erase(stage.world, "mama") == first


@pytest.mark.parametrize("seconds", [5.0, 15.0, 30.0, 60.0, 90.0])
def test_a_story_under_way_is_called_off_and_leaves_no_voice(seconds: float) -> None:
    """The command is given once; what arrives after it is the sweep's."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(seconds, sweep_every_s=None)
    narrators.erase(stage.world, "mama")
    rest(stage)

    assert stage.job("monday").state is JobState.CANCELLED
    assert narrators.check(stage.world, "mama").is_clean
    assert voices_alive(stage) == 0
    assert stage.world.rows.range(Table.VOICES) == []


def test_a_story_that_waits_at_the_door_goes_on_waiting_for_another_voice() -> None:
    stage = Stage()
    enrol_narrator(stage)
    stage.upload("monday", Asset.OPTIONS, "json", b'{"narrator": "mama"}')
    stage.run()
    narrators.erase(stage.world, "mama")

    assert stage.job("monday").state is JobState.COLLECTING


def test_nobody_is_erased_who_was_never_there() -> None:
    with pytest.raises(Refused, match=r"narrator\.unknown"):
        narrators.erase(Stage().world, "nobody")


def test_there_is_no_receipt_for_a_narrator_who_was_not_erased() -> None:
    stage = told_by_mama("monday")

    with pytest.raises(Refused, match=r"narrator\.not_erased"):
        narrators.check(stage.world, "mama")


# --- finished by the sweep


def rest(stage: Stage) -> None:
    """Everything that is on its way arrives, and the sweep comes by."""
    for _ in range(4):
        stage.timing.run(ON_ITS_WAY_S)
        sweep(stage.world)


def while_enrolling() -> Stage:
    """The vendor has not answered yet: a row says that somebody enrols the voice, and none is there."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    for _ in range(100):
        stage.run(1.0, sweep_every_s=None)
        if stage.world.rows.range(Table.VOICES, where={"voice_id": ""}):
            return stage
    raise AssertionError("nobody enrols")


def test_a_voice_that_is_on_its_way_is_not_clean_yet_and_the_sweep_finishes_it_once() -> None:
    stage = while_enrolling()
    first = narrators.erase(stage.world, "mama")
    swept = [sweep(stage.world).get("narrators forgotten", 0) for _ in range(3)]
    stage.timing.run(ON_ITS_WAY_S)
    swept += [sweep(stage.world).get("narrators forgotten", 0) for _ in range(3)]

    assert (first.under_way, first.is_clean) == (1, False)
    assert swept == [0, 0, 0, 1, 0, 0]
    last = narrators.check(stage.world, "mama")
    assert (last.is_clean, last.is_open) == (True, False)
    assert (first.is_open, last.erased_at) == (True, first.erased_at)
    assert last.deleted["rows"] == first.deleted["rows"] + 1


def test_a_voice_whose_time_runs_out_while_the_sweep_looks_is_not_forgotten_over_it() -> None:
    """It was on its way when its turn came, and no more when the sweep asked whether it was through."""
    stage = while_enrolling()
    narrators.erase(stage.world, "mama")
    stage.timing.run(ON_ITS_WAY_S)
    (wish,) = narrators.wishes(stage.world)
    narrators.go_on(replace(stage.world, clock=Hurrying(stage.world.clock, behind_s=0.15)), wish)
    rest(stage)

    assert narrators.check(stage.world, "mama").is_clean


@dataclass
class Hurrying:
    """A tenth of a second goes by at each look."""

    clock: Clock
    behind_s: float
    looks: int = 0

    def now(self) -> float:
        self.looks += 1
        return self.clock.now() - self.behind_s + self.looks / 10

    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)


def test_what_a_late_function_writes_of_a_forgotten_narrator_is_deleted_and_counted() -> None:
    """A voice that the vendor made after it was asked to delete all, and a photo check of a function that slept."""
    stage = told_by_mama("monday")
    [(digest, voice)] = [(key[0], row) for key, row in stage.world.rows.range(Table.VOICES)]
    first = narrators.erase(stage.world, "mama")
    sample = Place(Bucket.WORK, "elsewhere/voice.wav")
    stage.world.objects.write(sample, toy_wav(12.0), "audio/wav")
    url = stage.world.objects.share(sample, 3600)
    stage.world.voices.enrol(stage.settings.voice_model, str(voice["prefix"]), url, "zh")
    stage.world.rows.merge(Table.WATCH, (narrators.FACE, "late"), {"narrator": "mama", "result": "{}"})
    assert narrators.check(stage.world, "mama").left == {"uploads": 0, "work": 0, "voices": 1, "rows": 1}
    rest(stage)

    last = narrators.check(stage.world, "mama")
    assert last.is_clean
    assert {what: last.deleted[what] - first.deleted[what] for what in ("voices", "rows")} == {"voices": 1, "rows": 1}
    assert digest not in {key[0] for key, _ in stage.world.rows.range(Table.VOICES)}


@pytest.mark.parametrize("port", ["objects.delete", "voices.delete", "voices.enrolled"])
def test_a_command_that_broke_off_is_finished_by_the_next_pass_of_the_sweep(port: str) -> None:
    stage = told_by_mama("monday")
    interpose(stage, port, raising(Retry("vendor.busy")))
    with pytest.raises(Retry):
        narrators.erase(stage.functions_world, "mama")
    assert not narrators.check(stage.world, "mama").is_clean

    sweep(stage.world)

    assert narrators.check(stage.world, "mama").is_clean
    assert stage.output("stories/monday/story.mp4")


def test_a_narrator_who_cannot_be_forgotten_now_keeps_no_other_waiting() -> None:
    stage = told_by_mama("monday")
    enrol_narrator(stage, "papa")
    for name in ("mama", "papa"):
        interpose(stage, "objects.delete", raising(Retry("vendor.busy")))
        with pytest.raises(Retry):
            narrators.erase(stage.functions_world, name)

    interpose(stage, "voices.enrolled", raising(Retry("vendor.busy")))  # at mama's, once
    assert sweep(stage.functions_world)["troubles"] == 1
    assert narrators.check(stage.world, "papa").is_clean


def test_who_comes_back_after_being_forgotten_is_left_alone_by_the_sweep() -> None:
    """The same sample is the same voice to the vendor; it belongs to a new consent, and to a new story."""
    stage = told_by_mama("monday")
    narrators.erase(stage.world, "mama")
    stage.timing.advance(1.0)
    enrol_narrator(stage)
    tell_by(stage, "mama", "tuesday")
    stage.run()
    rest(stage)

    receipt = narrators.check(stage.world, "mama")
    assert stage.job("tuesday").state is JobState.DONE
    assert (receipt.left["uploads"], receipt.is_open) == (3, False)
    assert voices_alive(stage) == 1
    assert narrators.listed(stage.world)[0].voices == 1


def test_a_second_wish_of_somebody_who_came_back_is_another_one() -> None:
    stage = told_by_mama("monday")
    first = narrators.erase(stage.world, "mama")
    stage.timing.advance(86_400.0)
    enrol_narrator(stage)
    second = narrators.erase(stage.world, "mama")

    assert second.is_clean
    assert second.erased_at == first.erased_at + 86_400.0
    assert second.deleted["uploads"] == first.deleted["uploads"] + 3


def test_a_story_that_ends_while_its_narrator_is_erased_stays_told() -> None:
    """It is under way when the command looks, and done when it would be called off."""
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(60.0)
    seen = narrators.jobs_of(stage.world, "mama")
    stage.run()

    assert [job.state for job in seen] == [JobState.OPEN]
    assert narrators.call_off(stage.world, seen) == 0
    assert stage.job("monday").state is JobState.DONE
