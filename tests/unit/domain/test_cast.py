"""Who reads what: nothing is read over the film's own voice, and any other caption by one parent, as it was given."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import fitting, script
from shared.domain.cast import Casting, Run, cast, casting, in_turns, is_cast, runs
from shared.domain.cast import stretches as own_stretches
from shared.domain.cues import Cue, write_srt
from shared.domain.directions import Direction
from shared.domain.readers import ORIGINAL, OWN, asset_of, readers
from shared.domain.segments import GUARD_MS
from tests.unit.domain.cases import cues_in_order, film_ms_of

CUES = (
    Cue(1, 1000, 3000, "从前有一只小狐狸。"),
    Cue(2, 4000, 5000, "[原声] 你好！"),
    Cue(3, 5200, 6000, "【Original】: 你也好！"),
    Cue(4, 6300, 8000, "它笑了。"),
    Cue(5, 9000, 9900, "[原声]"),
)
BOTH = casting({"papa": [4], "original": [1]}, "mama")


def test_tagged_and_numbered_captions_keep_the_films_voice_and_lose_their_tags() -> None:
    found = cast(CUES, Casting({4: ORIGINAL}))

    assert found.parts == {2: ORIGINAL, 3: ORIGINAL, 4: ORIGINAL, 5: ORIGINAL}
    assert [cue.text for cue in found.cues] == [CUES[0].text, "你好！", "你也好！", "它笑了。", "[原声]"]


@pytest.mark.parametrize(
    ("text", "part", "words"),
    [
        ("[papa] 走吧。", "papa", "走吧。"),
        ("【PAPA】：走吧。", "papa", "走吧。"),
        ("[mama] 走吧。", OWN, "走吧。"),
        ("[narrator] 走吧。", OWN, "走吧。"),
        ("【旁白】走吧。", OWN, "走吧。"),
        ("[music] 走吧。", None, "[music] 走吧。"),
        ("走吧，[papa]。", None, "走吧，[papa]。"),
    ],
)
def test_a_tag_says_who_reads_and_other_brackets_say_nothing(text: str, part: str | None, words: str) -> None:
    found = cast([Cue(9, 0, 1000, text)], casting({"papa": []}, "mama"))

    assert found.parts.get(9) == part
    assert found.cues[0].text == words


def test_a_tag_may_leave_the_familys_name_out_and_counts_before_a_number() -> None:
    who = casting({"li--papa": [1]}, "li--mama")

    assert cast([Cue(1, 0, 900, "[mama] 好。")], who).parts == {1: OWN}
    assert cast([Cue(1, 0, 900, "[li--papa] 好。"), Cue(2, 1000, 1900, "[papa] 好。")], who).parts == {
        1: "li--papa",
        2: "li--papa",
    }


def test_readers_are_those_beside_the_storys_own_narrator() -> None:
    wanted: dict[str, list[object]] = {"original": [1], "alternate": ["mama", "papa"], "nana": [2]}

    assert readers(wanted, "mama") == ("papa", "nana")
    assert readers({}, None) == ()
    assert casting(wanted, "mama").turns == (OWN, "papa")
    assert (asset_of("voice", OWN), asset_of("voice", "papa")) == ("voice", "voice@papa")


def test_parents_take_turns_and_a_turn_lasts_until_a_sentence_ends() -> None:
    said = "从前有一座山，|山上有一只狐狸。|它很小|它数星星|[nana] 一、二。|它睡了。|So the fox|fell asleep."
    texts = said.split("|")
    cues = [Cue(number, number * 2000, number * 2000 + 1500, text) for number, text in enumerate(texts, 1)]
    found = in_turns(cues, {5: "nana"}, (OWN, "papa"))

    assert found == {1: OWN, 2: OWN, 3: "papa", 4: OWN, 5: "nana", 6: "papa", 7: OWN, 8: OWN}
    assert set(in_turns(cues, {}, ()).values()) == {OWN}


def test_what_lies_near_together_is_one_stretch() -> None:
    assert own_stretches(CUES, {2, 3, 5}) == ((4000, 6000), (9000, 9900))
    assert own_stretches(CUES, ()) == ()


def test_what_is_read_between_them_ends_before_the_next_one_begins() -> None:
    spoken = [CUES[0], CUES[3]]

    assert runs(spoken, [(4000, 6000), (9000, 9900)], 12_000) == [
        Run(OWN, (CUES[0],), 4000),
        Run(OWN, (CUES[3],), 9000),
    ]
    assert runs(spoken, [], 12_000) == [Run(OWN, tuple(spoken), 12_000)]
    assert runs([], [(1, 2)], 12_000) == []


def test_what_one_parent_reads_ends_before_the_other_begins() -> None:
    assert runs(CUES[:4], [], 12_000, {2: "papa", 3: "papa"}) == [
        Run(OWN, CUES[:1], 4000 - GUARD_MS),
        Run("papa", CUES[1:3], 6300 - GUARD_MS),
        Run(OWN, CUES[3:4], 12_000),
    ]
    touching = [Cue(1, 0, 2000, "一"), Cue(2, 2000, 4000, "二")]
    assert runs(touching, [], 9000, {2: "papa"})[0].until_ms == 2000


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"original": []},
        {"original": [1, 5000]},
        {"papa": []},
        {"papa": [1], "original": [2]},
        {"alternate": ["mama", "papa"]},
        {"alternate": ["a", "b", "c", "d"], "a": [1]},
    ],
)
def test_a_cast_is_taken(value: object) -> None:
    assert is_cast(value)


@pytest.mark.parametrize(
    "value",
    [
        [],
        None,
        {"Papa!": [1]},
        {"original": 3},
        {"original": [0]},
        {"original": [True]},
        {"original": ["3"]},
        {"papa": [1], "original": [1]},
        {"papa": [1, 1]},
        {"alternate": []},
        {"alternate": ["mama"]},
        {"alternate": ["mama", "mama"]},
        {"alternate": ["mama", "original"]},
        {"alternate": ["mama", 3]},
        {"a": [], "b": [], "c": [], "d": [], "e": []},
    ],
)
def test_what_names_nobody_or_a_caption_twice_is_not_taken(value: object) -> None:
    assert not is_cast(value)


def test_a_script_keeps_the_films_own_voice_and_survives_being_stored() -> None:
    draft = script.read(write_srt(CUES).encode(), language="zh", film_ms=12_000, who=Casting({1: ORIGINAL}))
    found = script.plan(draft, limit_ms=58_000)

    assert found.own == ((1000, 3000), (4000, 6000), (9000, 9900))
    assert [[line.number for line in segment.lines] for segment in found.segments] == [[4]]
    assert script.load(script.dump(found)) == found
    assert [line.number for _, line in script.first_lines(draft)] == [4]


def test_a_script_for_two_parents_survives_being_stored_and_each_is_heard_first() -> None:
    cues = [replace(cue, text="它每天晚上都数天上的星星。") for cue in CUES]
    draft = script.read(write_srt(cues).encode(), language="zh", film_ms=12_000, who=casting({"papa": [2, 4]}, "mama"))
    lines = dict(script.first_lines(draft))
    heard = [script.Heard(line.number, line.text, 1.0, 2800, (), reader) for reader, line in lines.items()]
    found = script.plan(draft, limit_ms=58_000, heard=heard)

    assert {reader: line.number for reader, line in lines.items()} == {OWN: 1, "papa": 2}
    assert [segment.reader for segment in found.segments] == [OWN, "papa", OWN, "papa", OWN]
    assert script.load(script.dump(found)) == found
    assert script.heard_of(found.heard, "papa") == heard[1]
    assert script.heard_of(found.heard, "nana") is None


def test_each_parent_is_planned_for_at_a_pace_of_their_own() -> None:
    cues = [Cue(number, number * 3000, number * 3000 + 2500, "它每天晚上数星星。") for number in (1, 2)]
    draft = script.read(write_srt(cues).encode(), language="zh", film_ms=12_000, who=casting({"papa": [2]}, None))
    slow = script.Heard(2, cues[1].text, 1.0, 9000, (), "papa")
    found = script.plan(draft, limit_ms=58_000, heard=[slow])

    language = "zh"
    paces = [fitting.learned(script.paces(script.heard_of(found.heard, who), language)) for who in (OWN, "papa")]
    assert paces[0] == 1.0
    assert paces[1] > 1.5


def test_directions_of_the_edition_before_count_before_the_cast() -> None:
    who = casting({"alternate": ["mama", "papa"]}, "mama")
    told = {4000: Direction("papa", 0.95, {"狐狸": "hu2 li5"}), 6300: Direction(ORIGINAL)}
    draft = script.read(write_srt([CUES[0], *CUES[3:4]]).encode(), language="zh", film_ms=12_000, who=who, told=told)
    assert draft.told == {2: Direction(ORIGINAL)}

    plain = [replace(cue, text="小狐狸走了。") for cue in CUES[:3]]
    draft = script.read(write_srt(plain).encode(), language="zh", film_ms=12_000, who=who, told=told)
    found = script.plan(draft, limit_ms=58_000)
    line = found.segments[1].lines[0]
    assert [segment.reader for segment in found.segments] == [OWN, "papa", OWN]
    assert (line.rate, line.say) == (0.95, (("狐狸", "hu2 li5"),))
    assert script.rate_of(line, "zh", 1.0) == 0.95
    assert script.load(script.dump(found)) == found


@given(
    cues_in_order(least=1),
    st.dictionaries(st.integers(1, 40), st.sampled_from([ORIGINAL, OWN, "papa", "nana"])),
    st.sampled_from(["zh", "en"]),
    st.booleans(),
)
def test_nothing_is_read_over_the_films_own_voice_and_no_segment_mixes_two_parents(
    cues: list[Cue], parts: dict[int, str], language: str, cuts: bool
) -> None:
    film_ms = film_ms_of(cues)
    originals = {number for number, part in parts.items() if part == ORIGINAL}
    spoken = tuple(cue for cue in cues if cue.number not in originals)
    told = {number: Direction(part) for number, part in parts.items()}
    draft = script.Draft(language, film_ms, tuple(cues), spoken, (), own_stretches(cues, originals), told=told)
    found = script.plan(draft, limit_ms=20_000, pause_ms=900 if cuts else None)

    lines = [line for segment in found.segments for line in segment.lines]
    read = [number for line in lines for number in (line.number, *(join.number for join in line.joins))]
    assert read == [cue.number for cue in spoken]
    assert [segment.item for segment in found.segments] == [f"{n:04}" for n in range(1, len(found.segments) + 1)]
    for segment in found.segments:
        numbers = {number for line in segment.lines for number in (line.number, *(one.number for one in line.joins))}
        assert {parts.get(number, OWN) for number in numbers} == {segment.reader}
    ends = [0, *(line.slot.end_ms for line in lines)]
    assert all(end <= line.slot.start_ms for end, line in zip(ends, lines, strict=False))
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found.segments))
    for line in lines:
        assert all(line.slot.end_ms <= start or line.slot.start_ms >= end for start, end in found.own)
