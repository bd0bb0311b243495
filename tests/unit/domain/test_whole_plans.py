"""From captions to the timeline: whatever a family's captions are, what comes of them is sound."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import script
from shared.domain.cues import Cue
from shared.domain.portrait import PortraitClip
from shared.domain.timeline import TRACKS_MAX, FilmTrack, SpeechTrack, compose_timeline
from tests.unit.domain.cases import cues_in_order, film_ms_of

TEXTS = st.sampled_from(
    [
        "从前有座山",
        "山里有座庙，庙里有个老和尚，",
        "好的！",
        "Once upon a time there was",
        "a fox.",
        "“别怕。”",
        "3 只小猪",
        "Hi",
    ]
)
LANGUAGES = st.sampled_from(["zh", "en"])
LIMITS = st.sampled_from([19_000, 58_000])
PAUSES = st.sampled_from([None, 500, 900])


@st.composite
def drafts(draw: st.DrawFn) -> script.Draft:
    cues: list[Cue] = draw(cues_in_order(least=1, texts=TEXTS))
    return script.Draft(draw(LANGUAGES), film_ms_of(cues, draw(st.integers(0, 3000))), tuple(cues), tuple(cues))


@given(drafts(), LIMITS, PAUSES, st.integers(500, 9000))
def test_every_cue_is_in_one_segment_in_order_and_within_the_limit(
    draft: script.Draft, limit_ms: int, pause_ms: int | None, speech_ms: int
) -> None:
    heard = script.Heard(draft.spoken[0].number, draft.spoken[0].text, 1.0, speech_ms)
    found = script.plan(draft, limit_ms=limit_ms, heard=[heard], pause_ms=pause_ms)
    lines = [line for segment in found.segments for line in segment.lines]

    read = [number for line in lines for number in (line.number, *(join.number for join in line.joins))]
    assert read == [cue.number for cue in draft.spoken]
    assert all(segment.end_ms - segment.start_ms <= limit_ms for segment in found.segments)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found.segments))
    assert all(before.slot.end_ms <= after.slot.start_ms for before, after in pairwise(lines))
    assert all(line.slot.end_ms <= draft.film_ms for line in lines)


@given(drafts(), LIMITS, PAUSES)
def test_planning_again_is_the_same_plan(draft: script.Draft, limit_ms: int, pause_ms: int | None) -> None:
    once, again = (script.plan(draft, limit_ms=limit_ms, pause_ms=pause_ms) for _ in range(2))

    assert script.dump(once) == script.dump(again)
    assert script.load(script.dump(once)) == once


@given(drafts(), LIMITS, PAUSES)
def test_the_timeline_of_any_captions_is_one_that_ims_takes(
    draft: script.Draft, limit_ms: int, pause_ms: int | None
) -> None:
    found = script.plan(draft, limit_ms=limit_ms, pause_ms=pause_ms)
    spans = [(one.item, one.start_ms, one.end_ms) for one in found.segments]
    made = compose_timeline(
        FilmTrack("https://b/story.mp4", 1280, 720, draft.film_ms),
        [SpeechTrack(f"https://b/{item}.wav", start_ms, end_ms) for item, start_ms, end_ms in spans],
        [PortraitClip(f"https://b/{item}.mp4", start_ms, end_ms) for item, start_ms, end_ms in spans],
    )
    timeline: dict[str, Any] = json.loads(json.dumps(made))

    for kind in ("VideoTracks", "AudioTracks", "SubtitleTracks"):
        assert len(timeline.get(kind, [])) <= TRACKS_MAX
    for track in (*timeline["VideoTracks"], *timeline["AudioTracks"]):
        (clips,) = (part for name, part in track.items() if name.endswith("Clips"))
        assert all(0 <= clip["TimelineIn"] < clip["TimelineOut"] <= draft.film_ms / 1000 for clip in clips)
        assert all(before["TimelineOut"] <= after["TimelineIn"] for before, after in pairwise(clips))
