"""Errors of speech are counted as a listener would count them, and sounds are compared whatever their level."""

from __future__ import annotations

import numpy as np
import pytest

from bench.media.listening import (
    _parts,
    character_errors,
    distance,
    letters,
    spelling_apart_errors,
    syllable_errors,
)
from bench.media.sound import left_db, si_sdr_db


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("小狐狸", "小狐狸", 0),
        ("小狐", "小狐狸", 1),
        ("小狐狸狸", "小狐狸", 1),
        ("小虎狸", "小狐狸", 1),
        ("", "abc", 3),
        ("abc", "", 3),
    ],
)
def test_a_character_left_out_put_in_or_changed_is_one_error(one: str, other: str, errors: int) -> None:
    assert distance(one, other) == errors


def test_a_character_that_sounds_alike_is_an_error_of_spelling_only() -> None:
    assert character_errors("他掉进湖里。", ["它掉进湖里，"]) == 0.2
    assert syllable_errors("他掉进湖里。", ["它掉进湖里，"]) == 0
    assert syllable_errors("她叫近湖里。", ["它掉进湖里，"]) == 0.2


def test_what_nobody_can_hear_is_no_error_of_a_voice() -> None:
    lines = ["他们慢慢地种下了十七棵树。"]

    assert spelling_apart_errors("她们慢慢的种下了17棵树", lines) == 0
    assert spelling_apart_errors("它们慢慢得种下了十七棵术", lines) == pytest.approx(1 / 12)
    assert character_errors("它们慢慢得种下了十七棵术", lines) == pytest.approx(3 / 12)


def test_a_wrong_tone_is_an_error_where_tones_count() -> None:
    assert syllable_errors("一本书", ["一本树"]) == 0
    assert syllable_errors("一本书", ["一本树"], tones=True) == pytest.approx(1 / 3)
    assert syllable_errors("近门", ["进门"], tones=True) == 0


def test_marks_spaces_capitals_and_width_are_no_errors() -> None:
    assert letters("Ａ fox, 说：“Hi!”") == "afox说hi"


def test_long_speech_is_cut_in_pauses_and_nothing_is_lost() -> None:
    line, pause = np.full(10 * 16_000, 0.5, np.float32), np.zeros(8_000, np.float32)
    told = np.concatenate([line, pause] * 5)

    parts = _parts(told)

    assert [len(part) < 28 * 16_000 for part in parts] == [True] * 3
    assert np.array_equal(np.concatenate(parts), told)


def test_speech_without_a_pause_is_cut_where_it_must_be() -> None:
    told = np.ones(40 * 16_000, np.float32)

    assert [len(part) for part in _parts(told)] == [28 * 16_000, 12 * 16_000]


def test_the_level_of_what_was_found_does_not_count() -> None:
    rng = np.random.default_rng(1)
    wanted, other = rng.normal(size=(2, 44_100, 2)).astype(np.float32)

    assert si_sdr_db(0.1 * (wanted + other), wanted) == pytest.approx(si_sdr_db(wanted + other, wanted), abs=0.01)
    assert si_sdr_db(wanted + np.float32(0.1) * other, wanted) == pytest.approx(20, abs=0.3)


def test_what_is_left_of_a_voice_is_measured_while_it_speaks() -> None:
    rng = np.random.default_rng(1)
    music, voice = rng.normal(size=(2, 44_100, 2)).astype(np.float32)
    voice[:22_050] = 0

    assert left_db(music + np.float32(0.1) * voice, music, voice) == pytest.approx(-20, abs=0.1)
