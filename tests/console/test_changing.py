"""A family corrects a told story from its page: sees the cost, says yes, and has both editions."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from shared.console import sessions
from shared.domain import cues, keys
from shared.domain.cues import Cue
from shared.domain.job import JobState
from shared.ports import Bucket, Place
from tests.console.house import House, Visitor, told
from tests.console.telling import begin

OTHER = {"lines": {"2": {"text": "它每天晚上数月亮。"}}}


@pytest.fixture
def job_id(house: House, family: Visitor) -> str:
    """A story that is told."""
    found = begin(family)
    house.stage.run()
    assert house.stage.job(found).state is JobState.DONE
    return found


def test_what_a_change_costs_is_said_before_anything_is_made(house: House, family: Visitor, job_id: str) -> None:
    bought = house.stage.charges()
    quote = told(family.post(f"/stories/{job_id}/changes/quote", OTHER))
    house.stage.run(600.0)

    assert (quote["lines"], quote["clips"]) == (1, 1)
    assert 0 < float(quote["low_yuan"]) <= float(quote["high_yuan"])
    assert house.stage.charges() == bought
    assert house.stage.world.objects.listing(Bucket.INPUT, f"inbox/{job_id}/edits") == []


def test_the_yes_makes_another_edition_beside_the_first(house: House, family: Visitor, job_id: str) -> None:
    answer = told(family.post(f"/stories/{job_id}/changes", OTHER))
    assert answer == {"job": f"{job_id}.v2"}
    waiting = family.get(f"/stories/{job_id}.v2").body.decode()
    assert 'data-state="open"' in waiting
    house.stage.run()

    assert house.stage.job(f"{job_id}.v2").state is JobState.DONE
    first, second = (family.get(f"/stories/{one}").body.decode() for one in (job_id, f"{job_id}.v2"))
    assert "数月亮" in second
    assert "数月亮" not in first
    for page in (first, second):
        assert f'href="/stories/{job_id}.v2"' in page
    assert 'id="redo"' in second
    assert 'id="redo"' not in first
    assert "数月亮" in family.get(f"/stories/{job_id}.v2/captions.vtt").body.decode()
    assert " · 2" in second


def test_a_line_is_changed_by_its_own_number_wherever_it_is_shown(house: House, family: Visitor, job_id: str) -> None:
    """A line that was late comes behind one that nobody reads, and so stays in its place."""
    shown = cues.write_srt(
        [Cue(1, 1_000, 2_000, "从前"), Cue(3, 6_000, 7_000, "[雷声]"), Cue(2, 7_500, 8_500, "下雨了")]
    )
    place = Place(Bucket.OUTPUT, keys.story_captions(job_id))
    house.stage.world.objects.write(place, shown.encode(), "application/x-subrip")

    page = family.get(f"/stories/{job_id}").body.decode()
    numbered = re.findall(r'data-line="(\d)">\s*<textarea[^>]*>([^<]*)<', page)
    assert numbered == [("1", "从前"), ("3", "[雷声]"), ("2", "下雨了")]


def test_what_it_cost_is_within_what_was_said(house: House, family: Visitor, job_id: str) -> None:
    quote = told(family.post(f"/stories/{job_id}/changes/quote", OTHER))
    family.post(f"/stories/{job_id}/changes", OTHER)
    house.stage.run()
    spent = house.stage.report(f"{job_id}.v2")["spent"]["total_yuan"]

    assert float(quote["low_yuan"]) * 0.5 <= float(spent) <= float(quote["high_yuan"])


def test_a_line_that_is_left_out_is_gone(house: House, family: Visitor, job_id: str) -> None:
    drop = {"lines": {"1": {"drop": True}}}
    quote = told(family.post(f"/stories/{job_id}/changes/quote", drop))
    family.post(f"/stories/{job_id}/changes", drop)
    house.stage.run()

    assert quote["lines"] == 0
    assert "小狐狸" not in family.get(f"/stories/{job_id}.v2/captions.vtt").body.decode()


WRONG = [
    ({"lines": {}}, "edits.wrong"),
    ({}, "edits.wrong"),
    ({"lines": {"99": {"text": "x"}}}, "edits.line"),
    ({"lines": {"1": {"text": ""}}}, "edits.wrong"),
    ({"lines": {"1": {"say": "x"}}}, "edits.wrong"),
    ({"lines": "x"}, "edits.wrong"),
    ({"lines": {"1": {"text": "x" * 5000}}}, "edits.wrong"),
]


@pytest.mark.parametrize("path", ["changes/quote", "changes"])
@pytest.mark.parametrize(("asked", "code"), WRONG)
def test_a_change_that_cannot_be_is_refused_at_once(
    house: House, family: Visitor, job_id: str, path: str, asked: object, code: str
) -> None:
    answer = family.post(f"/stories/{job_id}/{path}", asked)

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told(answer)["code"] == code
    assert house.stage.world.objects.listing(Bucket.INPUT, f"inbox/{job_id}/edits") == []


def test_while_one_change_is_made_there_is_no_other(house: House, family: Visitor, job_id: str) -> None:
    family.post(f"/stories/{job_id}/changes", OTHER)

    assert told(family.post(f"/stories/{job_id}/changes", OTHER))["code"] == "edits.busy"
    house.stage.timing.run(5.0)
    assert told(family.post(f"/stories/{job_id}/changes/quote", OTHER))["code"] == "edits.busy"


def test_a_story_that_is_not_told_cannot_be_changed(house: House, family: Visitor) -> None:
    asked = begin(family, says_yes=False)
    assert house.stage.job(asked).state is JobState.ASKED

    assert told(family.post(f"/stories/{asked}/changes", OTHER))["code"] == "edits.busy"


def test_after_a_week_it_is_too_late_and_said_so(house: House, family: Visitor, job_id: str) -> None:
    for info in house.stage.world.objects.listing(Bucket.WORK, f"jobs/{job_id}/"):
        house.stage.stand_ins.oss.delete(house.stage.settings.work_bucket, info.key)

    assert told(family.post(f"/stories/{job_id}/changes/quote", OTHER))["code"] == "edits.late"


@pytest.mark.parametrize("path", ["changes/quote", "changes"])
def test_nobody_changes_a_story_of_another_family(house: House, job_id: str, path: str) -> None:
    stranger = house.add("wang", "王家")

    assert stranger.post(f"/stories/{job_id}/{path}", OTHER).status == HTTPStatus.NOT_FOUND


def test_changes_count_as_stories_of_the_day(
    house: House, family: Visitor, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "STORIES_A_DAY", 1)

    assert family.post(f"/stories/{job_id}/changes", OTHER).status == HTTPStatus.TOO_MANY_REQUESTS


def test_words_with_a_script_in_them_are_shown_as_text(house: House, family: Visitor, job_id: str) -> None:
    family.post(f"/stories/{job_id}/changes", {"lines": {"2": {"text": "</textarea><script>alert(1)</script>月亮"}}})
    house.stage.run()
    page = family.get(f"/stories/{job_id}.v2").body.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
