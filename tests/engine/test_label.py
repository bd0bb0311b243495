"""A film that does not show, sound and carry the label of synthetic content is not handed over."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from shared.domain import label, mp4
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.ports import Bucket, Place
from tests.engine.given import Call, interpose
from tests.stage import Stage
from tests.toys import toy_film, toy_png, toy_wav

STORY = Place(Bucket.OUTPUT, "stories/story/story.mp4")


def told(stage: Stage) -> Stage:
    stage.tell()
    stage.run()
    return stage


def missing(stage: Stage) -> list[str]:
    problems = stage.error()["problems"]
    assert stage.job().state is JobState.FAILED
    assert stage.world.objects.head(STORY) is None
    assert [(problem["code"], problem["who"]) for problem in problems] == [("label.missing", "operator")]
    return list(json.loads(json.dumps(stage.job().error["fields"]))["where"].split(", "))


def test_a_story_carries_the_field_with_producer_and_number() -> None:
    stage = told(Stage(settings={"producer": "A family's studio"}))
    film = stage.output("stories/story/story.mp4")
    field = mp4.text_of(lambda at, length: film[at : at + length], len(film), label.KEY)

    assert label.is_carried(field)
    assert json.loads(field or "")["ContentProducer"] == "A family's studio"
    assert stage.report()["label"]["metadata"] == field


def test_the_number_of_a_film_says_nothing_of_the_family() -> None:
    stage = told(Stage())

    assert "story" not in json.loads(stage.report()["label"]["metadata"])["ProduceID"]


def test_the_report_says_how_tall_the_letters_are() -> None:
    assert told(Stage()).report()["label"]["letters"] >= label.LETTERS_MIN


def test_a_film_that_does_not_show_it_is_refused() -> None:
    stage = Stage()
    interpose(stage, "objects.small_frame", lambda call: toy_png(call.args[2], round(call.args[2] * 720 / 1280)))

    assert missing(told(stage)) == ["picture"]


def test_a_film_that_shows_it_too_briefly_is_refused() -> None:
    stage = Stage()

    def brief(call: Call) -> Any:
        return call() if call.args[1] < 2 else toy_png(call.args[2], round(call.args[2] * 720 / 1280))

    interpose(stage, "objects.small_frame", brief)

    assert missing(told(stage)) == ["picture"]


def test_two_moments_of_both_films_are_enough_to_see_it() -> None:
    stage = Stage()
    moments: list[float] = []

    def noted(call: Call) -> Any:
        moments.append(call.args[1])
        return call()

    interpose(stage, "objects.small_frame", noted)
    told(stage)

    assert moments == [0.3, 0.3, 2.4, 2.4]


def test_where_two_films_are_a_frame_apart_the_label_is_seen_a_little_later() -> None:
    stage = Stage()

    def cut(call: Call) -> Any:
        return toy_png(call.args[2], 20) if call.args[1] in {0.3, 2.4} else call()

    interpose(stage, "objects.small_frame", cut)
    told(stage)

    assert stage.job().state is JobState.DONE


def test_where_the_film_comes_narrower_than_asked_for_both_are_looked_at_so_small() -> None:
    """OSS may take the width for that of a film as a phone stored it: on its side."""
    stage = Stage()

    def on_its_side(call: Call) -> Any:
        place, at_s, width = call.args
        return call.func(place, at_s, width * 9 // 16 if place.bucket is Bucket.INPUT else width)

    interpose(stage, "objects.small_frame", on_its_side)
    told(stage)

    assert stage.job().state is JobState.DONE


def test_a_picture_of_another_shape_is_none_of_the_film() -> None:
    stage = Stage()
    interpose(stage, "objects.small_frame", lambda call: toy_png(call.args[2], 20))

    assert missing(told(stage)) == ["picture"]


@pytest.mark.parametrize("sound", [toy_wav(4.0), toy_wav(4.0, amplitude=0), b"no sound at all"])
def test_a_film_that_does_not_sound_it_is_refused(sound: bytes) -> None:
    stage = Stage()

    def heard(call: Call) -> Any:
        return sound if call.args[0].key == "jobs/story/opening.wav" else call()

    interpose(stage, "objects.read", heard)

    assert missing(told(stage)) == ["sound"]


def test_a_film_that_does_not_carry_it_is_refused() -> None:
    stage = Stage()

    def unchanged(call: Call) -> Any:
        source, target, *_ = call.args
        return stage.world.objects.copy(source, target)

    interpose(stage, "objects.patch", unchanged)

    assert missing(told(stage)) == ["metadata"]


def test_a_film_whose_opening_nobody_heard_is_not_handed_over() -> None:
    stage = Stage()

    def gone(call: Call) -> Any:
        return None if call.args[0].key == "jobs/story/opening.wav" else call()

    interpose(stage, "objects.head", gone)
    told(stage)

    assert stage.job().state is JobState.FAILED
    assert stage.world.objects.head(STORY) is None


def test_without_a_portrait_the_label_is_looked_for_where_it_stands() -> None:
    stage = Stage()
    stage.tell(options=b'{"engines": ["none"], "corner": "bottom-left"}')
    stage.run()

    assert stage.job().state is JobState.DONE


def test_a_film_shorter_than_the_label_needs_shows_it_throughout() -> None:
    stage = Stage()
    stage.tell(film=toy_film(2.0, ((0.5, 1.8, "晚安。"),)))
    stage.run()

    assert stage.job().state is JobState.DONE


def test_reading_the_field_of_nothing_is_refused() -> None:
    stage = Stage()
    with pytest.raises(Refused):
        mp4.text_of(partial(stage.world.objects.read, STORY), 100, label.KEY)
