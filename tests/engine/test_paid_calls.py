"""Whole stories in which a paid call goes wrong: what is adopted, repeated, left to a person, or waited out."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.errors import Retry, Unknown
from shared.domain.job import TRIES_MAX, JobState, StepState
from shared.engine import studio
from shared.engine.ledger import SENDS_MAX
from shared.ports import Bucket, Columns, Fate, Kind, Place, Table, Verdict
from tests.engine.given import Between, Call, always, effect_row, interpose, losing_the_answer, raising, row_of, states
from tests.stage import Killed, Stage
from tests.toys import toy_film, toy_wav

TALKATIVE = tuple((at * 0.9, at * 0.9 + 0.8, "好。") for at in range(45))


def tell(stage: Stage, for_s: float = 6 * 3600.0) -> Stage:
    stage.tell()
    stage.run(for_s)
    return stage


def dying_after(call: Call) -> Any:
    """The function's process ends between the vendor's answer and our record of it."""
    call()
    raise Killed


def once(between: Between) -> Between:
    left = [between]
    return lambda call: left.pop()(call) if left else call()


# --- EMO: the one call that costs much and takes no token


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(once(dying_after), id="crash between call and record"),
        pytest.param(losing_the_answer(Unknown("vendor.unanswered")), id="the answer was lost"),
    ],
)
def test_a_clip_that_was_ordered_unheard_is_found_in_the_vendors_list(
    fault: Between,
) -> None:
    stage = Stage()
    interpose(stage, "avatars.animate", fault)
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1
    clip = effect_row(stage.world, "clip", "animate", "0001")
    assert (clip.sends, "adopted" in clip.history) == (1, True)


@pytest.mark.parametrize(
    ("queue", "ends"),
    [("emo", StepState.REVIEW), ("emo-v1#0", StepState.REVIEW), ("animate-anyone-gen2#0", StepState.DONE)],
)
def test_a_clip_is_not_taken_for_another_submission_of_its_model_that_is_in_doubt(queue: str, ends: StepState) -> None:
    stage = Stage()
    interpose(stage, "avatars.animate", once(dying_after))
    stage.tell()
    stage.run(60.0)
    in_doubt: Columns = {"since": stage.timing.now(), "queue": queue}
    stage.world.rows.merge(Table.WATCH, (studio.DOUBT, "request--cat/-/call-1"), in_doubt)
    stage.run()

    assert stage.steps()["animate", "0001"].state is ends


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(once(lambda _call: _raise(Killed())), id="crash before the call"),
        pytest.param(raising(Unknown("vendor.unanswered")), id="the request was lost"),
    ],
)
def test_a_clip_that_the_vendor_never_heard_of_is_ordered_again(fault: Between) -> None:
    stage = Stage()
    interpose(stage, "avatars.animate", fault)
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("emo-v1") == 1
    assert effect_row(stage.world, "clip", "animate", "0001").sends == 2


def test_two_tasks_without_an_owner_are_left_to_a_person() -> None:
    stage = Stage()

    def twice_and_gone(call: Call) -> Any:
        call()
        call()
        raise Unknown("vendor.unanswered")

    interpose(stage, "avatars.animate", once(twice_and_gone))
    tell(stage, 3600.0)

    assert stage.job().state is JobState.OPEN
    assert row_of(stage.world, "animate", "0001").state is StepState.REVIEW
    assert effect_row(stage.world, "clip", "animate", "0001").error["detail"].startswith("2 tasks without an owner")
    assert stage.charges().count("emo-v1") == 2  # those two, and no third


def test_a_task_of_somebody_else_is_not_ours_when_our_own_answered() -> None:
    """Only an unanswered submission is looked for, so strangers on the account do no harm to the others."""
    stage = Stage()

    def beside_a_stranger(call: Call) -> Any:
        call()
        return call()

    interpose(stage, "avatars.animate", beside_a_stranger)
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert effect_row(stage.world, "clip", "animate", "0001").sends == 1


def test_a_clip_of_another_length_is_not_taken_for_ours() -> None:
    """Adopting is a guess; what came of it is measured before it is used."""
    stage = Stage()

    def a_strangers_task_instead(_call: Call) -> Any:
        stage.tell("stranger", voice=toy_wav(50.0), consent=None)
        photo, voice = (
            stage.world.objects.share(Place(Bucket.INPUT, f"inbox/stranger/{name}"), 7200)
            for name in ("photo.png", "voice.wav")
        )
        face = stage.world.avatars.detect("emo", "emo-detect-v1", photo, "1:1")
        stage.world.avatars.animate("emo", "emo-v1", photo, voice, face, "normal")
        raise Unknown("vendor.unanswered")

    interpose(stage, "avatars.animate", once(a_strangers_task_instead))
    tell(stage, 3600.0)

    assert row_of(stage.world, "animate", "0001").state is StepState.REVIEW
    assert stage.studio_holder() == ""


def test_a_task_that_the_vendor_forgot_is_left_to_a_person() -> None:
    stage = Stage()
    interpose(stage, "avatars.verdict", lambda _call: Verdict(Fate.FORGOTTEN))
    tell(stage, 3600.0)

    assert row_of(stage.world, "animate", "0001").state is StepState.REVIEW
    assert stage.job().state is JobState.OPEN
    assert states(effect_row(stage.world, "clip", "animate", "0001")) == ["intent", "sent", "lost"]
    assert stage.charges().count("emo-v1") == 1


def test_a_clip_that_fails_again_and_again_ends_the_job_after_a_bounded_number() -> None:
    stage = Stage()
    interpose(stage, "avatars.verdict", lambda _call: Verdict(Fate.FAILED, error=Retry("vendor.busy")))
    tell(stage)

    assert stage.job().state is JobState.FAILED
    assert stage.account.count("model_studio")["emo-v1"] == SENDS_MAX
    assert [problem["code"] for problem in stage.error()["problems"]] == ["vendor.rejected"]
    assert stage.studio_holder() == ""


def test_a_url_that_died_in_the_vendors_queue_is_signed_anew() -> None:
    stage = Stage()
    verdicts = [Verdict(Fate.FAILED, error=Retry("url.expired"))]
    interpose(stage, "avatars.verdict", lambda call: verdicts.pop() if verdicts else call())
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert states(effect_row(stage.world, "clip", "animate", "0001")) == [
        *("intent", "sent", "again"),
        *("intent", "sent", "done"),
    ]


# --- the film: a token makes a repeat the same job


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_film_that_was_ordered_unheard_is_the_same_film_when_ordered_again(times: int) -> None:
    stage = Stage()
    interpose(stage, "media.compose", losing_the_answer(Unknown("vendor.unanswered"), times))
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("SubmitMediaProducingJob") == 2  # the film and its opening


# --- without a token and without a list: at most twice


def test_captions_that_were_ordered_unheard_are_ordered_once_more() -> None:
    stage = Stage()
    interpose(stage, "media.read_captions", losing_the_answer(Unknown("vendor.unanswered")))
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("CaptionExtraction") == 2


def test_nothing_is_ordered_a_third_time_in_the_dark() -> None:
    stage = Stage()
    interpose(stage, "media.read_captions", always(lambda: Unknown("vendor.unanswered")))
    tell(stage, 3600.0)

    assert row_of(stage.world, "separate", "captions").state is StepState.REVIEW
    assert effect_row(stage.world, "ocr", "separate", "captions").sends == 2


def test_a_line_that_was_paid_for_and_lost_is_spoken_once_more() -> None:
    stage = Stage()
    interpose(stage, "voices.speak", once(dying_after))
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.charges().count("cosyvoice-v3.5-plus") == 3


def test_a_line_whose_sound_is_stored_is_not_spoken_again() -> None:
    stage = Stage()

    def dying_after_a_take(call: Call) -> Any:
        stored = call()
        if "/takes/" in stored.key and not died:
            died.append(stored.key)
            raise Killed
        return stored

    died: list[str] = []
    interpose(stage, "objects.write", dying_after_a_take)
    tell(stage)

    assert died == ["jobs/story/takes/0001-0.wav"]
    assert stage.job().state is JobState.DONE
    assert stage.charges().count("cosyvoice-v3.5-plus") == 2


def test_a_voice_that_was_enrolled_unheard_is_found_by_its_prefix() -> None:
    stage = Stage()
    interpose(stage, "voices.enrol", losing_the_answer(Unknown("vendor.unanswered")))
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.account.count("model_studio")["voice.create_voice"] == 1


def test_of_voices_enrolled_twice_one_is_kept() -> None:
    stage = Stage()

    def twice_and_gone(call: Call) -> Any:
        call()
        stage.timing.advance(1.0)
        call()
        raise Unknown("vendor.unanswered")

    interpose(stage, "voices.enrol", once(twice_and_gone))
    tell(stage)

    assert stage.job().state is JobState.DONE
    assert stage.account.count("model_studio")["voice.delete_voice"] == 2  # the extra one at once, ours at the end


# --- vendors that are busy, down, or want to be paid


def test_a_vendor_that_is_down_for_five_minutes_fails_no_story() -> None:
    stage = Stage()
    until = stage.timing.now() + 60.0 + 300.0

    def down(call: Call) -> Any:
        if stage.timing.now() < until:
            raise Retry("vendor.busy", "503")
        return call()

    for port_method in ("voices.speak", "media.compose", "media.verdict", "avatars.animate"):
        interpose(stage, port_method, down)
    tell(stage)

    assert stage.job().state is JobState.DONE


def test_a_long_segment_is_spoken_though_the_vendor_takes_three_lines_a_second() -> None:
    """Each try gets a few lines further; only troubles without progress count as troubles in a row."""
    stage = Stage()
    stage.tell(film=toy_film(45.0, TALKATIVE))
    stage.run()

    assert stage.job().state is JobState.DONE
    assert len(stage.report()["lines"]) == len(TALKATIVE)


def test_a_segment_is_spoken_though_every_other_call_is_turned_away() -> None:
    stage = Stage()
    tries = [0]

    def every_other(call: Call) -> Any:
        tries[0] += 1
        if tries[0] % 2:
            raise Retry("vendor.busy")
        return call()

    interpose(stage, "voices.speak", every_other)
    stage.tell(film=toy_film(45.0, TALKATIVE))
    stage.run()

    assert stage.job().state is JobState.DONE
    assert row_of(stage.world, "speak", "0001").attempt > TRIES_MAX


@pytest.mark.parametrize(
    "port_method",
    [
        *("avatars.detect", "voices.enrol", "voices.verdict", "media.read_captions", "media.verdict"),
        *("voices.speak", "avatars.animate", "avatars.verdict", "media.compose"),
    ],
)
def test_an_unpaid_bill_holds_the_story_up_and_nothing_more(port_method: str) -> None:
    stage = Stage()
    paid_at = stage.timing.now() + 4 * 3600.0

    def unpaid(call: Call) -> Any:
        if stage.timing.now() < paid_at:
            raise Retry("account.overdue", after_s=900.0)
        return call()

    interpose(stage, port_method, unpaid)
    tell(stage, 4 * 3600.0)
    assert stage.job().state is JobState.OPEN
    assert "account.overdue" in {row.waits_for for row in stage.steps().values()}

    stage.run(6 * 3600.0)
    assert stage.job().state is JobState.DONE


def test_twenty_stories_in_one_second_are_all_taken_in_the_end() -> None:
    """The photo check takes five a second, so most are turned away at first, and all of them at the same moment."""
    stage = Stage()
    for number in range(20):
        stage.tell(f"story-{number:02d}")
    stage.run(60.0)

    assert {JobState.OPEN} == {job.state for job in stage.jobs()}
    assert stage.charges().count("emo-detect-v1") == 20


def test_a_failed_job_says_so_in_words_and_leaves_the_files() -> None:
    stage = Stage()
    interpose(stage, "media.compose", always(lambda: Retry("vendor.busy", "503")))
    tell(stage)

    assert stage.job().state is JobState.FAILED
    [problem] = stage.error()["problems"]
    assert (problem["code"], problem["who"]) == ("vendor.busy", "operator")
    assert stage.world.objects.head(Place(Bucket.INPUT, "inbox/story/story.mp4")) is not None


# --- captions: by sight, else by ear

HEARD_ONLY = toy_film(10.0, (), speech=[(1.0, 4.0, "从前有一只小狐狸。")])


def test_a_film_whose_captions_cannot_be_seen_is_listened_to() -> None:
    stage = Stage()
    stage.tell(film=HEARD_ONLY)
    stage.run()

    assert stage.job().state is JobState.DONE
    assert stage.report()["captions"]["from"] == "narration"


def test_a_reading_that_was_thought_lost_and_comes_late_does_not_take_the_place_of_what_was_heard() -> None:
    stage = Stage()
    read_at: list[Place] = []

    def remembered(call: Call) -> Any:
        read_at.append(call.args[1])
        return call()

    def late_and_dying(call: Call) -> Any:
        spoken = call()
        if len(read_at) == 1:
            stage.world.objects.write(read_at[0], b"", "application/x-subrip")
            read_at.clear()
            raise Killed
        return spoken

    interpose(stage, "media.read_captions", remembered)
    interpose(stage, "voices.speak", late_and_dying)  # the script is made once more, from the captions as they lie now
    stage.tell(film=HEARD_ONLY)
    stage.run()

    assert not read_at
    assert stage.job().state is JobState.DONE


def test_listening_that_failed_for_no_reason_of_ours_is_tried_again() -> None:
    stage = Stage()
    verdicts = [Verdict(Fate.FAILED, error=Retry("vendor.busy"))]

    def busy_at_first(call: Call) -> Any:
        return verdicts.pop() if call.args[0] is Kind.IMS_SMART and verdicts else call()

    interpose(stage, "media.verdict", busy_at_first)
    stage.tell(film=HEARD_ONLY)
    stage.run()

    assert stage.job().state is JobState.DONE


def _raise(error: BaseException) -> Any:
    raise error
