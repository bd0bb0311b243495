"""What things cost: tariffs as data, a quote before the work, the cost of one call after it.

Apart, so that money is in one place and in whole numbers: all amounts are millionths of a yuan.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import Enum

from shared.domain.engines import ENGINES
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.han import is_han

YUAN = 1_000_000
MODEL_STUDIO = "Model Studio price list, mainland China, read 2026-11-21"
COMPARED = "no public price found; range of comparable services, 2026-11-21"

# A story is spoken for this share of its film, and at this many Chinese characters a second.
SPEECH_SHARE = (0.55, 0.95)
HAN_PER_S = (3.5, 4.8)
# A line may be read twice more: when its reading went wrong, and once at a better rate.
RETAKES_MAX = 2.0


class Unit(str, Enum):
    """What a tariff counts; the value is also the name of the quantity in a vendor's answer."""

    SECOND = "seconds"
    MINUTE = "minutes"
    IMAGE = "images"
    CHARACTER = "characters"


@frozen
class Price:
    """`micro_yuan` for `per` units; `micro_yuan_low` differs from it only where the price is an `estimate`."""

    name: str
    unit: Unit
    micro_yuan: int
    per: int = 1
    source: str = MODEL_STUDIO
    estimate: bool = False
    micro_yuan_low: int = -1

    @property
    def low(self) -> int:
        return self.micro_yuan if self.micro_yuan_low < 0 else self.micro_yuan_low


@frozen
class Facts:
    """What a story, or a part of it, is known or guessed to need; pairs are the least and the most. `composed_ms` is as
    much of the film as is put together, 0 for all of it.
    """

    film_ms: int
    engine: str
    voice_model: str
    animated_ms: tuple[int, int]
    characters: tuple[int, int]
    ratio: str = "1:1"
    reads_captions: bool = True
    keeps_music: bool = True
    checks_photo: bool = True
    composed_ms: int = 0
    photos: int = 1
    listens: tuple[int, int] = (0, 0)


@frozen
class Item:
    name: str
    low: int
    high: int
    estimate: bool


@frozen
class Quote:
    items: tuple[Item, ...] = field(default_factory=tuple)

    @property
    def low(self) -> int:
        return sum(item.low for item in self.items)

    @property
    def high(self) -> int:
        return sum(item.high for item in self.items)

    @property
    def has_estimates(self) -> bool:
        return any(item.estimate for item in self.items)


def _speech(name: str, micro_yuan: int, *, estimate: bool = False) -> Price:
    return Price(name, Unit.CHARACTER, micro_yuan, per=10_000, estimate=estimate)


def _compared(name: str, low: int, high: int) -> Price:
    return Price(name, Unit.MINUTE, high, source=COMPARED, estimate=True, micro_yuan_low=low)


PRICES: dict[str, Price] = {
    price.name: price
    for price in (
        Price("emo-v1.1:1", Unit.SECOND, 80_000),
        Price("emo-v1.3:4", Unit.SECOND, 160_000),
        Price("emo-detect-v1", Unit.IMAGE, 4_000),
        Price("wan2.2-s2v.480P", Unit.SECOND, 500_000),
        Price("wan2.2-s2v.720P", Unit.SECOND, 900_000),
        Price("wan2.2-s2v-detect", Unit.IMAGE, 4_000),
        Price("liveportrait", Unit.SECOND, 20_000),
        Price("liveportrait-detect", Unit.IMAGE, 4_000),
        Price("videoretalk", Unit.SECOND, 80_000),
        Price("wan2.7-i2v.720P", Unit.SECOND, 600_000, estimate=True),
        Price("wan2.7-i2v.1080P", Unit.SECOND, 1_000_000, source=COMPARED, estimate=True),
        Price("wan2.2-t2v-plus.480P", Unit.SECOND, 140_000),
        Price("wan2.2-t2v-plus.1080P", Unit.SECOND, 700_000),
        Price("wanx2.1-t2v-turbo", Unit.SECOND, 240_000),
        Price("wanx2.1-t2v-plus", Unit.SECOND, 700_000),
        Price("wan2.2-i2v-plus.480P", Unit.SECOND, 140_000),
        Price("wan2.2-i2v-plus.1080P", Unit.SECOND, 700_000),
        Price("wanx2.1-i2v-turbo", Unit.SECOND, 240_000),
        Price("wanx2.1-i2v-plus", Unit.SECOND, 700_000),
        Price("wanx2.1-kf2v-plus", Unit.SECOND, 700_000),
        Price("wanx2.1-vace-plus", Unit.SECOND, 700_000),
        Price("video-style-transform.540P", Unit.SECOND, 200_000),
        Price("video-style-transform.720P", Unit.SECOND, 500_000),
        Price("animate-anyone-detect-gen2", Unit.IMAGE, 4_000),
        Price("animate-anyone-template-gen2", Unit.SECOND, 80_000),
        Price("animate-anyone-gen2", Unit.SECOND, 80_000),
        Price("emoji-detect-v1", Unit.IMAGE, 4_000),
        Price("emoji-v1", Unit.SECOND, 80_000),
        # An instance of one's own is paid by the hour, 20 yuan a unit, whatever it is asked.
        Price("deployed", Unit.SECOND, 0),
        _speech("cosyvoice-v2", 2_000_000),
        _speech("cosyvoice-v3-plus", 2_000_000),
        _speech("cosyvoice-v3.5-plus", 1_500_000),
        # Read in one secondary source only.
        _speech("cosyvoice-v3-flash", 1_000_000, estimate=True),
        _speech("cosyvoice-v3.5-flash", 800_000, estimate=True),
        # Basic editing at Alibaba's own VOD is the low end, multi-track editing at Baidu's cloud the high one.
        _compared("ims.film", 22_000, 450_000),
        _compared("ims.opening", 5_000, 100_000),
        _compared("ims.ocr", 50_000, 500_000),
        _compared("ims.music", 50_000, 500_000),
        _compared("ims.asr", 20_000, 500_000),
        _compared("ims.listen", 20_000, 500_000),
    )
}


