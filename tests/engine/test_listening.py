"""A second listening: what a recogniser does not understand is read again; nothing of it where nobody asked."""

from __future__ import annotations

import json
from pathlib import Path

from local.engines.contract import Caption, Progress, no_progress
from shared.domain.errors import Unknown
from shared.domain.job import JobState
from shared.engine import effects
from tests.engine.given import interpose, losing_the_answer
from tests.stage import Stage
from tests.toys import ToyEngines, toy_film

FOX, STARS = "从前有一只小狐狸。", "它每天晚上数星星。"


class Listener(ToyEngines):
    """Hears in each recording what it is told to, one after the other; the last for ever."""

    def __init__(self, *heard: str) -> None:
        super().__init__()
        self.heard = list(heard)

    def recognise(self, film: Path, progress: Progress = no_progress) -> list[Caption]:
        self.calls["recognise"] += 1
        words = self.heard.pop(0) if len(self.heard) > 1 else self.heard[0]
        return [Caption(0.0, 2.0, words)]


def told(*heard: str, **options: object) -> Stage:
    stage = Stage(engines=Listener(*heard))
    stage.tell(options=json.dumps({"listen": True, **options}).encode())
    stage.run()
    assert stage.job().state is JobState.DONE
    return stage


def takes(stage: Stage) -> list[int]:
    return [line["takes"] for line in stage.report()["lines"]]


def doubts(stage: Stage) -> list[list[str]]:
    return [line["doubts"] for line in stage.report()["lines"]]


def listens(stage: Stage) -> int:
    return sum(row.name.startswith("listen-") for row in effects.rows_of(stage.world, "story", "speak"))


def test_what_is_understood_is_read_once_and_heard_once() -> None:
    stage = told(FOX + STARS)

    assert (takes(stage), listens(stage)) == ([1, 1], 1)
    assert [line["understood"] for line in stage.report()["lines"]] == [1.0, 1.0]
    assert stage.report()["listening"] == {"asked": True, "notes": []}


def test_a_line_that_is_misheard_is_read_again_with_another_seed_and_heard_again() -> None:
    stage = told(FOX + "请不吝点赞订阅", FOX + STARS)

    assert (takes(stage), listens(stage), doubts(stage)) == ([1, 2], 2, [[], []])


def test_what_stays_misheard_is_left_to_a_person_after_two_more_readings() -> None:
    stage = told(FOX + "请不吝点赞订阅")

    assert (takes(stage), listens(stage), doubts(stage)) == ([1, 3], 3, [[], ["misheard"]])
    assert stage.report()["doubtful"] == [2]
    assert "Speech recognition understood" in stage.output("stories/story/report.html").decode()


def test_a_line_that_the_films_end_cuts_off_is_not_judged() -> None:
    stage = Stage(engines=Listener(FOX))
    crowd = "小狐狸划着树叶船把小星星轻轻地捞了起来，又带着它慢慢地回到了湖边的家。"
    stage.tell(film=toy_film(10.0, ((1.0, 4.0, FOX), (7.0, 8.0, crowd))), options=b'{"listen": true}')
    stage.run()

    assert (takes(stage), listens(stage)) == ([1, 1], 1)
    assert doubts(stage)[1] == ["crowded", "unheard"]


def test_without_being_asked_for_nobody_listens() -> None:
    stage = told("", listen=False)

    assert listens(stage) == 0
    assert "SubmitASRJob" not in stage.charges()
    assert stage.report()["listening"] == {"asked": False, "notes": []}


def test_where_there_is_no_recogniser_the_story_goes_on_and_the_report_says_so() -> None:
    stage = Stage(engines=ToyEngines(hears=False))
    stage.tell(options=b'{"listen": true}')
    stage.run()

    assert stage.job().state is JobState.DONE
    (note,) = stage.report()["listening"]["notes"]
    assert note.startswith("0001 ")
    assert doubts(stage) == [[], []]


def test_a_listening_that_the_budget_has_no_room_for_is_left_out() -> None:
    stage = told("", listen=False)
    cap = float(stage.report()["spent"]["total_yuan"]) + 0.4
    tight = told("", cap_yuan=cap)

    assert listens(tight) == 0
    assert "over the budget" in tight.report()["listening"]["notes"][0]


def test_the_quote_knows_of_it_and_the_receipt_counts_it_as_speech() -> None:
    stage = told(FOX + STARS)
    quote = json.loads(stage.output("stories/story/quote.json"))

    assert [line["step"] for line in quote["steps"] if line["price"] == "ims.listen"] == ["speak"]
    assert stage.report()["spent"]["by_price"]["ims.listen"] == "0.50"


def test_a_submission_whose_answer_was_lost_is_made_again() -> None:
    stage = Stage(engines=Listener(FOX + STARS))
    interpose(stage, "media.recognise", losing_the_answer(Unknown("vendor.silent")))
    stage.tell(options=b'{"listen": true}')
    stage.run(sweep_every_s=60.0)

    assert stage.job().state is JobState.DONE
    assert doubts(stage) == [[], []]
