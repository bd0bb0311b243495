"""Captions come from anywhere; what leaves the reader is sorted, apart, numbered, and nothing is lost in silence."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cues import (
    CUES_MAX,
    FILE_BYTES_MAX,
    TEXT_CHARACTERS_MAX,
    Cue,
    Reading,
    Repair,
    RepairKind,
    from_sentences,
    read_srt,
    write_srt,
)
from shared.domain.errors import Refused
from shared.domain.han import is_han
from tests.unit.domain.cases import cues_in_order

CLEAN = "1\n00:00:01,000 --> 00:00:02,500\n从前有座山\n\n2\n00:00:03,000 --> 00:00:04,000\n山里有座庙\nIn the hills\n\n"


def read(text: str) -> Reading:
    return read_srt(text.encode())


def srt(*captions: tuple[str, str, str]) -> str:
    """Captions as a file: start and end as seconds and decimals, numbers from 1."""
    return "".join(
        f"{number}\n00:00:0{start} --> 00:00:0{end}\n{text}\n\n"
        for number, (start, end, text) in enumerate(captions, 1)
    )


def kinds(reading: Reading) -> list[tuple[str, int]]:
    return [(repair.kind.value, repair.number) for repair in reading.repairs]


def spans(reading: Reading) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in reading.cues]


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_srt(data)
    return caught.value.code


def reading_or_refusal(data: bytes) -> tuple[Reading, str]:
    try:
        return read_srt(data), ""
    except Refused as refused:
        return Reading((), ()), refused.code


def is_sound(reading: Reading) -> bool:
    cues = reading.cues
    return (
        [cue.number for cue in cues] == list(range(1, len(cues) + 1))
        and all(0 <= cue.start_ms < cue.end_ms and cue.text.strip() == cue.text != "" for cue in cues)
        and all(before.end_ms <= after.start_ms for before, after in pairwise(cues))
    )


def test_a_clean_file_is_read_as_it_stands_and_needs_no_repair() -> None:
    reading = read(CLEAN)

    assert reading.cues == (Cue(1, 1000, 2500, "从前有座山"), Cue(2, 3000, 4000, "山里有座庙\nIn the hills"))
    assert reading.repairs == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_and_newline_gives_the_same_cues(encoding: str, newline: str) -> None:
    reading = read_srt(CLEAN.replace("\n", newline).encode(encoding))

    assert reading.cues == read(CLEAN).cues
    assert kinds(reading) == ([] if encoding.startswith("utf-8") else [("encoding", 0)])


def test_big_endian_utf_16_is_known_by_its_mark() -> None:
    assert read_srt(b"\xfe\xff" + CLEAN.encode("utf-16-be")).cues == read(CLEAN).cues


def test_a_few_broken_bytes_cost_only_themselves() -> None:
    broken = CLEAN.encode().replace("庙".encode(), b"\xff")

    reading = read_srt(broken)

    assert [cue.text for cue in reading.cues] == ["从前有座山", "山里有座\nIn the hills"]
    assert kinds(reading) == [("encoding", 0)]


def test_latin_1_text_still_gives_its_cues() -> None:
    reading = read_srt("1\n00:00:01,000 --> 00:00:02,000\nLa fée é\n".encode("latin-1"))

    assert spans(reading)[0][:2] == (1000, 2000)


@pytest.mark.parametrize(
    ("line", "start_ms", "end_ms"),
    [
        ("00:00:01.000 --> 00:00:02.5", 1000, 2500),
        ("00:01,000 --> 01:02,000", 1000, 62_000),
        ("123:00:01,000 --> 123:00:02,000", 442_801_000, 442_802_000),
        ("0:0:1,5->0:0:2", 1500, 2000),
        ("00:00:01,000 --> 00:00:02,000 X1:10 X2:20 Y1:1 Y2:2", 1000, 2000),
        ("  00 : 00 : 01 , 000   -->   00:00:02,0009", 1000, 2000),
        ("00：00：01，000 → 00：00：02，000", 1000, 2000),
        ("00:00:75,000 --> 00:01:16,000", 75_000, 76_000),
    ],
)
def test_times_are_read_in_every_spelling_seen_in_the_wild(line: str, start_ms: int, end_ms: int) -> None:
    assert spans(read(f"1\n{line}\nhello\n")) == [(start_ms, end_ms, "hello")]


def test_missing_blank_lines_do_not_glue_cues_together() -> None:
    assert read(CLEAN.replace("\n\n", "\n")).cues == read(CLEAN).cues


def test_a_file_with_every_line_doubled_is_read_all_the_same() -> None:
    reading = read(CLEAN.replace("\n", "\n\n"))

    assert reading.cues == read(CLEAN).cues
    assert reading.repairs == ()


def test_missing_and_wrong_numbers_are_given_anew_and_reported() -> None:
    file = srt(("1,0", "2,0", "a"), ("3,0", "4,0", "b"), ("5,0", "6,0", "c"))

    reading = read(file.replace("1\n00", "00").replace("2\n00", "7\n00").replace("3\n00", "8\n00"))

    assert [cue.number for cue in reading.cues] == [1, 2, 3]
    assert kinds(reading) == [("number", 1), ("number", 2)]


def test_a_caption_that_is_only_a_number_keeps_it() -> None:
    reading = read("1\n00:00:01,000 --> 00:00:02,000\n3\n\n2\n00:00:03,000 --> 00:00:04,000\n2\n")

    assert [cue.text for cue in reading.cues] == ["3", "2"]


def test_a_number_in_the_text_is_not_taken_for_the_next_ones() -> None:
    reading = read("00:00:01,000 --> 00:00:02,000\nten less\n1\n\n\n00:00:03,000 --> 00:00:04,000\nb\n")

    assert [cue.text for cue in reading.cues] == ["ten less\n1", "b"]


def test_formatting_is_taken_out_and_reported_once() -> None:
    reading = read("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>Hello</i> <font color=red>you</font>\\Nthere\n")

    assert [cue.text for cue in reading.cues] == ["Hello you\nthere"]
    assert kinds(reading) == [("markup", 0)]


def test_less_than_signs_of_a_story_stay() -> None:
    assert read("1\n00:00:01,000 --> 00:00:02,000\n1 < 2 and <3\n").cues[0].text == "1 < 2 and <3"


def test_markup_hidden_in_markup_comes_out_too() -> None:
    hidden = "<<<<<i>i>i>i>i>secret"

    text = read(f"1\n00:00:01,000 --> 00:00:02,000\n{hidden}\n").cues[0].text

    assert "<" not in text
    assert text.endswith("secret")


def test_empty_captions_are_left_out_and_reported() -> None:
    reading = read(srt(("1,0", "2,0", ""), ("3,0", "4,0", "b"), ("5,0", "6,0", "")))

    assert spans(reading) == [(3000, 4000, "b")]
    assert kinds(reading) == [("empty", 1), ("empty", 3)]


def test_a_file_of_empty_captions_has_no_cues_and_is_no_error() -> None:
    assert read("1\n00:00:01,000 --> 00:00:02,000\n").cues == ()


def test_captions_out_of_order_are_sorted_and_reported() -> None:
    reading = read(srt(("5,0", "6,0", "b"), ("1,0", "2,0", "a")))

    assert spans(reading) == [(1000, 2000, "a"), (5000, 6000, "b")]
    assert kinds(reading) == [("order", 2)]


def test_a_caption_that_ends_before_it_begins_gets_the_time_its_text_takes() -> None:
    reading = read(srt(("5,0", "4,0", "从前有座山"), ("9,0", "9,0", "x")))

    assert spans(reading) == [(5000, 6200, "从前有座山"), (9000, 9800, "x")]
    assert kinds(reading) == [("length", 1), ("length", 2)]


def test_an_overlap_ends_the_earlier_caption() -> None:
    reading = read(srt(("1,0", "4,0", "a"), ("3,0", "5,0", "b")))

    assert spans(reading) == [(1000, 3000, "a"), (3000, 5000, "b")]
    assert kinds(reading) == [("overlap", 1)]


def test_the_same_text_read_twice_by_ocr_is_one_caption() -> None:
    reading = read(srt(("1,0", "2,0", "a"), ("2,04", "3,0", "a"), ("2,5", "2,8", "a")))

    assert spans(reading) == [(1000, 3000, "a")]
    assert kinds(reading) == [("duplicate", 2), ("duplicate", 3)]


def test_the_same_text_after_a_pause_is_said_again() -> None:
    assert len(read(srt(("1,0", "2,0", "Hop!"), ("2,5", "3,0", "Hop!"))).cues) == 2


def test_in_a_correction_it_is_said_again_without_a_pause() -> None:
    corrected = srt(("1,0", "2,0", "Hop!"), ("2,0", "3,0", "Hop!"))

    assert spans(read_srt(corrected.encode(), says_again=True)) == [(1000, 2000, "Hop!"), (2000, 3000, "Hop!")]


def test_two_languages_written_as_two_captions_become_one() -> None:
    reading = read(srt(("1,0", "2,0", "你好"), ("1,02", "2,5", "Hello"), ("1,03", "2,0", "你好\nHello")))

    assert spans(reading) == [(1000, 2500, "你好\nHello")]
    assert kinds(reading) == [("joined", 2), ("duplicate", 3)]


def test_every_repair_has_words_in_both_languages() -> None:
    for kind in RepairKind:
        sentence = Repair(kind, 7).sentence

        assert "不" in sentence.zh or "第 7 条" in sentence.zh or "去掉" in sentence.zh
        assert sentence.en.endswith(".")


def test_repairs_survive_being_written_down_as_plain_values() -> None:
    (repair,) = read("00:00:01,000 --> 00:00:02,000\na\n").repairs

    assert Repair(str(repair.kind.value), repair.number, repair.words) == repair  # type: ignore[arg-type]  # as JSON has it
    assert repair.words == repair.sentence.zh == "第 1 条字幕的序号缺失或不对。"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00\x01\xff" * 99, b"WEBVTT\n\nnothing", b"1\n00:00:01,000 -->\nx"])
def test_what_is_no_srt_is_refused(data: bytes) -> None:
    assert refusal(data) == "captions.not_srt"


def test_a_vtt_with_times_will_do() -> None:
    assert spans(read("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n")) == [(1000, 2000, "hello")]


def test_too_large_a_file_is_refused_unread() -> None:
    assert refusal(b"x" * (FILE_BYTES_MAX + 1)) == "captions.too_large"


def test_more_captions_than_a_film_can_have_are_refused() -> None:
    many = "".join(f"00:{i // 60 % 60:02}:{i % 60:02},000 --> 00:00:00,000\nx\n" for i in range(CUES_MAX + 1))

    assert refusal(many.encode()) == "captions.too_many"


def test_a_caption_longer_than_anyone_reads_is_refused() -> None:
    assert (
        refusal(f"1\n00:00:01,000 --> 00:00:02,000\n{'山' * (TEXT_CHARACTERS_MAX + 1)}\n".encode())
        == "captions.text_long"
    )


def test_recognised_sentences_become_cues_by_the_same_rules() -> None:
    reading = from_sentences(
        [
            (-5, 900, " 从前 "),
            (1000, 900, "有\ud800座\u202e山"),
            (3000, 4000, ""),
            (5000, 6000, "00:00:01 --> 00:00:02\nb"),
        ]
    )

    assert spans(reading) == [(0, 900, "从前"), (1000, 1800, "有座山"), (5000, 6000, "b")]
    assert kinds(reading) == [("empty", 3), ("length", 2)]
    assert read(write_srt(reading.cues)).cues == reading.cues


def test_too_many_recognised_sentences_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        from_sentences([(0, 1, "x")] * (CUES_MAX + 1))

    assert caught.value.code == "captions.too_many"


@given(cues_in_order())
def test_what_is_written_is_read_back_the_same_without_a_repair(cues: list[Cue]) -> None:
    if not cues:
        return

    assert read(write_srt(cues)) == Reading(tuple(cues), ())


TIMINGS = [
    "00:00:01,000 --> 00:00:02,000",
    "00:00:01,020 --> 00:00:00,500",
    "00:02 -> 00:09",
    "9:59:59.9 --> 100:00:00,0 X1:3",
]
NOISE = ["<i>", "</i>", "{\\an8}", "\\N", "\r", "\u2028", "<<i>i>", "\ufeff", "\\<b>N", "-->", "\x00", "\x0b", ""]
PIECES = st.sampled_from([*TIMINGS, *NOISE, "1", "2", "3", "你好", "Hello", "🐰"])


@given(st.lists(st.lists(PIECES, max_size=4).map("".join), max_size=25).map("\n".join))
def test_whatever_was_read_is_sound_and_reads_back_the_same(text: str) -> None:
    reading, _ = reading_or_refusal(text.encode())

    assert is_sound(reading)
    if reading.cues:
        assert read(write_srt(reading.cues)) == Reading(reading.cues, ())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16")))
def test_any_bytes_give_sound_cues_or_a_refusal(data: bytes) -> None:
    for prefix in (b"", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        reading, code = reading_or_refusal(prefix + data)

        assert is_sound(reading)
        assert code in {"", "captions.not_srt"}


@given(
    st.lists(
        st.tuples(st.integers(-100, 3000), st.integers(-100, 5000), st.text(max_size=12) | st.sampled_from(["a", "b"])),
        max_size=12,
    )
)
def test_any_recognised_sentences_give_sound_cues(sentences: list[tuple[int, int, str]]) -> None:
    reading = from_sentences(sentences)

    assert is_sound(reading)
    if reading.cues:
        assert read(write_srt(reading.cues)) == Reading(reading.cues, ())


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 300_000,
        "<i " * 100_000,
        " " * 300_000,
        "1:1:1" + " " * 300_000 + "-",
        "9" * 300_000,
        "x 00:00:01,000 --> " * 20_000,
        "\\N" * 150_000,
        "\n1" * 150_000,
    ],
)
def test_text_made_to_send_a_careless_reader_back_and_forth_is_refused_at_once(hostile: str) -> None:
    assert refusal(hostile.encode()) == "captions.not_srt"


def test_chinese_characters_are_known_in_every_plane() -> None:
    assert [is_han(character) for character in "山㐀𠀀豈〇"] == [True] * 5
    assert not any(is_han(character) for character in "a，1あ🐰 ")
