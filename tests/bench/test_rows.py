"""A figure is held against its goal."""

from __future__ import annotations

from bench.media.rows import Row, at_least, at_most, peer


def test_a_figure_at_its_limit_is_met() -> None:
    assert Row("film", "speed", 0.8, "x", ">= 0.8 x", True) == at_least("film", "speed", 0.8, 0.8, "x")
    assert Row("film", "memory", 3.0, "GB", "<= 3 GB", True) == at_most("film", "memory", 3.0, 3.0, "GB")


def test_a_figure_beyond_its_limit_is_not_met() -> None:
    assert at_least("film", "speed", 0.79, 0.8, "x").met is False
    assert at_most("film", "memory", 3.01, 3.0, "GB").met is False


def test_a_peer_has_no_goal() -> None:
    assert Row("voice", "espeak-ng", 94.0, "%", "", None) == peer("voice", "espeak-ng", 94.0, "%")