INSTANCE = "deployed"
"""The tariff of an instance of one's own."""


def instance(yuan_s: float) -> str:
    """The tariff of an instance of one's own whose clips are reckoned at so much a second."""
    return f"{INSTANCE}@{round(yuan_s * YUAN)}" if yuan_s else INSTANCE


def named(name: str) -> Price | None:
    """A tariff by its name, those of `instance` included; None for a name nobody knows."""
    base, sign, micro_yuan = name.partition("@")
    if base == INSTANCE and sign and micro_yuan.isascii() and micro_yuan.isdigit():
        return Price(name, Unit.SECOND, int(micro_yuan), source="the deployment's own setting")
    return PRICES.get(name)


def speech_characters(text: str) -> int:
    """Characters as CosyVoice bills them: a Chinese character is two, anything else one, SSML tags none."""
    spoken = _ENTITY.sub("&", _TAG.sub("", text))
    return len(spoken) + sum(map(is_han, spoken))


def cost(name: str, result: Mapping[str, object]) -> int:
    """What one call cost, from the quantity in its result; the high end where the price is an estimate.

    It is asked after the money is spent, so it has no errors: a tariff or a quantity nobody knows counts as nothing.
    """
    price = named(name)
    return amount(price.micro_yuan, price.per, _quantity(price.unit, result)) if price else 0


def bill(spent: Iterable[tuple[str, int]]) -> Mapping[str, object]:
    """What a report says was spent, in all and by price, in yuan; `spent` are prices' names with micro-yuan."""
    by_price: dict[str, int] = {}
    for name, micro_yuan in spent:
        by_price[name] = by_price.get(name, 0) + micro_yuan
    return {
        "total_yuan": yuan(sum(by_price.values())),
        "by_price": {name: yuan(micro_yuan) for name, micro_yuan in sorted(by_price.items())},
    }


def guess(film_ms: int, engine: str, voice_model: str, *, ratio: str = "1:1") -> Facts:
    """The facts of a story of which only the film's length is known."""
    spoken = tuple(round(film_ms * share) for share in SPEECH_SHARE)
    characters = tuple(round(2 * ms / 1000 * rate) for ms, rate in zip(spoken, HAN_PER_S, strict=True))
    return Facts(film_ms, engine, voice_model, (spoken[0], spoken[1]), (characters[0], characters[1]), ratio)


def estimate(facts: Facts) -> Quote:
    """What a story will cost, from and to. `price.unknown` for an engine or a voice model without a price."""
    engine = ENGINES.get(facts.engine)
    if engine is None:
        raise Refused("price.unknown", name=facts.engine)
    least, most = facts.characters
    minutes = math.ceil(facts.film_ms / 60_000)
    film, composed = (minutes, minutes), math.ceil((facts.composed_ms or facts.film_ms) / 60_000)
    wanted: list[tuple[str, tuple[float, float]]] = [
        *([(engine.detect_price, (facts.photos, facts.photos))] if engine.detects and facts.checks_photo else []),
        *([(engine.price(facts.ratio), _clip_seconds(facts.animated_ms))] if engine.prices else []),
        (facts.voice_model, (least, most * (1 + RETAKES_MAX))),
        *([("ims.listen", facts.listens)] if facts.listens[1] else []),
        *([("ims.ocr", film), ("ims.asr", (0, minutes))] if facts.reads_captions else []),
        *([("ims.music", film)] if facts.keeps_music else []),
        ("ims.film", (composed, composed)),
        ("ims.opening", (1, 1)),
    ]
    return Quote(tuple(_item(name, quantity) for name, quantity in wanted))


def yuan(micro_yuan: int) -> str:
    """An amount in yuan, without the sign: two decimals, four below a fen."""
    fen, rest = divmod(abs(micro_yuan), YUAN // 100)
    sign = "-" if micro_yuan < 0 else ""
    if fen == 0 and rest:
        return f"{sign}0.{(rest + 50) // 100:04}"
    fen += 2 * rest >= YUAN // 100
    return f"{sign}{fen // 100}.{fen % 100:02}"


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos);")


def _item(name: str, quantity: tuple[float, float]) -> Item:
    price = PRICES.get(name)
    if price is None:
        raise Refused("price.unknown", name=name)
    low = amount(price.low, price.per, quantity[0])
    high = amount(price.micro_yuan, price.per, quantity[1])
    return Item(name, low, high, price.estimate)


def _clip_seconds(animated_ms: tuple[int, int]) -> tuple[float, float]:
    return animated_ms[0] / 1000, animated_ms[1] / 1000


def amount(micro_yuan: int, per: int, quantity: float) -> int:
    """Millionths of a yuan for a quantity at `micro_yuan` for `per`, rounded up to a whole one."""
    return math.ceil(round(micro_yuan * quantity / per, 6))


def _quantity(unit: Unit, result: Mapping[str, object]) -> float:
    """Begun minutes are counted from a result that tells seconds."""
    value = result.get(Unit.SECOND.value if unit is Unit.MINUTE else unit.value)
    quantity = max(0.0, float(value)) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0
    return math.ceil(quantity / 60) if unit is Unit.MINUTE else quantity
