"""What a told story amounts to, and its page."""

from __future__ import annotations

from typing import Any

from shared.domain.hearing import Doubt
from shared.domain.page import page
from shared.domain.sentences import sentence
from shared.domain.telling import saved, silence_share, waits

LINE: dict[str, Any] = {
    "number": 1,
    "text": "a < b & c",
    "slot": [1000, 4000],
    "spoken": [1000, 3000],
    "rate": 1.0,
    "late_ms": 0,
    "overrun_ms": 0,
    "doubts": [],
}
REPORT: dict[str, Any] = {
    "job": "fox",
    "film": {"seconds": 10.0, "width": 1280, "height": 720},
    "took_s": 60.0,
    "captions": {"from": "given", "repairs": ["2: an <overlap>"]},
    "music": "kept",
    "portrait": {
        "engine": "emo",
        "seconds": 5.0,
        "saved_seconds": 1.0,
        "saved_share": 0.2,
        "passed_over": [],
        "notes": [],
    },
    "silence_share": 0.25,
    "lines": [LINE],
    "waits": [],
    "spent": {"total_yuan": "1.00", "by_price": {"ims.film": "1.00"}},
    "label": {},
    "versions": {"report": "1"},
}


def test_silence_is_what_nobody_speaks_between_the_first_word_and_the_last() -> None:
    assert silence_share([(1000, 3000), (7000, 9000)]) == 0.5
    assert silence_share([(1000, 3000), (2000, 5000)]) == 0.0
    assert silence_share([]) == 0.0


def test_what_was_saved_is_reckoned_against_the_whole_narration() -> None:
    assert saved(6.0, [(1000, 3000), (7000, 9000)]) == (2.0, 0.25)
    assert saved(20.0, [(1000, 3000)]) == (0.0, 0.0)
    assert saved(0.0, []) == (0.0, 0.0)


def test_waits_are_added_up_by_cause_longest_first() -> None:
    one = [(0.0, "waiting", "a turn"), (10.0, "claimed", ""), (11.0, "waiting", "the clip"), (71.0, "done", "")]
    other = [(0.0, "waiting", "a turn"), (30.0, "waiting", ""), (90.0, "done", "")]

    assert waits([one, other]) == [{"what": "the clip", "seconds": 60.0}, {"what": "a turn", "seconds": 40.0}]


def test_words_of_others_are_escaped_on_the_page() -> None:
    made = page(REPORT)

    assert "a &lt; b &amp; c" in made
    assert "an &lt;overlap&gt;" in made


def test_a_doubtful_line_is_listed_and_drawn_in_another_colour() -> None:
    doubted = {**LINE, "doubts": ["short"]}

    assert "#c0392b" in page({**REPORT, "lines": [doubted]})
    assert "#c0392b" not in page(REPORT)
    assert "Far too short" in page({**REPORT, "lines": [doubted]})
    assert "可能漏了字" in page({**REPORT, "lines": [doubted]})


def test_every_doubt_has_words_of_its_own_in_both_languages() -> None:
    said = [sentence(f"doubt.{doubt.value}", {}) for doubt in Doubt]

    assert len(set(said)) == len(Doubt)
    assert sentence("doubt.other", {}) not in said


def test_everybody_who_read_is_named_with_what_they_cost() -> None:
    one = {"name": None, "lines": 3, "spoken_seconds": 9.4, "portrait_seconds": 8.6, "spent_yuan": "0.70"}
    made = page({**REPORT, "readers": [one, {**one, "name": "pa<pa", "spent_yuan": "1.20"}]})

    assert "家长 the parent" in made
    assert "pa&lt;pa" in made
    assert "¥1.20" in made


def test_a_story_without_a_line_has_a_page_too() -> None:
    assert "<svg" in page({**REPORT, "lines": []})


def test_lines_that_were_read_with_another_are_not_drawn() -> None:
    joined = {"number": 2, "text": "and so on", "late_ms": 0, "joined_to": 1}

    assert "and so on" not in page({**REPORT, "lines": [LINE, joined]})
