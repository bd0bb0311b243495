"""The label of synthetic content is seen, heard and read where it is, and missed where it is not."""

from __future__ import annotations

import json
import random
from array import array

import pytest

from shared.domain import label, wave

BOX = (10, 20, 110, 50)
PLAIN = [bytes([90]) * 160 for _ in range(80)]


def written(top: int, bottom: int, left: int = 12, right: int = 108, ink: int = 255) -> list[bytes]:
    """Stripes as letters are: every third column."""
    rows = [bytearray(row) for row in PLAIN]
    for row in rows[top:bottom]:
        row[left:right:3] = bytes([ink]) * len(row[left:right:3])
    return [bytes(row) for row in rows]


def test_letters_are_as_tall_as_what_differs_from_the_film_without_them() -> None:
    assert label.letters_px(PLAIN, written(25, 45), BOX) == 20


def test_dark_letters_on_a_bright_film_count_as_well() -> None:
    assert label.letters_px(PLAIN, written(25, 45, ink=0), BOX) == 20


def test_noise_of_coding_is_no_letter() -> None:
    noisy = [bytes(value + random.Random(row).randrange(-20, 20) for value in line) for row, line in enumerate(PLAIN)]

    assert label.letters_px(PLAIN, noisy, BOX) == 0


def test_nothing_written_is_no_label() -> None:
    assert label.letters_px(PLAIN, PLAIN, BOX) == 0


def test_a_narrow_mark_is_no_label() -> None:
    assert label.letters_px(PLAIN, written(25, 45, 12, 50), BOX) == 0


def test_another_scene_is_no_label() -> None:
    assert label.letters_px(PLAIN, [bytes([250]) * 160] * 80, BOX) == 0


def sounding(pcm: bytes, *, after_ms: int = label.TONE_AT_MS, rate: int = 24_000) -> wave.Sound:
    return wave.Sound(bytes(2 * (rate * after_ms // 1000)) + pcm + bytes(rate), rate, 16)


TONE = wave.read(label.tone()).pcm


@pytest.mark.parametrize("after_ms", [60, 100, 140, 180])
def test_the_rhythm_is_heard_where_coding_may_have_moved_it(after_ms: int) -> None:
    assert label.is_heard(sounding(TONE, after_ms=after_ms))


def test_the_rhythm_is_heard_through_soft_music() -> None:
    dice = random.Random(7)
    music = [dice.gauss(0, 700) for _ in range(len(TONE) // 2)]
    mixed = array("h", [round(one + other) for one, other in zip(array("h", TONE), music, strict=True)])

    assert label.is_heard(sounding(mixed.tobytes()))


@pytest.mark.parametrize(
    "pcm",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(len(TONE)), id="silence"),
        pytest.param(TONE[: len(TONE) // 3], id="half of it"),
        pytest.param(TONE[::-1][::1], id="backwards"),
        pytest.param(array("h", [value // 20 for value in array("h", TONE)]).tobytes(), id="too soft"),
    ],
)
def test_what_is_not_the_rhythm_is_not_taken_for_it(pcm: bytes) -> None:
    assert not label.is_heard(sounding(pcm))


def test_a_sound_that_ends_at_once_is_not_the_rhythm() -> None:
    assert not label.is_heard(wave.Sound(TONE[:2000], 24_000, 16))


def test_the_field_names_the_producer_and_the_content_as_the_standard_does() -> None:
    value = label.metadata("Echobot", "abc", "seal")

    assert list(json.loads(value)) == [
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    ]
    assert label.is_carried(value)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        '"1"',
        "{}",
        label.metadata("", "abc", ""),
        label.metadata("Echobot", "", ""),
        label.metadata("Echobot", "abc", "").replace('"1"', '"3"'),
    ],
)
def test_a_field_that_says_less_is_none(text: str | None) -> None:
    assert not label.is_carried(text)
