"""Avatar engines as data: what each takes and what it costs. Vendor facts: Model Studio's EMO and wan2.2-s2v pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Engine:
    """One way to show the parent.

    `speech_ms_max` keeps a margin below the vendor's limit, which counts the decoded audio. `prices` maps the shape of
    the clip to a tariff of `prices`; `detect_price` is that of the photo check, empty when there is none.
    """

    name: str
    speech_ms_max: int
    has_task: bool
    shows: bool
    prices: Mapping[str, str] = field(default_factory=dict)
    detect_price: str = ""

    def price(self, ratio: str) -> str:
        """Tariff of clips of this shape."""
        return self.prices.get(ratio, "")

    @property
    def detects(self) -> bool:
        return bool(self.detect_price)


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        # EMO: wav or mp3, at most 60 s and 15 MB, needs the boxes of its own detection.
        Engine("emo", 58_000, True, True, {"1:1": "emo-v1.1:1", "3:4": "emo-v1.3:4"}, "emo-detect-v1"),
        # wan2.2-s2v: under 20 s, needs no boxes; 480P is its default and the smallest.
        Engine(
            "wan-s2v", 19_000, True, True, {"1:1": "wan2.2-s2v.480P", "3:4": "wan2.2-s2v.480P"}, "wan2.2-s2v-detect"
        ),
        # The portrait without motion, and no portrait at all: nothing to submit, so length does not matter.
        Engine("still", 60_000, False, True),
        Engine("none", 60_000, False, False),
    )
}
