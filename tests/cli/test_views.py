"""What a person sees of a job, to the letter."""

from __future__ import annotations

import json

import pytest

from cli import views
from shared.domain.job import WHOLE, Rows, StepRow, StepState
from shared.engine import status
from shared.engine.narrators import Receipt as NarratorReceipt
from shared.engine.withdrawal import Receipt
from shared.pipeline import PIPELINE
from shared.ports import Columns, Key, Table
from tests.stage import Stage

NOW = 1_795_000_100.0


def rows(*given: StepRow) -> Rows:
    return {(row.step, row.item): row for row in given}


def a_row(
    step: str, item: str = WHOLE, state: StepState = StepState.DONE, *, waits_for: str = "", since_s: float = 0.0
) -> StepRow:
    items = ("0001", "0002", "0003") if step == "script" else ()
    return StepRow(step, item, state, waits_for=waits_for, items=items, updated_at=NOW - since_s)


def told(given: Rows) -> list[str]:
    """Each line as it is printed."""
    return [
        f"{line.mark} {line.zh} {line.en} {line.done}/{'?' if line.total is None else line.total}"
        + (f" {line.awaits} ({line.since_s:.0f} s)" if line.awaits else "")
        for line in status.lines(given, NOW)
    ]


def test_before_anything_began() -> None:
    assert told({}) == [
        "· 收件 files checked 0/1",
        "· 看照片 photo checked 0/1",
        "· 学声音 voice learned 0/1",
        "· 拆影片 captions and music 0/2",
        "· 排稿子 script 0/1",
        "· 朗读 speech 0/?",
        "· 动画 talking portrait 0/?",
        "· 合成 film 0/1",
        "· 交付 handed over 0/1",
    ]


def test_in_the_middle_of_a_story() -> None:
    given = rows(
        a_row("intake"),
        a_row("detect"),
        a_row("clone"),
        a_row("separate", "captions"),
        a_row("separate", "music", StepState.WAITING, waits_for="music of the film", since_s=42.0),
        a_row("script"),
        a_row("speak", "0001"),
        a_row("speak", "0002", StepState.CLAIMED, since_s=3.0),
        a_row("animate", "0001", StepState.WAITING, waits_for="the clip from emo", since_s=61.0),
    )

    assert told(given) == [
        "✓ 收件 files checked 1/1",
        "✓ 看照片 photo checked 1/1",
        "✓ 学声音 voice learned 1/1",
        "◌ 拆影片 captions and music 1/2 music of the film (42 s)",
        "✓ 排稿子 script 1/1",
        "● 朗读 speech 1/3 at work (3 s)",
        "◌ 动画 talking portrait 0/3 the clip from emo (61 s)",
        "· 合成 film 0/1",
        "· 交付 handed over 0/1",
    ]


def test_between_two_items() -> None:
    assert told(rows(a_row("script"), a_row("speak", "0001")))[5] == "… 朗读 speech 1/3"


@pytest.mark.parametrize(
    ("state", "waits_for", "expected"),
    [
        (StepState.WAITING, "", "◌ 看照片 photo checked 0/1 another try (5 s)"),
        (StepState.WAITING, "account.overdue", "◌ 看照片 photo checked 0/1 account.overdue (5 s)"),
        (StepState.REVIEW, "a person", "? 看照片 photo checked 0/1 a person (5 s)"),
        (StepState.REFUSED, "", "✗ 看照片 photo checked 0/1 refused (5 s)"),
        (StepState.FAILED, "", "✗ 看照片 photo checked 0/1 failed (5 s)"),
    ],
)
def test_each_state_has_its_mark_and_its_word(state: StepState, waits_for: str, expected: str) -> None:
    assert told(rows(a_row("detect", WHOLE, state, waits_for=waits_for, since_s=5.0)))[1] == expected


def test_an_item_that_a_person_must_look_at_is_not_hidden_behind_one_that_goes_on() -> None:
    given = rows(
        a_row("script"),
        a_row("animate", "0001", StepState.WAITING, waits_for="the studio", since_s=10.0),
        a_row("animate", "0002", StepState.REVIEW, waits_for="a person", since_s=90.0),
    )

    assert told(given)[6] == "? 动画 talking portrait 0/3 a person; the studio (90 s)"


def test_every_step_of_the_pipeline_has_words() -> None:
    assert list(status.WORDS) == [step.name for step in PIPELINE]
    assert set(status.MARKS) == set(StepState) == {*status.LOUDEST, StepState.DONE}


# --- the history


def history(*events: tuple[float, str, str]) -> dict[str, str]:
    return {"history": json.dumps([list(event) for event in events], ensure_ascii=False)}


