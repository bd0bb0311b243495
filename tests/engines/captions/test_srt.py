"""SubRip files come from editors, hands and machines; whatever a person would read as a caption is one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.engines.captions.srt import format_srt, parse_srt, text_of
from local.engines.contract import Caption


def test_a_plain_file_is_read_with_its_times() -> None:
    text = "1\n00:00:01,200 --> 00:00:03,450\n你好\n\n2\n00:01:00,000 --> 01:00:00,001\nGood night\n"

    assert parse_srt(text) == [Caption(1.2, 3.45, "你好"), Caption(60.0, 3600.001, "Good night")]


def test_a_bilingual_caption_keeps_its_two_lines() -> None:
    assert parse_srt("1\n00:00:00,000 --> 00:00:01,000\n月亮\nThe moon\n")[0].text == "月亮\nThe moon"


def test_byte_order_mark_and_windows_line_ends_are_no_text() -> None:
    file = "\ufeff1\r\n00:00:00,000 --> 00:00:01,000\r\n晚安\r\n\r\n".encode()

    assert parse_srt(text_of(file)) == [Caption(0.0, 1.0, "晚安")]


def test_a_file_in_gb18030_is_read_as_chinese() -> None:
    file = "1\n00:00:00,000 --> 00:00:01,000\n小狐狸\n".encode("gb18030")

    assert parse_srt(text_of(file))[0].text == "小狐狸"


def test_a_file_in_utf_16_is_read() -> None:
    file = "1\n00:00:00,000 --> 00:00:01,000\n星星\n".encode("utf-16")

    assert parse_srt(text_of(file))[0].text == "星星"


def test_dots_missing_hours_and_missing_numbers_are_understood() -> None:
    text = "00:01.5 --> 00:02.25\nfirst\n\n00:00:03.000 --> 00:00:04.000 X1:40 X2:600\nsecond\n"

    assert parse_srt(text) == [Caption(1.5, 2.25, "first"), Caption(3.0, 4.0, "second")]


def test_numbers_without_an_empty_line_before_them_are_no_text() -> None:
    text = "1\n00:00:00,000 --> 00:00:01,000\none\n2\n00:00:01,000 --> 00:00:02,000\ntwo\n"

    assert [caption.text for caption in parse_srt(text)] == ["one", "two"]


def test_a_caption_that_ends_in_a_number_keeps_it() -> None:
    text = "1\n00:00:00,000 --> 00:00:01,000\nand the answer is\n3\n\n2\n00:00:01,000 --> 00:00:02,000\ntwo\n"

    assert parse_srt(text)[0].text == "and the answer is\n3"


def test_an_empty_line_inside_a_caption_does_not_end_it() -> None:
    text = "1\n00:00:00,000 --> 00:00:01,000\nupper\n\nlower\n\n2\n00:00:01,000 --> 00:00:02,000\nnext\n"

    assert [caption.text for caption in parse_srt(text)] == ["upper\nlower", "next"]


def test_tags_overrides_and_entities_do_not_reach_the_text() -> None:
    text = "1\n00:00:00,000 --> 00:00:01,000\n{\\an8}<i>Tom &amp; <font color='red'>Ann</font></i>\\Nrun\n"

    assert parse_srt(text)[0].text == "Tom & Ann\nrun"


def test_a_smaller_than_sign_is_no_tag() -> None:
    assert parse_srt("1\n00:00:00,000 --> 00:00:01,000\n1 < 2 > 0\n")[0].text == "1 < 2 > 0"


def test_captions_without_text_or_length_are_left_out() -> None:
    text = (
        "1\n00:00:00,000 --> 00:00:01,000\n\n\n"
        "2\n00:00:02,000 --> 00:00:02,000\nno length\n\n"
        "3\n00:00:04,000 --> 00:00:03,000\nbackwards\n\n"
        "4\n00:00:05,000 --> 00:00:06,000\nkept\n"
    )

    assert parse_srt(text) == [Caption(5.0, 6.0, "kept")]


def test_captions_out_of_order_are_sorted_by_their_start() -> None:
    text = "1\n00:00:05,000 --> 00:00:06,000\nlater\n\n2\n00:00:01,000 --> 00:00:02,000\nearlier\n"

    assert [caption.text for caption in parse_srt(text)] == ["earlier", "later"]


def test_a_file_that_is_no_subrip_has_no_captions() -> None:
    assert parse_srt("<html>not found</html>") == []


def test_writing_rounds_to_milliseconds_and_carries_over() -> None:
    assert format_srt([Caption(59.9996, 3661.5, "a")]) == "1\n00:01:00,000 --> 01:01:01,500\na\n"


LINES = st.text("小狐狸和星星abcdeéß", min_size=1, max_size=12)
STARTS_MS = st.integers(0, 5_000_000)


@given(st.lists(st.tuples(STARTS_MS, st.integers(1, 60_000), LINES), max_size=8))
def test_what_is_written_is_read_back_the_same(rows: list[tuple[int, int, str]]) -> None:
    captions = [Caption(start / 1000, (start + length) / 1000, text) for start, length, text in rows]

    assert parse_srt(format_srt(captions)) == sorted(captions, key=lambda caption: (caption.start_s, caption.end_s))
