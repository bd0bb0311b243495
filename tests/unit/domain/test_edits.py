"""Corrections of a told story: what a family may change of it, and that nothing else moves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import directions, edits
from shared.domain.cues import TEXT_CHARACTERS_MAX, Cue
from shared.domain.directions import Direction
from shared.domain.edits import Edit
from shared.domain.errors import Refused

CUES = (Cue(1, 1_000, 3_000, "从前"), Cue(2, 4_000, 6_000, "有一只"), Cue(3, 7_000, 9_000, "狐狸"))


def lines(**found: object) -> bytes:
    return json.dumps({"lines": {name.removeprefix("n"): edit for name, edit in found.items()}}).encode()


def test_a_line_gets_other_words_and_keeps_its_time() -> None:
    changed = edits.apply(CUES, edits.read(lines(n2={"text": "有两只"})))

    assert changed == (CUES[0], Cue(2, 4_000, 6_000, "有两只"), CUES[2])


def test_a_line_is_dropped() -> None:
    assert edits.apply(CUES, edits.read(lines(n2={"drop": True}))) == (CUES[0], replace(CUES[2], number=2))


def test_a_line_is_read_at_another_speed_with_its_name_said_otherwise() -> None:
    found = edits.read(lines(n2={"rate": 0.95, "say": {"狐狸": "hu2 li5"}}, n3={"rate": 0}))

    assert edits.apply(CUES, found) == CUES
    assert edits.directed(found, {3: Direction("papa", 1.1)}) == {
        2: Direction(rate=0.95, say={"狐狸": "hu2 li5"}),
        3: Direction("papa"),
    }


def test_what_was_said_of_a_line_goes_with_it_when_another_is_dropped_or_its_time_is_moved() -> None:
    told = {1: Direction("original"), 3: Direction("papa")}

    assert edits.carried((CUES[1], CUES[2]), CUES, told) == {7_000: told[3]}
    moved = (Cue(1, 900, 2_000, "a"), Cue(2, 2_500, 3_000, "b"), Cue(3, 7_300, 8_000, "c"))
    assert edits.carried(moved, CUES, told) == {2_500: told[1], 7_300: told[3]}
    assert edits.carried((Cue(1, 9_500, 9_900, "after all"),), CUES, told) == {}


def test_directions_survive_being_stored_and_say_nothing_where_all_is_usual() -> None:
    told = {1: Direction("papa", 0.95, {"狐狸": "hu2 li5"}), 2: Direction()}

    assert directions.load(directions.dump(told)) == {1: told[1]}


def test_a_drop_that_is_taken_back_changes_nothing() -> None:
    assert edits.apply(CUES, edits.read(lines(n2={"drop": False}))) == CUES


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[" * 5000,
        b"[]",
        b"{}",
        b'{"lines": []}',
        b'{"lines": {}}',
        b'{"lines": {"1": {"drop": true}}, "more": 1}',
        lines(n1=None),
        lines(n1={}),
        lines(n1={"text": ""}),
        lines(n1={"text": 1}),
        lines(n1={"text": "x" * (TEXT_CHARACTERS_MAX + 1)}),
        lines(n1={"text": "x", "drop": True}),
        lines(n1={"drop": "yes"}),
        lines(n1={"rate": 2}),
        lines(n1={"rate": True}),
        lines(n1={"rate": "0.95"}),
        lines(n1={"rate": 0.95, "drop": True}),
        lines(n1={"say": []}),
        lines(n1={"say": {"": "x"}}),
        lines(n1={"say": {f"word {n}": "x" for n in range(edits.SAID_MAX + 1)}}),
        lines(n1={"speed": 1}),
        lines(one={"drop": True}),
        lines(**{"n-1": {"drop": True}}),
        lines(n1234567={"drop": True}),
        b" " * (edits.BYTES_MAX + 1),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        edits.read(data)

    assert refused.value.code == "edits.wrong"


def test_a_line_that_is_not_there_is_named() -> None:
    with pytest.raises(Refused) as refused:
        edits.apply(CUES, {9: Edit(drop=True)})

    assert (refused.value.code, refused.value.fields["number"]) == ("edits.line", 9)


def test_captions_that_followed_the_new_speech_go_back_to_the_times_they_had() -> None:
    published = (Cue(1, 1_200, 2_500, "从前"), Cue(2, 4_100, 5_000, "有一只"), Cue(3, 7_000, 8_000, "狐狸"))
    corrected = (Cue(1, 1_200, 2_500, "从前"), Cue(2, 4_100, 5_000, "有两只"), Cue(3, 7_500, 8_000, "狐狸"))

    assert edits.retimed(corrected, published, CUES) == (CUES[0], Cue(2, 4_000, 6_000, "有两只"), corrected[2])


def test_a_line_that_was_taken_out_is_gone_and_one_that_was_never_shown_stays() -> None:
    shown = (CUES[0], Cue(2, 4_500, 7_500, "有一只"))

    assert edits.retimed(shown[:1], shown, CUES) == (CUES[0], replace(CUES[2], number=2))
    assert edits.retimed(shown, shown, CUES) == CUES


def test_lines_that_changed_places_when_they_were_spoken_are_told_by_their_numbers() -> None:
    shown = (CUES[0], CUES[2], Cue(2, 8_500, 9_500, CUES[1].text))
    corrected = (CUES[0], CUES[2], Cue(3, 8_500, 9_500, "有两只"))

    assert edits.retimed(corrected, shown, CUES) == (
        CUES[0],
        Cue(2, CUES[1].start_ms, CUES[1].end_ms, "有两只"),
        CUES[2],
    )


def test_the_familys_own_file_at_the_times_it_always_had_is_taken_as_it_is() -> None:
    assert edits.retimed(CUES, CUES[:1], CUES) == CUES


@given(
    st.dictionaries(st.sampled_from(["1", "2", "3"]), st.text(min_size=1, max_size=20).filter(str.strip), min_size=1)
)
def test_only_what_was_changed_changes(texts: dict[str, str]) -> None:
    found = edits.apply(CUES, edits.read(json.dumps({"lines": {n: {"text": t} for n, t in texts.items()}}).encode()))

    assert [(cue.number, cue.start_ms, cue.end_ms) for cue in found] == [
        (cue.number, cue.start_ms, cue.end_ms) for cue in CUES
    ]
    assert [cue.text for cue in found] == [texts.get(str(cue.number), cue.text) for cue in CUES]