def test_a_history_is_told_in_the_order_in_which_it_happened() -> None:
    job = history((NOW, "open", "opened with film"), (NOW + 60.0, "done", "published"))
    steps: list[tuple[Key, Columns]] = [
        (("story", "detect", "-"), history((NOW + 1.0, "claimed", ""), (NOW + 1.5, "done", ""))),
        (("story", "speak", "0001"), history((NOW + 10.25, "claimed", ""))),
    ]
    effects: list[tuple[Key, Columns]] = [
        (("story", "detect", "-", "face-emo"), history((NOW + 1.1, "intent", ""), (NOW + 1.4, "done", "answered"))),
        (
            ("story", "animate", "0001", "clip"),
            {**history((NOW + 30.0, "sent", "answered: task-1"), (NOW + 50.0, "done", "succeeded")), "spent": 740_000},
        ),
    ]

    assert views.history(job, steps, effects) == [
        "2026-11-18 11:08:20.000Z  job: open opened with film",
        "2026-11-18 11:08:21.000Z  detect: claimed",
        "2026-11-18 11:08:21.100Z    detect/face-emo: intent",
        "2026-11-18 11:08:21.400Z    detect/face-emo: done answered",
        "2026-11-18 11:08:21.500Z  detect: done",
        "2026-11-18 11:08:30.250Z  speak/0001: claimed",
        "2026-11-18 11:08:50.000Z    animate/0001/clip: sent answered: task-1",
        "2026-11-18 11:09:10.000Z    animate/0001/clip: done succeeded (0.74 yuan)",
        "2026-11-18 11:09:20.000Z  job: done published",
    ]


def test_a_row_without_a_history_has_nothing_to_tell() -> None:
    assert views.history({}, [(("story", "detect", "-"), {})], [(("story", "detect", "-", "face"), {"spent": 4})]) == []


def test_the_history_of_a_whole_story_names_every_step_and_what_it_cost() -> None:
    stage = Stage()
    stage.tell()
    stage.run()
    rows = stage.world.rows
    lines = views.history(
        rows.get(Table.JOBS, ("story",)) or {},
        rows.range(Table.STEPS, ("story",)),
        rows.range(Table.EFFECTS, ("story",)),
    )

    assert lines == sorted(lines, key=lambda line: line[:24])
    assert lines[0].endswith("job: open opened with consent, film, photo, voice")
    [published] = [line for line in lines if line.endswith("job: done published")]
    assert published[:24] == lines[-1][:24]
    for step in PIPELINE[1:]:
        assert any(f"  {step.name}" in line for line in lines), step.name
    assert sum("yuan)" in line for line in lines) == 8


# --- words of a refusal


def test_the_words_of_a_refusal_are_told_in_both_languages_chinese_first() -> None:
    error = {"problems": [{"code": "a", "zh": "一", "en": "one"}, {"code": "b", "zh": "二", "en": "two"}]}

    assert views.problems(error) == ["一", "one", "二", "two"]


@pytest.mark.parametrize("error", [{}, {"problems": None}, {"problems": "x"}, {"problems": []}])
def test_an_error_without_problems_has_no_words(error: dict[str, object]) -> None:
    assert views.problems(error) == []


# --- a job that was erased


def test_of_a_call_that_may_still_be_under_way_it_is_said_until_when_and_how_to_see_whether_it_is_over() -> None:
    told = views.receipt(Receipt("story", NOW, {"work": 2}, {"work": 0}, under_way=1, of_narrator=False))

    assert told[2].startswith("a vendor works on 1 call(s), or may: the sweep deletes what they make, within a day.")
    assert told[2].endswith("To see whether it is over: echobot erase story --check")
    assert told[-1] == "nothing is left (listed just now)"


# --- a narrator who was erased


def a_receipt(**more: object) -> NarratorReceipt:
    none = {"uploads": 0, "work": 0, "voices": 0, "rows": 0}
    facts = {"name": "mama", "erased_at": NOW, "deleted": none, "left": none, "under_way": 0, "is_open": True}
    return NarratorReceipt(**{**facts, **more})  # type: ignore[arg-type]  # of many types


def test_of_a_narrator_nothing_is_left_and_nobody_has_to_come_back() -> None:
    [erased, left] = views.narrator_receipt(a_receipt())

    assert erased.startswith("mama: erased ")
    assert left == "nothing is left (listed just now)"


def test_what_is_still_on_its_way_is_the_sweeps_not_the_operators() -> None:
    told = views.narrator_receipt(a_receipt(under_way=1))

    assert told[1] == "1 voice(s) may still be on their way at the vendor"
    assert told[-1] == (
        "not yet; the sweep finishes it within half an hour. To see whether it has: echobot narrator erase mama --check"
    )


def test_what_somebody_put_anew_is_listed_and_nobody_deletes_it() -> None:
    anew = {"uploads": 3, "work": 0, "voices": 0, "rows": 0}
    told = views.narrator_receipt(a_receipt(left=anew, is_open=False))

    assert told[1:] == ["still there:", "      3  uploaded files"]
