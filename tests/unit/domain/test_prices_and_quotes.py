"""Money is counted in whole millionths of a yuan, quoted before the work and written down after it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import prices
from shared.domain.engines import ENGINES
from shared.domain.errors import Refused
from shared.domain.prices import (
    PRICES,
    YUAN,
    Facts,
    Quote,
    Unit,
    cost,
    estimate,
    guess,
    instance,
    speech_characters,
    yuan,
)

MINUTE = Facts(
    film_ms=60_000,
    engine="emo",
    voice_model="cosyvoice-v3.5-plus",
    animated_ms=(40_000, 50_000),
    characters=(400, 500),
)


def low_and_high(quote: Quote) -> dict[str, tuple[int, int]]:
    return {item.name: (item.low, item.high) for item in quote.items}


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("山", 2),
        ("从前，有座山。", 12),
        ("Hello, 世界", 11),
        ("<speak>你<break time='1s'/>好</speak>", 4),
        ("1 < 2", 5),
        ("&lt;&amp;你", 4),
        ("🐰", 1),
    ],
)
def test_characters_are_counted_the_vendors_way(text: str, characters: int) -> None:
    assert speech_characters(text) == characters


@given(st.text(alphabet="山水a，。 1", max_size=80))
def test_plain_text_counts_one_for_each_character_and_one_more_for_each_chinese_one(text: str) -> None:
    assert speech_characters(text) == len(text) + sum(character in "山水" for character in text)


def test_every_tariff_has_a_unit_a_source_and_a_date() -> None:
    for price in PRICES.values():
        assert price.per >= 1
        assert 0 <= price.low <= price.micro_yuan
        assert price.source.endswith("2026-11-21")
        assert price.estimate or price.low == price.micro_yuan


def test_every_price_an_engine_names_exists() -> None:
    named = [name for engine in ENGINES.values() for name in (*engine.prices.values(), engine.detect_price) if name]

    assert set(named) <= PRICES.keys()


@pytest.mark.parametrize(
    ("name", "result", "micro_yuan"),
    [
        ("emo-v1.1:1", {"seconds": 13.93}, 1_114_400),
        ("emo-v1.3:4", {"seconds": 10}, 1_600_000),
        ("wan2.2-s2v.480P", {"seconds": 18.13}, 9_065_000),
        ("emo-detect-v1", {"images": 1}, 4_000),
        ("cosyvoice-v3.5-plus", {"characters": 480}, 72_000),
        ("cosyvoice-v3-plus", {"characters": 1}, 200),
        ("ims.film", {"seconds": 61}, 900_000),
        ("ims.film", {"seconds": 60.0}, 450_000),
        ("nobody-knows", {"seconds": 60}, 0),
        ("emo-v1.1:1", {}, 0),
        ("emo-v1.1:1", {"seconds": "60"}, 0),
        ("emo-v1.1:1", {"seconds": -5}, 0),
        ("emo-v1.1:1", {"seconds": math.nan}, 0),
        (instance(0.0), {"seconds": 60}, 0),
        (instance(0.05), {"seconds": 60}, 3_000_000),
        ("deployed@", {"seconds": 60}, 0),
        ("deployed@1.5", {"seconds": 60}, 0),
        ("emo-v1.1:1@5", {"seconds": 60}, 0),
    ],
)
def test_a_call_costs_its_quantity_times_its_tariff(name: str, result: dict[str, object], micro_yuan: int) -> None:
    assert cost(name, result) == micro_yuan


def test_a_minute_with_emo_costs_about_four_yuan_of_which_most_is_the_face() -> None:
    quote = estimate(MINUTE)

    assert low_and_high(quote) == {
        "emo-detect-v1": (4_000, 4_000),
        "emo-v1.1:1": (3_200_000, 4_000_000),
        "cosyvoice-v3.5-plus": (60_000, 225_000),
        "ims.ocr": (50_000, 500_000),
        "ims.asr": (0, 500_000),
        "ims.music": (50_000, 500_000),
        "ims.film": (22_000, 450_000),
        "ims.opening": (5_000, 100_000),
    }
    assert (quote.low, quote.high) == (3_391_000, 6_279_000)
    assert quote.has_estimates


def test_what_is_not_asked_for_is_not_quoted() -> None:
    quote = estimate(replace(MINUTE, engine="still", reads_captions=False, keeps_music=False))

    assert [item.name for item in quote.items] == ["cosyvoice-v3.5-plus", "ims.film", "ims.opening"]
    assert not Quote().has_estimates


def test_an_upright_portrait_costs_twice_as_much() -> None:
    square, upright = (low_and_high(estimate(replace(MINUTE, ratio=ratio))) for ratio in ("1:1", "3:4"))

    assert upright["emo-v1.3:4"] == tuple(2 * amount for amount in square["emo-v1.1:1"])


@pytest.mark.parametrize(
    "facts", [replace(MINUTE, engine="magic"), replace(MINUTE, voice_model="magic"), replace(MINUTE, ratio="16:9")]
)
def test_what_has_no_price_is_not_quoted_at_all(facts: Facts) -> None:
    with pytest.raises(Refused) as caught:
        estimate(facts)

    assert caught.value.code == "price.unknown"


@given(st.integers(1000, 3_600_000), st.sampled_from(sorted(ENGINES)))
def test_a_quote_from_the_films_length_alone_is_a_range(film_ms: int, engine: str) -> None:
    quote = estimate(guess(film_ms, engine, "cosyvoice-v3.5-plus"))

    assert 0 < quote.low <= quote.high
    assert all(item.low <= item.high for item in quote.items)


@given(st.integers(1000, 1_800_000), st.integers(0, 600_000))
def test_a_longer_film_never_costs_less(film_ms: int, more_ms: int) -> None:
    short, long = (estimate(guess(ms, "emo", "cosyvoice-v2")) for ms in (film_ms, film_ms + more_ms))

    assert short.low <= long.low
    assert short.high <= long.high


@pytest.mark.parametrize(
    ("micro_yuan", "words"),
    [
        (0, "0.00"),
        (4_800_000, "4.80"),
        (4_000, "0.0040"),
        (72_000, "0.07"),
        (9_999, "0.0100"),
        (995_000, "1.00"),
        (1_234_567_890, "1234.57"),
        (-15_000, "-0.02"),
        (YUAN, "1.00"),
    ],
)
def test_amounts_are_written_in_yuan(micro_yuan: int, words: str) -> None:
    assert yuan(micro_yuan) == words


@given(st.integers(-(10**13), 10**13))
def test_a_written_amount_is_off_by_half_a_fen_at_most(micro_yuan: int) -> None:
    assert abs(float(yuan(micro_yuan)) * YUAN - micro_yuan) <= YUAN / 200 + 1


def test_units_are_the_names_of_quantities_in_results() -> None:
    assert [unit.value for unit in Unit] == ["seconds", "minutes", "images", "characters"]
    assert prices.PRICES["ims.film"].unit is Unit.MINUTE


def test_a_bill_adds_up_what_was_bought_at_one_price() -> None:
    told = prices.bill([("emo-v1.3:4", 480_000), ("ims.film", 4_000), ("emo-v1.3:4", 160_000)])
    assert told == {"total_yuan": "0.64", "by_price": {"emo-v1.3:4": "0.64", "ims.film": "0.0040"}}
