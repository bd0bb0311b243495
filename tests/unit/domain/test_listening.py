"""What a recogniser understood of the lines, compared by characters, forgiving what it writes otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.listening import JUDGED_MIN, is_misheard, understood, units

FOX = "从前有一只小狐狸。"
STARS = "它每天晚上数星星。"


def test_only_characters_that_are_said_are_compared() -> None:
    assert units("从前，有 3 只 Fox！") == "从前有三只fox"
    assert units("It's Noon.") == "itsnoon"


def test_what_was_understood_whole_is_not_doubtful() -> None:
    assert understood([FOX, STARS], "从前有一只小狐狸，它每天晚上数星星") == [1.0, 1.0]
    assert understood(["The old keeper", "counted ships"], "the old keeper counted ships.") == [1.0, 1.0]


def test_a_name_that_is_written_otherwise_is_forgiven() -> None:
    (share,) = understood(["重山带着狐狸回家了。"], "崇山带着狐狸回家了")

    assert share == 0.89
    assert not is_misheard(share)


def test_a_line_that_was_left_out_or_said_otherwise_is_told_from_its_neighbours() -> None:
    shares = understood([FOX, "有一天下雨了。", STARS], "从前有一只小狐狸 请不吝点赞订阅 它每天晚上数星星")

    assert [is_misheard(share) for share in shares] == [False, True, False]


def test_silence_is_understood_by_nobody() -> None:
    assert understood([FOX], "") == [0.0]


def test_of_a_single_word_nothing_is_said() -> None:
    assert understood(["嗯。", ""], "哦") == [1.0, 1.0]


@given(st.lists(st.text(alphabet="从前有一只小狐狸 abc,。1", min_size=JUDGED_MIN), max_size=5), st.text(max_size=40))
def test_every_line_has_a_share_and_what_is_repeated_word_for_word_is_understood(lines: list[str], heard: str) -> None:
    shares = understood(lines, heard)

    assert len(shares) == len(lines)
    assert all(0 <= share <= 1 for share in shares)
    assert understood(lines, " ".join(lines)) == [1.0] * len(lines)
