"""Which lines of a story are its taste, and what is divided there. Pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import quotes, script, taste
from shared.domain.cues import Cue, write_srt
from shared.domain.prices import Facts
from shared.domain.segments import slots

FILM_MS = 120_000


def cues(*times: tuple[float, float]) -> list[Cue]:
    return [
        Cue(number, round(1000 * start), round(1000 * end), "从前有一只小狐狸。")
        for number, (start, end) in enumerate(times, 1)
    ]


def every(seconds: float, count: int, length: float) -> list[Cue]:
    return cues(*((seconds * at, seconds * at + length) for at in range(count)))


def test_only_who_wishes_tastes_and_not_a_short_film() -> None:
    assert taste.is_wanted("taste", 30_000)
    assert not taste.is_wanted("taste", 29_999)
    assert not taste.is_wanted("wait", FILM_MS)


def test_it_ends_with_the_line_that_ends_nearest_to_fifteen_seconds() -> None:
    assert taste.lines(every(4.0, 20, 3.0)) == 4  # at 15.0 s


def test_it_ends_before_a_pause_when_there_is_one() -> None:
    assert taste.lines(cues((1, 8.9), (9.9, 15), (15.1, 19), (30, 33))) == 3
    assert taste.lines(cues((1, 7), (7.1, 15), (15.1, 19), (19.1, 33))) == 2


def test_a_first_line_that_comes_late_or_is_long_is_in_it_all_the_same() -> None:
    assert taste.lines(cues((40, 44), (45, 48))) == 1
    assert taste.lines(cues((1, 35), (36, 40))) == 1


def test_lines_that_end_early_are_all_in_it_when_the_next_comes_late() -> None:
    assert taste.lines(cues((1, 3), (4, 6), (60, 64))) == 2


@given(st.lists(st.tuples(st.integers(100, 9000), st.integers(300, 9000)), min_size=1, max_size=60))
def test_each_line_keeps_the_time_that_it_has_in_the_whole_story(gaps: list[tuple[int, int]]) -> None:
    told, at_ms = [], 0
    for number, (gap_ms, length_ms) in enumerate(gaps, 1):
        told.append(Cue(number, at_ms + gap_ms, at_ms + gap_ms + length_ms, "晚安"))
        at_ms = told[-1].end_ms
    film_ms = at_ms + 1000
    count = taste.lines(told)
    divided = list(taste.divided([(told, film_ms)], count))

    assert 1 <= count <= len(told)
    assert [cue for run, _ in divided for cue in run] == told
    assert [slot for run, until_ms in divided for slot in slots(run, until_ms)] == list(slots(told, film_ms))


def test_no_clip_belongs_both_to_the_taste_and_to_the_rest() -> None:
    srt = write_srt(every(4.0, 20, 3.0)).encode()
    plain = script.plan(script.read(srt, language="zh", film_ms=FILM_MS), limit_ms=60_000)
    tasted = script.plan(script.read(srt, language="zh", film_ms=FILM_MS, is_tasted=True), limit_ms=60_000)
    first = [line for item in tasted.taste for line in tasted.segment(item).lines]

    assert plain.taste == ()
    assert plain.taste_ms == 0
    assert tasted.taste == ("0001",)
    assert first[-1].slot.end_ms == tasted.taste_ms
    assert tasted.taste_ms < tasted.segments[1].lines[0].slot.start_ms
    assert script.load(script.dump(tasted)) == tasted


def test_the_line_that_is_read_first_is_one_of_the_taste() -> None:
    told = [*cues((1, 2), (3, 15)), Cue(3, 30_000, 40_000, "后来它背上小包，出发去找那颗最亮的星星。")]
    told[:2] = [Cue(1, 1000, 2000, "好"), Cue(2, 3000, 15_000, "晚安")]
    srt = write_srt(told).encode()

    ((_, whole),) = script.first_lines(script.read(srt, language="zh", film_ms=FILM_MS))
    ((_, tasted),) = script.first_lines(script.read(srt, language="zh", film_ms=FILM_MS, is_tasted=True))
    assert (whole.number, tasted.number) == (3, 2)


def known(told: list[Cue] | None) -> Facts:
    return quotes.facts(
        film_ms=FILM_MS,
        engine="emo",
        voice_model="cosyvoice-v2",
        ratio="1:1",
        keeps_music=True,
        cues=told,
        language="zh",
    )


def test_taste_and_rest_together_buy_each_line_and_each_clip_once() -> None:
    for told in (every(4.0, 20, 3.0), None, []):
        whole = known(told)
        begun, rest = quotes.divided(whole, told, "zh")

        for end in (0, 1):
            assert begun.characters[end] + rest.characters[end] == whole.characters[end]
            assert begun.animated_ms[end] + rest.animated_ms[end] == whole.animated_ms[end]
        assert (rest.checks_photo, rest.reads_captions, rest.keeps_music) == (False, False, False)


def test_an_offer_without_a_taste_buys_everything_at_once() -> None:
    told = every(4.0, 20, 3.0)
    plain = quotes.offer(known(told), told, "zh", is_tasted=False)
    tasted = quotes.offer(known(told), told, "zh", is_tasted=True)

    assert plain.first == plain.whole
    assert tasted.first.high < plain.whole.high < tasted.whole.high
    assert len({item.name for item in tasted.whole.items}) == len(tasted.whole.items)
