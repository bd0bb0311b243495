"""Engines as data, and the script that all later steps read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import script
from shared.domain.engines import ENGINES, OVERRUN_MS, order
from shared.domain.errors import Corrupt, Refused
from shared.domain.keys import wake
from shared.domain.pieces import Piece, cut, sound_of
from shared.domain.prices import cost
from shared.settings import Settings

FILM_MS = 20_000


def srt(*cues: tuple[int, int, str]) -> bytes:
    """Cues in whole seconds."""
    return "\n\n".join(
        f"{at}\n00:00:{start:02},000 --> 00:00:{end:02},000\n{text}" for at, (start, end, text) in enumerate(cues, 1)
    ).encode()


def write(*cues: tuple[int, int, str], film_ms: int = FILM_MS, limit_ms: int = 58_000) -> script.Script:
    return script.write(srt(*cues), language="zh", film_ms=film_ms, limit_ms=limit_ms)


# --- engines


def test_every_engine_of_the_settings_is_known_and_the_last_one_needs_no_vendor() -> None:
    usual = Settings().engine_order

    assert set(usual) <= set(ENGINES)
    assert not ENGINES[usual[-1]].has_task


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_what_an_engine_costs_is_in_the_tariffs(name: str) -> None:
    engine = ENGINES[name]

    for ratio in ("1:1", "3:4"):
        assert bool(engine.price(ratio)) is engine.has_task
        if engine.has_task:
            assert cost(engine.price(ratio), {"seconds": 10.0}) > 0
    assert engine.detects is bool(engine.detect_price)
    if engine.detects:
        assert cost(engine.detect_price, {"images": 1}) > 0


def test_a_shape_that_an_engine_does_not_make_has_no_price() -> None:
    assert ENGINES["emo"].price("16:9") == ""
    assert ENGINES["still"].price("1:1") == ""


@pytest.mark.parametrize(
    ("name", "vendors_limit_ms"),
    [("emo", 60_000), ("wan-s2v", 20_000), ("liveportrait", 180_000), ("videoretalk", 120_000)],
)
def test_segments_stay_below_the_vendors_limit(name: str, vendors_limit_ms: int) -> None:
    assert ENGINES[name].speech_ms_max + OVERRUN_MS < vendors_limit_ms


@pytest.mark.parametrize(
    ("wanted", "uploads", "tried"),
    [
        ((), {"photo"}, ("emo", "still")),
        (("none",), {"photo", "portrait"}, ("none",)),
        ((), {"photo", "portrait"}, ("videoretalk", "emo", "still")),
        ((), {"portrait"}, ("videoretalk", "emo", "still", "none")),
    ],
)
def test_a_film_of_the_parent_is_used_first_and_the_familys_own_list_before_all(
    wanted: tuple[str, ...], uploads: set[str], tried: tuple[str, ...]
) -> None:
    assert order(wanted, ("emo", "still"), uploads) == tried


# --- speech in pieces


def test_speech_is_cut_in_the_last_pause_that_the_limit_reaches() -> None:
    spoken = [(1000, 4000), (5000, 9000), (10_000, 14_000), (15_000, 19_000)]

    pieces = cut(Piece(800, 19_200), spoken, 9_000)
    assert pieces == (Piece(800, 9_500), Piece(9_500, 14_500), Piece(14_500, 19_200))


def test_speech_that_fits_is_one_piece_and_a_line_that_does_not_is_cut() -> None:
    assert cut(Piece(0, 9_000), [(0, 9_000)], 9_000) == (Piece(0, 9_000),)
    assert cut(Piece(0, 9_000), [(0, 9_000)], 4_000) == (Piece(0, 4_000), Piece(4_000, 8_000), Piece(8_000, 9_000))


@given(st.integers(0, 60_000), st.lists(st.integers(1, 9_000), min_size=2, max_size=24), st.integers(1_000, 20_000))
def test_pieces_follow_each_other_cover_all_and_keep_the_limit(at: int, lengths: list[int], limit_ms: int) -> None:
    edges = [at + sum(lengths[:end]) for end in range(len(lengths) + 1)]
    whole, spoken = Piece(edges[0], edges[-1]), list(zip(edges[::2], edges[1::2], strict=False))

    pieces = cut(whole, spoken, limit_ms)

    assert (pieces[0].start_ms, pieces[-1].end_ms) == (whole.start_ms, whole.end_ms)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(pieces))
    assert all(0 < piece.length_ms <= limit_ms for piece in pieces)
    pcm = bytes(2 * whole.length_ms)
    assert sum(len(sound_of(piece, whole, pcm, 1000)) for piece in pieces) == len(pcm)


def test_only_engines_with_tasks_have_models() -> None:
    for name, engine in ENGINES.items():
        if engine.has_task:
            assert Settings().model(name) == engine.model
        if engine.detects:
            assert Settings().detect_model(name) == engine.detect_model


# --- the script


def test_every_spoken_cue_has_a_slot_and_a_segment() -> None:
    written = write((1, 4, "从前有一只小狐狸。"), (5, 8, "它每天晚上数星星。"))

    [segment] = written.segments
    assert [(line.number, line.text) for line in segment.lines] == [
        (1, "从前有一只小狐狸。"),
        (2, "它每天晚上数星星。"),
    ]
    assert segment.item == "0001"
    assert [line.slot.start_ms for line in segment.lines] == [1000, 5000]
    assert all(line.slot.start_ms < line.slot.end_ms <= FILM_MS for line in segment.lines)
    assert segment.start_ms <= 1000 < segment.lines[-1].slot.end_ms <= segment.end_ms


def test_segments_are_no_longer_than_the_engine_can_hold() -> None:
    written = write(*((at, at + 1, "数星星。") for at in range(0, 20, 2)), limit_ms=6_000)

    assert len(written.segments) > 1
    assert all(segment.end_ms - segment.start_ms <= 6_000 for segment in written.segments)
    assert [line.number for segment in written.segments for line in segment.lines] == list(range(1, 11))


def test_a_segments_name_is_one_that_wakes_can_carry() -> None:
    for segment in write((1, 4, "一"), (5, 8, "二"), limit_ms=5_000).segments:
        assert wake("speak", "story", segment.item)


def test_a_cue_that_cannot_be_said_is_shown_but_not_spoken() -> None:
    written = write((1, 4, "♪♪♪"), (5, 8, "它每天晚上数星星。"))

    assert [cue.number for cue in written.cues] == [1, 2]
    assert [line.number for segment in written.segments for line in segment.lines] == [2]


def test_a_cue_that_runs_past_the_end_ends_with_the_film() -> None:
    written = write((1, 4, "从前有一只小狐狸。"), (18, 25, "它每天晚上数星星。"))

    assert written.segments[-1].lines[-1].slot.end_ms <= FILM_MS
    assert written.segments[-1].end_ms <= FILM_MS


@pytest.mark.parametrize(
    ("captions", "code"),
    [
        pytest.param(srt((30, 34, "太晚了。")), "captions.outside", id="all beyond the film"),
        pytest.param(srt((1, 4, "♪♪♪")), "captions.none", id="nothing that can be said"),
        pytest.param(srt((1, 4, " ")), "captions.none", id="no text"),
    ],
)
def test_captions_of_which_nothing_can_be_spoken_are_refused(captions: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        script.write(captions, language="zh", film_ms=FILM_MS, limit_ms=58_000)

    assert caught.value.code == code


def test_a_script_has_only_its_own_segments() -> None:
    written = write((1, 4, "从前有一只小狐狸。"))

    assert written.segment("0001") is written.segments[0]
    with pytest.raises(Corrupt) as caught:
        written.segment("0002")
    assert caught.value.detail == "the script has no segment 0002"


@given(
    st.lists(
        st.tuples(st.integers(0, 18), st.integers(1, 5), st.text("狐狸数星星abc。,♪ ", min_size=1, max_size=20)),
        min_size=1,
        max_size=12,
    )
)
def test_a_script_is_read_back_as_it_was_written(cues: list[tuple[int, int, str]]) -> None:
    try:
        written = write(*((start, start + length, text) for start, length, text in sorted(cues)))
    except Refused:
        return

    assert script.load(script.dump(written)) == written
