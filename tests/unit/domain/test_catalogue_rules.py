"""A rule admits what is allowed, and names the allowed value nearest to anything else."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue.rules import Box, Choice, Flag, Number, Several, Text, Whole, shape_of

SIZES = Choice(("1920*1080", "1080*1920", "832*480", "480*832", "624*624"))
LINES = Choice(("480P", "1080P"))
STYLES = Choice(("normal", "calm", "active"), meant={"subtle": "calm"})


@pytest.mark.parametrize(
    ("rule", "value", "nearest"),
    [
        (SIZES, "720*1280", "1080*1920"),
        (SIZES, "500x800", "480*832"),
        (SIZES, "600×600", "624*624"),
        (LINES, "720P", "480P"),  # as far from either: the cheaper one
        (LINES, "800P", "1080P"),
        (LINES, "500", "480P"),
        (LINES, "900*1600", "1080P"),
        (LINES, "4K", "480P"),
        (STYLES, "subtle", "calm"),
        (STYLES, "activ", "active"),
        (STYLES, None, "normal"),
        (Choice((5,)), 3, "5"),
        (Choice((3, 4, 5)), "4", "4"),
        (Choice((3, 4, 5)), 99, "5"),
        (Choice((540, 720)), math.nan, "540"),
        (Choice((540, 720)), True, "540"),
        (Whole(0, 7), 8, "7"),
        (Whole(0, 7), -1, "0"),
        (Whole(0, 7), 2.4, "2"),
        (Whole(0, 7), "x", ""),
        (Whole(0, 7), [1], ""),
        (Number(0.5, 2.0), 3, "2"),
        (Number(0.5, 2.0), math.inf, ""),
        (Number(0.5, 2.0), "", ""),
        (Number(0.0, 1.0), 10**400, ""),
        (Flag(), "yes", "true"),
        (Flag(), 0, "false"),
        (Text(4), "abcdef", "abcdef… (4)"),
        (Text(4), " ", ""),
        (Text(4), 7, ""),
        (Several(Choice(("obj", "bg")), 1, 2), "obj", "[obj]"),
        (Several(Choice(("obj", "bg")), 1, 2), "no", ""),
        (Several(Choice(("obj", "bg")), 1, 2), ["obj", "bgg", "bg"], "[obj, bg]"),
        (Several(Choice(("obj", "bg")), 1, 2), [], ""),
        (Several(Whole(1, 2), 1, 2), ["x"], ""),
        (Box(), [1, 2, 3], ""),
    ],
)
def test_a_wrong_value_is_refused_with_the_nearest_that_is_allowed(rule: Choice, value: object, nearest: str) -> None:
    assert not rule.admits(value)
    assert rule.nearest(value) == nearest


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (LINES, "480P | 1080P"),
        (Whole(0, 7), "0 - 7"),
        (Number(0.5, 2.0), "0.5 - 2"),
        (Flag(), "true | false"),
        (Text(4), "text, 1 - 4"),
        (Several(Whole(1, 2), 1, 3), "[1 - 2] x 1 - 3"),
        (Box(), "[x1, y1, x2, y2]"),
        (Box(("1:1", "3:4")), "[x1, y1, x2, y2] 1:1 | 3:4"),
    ],
)
def test_a_rule_says_itself_without_a_language(rule: Choice, words: str) -> None:
    assert rule.words == words


@given(st.integers(-5, 5), st.integers(0, 9), st.integers(-30, 30))
def test_the_nearest_whole_number_is_allowed(low: int, span: int, value: int) -> None:
    rule = Whole(low, low + span)

    assert rule.admits(int(rule.nearest(value)))
    assert rule.admits(value) == (str(value) == rule.nearest(value))


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        ([71, 9, 840, 778], "1:1"),
        ([0, 0, 300, 400], "3:4"),
        ([0, 0, 301, 400], "3:4"),
        ([0, 0, 400, 300], ""),
        ([0, 0, 320, 400], ""),
    ],
)
def test_a_boxs_shape_is_told_within_a_pixels_play(box: list[int], shape: str) -> None:
    assert shape_of(box, ("1:1", "3:4")) == shape
    assert Box(("1:1", "3:4")).admits(box) == bool(shape)


@pytest.mark.parametrize("box", [[3, 0, 3, 4], [0, 5, 3, 4], [-1, 0, 3, 4], [0.0, 0, 3, 4], [True, 0, 3, 4], "0,0,3,4"])
def test_a_box_without_area_or_of_other_than_whole_pixels_is_none(box: object) -> None:
    assert not Box().admits(box)
