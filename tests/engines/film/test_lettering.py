"""Text and captions as libass gets them."""

from __future__ import annotations

import pytest

from local.engines.contract import Caption
from local.engines.film.lettering import write_ass
from local.engines.film.plan import PlacedCaptions, PlacedText
from local.engines.film.timeline import Lettering, Measure

CANVAS = (1280, 720)


def text(content: str = "晚安", alignment: str = "TopLeft", **looks: float | str | bool) -> PlacedText:
    lettering = Lettering(**{"font_size": 36, **looks})  # type: ignore[arg-type]  # fields of several types
    x, y = Measure(0.25, is_fraction=True), Measure(20, is_fraction=False)
    return PlacedText(content, lettering, alignment, x, y, 1.0, 62.35)


def lines(ass: str, kind: str) -> list[str]:
    return [line for line in ass.splitlines() if line.startswith(kind)]


def test_a_text_is_one_style_and_one_event_in_pixels_of_the_canvas() -> None:
    ass = write_ass(CANVAS, "Noto Sans SC", [text(color="FFCC00", opacity=0.7, outline=2, is_bold=True)], [])

    assert "PlayResX: 1280\nPlayResY: 720" in ass
    assert lines(ass, "Style: ") == [
        "Style: T0,Noto Sans SC,36,&H4D00CCFF,&H4D00CCFF,&H4D000000,&H4D000000,-1,0,0,0,100,100,0,0,1,2,0,7,36,36,36,1"
    ]
    assert lines(ass, "Dialogue: ") == [
        "Dialogue: 0,0:00:01.00,0:01:02.35,T0,,0,0,0,,{\\q2\\pos(320,20)}晚安"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("alignment", "anchor", "place"),
    [
        ("TopLeft", 7, "320,20"),
        ("TopCenter", 8, "960,20"),
        ("TopRight", 9, "960,20"),
        ("CenterLeft", 4, "320,380"),
        ("CenterCenter", 5, "960,380"),
        ("CenterRight", 6, "960,380"),
        ("BottomLeft", 1, "320,700"),
        ("BottomCenter", 2, "960,700"),
        ("BottomRight", 3, "960,700"),
        ("Left", 7, "320,20"),
        ("Center", 8, "320,20"),
        ("Right", 9, "320,20"),
    ],
)
def test_x_and_y_count_inwards_from_the_alignments_corner(alignment: str, anchor: int, place: str) -> None:
    ass = write_ass(CANVAS, "F", [text(alignment=alignment)], [])

    assert f"\\pos({place})" in ass
    assert lines(ass, "Style: ")[0].split(",")[18] == str(anchor)


@pytest.mark.parametrize("content", ["a\nb", "a\r\nb", "a\\nb", "a\\Nb"])
def test_every_way_to_break_a_line_breaks_it(content: str) -> None:
    assert write_ass(CANVAS, "F", [text(content)], []).endswith("}a\\Nb\n")


def test_a_boxed_text_stands_on_its_back_colour() -> None:
    style = lines(write_ass(CANVAS, "F", [text(is_boxed=True, back_color="102030")], []), "Style: ")[0].split(",")

    assert (style[5], style[15]) == ("&H00302010", "3")


def test_captions_stand_at_the_bottom_and_are_taken_literally() -> None:
    captions = PlacedCaptions((Caption(0.5, 2.0, "月亮\n{\\b1}The moon"),), Lettering(outline=2.0))

    ass = write_ass(CANVAS, "F", [], [captions])

    assert lines(ass, "Style: ")[0].split(",")[2] == "39.6"
    assert lines(ass, "Style: ")[0].split(",")[18] == "2"
    assert lines(ass, "Dialogue: ") == ["Dialogue: 0,0:00:00.50,0:00:02.00,T0,,0,0,0,,月亮\\N（＼b1）The moon"]
