"""A story is tasted first: its beginning is made and shown, and nothing more is bought before a person says yes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from local.standins.fc.state import Ran
from shared.domain import keys
from shared.domain.job import TASTE, WHOLE, YES, JobState, StepState, tasted
from shared.domain.keys import Asset
from shared.engine import asking, effects, forecast, status, withdrawal
from shared.engine.sweep import ABANDONED_S, TASTED_S, sweep
from shared.ports import Bucket, Place, Queue, Table
from tests.engine.given import interpose, letters
from tests.engine.test_redoing import LINE_S, srt
from tests.engine.test_voices import voices_alive
from tests.stage import Stage
from tests.toys import seconds_of, toy_film, toy_png

LINES = 12
TASTED = 3
"""Of lines that begin every four seconds the third ends nearest to fifteen."""


def options(**more: object) -> bytes:
    return json.dumps({"quote": "taste", **more}).encode()


def asked(seconds: float = LINE_S * (LINES + 2), **bodies: bytes | None) -> Stage:
    stage = Stage(settings={"segment_s_max": 30.0})
    given: dict[str, bytes | None] = {"film": toy_film(seconds), "captions": srt(), "options": options(), **bodies}
    stage.tell(**given)
    stage.run()
    return stage


def say_yes(stage: Stage, body: bytes = b"") -> None:
    stage.timing.advance(1.0)
    stage.world.objects.write(asking.place("story"), body, "application/json")


def quote(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stage.output(keys.story_quote("story")))
    return found


def taste_of(stage: Stage) -> tuple[str, ...]:
    """The segments of the taste."""
    return tasted(stage.steps())


def result(stage: Stage, step: str, item: str) -> Mapping[str, Any]:
    return stage.steps()[step, item].result


def is_there(stage: Stage, key: str) -> bool:
    return stage.world.objects.head(Place(Bucket.OUTPUT, key)) is not None


def readings(stage: Stage) -> list[str]:
    return sorted(row.name for row in effects.rows_of(stage.world, "story") if row.name.startswith("cue-"))


# --- the taste


def test_the_taste_is_made_and_then_somebody_is_asked() -> None:
    stage = asked()

    assert stage.job().state is JobState.ASKED
    assert stage.steps()["publish", TASTE].state is StepState.DONE
    assert [letter["state"] for letter in letters(stage, Queue.FINISHED)] == ["asked"]
    assert not is_there(stage, keys.story_film("story"))


def test_only_what_the_taste_needs_is_bought_before_the_yes() -> None:
    stage = asked()

    assert stage.charges().count("emo-v1") == 1
    assert {name[4:8] for name in readings(stage)} == {f"{number:04}" for number in range(1, TASTED + 1)}
    stage.run(3600.0)
    assert stage.charges().count("emo-v1") == 1


def test_the_taste_ends_with_a_line_near_its_fifteenth_second() -> None:
    stage = asked()
    seconds = seconds_of(stage.output(keys.story_taste("story")))
    spoken = result(stage, "speak", "0001")["lines"][-1]["spoken"]

    assert 12.0 <= seconds <= 20.0
    assert spoken[1] / 1000 <= seconds < (TASTED + 1) * LINE_S
    assert stage.output(keys.story_taste_captions("story")).decode().count("-->") == TASTED


def test_the_taste_carries_the_label_in_all_three_ways() -> None:
    label = result(asked(), "publish", TASTE)["label"]

    assert label["letters"] >= 0.05
    assert label["tone"] is True
    assert json.loads(label["metadata"])["Label"] == "1"


def test_a_taste_without_its_label_is_not_shown() -> None:
    stage = Stage(settings={"segment_s_max": 30.0})
    interpose(stage, "objects.small_frame", lambda call: toy_png(call.args[2], round(call.args[2] * 720 / 1280)))
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    stage.run()

    assert (stage.job().state, stage.job().error["code"]) == (JobState.FAILED, "label.missing")
    assert not is_there(stage, keys.story_taste("story"))


def test_a_family_page_is_told_of_the_taste() -> None:
    stage = asked()
    told = status.document(stage.world, stage.job())

    assert told["state"] == "asked"
    assert told["taste"] == {
        "film": "stories/story/taste.mp4",
        "seconds": result(stage, "publish", TASTE)["seconds"],
    }


def test_the_forecast_before_the_yes_is_of_the_taste_alone() -> None:
    stage = Stage(settings={"segment_s_max": 8.0})
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    while not stage.steps().get(("speak", "0001")):
        stage.timing.step()
    job, rows = stage.job(), stage.steps()
    held = len(rows["script", WHOLE].items)
    ahead = forecast.of(stage.world, job, rows)

    assert ahead is not None
    assert ahead.own == len(taste_of(stage)) < held


# --- the yes


def test_after_the_yes_the_story_is_told_and_nothing_is_bought_twice() -> None:
    plain, stage = asked(options=None), asked()
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.DONE
    more = Counter(stage.charges()) - Counter(plain.charges())
    assert set(more) <= {"emo-v1", "SubmitMediaProducingJob", "cosyvoice-v3.5-plus"}, more
    rows = [(row.step, row.item, row.name) for row in effects.rows_of(stage.world, "story")]
    assert len(rows) == len(set(rows))
    assert len(readings(stage)) == LINES == len(readings(plain))
    assert not stage.open_effects()


def test_the_clip_and_the_readings_of_the_taste_are_those_of_the_story() -> None:
    stage = asked()
    before = {key: row.result for key, row in stage.steps().items() if key[1] == "0001"}
    say_yes(stage)
    stage.run()

    assert {key: row.result for key, row in stage.steps().items() if key[1] == "0001"} == before
    assert stage.report()["lines"][:TASTED] == before["speak", "0001"]["lines"]


def test_a_tasted_story_is_told_as_it_would_have_been_without() -> None:
    """The same lines at the same times; one place more where a clip ends."""
    plain, stage = asked(options=None), asked()
    say_yes(stage)
    stage.run()

    told, wanted = stage.report()["lines"], plain.report()["lines"]
    assert [line["slot"] for line in told] == [line["slot"] for line in wanted]
    assert seconds_of(stage.output(keys.story_film("story"))) == seconds_of(plain.output(keys.story_film("story")))


def test_the_report_says_what_was_bought_before_the_yes() -> None:
    stage = asked()
    stage.timing.advance(600.0)
    say_yes(stage)
    stage.run()
    report = stage.report()

    assert 0 < float(report["taste"]["spent"]["total_yuan"]) < float(report["spent"]["total_yuan"])
    assert report["taste"]["approved_at"] - report["taste"]["asked_at"] >= 600.0
    assert not is_there(stage, keys.story_taste("story"))


def test_a_story_that_was_not_tasted_says_so() -> None:
    assert asked(options=None).report()["taste"] is None


def test_a_yes_that_came_before_the_taste_does_not_count() -> None:
    stage = Stage(settings={"segment_s_max": 30.0})
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    stage.run(60.0)
    assert stage.job().state is JobState.OPEN
    say_yes(stage)
    stage.run()
    assert stage.job().state is JobState.ASKED

    say_yes(stage)
    stage.run()
    assert stage.job().state is JobState.DONE


def test_the_question_is_asked_by_the_sweep_when_its_function_died() -> None:
    stage = asked()
    stage.world.rows.merge(Table.JOBS, ("story",), {"state": JobState.OPEN.value})
    sweep(stage.world)

    assert stage.job().state is JobState.ASKED


def test_a_yes_whose_event_was_lost_is_found_by_the_sweep() -> None:
    stage = asked()
    stage.stand_ins.fc._runner, runner = (lambda _it: Ran(b"lost")), stage.stand_ins.fc._runner
    say_yes(stage)
    stage.timing.run(60.0)
    stage.stand_ins.fc._runner = runner
    stage.timing.run(3600.0)
    sweep(stage.world)

    assert stage.job().state is JobState.OPEN
    assert stage.steps()[YES, WHOLE].state is StepState.DONE


# --- no


def test_a_family_that_does_not_like_it_pays_for_nothing_more() -> None:
    stage = asked()
    bought = stage.charges()
    withdrawal.cancel(stage.world, "story")
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.CANCELLED
    assert stage.charges() == bought
    assert not is_there(stage, keys.story_taste("story"))
    assert voices_alive(stage) == 0


def test_a_tasted_story_can_be_erased_and_leaves_nothing() -> None:
    stage = asked()
    withdrawal.erase(stage.world, "story")
    stage.timing.advance(3600.0)
    sweep(stage.world)

    assert withdrawal.check(stage.world, "story").is_clean


def test_a_taste_that_nobody_answers_is_called_off_while_its_files_are_there() -> None:
    stage = asked()
    stage.timing.advance(stage.job().asked_at + TASTED_S - 60.0 - stage.timing.now())
    sweep(stage.world)
    assert stage.job().state is JobState.ASKED

    stage.timing.advance(7200.0)
    sweep(stage.world)
    assert stage.job().state is JobState.CANCELLED
    assert TASTED_S < ABANDONED_S


# --- a correction


def test_a_correction_before_the_yes_is_kept_and_told_once_the_story_is_there() -> None:
    stage = asked()
    stage.timing.advance(1.0)
    stage.upload("story", Asset.EDITS, "json", json.dumps({"lines": {"9": {"text": "小猫头鹰也来了"}}}).encode())
    stage.run()

    assert stage.job().state is JobState.ASKED
    assert [one["code"] for one in stage.error()["problems"]] == ["edits.early"]

    say_yes(stage)
    stage.run()
    bought = Counter(stage.charges())
    sweep(stage.world)
    stage.run()

    assert stage.job("story.v2").state is JobState.DONE
    assert (Counter(stage.charges()) - bought)["emo-v1"] == 1
    assert stage.report("story.v2")["taste"] is None


# --- money


def test_the_quote_tells_the_taste_from_the_rest() -> None:
    stage = Stage()
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    stage.run(30.0)
    found = quote(stage)

    assert found["waits"] is False
    for end in ("low_yuan", "high_yuan"):
        assert float(found["taste"][end]) + float(found["rest"][end]) == pytest.approx(float(found[end]), abs=0.03)
    assert 0 < float(found["taste"]["low_yuan"]) < float(found["rest"]["low_yuan"])


@pytest.mark.parametrize("captions", [srt(), None])
def test_with_the_taste_comes_what_it_has_cost_and_what_the_rest_will(captions: bytes | None) -> None:
    film = toy_film(56.0, [(at * 4.0, at * 4.0 + 3.0, "它每天晚上数星星。") for at in range(1, LINES + 1)])
    stage = asked(film=film, captions=captions)
    found = quote(stage)
    spent = float(found["taste"]["spent_yuan"])

    assert found["waits"] is True
    assert float(found["taste"]["low_yuan"]) <= spent <= float(found["taste"]["high_yuan"])
    say_yes(stage)
    stage.run()
    total = float(stage.report()["spent"]["total_yuan"])
    assert float(found["rest"]["low_yuan"]) <= total - spent <= float(found["rest"]["high_yuan"])


def test_a_budget_that_cannot_pay_the_taste_asks_before_anything_is_bought() -> None:
    stage = asked(options=options(cap_yuan=0.1))

    assert stage.job().state is JobState.ASKED
    assert stage.charges() == []
    assert "The taste alone" in quote(stage)["en"]

    say_yes(stage, b'{"budget_yuan": 50}')
    stage.run()
    assert stage.job().state is JobState.ASKED
    assert stage.charges().count("emo-v1") == 1


def test_a_budget_that_pays_the_taste_only_is_said_with_the_taste() -> None:
    stage = Stage(settings={"segment_s_max": 30.0})
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    while ("compose", TASTE) not in stage.steps():
        stage.timing.step()
    stage.world.rows.merge(Table.JOBS, ("story",), {"budget_yuan": 2.0})
    stage.run()

    assert stage.job().state is JobState.ASKED
    assert "more than its budget of 2.00" in quote(stage)["en"]


def test_a_quote_that_somebody_deleted_is_told_anew_with_the_taste() -> None:
    stage = Stage(settings={"segment_s_max": 30.0})
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    while ("compose", TASTE) not in stage.steps():
        stage.timing.step()
    stage.world.objects.delete(Place(Bucket.OUTPUT, keys.story_quote("story")))
    stage.run()

    assert float(quote(stage)["rest"]["high_yuan"]) > 0


def test_a_short_film_is_asked_about_as_a_whole() -> None:
    stage = asked(seconds=29.0, captions=srt(lines=6))

    assert stage.job().state is JobState.ASKED
    assert stage.charges() == []
    say_yes(stage)
    stage.run()
    assert stage.job().state is JobState.DONE
    assert stage.report()["taste"] is None


# --- other stories


def test_a_story_whose_own_voice_stays_can_be_tasted() -> None:
    stage = asked(options=options(cast={"original": [2, 7]}, burn_captions=True))
    assert stage.job().state is JobState.ASKED
    say_yes(stage)
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_taste_of_several_clips_waits_for_all_of_them() -> None:
    stage = Stage(settings={"segment_s_max": 5.0})
    stage.tell(film=toy_film(56.0), captions=srt(), options=options())
    stage.run()

    assert stage.job().state is JobState.ASKED
    assert stage.charges().count("emo-v1") == len(taste_of(stage)) == TASTED


def test_a_late_first_line_is_in_the_taste_all_the_same() -> None:
    late = srt().replace(b"00:00:", b"00:01:")
    stage = asked(seconds=140.0, captions=late)

    assert stage.job().state is JobState.ASKED
    assert len(readings(stage)) == 1


# --- at the door


def test_a_story_that_was_quoted_may_be_tasted_first_all_the_same() -> None:
    stage = asked(options=b'{"quote": "wait"}')
    assert stage.charges() == []
    assert float(quote(stage)["taste"]["high_yuan"]) < float(quote(stage)["high_yuan"])

    say_yes(stage, b'{"taste": true}')
    stage.run()
    assert stage.job().state is JobState.ASKED
    assert is_there(stage, keys.story_taste("story"))

    say_yes(stage, b'{"taste": true}')
    stage.run()
    assert stage.job().state is JobState.DONE
