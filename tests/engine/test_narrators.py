"""A parent tells many stories: the second costs less and says so; and a parent can be forgotten, with proof."""

from __future__ import annotations

import pytest

from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.keys import Asset
from shared.engine import narrators
from shared.engine.enrolment import ON_ITS_WAY_S
from shared.engine.sweep import sweep
from shared.ports import Bucket, Place, Table
from tests.engine.test_voices import calls, enrol_narrator, tell_by, voices_alive
from tests.stage import Stage


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
    from tests.toys import toy_png

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
    stage = Stage()
    enrol_narrator(stage)
    tell_by(stage, "mama", "monday")
    stage.run(seconds, sweep_every_s=None)
    narrators.erase(stage.world, "mama")
    stage.timing.run(2 * ON_ITS_WAY_S)
    for _ in range(3):
        sweep(stage.world)
        stage.timing.run(ON_ITS_WAY_S)
    narrators.erase(stage.world, "mama")

    assert stage.job("monday").state is JobState.CANCELLED
    assert narrators.check(stage.world, "mama").is_clean
    assert voices_alive(stage) == 0


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
