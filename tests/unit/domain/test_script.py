"""What the script promises to the steps that read it."""

from __future__ import annotations

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
