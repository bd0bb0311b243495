"""Whoever listens to a reading notices what went wrong with it, and nothing that did not."""

from __future__ import annotations

import random
from array import array

import pytest

from shared.domain.hearing import AGAIN, Doubt, doubts
from tests.unit.domain.test_tempo import RATE, silence, tone

WORD = tone(900)
END = tone(20, peak=400) + silence(100)


@pytest.mark.parametrize(
    ("pcm", "found"),
    [
        (WORD + END, ()),
        (tone(400) + silence(300) + tone(400) + END, ()),
        (b"", (Doubt.SILENT,)),
        (silence(2000), (Doubt.SILENT,)),
        (array("h", [random.Random(3).randint(-20, 20) for _ in range(RATE)]).tobytes(), (Doubt.SILENT,)),
        (tone(300) + END, (Doubt.SHORT,)),
        (WORD + WORD + WORD + END, (Doubt.LONG,)),
        (WORD, (Doubt.CUT_OFF,)),
        (tone(400) + silence(1600) + tone(400) + END, (Doubt.LONG, Doubt.GAP)),
        (tone(900, peak=60_000 // 2) + END, ()),
        (array("h", [32_767, -32_768] * (RATE // 2)).tobytes() + END, (Doubt.CLIPPED,)),
    ],
)
def test_what_is_wrong_with_a_reading_of_a_second(pcm: bytes, found: tuple[Doubt, ...]) -> None:
    assert doubts(pcm, RATE, 1000) == found


def test_the_length_of_a_single_word_tells_nothing() -> None:
    assert doubts(WORD + WORD + WORD + END, RATE, 400) == ()


def test_what_only_the_slot_is_to_blame_for_is_not_read_again() -> None:
    assert {Doubt.CROWDED, Doubt.DEAD_AIR, Doubt.UNHEARD, Doubt.MISHEARD, Doubt.UNLEARNT}.isdisjoint(AGAIN)
