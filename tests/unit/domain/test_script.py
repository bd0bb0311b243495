"""What the script promises to the steps that read it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shared.domain import script
from shared.domain.cues import Cue, write_srt
from shared.domain.errors import Corrupt, Refused

CUES = (
    Cue(1, 1000, 3000, "从前有一只狐狸。\nOnce there was a fox."),
    Cue(2, 4000, 6000, "[music]"),
    Cue(3, 7000, 9000, "完。"),
)
SRT = write_srt(CUES).encode()


def written(srt: bytes = SRT, *, language: str = "zh", film_ms: int = 10_000, limit_ms: int = 58_000) -> script.Script:
    return script.write(srt, language=language, film_ms=film_ms, limit_ms=limit_ms)


def test_only_what_is_spoken_becomes_a_line_but_every_caption_is_kept() -> None:
    found = written()

    assert len(found.cues) == 3
    assert [line.text for segment in found.segments for line in segment.lines] == ["从前有一只狐狸。", "完。"]


def test_the_other_language_may_be_asked_for() -> None:
    assert written(language="en").segments[0].lines[0].text == "Once there was a fox."


def test_a_script_survives_being_stored() -> None:
    found = written(b"\xef\xbb\xbf" + SRT, limit_ms=4000)

    assert script.load(script.dump(found)) == found
    assert len(found.segments) == 2


HURRIED = (
    Cue(1, 0, 1800, "小狐狸划着树叶船从湖的那边"),
    Cue(2, 1900, 5000, "回来了。"),
    Cue(3, 9000, 12_000, "它很高兴。"),
)


def test_a_script_with_joined_lines_and_a_line_that_was_heard_survives_being_stored() -> None:
    draft = script.read(write_srt(HURRIED).encode(), language="zh", film_ms=13_000)
    heard = script.Heard(1, HURRIED[0].text, 1.3, 2500, ("cut-off",))
    found = script.plan(draft, limit_ms=58_000, heard=[heard], pause_ms=900)

    assert [[line.number for line in segment.lines] for segment in found.segments] == [[1], [3]]
    assert [join.number for join in found.segments[0].lines[0].joins] == [2]
    assert script.load(script.dump(found)) == found


def test_a_script_of_an_earlier_release_is_read() -> None:
    body = json.loads(script.dump(written()))
    del body["heard"]
    for segment in body["segments"]:
        del segment["joins"]

    assert script.load(json.dumps(body).encode()) == written()


def test_the_first_line_read_is_the_first_that_tells_the_voices_pace() -> None:
    draft = script.read(SRT, language="zh", film_ms=10_000)
    ((reader, first),) = script.first_lines(draft)
    assert (reader, first.number) == ("", 1)
    assert first.slot == written().segments[0].lines[0].slot

    short = write_srt([Cue(1, 0, 900, "好。"), Cue(2, 1000, 2000, "好的。"), Cue(3, 3000, 4000, "嗯。")]).encode()
    ((_, longest),) = script.first_lines(script.read(short, language="zh", film_ms=10_000))
    assert longest.text == "好的。"


def test_a_voice_that_was_heard_to_be_slow_is_planned_for() -> None:
    draft = script.read(write_srt(HURRIED[1:]).encode(), language="zh", film_ms=13_000)
    usual = script.plan(draft, limit_ms=58_000, pause_ms=6000)
    slow = script.plan(draft, limit_ms=58_000, pause_ms=6000, heard=[script.Heard(2, "回来了。", 1.0, 3000)])

    assert (len(usual.segments), len(slow.segments)) == (2, 1)


def test_a_doubtful_first_reading_teaches_nothing() -> None:
    heard = script.Heard(1, "从前有一只狐狸。", 1.0, 9000)

    assert script.paces(heard, "zh") != []
    assert script.paces(replace(heard, doubts=("long",)), "zh") == script.paces(None, "zh") == []


def test_a_segment_is_found_by_its_item_and_no_other_is_made_up() -> None:
    found = written()

    assert found.segment("0001") == found.segments[0]
    with pytest.raises(Corrupt):
        found.segment("0009")


def test_captions_of_another_longer_film_are_refused() -> None:
    with pytest.raises(Refused, match=r"captions\.outside"):
        written(film_ms=900)


@pytest.mark.parametrize("srt", [b"1\n00:00:01,000 --> 00:00:02,000\n\n", write_srt(CUES[1:2]).encode()])
def test_captions_in_which_nothing_is_spoken_are_refused(srt: bytes) -> None:
    with pytest.raises(Refused, match=r"captions\.none"):
        written(srt)


def test_a_caption_that_runs_past_the_film_is_cut_at_its_end() -> None:
    found = written(film_ms=8000)

    assert found.segments[-1].lines[-1].slot.end_ms <= 8000


def test_captions_behind_the_films_end_are_named() -> None:
    draft = script.read(write_srt([*CUES, Cue(9, 60_000, 61_000, "太晚了。")]).encode(), language="zh", film_ms=50_000)

    assert draft.repairs[-1].sentence.en == f"Caption {len(CUES) + 1} begins after the film's end; it is not read."
    assert [cue.number for cue in draft.cues] == [cue.number for cue in CUES]
