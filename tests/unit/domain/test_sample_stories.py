"""Both sample stories as they are planned for the sample mother's voice: what changes here is heard by every family.

Her readings at rate 1 were measured with the local voice; the captions are those of the films that `make bench-telling`
tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.domain import fitting, script
from shared.domain.cues import Cue, write_srt
from shared.domain.segments import TAIL_MS


@dataclass(frozen=True)
class Story:
    """Each line as start and end in ms, words, and how long the mother takes for them."""

    language: str
    film_ms: int
    lines: tuple[tuple[int, int, str, int], ...]


FOX = Story(
    "zh",
    40_000,
    (
        (1400, 4661, "森林边上，住着一只爱看星星的小狐狸。", 3773),
        (6406, 9905, "一天夜里，一颗小星星从天上掉了下来。", 3872),
        (11_649, 14_088, "它掉进湖里，冷得直发抖。", 2396),
        (15_833, 19_236, "小狐狸划着树叶船，把它轻轻捞起来。", 3641),
        (20_981, 23_541, "别怕，我带你回家，小狐狸说。", 2776),
        (25_286, 28_259, "他们走过雪地，爬上最高的山顶。", 3146),
        (30_004, 32_860, "小星星轻轻一跳，飞回了夜空。", 3014),
        (34_605, 37_850, "从那以后，总有一颗星星为小狐狸亮着。", 3619),
    ),
)
KEEPER = Story(
    "en",
    25_000,
    (
        (1500, 4500, "The old lighthouse keeper counted ships every evening.", 2798),
        (5600, 8200, "One night a paper boat came sailing out of the fog.", 2539),
        (9300, 12_600, "It carried a lantern, a biscuit, and a very small mouse.", 3130),
        (13_700, 17_000, "Is this the moon? asked the mouse. No, said the keeper.", 3022),
        (18_100, 20_200, "But you may stay until the morning tide.", 1987),
        (21_300, 23_800, "So they shared the biscuit and watched the stars.", 2152),
    ),
)


def planned(story: Story) -> tuple[script.Script, float]:
    """The script, and what the first line read has taught of her pace."""
    cues = [Cue(number, start, end, text) for number, (start, end, text, _) in enumerate(story.lines, 1)]
    draft = script.read(write_srt(cues).encode(), language=story.language, film_ms=story.film_ms)
    ((_, first),) = script.first_lines(draft)
    heard = script.Heard(first.number, first.text, 1.0, story.lines[first.number - 1][3])
    written = script.plan(draft, limit_ms=58_000, heard=[heard], pause_ms=900)
    return written, fitting.learned(script.paces(heard, story.language))


@pytest.mark.parametrize(
    ("story", "pace", "segments", "rates"),
    [
        (FOX, 0.965, [1, 1, 1, 1, 1, 1, 1, 1], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        (KEEPER, 0.808, [1, 1, 1, 2, 1], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
    ids=["fox", "keeper"],
)
def test_a_sample_story_is_planned_as_before(
    story: Story, pace: float, segments: list[int], rates: list[float]
) -> None:
    written, learned = planned(story)
    lines = [line for segment in written.segments for line in segment.lines]

    assert learned == pytest.approx(pace, abs=0.001)
    assert [len(segment.lines) for segment in written.segments] == segments
    assert [fitting.choose_rate(line.text, line.slot, story.language, learned) for line in lines] == rates


@pytest.mark.parametrize("story", [FOX, KEEPER], ids=["fox", "keeper"])
def test_every_line_of_a_sample_story_begins_on_time_and_needs_no_second_reading(story: Story) -> None:
    written, pace = planned(story)
    for segment in written.segments:
        measured = []
        for line in segment.lines:
            rate = fitting.choose_rate(line.text, line.slot, story.language, pace)
            speech_ms = round(story.lines[line.number - 1][3] / rate)
            assert fitting.retake(speech_ms, rate, line.slot) is None
            assert fitting.squeeze(speech_ms, rate, line.slot) == 1.0
            measured.append((line.slot, speech_ms))
        placed = fitting.place(measured, until_ms=written.film_ms, from_ms=segment.start_ms)
        assert [one.late_ms for one in placed] == [0] * len(placed)


@pytest.mark.parametrize("story", [FOX, KEEPER], ids=["fox", "keeper"])
def test_at_most_three_quarters_of_a_sample_story_are_animated(story: Story) -> None:
    written, pace = planned(story)
    animated_ms = 0
    for segment in written.segments:
        line = segment.lines[-1]
        rate = fitting.choose_rate(line.text, line.slot, story.language, pace)
        last_ms = line.slot.start_ms + round(story.lines[line.number - 1][3] / rate)
        animated_ms += min(last_ms + TAIL_MS, segment.end_ms) - segment.start_ms

    assert animated_ms <= 0.75 * story.film_ms
