"""Captions are written as their languages are written."""

from __future__ import annotations

import pytest

from local.engines.captions.wording import written


def test_shown_lines_stay_lines_and_chinese_comes_first() -> None:
    assert written(["The moon is up.", "月亮", "出来了"]) == "月亮\n出来了\nThe moon is up."


@pytest.mark.parametrize(
    "line", ["月亮出来了。The moon is up.", "月亮出来了。 The moon is up.", "The moon is up. 月亮出来了。"]
)
def test_two_languages_side_by_side_become_two_lines(line: str) -> None:
    assert written([line]) == "月亮出来了。\nThe moon is up."


def test_a_foreign_name_stays_in_its_sentence() -> None:
    assert written(["Tom和Jerry是好朋友。"]) == "Tom和Jerry是好朋友。"


def test_chinese_has_wide_marks_without_spaces() -> None:
    assert written(["你好, 我叫小明.", "真的吗?"]) == "你好，我叫小明。\n真的吗？"
    assert written(["3、2、1, 出发!"]) == "3、2、1，出发！"


def test_figures_keep_their_marks() -> None:
    assert written(["一共3.5元,10:30出发"]) == "一共3.5元，10:30出发"
