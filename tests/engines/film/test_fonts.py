"""Which font text is drawn with."""

from __future__ import annotations

from pathlib import Path

from local.engines.film.fonts import Font, find_font


def test_a_chinese_font_draws_everything() -> None:
    assert Font(Path("a.otf"), "A", has_chinese=True).can_draw("AI 生成")


def test_a_latin_font_draws_latin_only() -> None:
    latin = Font(Path("a.ttf"), "A", has_chinese=False)

    assert latin.can_draw("AI generated, déjà vu")
    assert not latin.can_draw("AI 生成")


def test_the_font_found_is_a_file() -> None:
    font = find_font()

    assert font is None or font.path.is_file()
