"""What a story costs, from `shared/domain/prices.py`: a quote for a film of five minutes, and the tariffs behind it."""

from __future__ import annotations

from docs.languages import Language, Words, table
from shared.domain import prices
from shared.domain.engines import ENGINES
from shared.domain.prices import PRICES, Price, Unit
from shared.settings import Settings

FILM_MS = 5 * 60_000
QUOTE = Words(
    "A film of 5 minutes, 1:1 portrait, captions read from the picture, voice `{voice}`:",
    "一部 5 分钟的影片，1:1 人像，字幕从画面识别，声音模型 `{voice}`：",
)
QUOTE_HEAD = Words("engine ; from (yuan) ; to (yuan)", "引擎 ; 最少（元） ; 最多（元）")
TARIFF_HEAD = Words("tariff ; yuan ; per ; known from", "计费项 ; 元 ; 每 ; 依据")
PUBLISHED = Words("vendor's price list", "厂商价目")
ONE_SOURCE = Words("one secondary source", "仅一处二手资料")
COMPARED = Words("no price found: range of comparable services", "没有找到价格：同类服务的区间")
UNITS = {
    Unit.SECOND: Words("second", "秒"),
    Unit.MINUTE: Words("minute", "分钟"),
    Unit.IMAGE: Words("picture", "张"),
    Unit.CHARACTER: Words("10,000 characters (a Chinese one counts twice)", "1 万字符（一个汉字算两个）"),
}


def render(language: Language) -> str:
    voice = Settings().voice_model
    quotes = [_quote(engine, voice) for engine in ENGINES]
    parts = [
        QUOTE.said(language).format(voice=voice) + "\n",
        table(QUOTE_HEAD.said(language).split(" ; "), quotes),
        table(TARIFF_HEAD.said(language).split(" ; "), [_tariff(PRICES[name], language) for name in _used()]),
    ]
    return "\n".join(parts)


def _quote(engine: str, voice: str) -> list[str]:
    quote = prices.estimate(prices.guess(FILM_MS, engine, voice))
    return [f"`{engine}`", prices.yuan(quote.low), prices.yuan(quote.high)]


def _used() -> list[str]:
    """Tariffs that a story can meet."""
    of_engines = {name for engine in ENGINES.values() for name in (*engine.prices.values(), engine.detect_price)}
    return [name for name in PRICES if name in of_engines or name.startswith(("cosyvoice", "ims."))]


def _tariff(price: Price, language: Language) -> list[str]:
    low, high = prices.yuan(price.low), prices.yuan(price.micro_yuan)
    known = PUBLISHED if not price.estimate else COMPARED if price.source == prices.COMPARED else ONE_SOURCE
    amount = high if low == high else f"{low} - {high}"
    return [f"`{price.name}`", amount, UNITS[price.unit].said(language), known.said(language)]
