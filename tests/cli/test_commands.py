"""The operator's commands on a world of stand-ins: what they print and how they exit."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import app as commands
from cli import clouds
from shared.domain.errors import Review, Unknown
from shared.domain.job import JobState
from shared.engine.world import World
from shared.ports import Bucket, Place, Queue
from tests.engine.given import always, interpose, raising
from tests.stage import Stage
from tests.toys import toy_film

DONE, FAILED, REFUSED = 0, 1, 2


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A story that has been under way for a minute, and the commands' cloud."""
    stage = Stage()
    connect(monkeypatch, stage)
    stage.tell()
    stage.run(40.0)
    return stage


def connect(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Let the commands' cloud be the stage's."""

    @contextmanager
    def connected() -> Iterator[World]:
        yield stage.functions_world

    monkeypatch.setattr(clouds, "connected", connected)


def echobot(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(commands.app, list(words), input=answer)


def document(*words: str) -> Any:
    """What comes on standard output for a script."""
    told = echobot(*words, "--json")
    assert told.exit_code == DONE, told.output
    return json.loads(told.stdout)


# --- tell


@pytest.mark.parametrize("command", ["tell", "generate", "prepare"])
def test_where_the_result_cannot_be_put_nothing_is_begun(stage: Stage, tmp_path: Path, command: str) -> None:
    (tmp_path / "out").write_text("a file")
    for name in ("film.mp4", "voice.wav", "photo.png"):
        (tmp_path / name).write_bytes(b"something")
    film, voice, photo = (str(tmp_path / name) for name in ("film.mp4", "voice.wav", "photo.png"))
    picture, speech = "https://example.com/photo.png", "https://example.com/speech.wav"
    boxes = ("--face-bbox", "1,1,9,9", "--ext-bbox", "0,0,10,10")
    words = {
        "tell": ("tell", film, "--voice", voice, "--photo", photo),
        "generate": ("generate", "wan2.2-t2v-plus", "--input", "prompt=a fox"),
        "prepare": ("emo", "prepare", "--image", picture, "--audio", speech, *boxes),
    }[command]
    before = len(stage.world.objects.listing(Bucket.INPUT, ""))

    told = echobot(*words, "--out", str(tmp_path / "out"))

    assert told.exit_code == REFUSED, told.output
    assert f"Nothing can be put into {tmp_path / 'out'}" in told.stderr
    assert len(stage.world.objects.listing(Bucket.INPUT, "")) == before


# --- status


def test_the_status_of_a_job_that_is_not_whole_says_what_it_waits_for(stage: Stage) -> None:
    stage.tell("owl", voice=None, film=None)
    stage.run(10.0)

    assert "waits for film, voice" in echobot("status", "owl").stdout
    assert document("status", "owl")["at_door"] == ["waits for film, voice"]
    assert document("status", "owl")["steps"] == []
    assert document("status", "story")["at_door"] == []


# --- cancel


def test_a_cancelled_job_says_so_and_what_became_of_it(stage: Stage) -> None:
    told = echobot("cancel", "story")

    assert told.exit_code == DONE
    assert "story: cancelled" in told.stdout
    assert "1  voices enrolled for this job" in told.stdout
    assert stage.job().state is JobState.CANCELLED


def test_the_status_of_a_cancelled_job_says_why(stage: Stage) -> None:
    echobot("cancel", "story")
    told = echobot("status", "story")

    assert told.exit_code == REFUSED
    assert "This job was cancelled." in told.stdout


def test_a_told_story_cannot_be_cancelled(stage: Stage) -> None:
    stage.run()
    told = echobot("cancel", "story")

    assert told.exit_code == REFUSED
    assert "This job has ended (done)" in told.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("cancel", "nobody"),
        ("erase", "nobody", "--yes"),
        ("redrive", "nobody"),
        ("decide", "nobody", "--segment", "1", "--resubmit"),
    ],
)
def test_a_job_that_nobody_heard_of_is_refused(stage: Stage, words: tuple[str, ...]) -> None:
    told = echobot(*words)

    assert told.exit_code == REFUSED
    assert "no job called nobody" in told.stderr


def test_what_became_of_a_cancelled_job_is_told_to_scripts(stage: Stage) -> None:
    told = document("cancel", "story")

    assert (told["job"], told["state"], told["deleted"]["voices"]) == ("story", "cancelled", 1)


# --- erase


def test_erasing_asks_first(stage: Stage) -> None:
    told = echobot("erase", "story", answer="n\n")

    assert told.exit_code == FAILED
    assert stage.job().state is JobState.OPEN


def test_the_receipt_says_what_was_deleted_and_that_nothing_is_left(stage: Stage) -> None:
    stage.run()
    told = echobot("erase", "story", "--yes")

    assert told.exit_code == DONE
    assert "story: erased 20" in told.stdout
    assert "4  uploaded files" in told.stdout
    assert "6  files of the story" in told.stdout
    assert "nothing is left (listed just now)" in told.stdout


def test_a_check_proves_again_that_nothing_is_left(stage: Stage) -> None:
    stage.run()
    echobot("erase", "story", "--yes")
    told = echobot("erase", "story", "--check")

    assert told.exit_code == DONE
    assert "nothing is left (listed just now)" in told.stdout


def test_a_check_that_finds_something_fails(stage: Stage) -> None:
    stage.run()
    echobot("erase", "story", "--yes")
    stage.stand_ins.oss.put("echobot-input", "inbox/story/photo.png", b"again")
    told = echobot("erase", "story", "--check")

    assert told.exit_code == FAILED
    assert "still there:" in told.stdout
    assert "1  uploaded files" in told.stdout


def test_what_was_never_erased_has_no_receipt(stage: Stage) -> None:
    told = echobot("erase", "story", "--check")

    assert told.exit_code == REFUSED
    assert "was not erased" in told.stderr


def test_the_status_of_an_erased_job_is_its_receipt(stage: Stage) -> None:
    echobot("erase", "story", "--yes")
    told = echobot("status", "story")

    assert told.exit_code == DONE
    assert "story: erased" in told.stdout


# --- redrive


def test_a_queue_of_dead_letters_is_redriven_and_its_poison_listed(stage: Stage) -> None:
    stage.world.queues.send(Queue.DEAD_IMS, '{"JobId": "of-another"}')
    stage.world.queues.send(Queue.DEAD_IMS, '{"nothing": 1}')
    told = echobot("redrive", "--queue", "ims")

    assert told.exit_code == DONE
    assert "not ours: 1" in told.stdout
    assert "0 woken, 1 unreadable and kept" in told.stdout
    assert "poison: an IMS message without JobId" in told.stderr


@pytest.mark.parametrize("words", [(), ("story", "--queue", "ims"), ("--queue", "letters")])
def test_a_redrive_is_of_a_job_or_of_a_known_queue(stage: Stage, words: tuple[str, ...]) -> None:
    assert echobot("redrive", *words).exit_code == REFUSED
    assert stage.job().state is JobState.OPEN


def test_a_job_that_reached_its_budget_says_what_to_do_and_goes_on_with_a_larger_one(stage: Stage) -> None:
    stage.world.settings = replace(stage.world.settings, budget_yuan=1.5)
    stage.run()
    told = echobot("status", "story")
    assert "animate/0001 waits for a larger budget: echobot approve story --budget YUAN" in told.stdout

    assert echobot("redrive", "story", "--budget", "5").exit_code == DONE
    stage.run()

    assert stage.job().state is JobState.DONE


# --- status


def test_a_story_that_waits_for_the_studio_says_for_how_long(stage: Stage) -> None:
    while not stage.studio_holder():
        stage.timing.step()
    told = echobot("status", "story")

    assert "about 4 min for the talking portrait: 1 of its clips, 0 of others before the last" in told.stdout


def test_lines_to_listen_to_are_told_as_the_report_tells_them(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    connect(monkeypatch, stage)
    crowded = (1.0, 2.0, "小狐狸划着树叶船把小星星轻轻地捞了起来。")
    stage.tell(film=toy_film(10.0, (crowded, (2.2, 9.0, "从前有一只小狐狸。"))))
    while not stage.studio_holder():
        stage.timing.step()
    under_way = document("status", "story")["doubtful"]
    stage.run()
    said = echobot("status", "story").stdout
    lines = document("status", "story")["doubtful"]

    report = stage.report()
    assert under_way == lines
    assert [line["number"] for line in lines] == report["doubtful"]
    assert [[doubt["code"] for doubt in line["doubts"]] for line in lines] == [
        line["doubts"] for line in report["lines"] if line["doubts"]
    ]
    why = [" ".join(f"{doubt['zh']} {doubt['en']}" for doubt in line["doubts"]) for line in lines]
    assert f"请听一听这些句子 / Lines to listen to:\n  1  {crowded[2]}: {why[0]}\n  2  " in said
    assert all(words in html.unescape(stage.output("stories/story/report.html").decode()) for words in why)


def test_a_story_without_doubtful_lines_names_none(stage: Stage) -> None:
    stage.run()

    assert "Lines to listen to" not in echobot("status", "story").stdout
    assert document("status", "story")["doubtful"] == []


# --- a decision


def test_a_decision_is_told_to_scripts(stage: Stage) -> None:
    interpose(stage, "avatars.animate", raising(Unknown("vendor.unanswered")))
    interpose(stage, "avatars.tasks", always(lambda: Review("ledger.ambiguous")))
    stage.run()

    told = document("decide", "story", "--segment", "1", "--resubmit")

    assert told == {"job": "story", "segment": 1, "decision": "resubmit", "task": None}


# --- report


def test_a_report_is_shown_as_it_was_published(stage: Stage) -> None:
    stage.run()

    assert '"version": 1' in echobot("report", "story").stdout
    assert echobot("report", "story", "--check").exit_code == DONE


def test_a_report_that_was_changed_is_refused(stage: Stage) -> None:
    stage.run()
    place = Place(Bucket.OUTPUT, "stories/story/report.json")
    body = stage.world.objects.read(place)
    stage.world.objects.write(place, body.replace(b'"late_ms": 0', b'"late_ms": 1'), "application/json")

    assert echobot("report", "story", "--check").exit_code == REFUSED
    assert echobot("report", "story").exit_code == REFUSED


def test_a_story_under_way_has_no_report(stage: Stage) -> None:
    assert echobot("report", "story").exit_code == REFUSED


# --- the taste


def test_a_tasted_story_says_where_to_watch_it_and_how_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    connect(monkeypatch, stage)
    stage.tell(
        film=toy_film(40.0, ((11.0, 14.0, "月亮出来了。"), (24.0, 27.0, "晚安。"))), options=b'{"quote": "wait"}'
    )
    stage.run()
    assert document("approve", "story", "--taste") == {"job": "story", "approved": "taste", "budget_yuan": None}
    stage.run()
    told = echobot("status", "story").stdout

    assert "story: asked" in told
    assert "/stories/story/taste.mp4" in told
    assert "同意 / yes: echobot approve story    不要 / no: echobot cancel story" in told
    assert "其余的还要" in told
    assert "the rest will cost about" in told

    assert document("approve", "story") == {"job": "story", "approved": "story", "budget_yuan": None}
    stage.run()
    assert stage.job().state is JobState.DONE
