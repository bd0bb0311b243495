"""Avatar engines as data: what each takes and what it costs.

Vendor facts: Model Studio's pages of EMO, wan2.2-s2v, LivePortrait and VideoRetalk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from shared.domain.frozen import frozen

OVERRUN_MS = 800
"""Speech may come out this much longer than it was planned, and the vendor still takes it."""

PHOTO, FILM = "photo", "portrait"
"""The two ways to show a parent, by the name of the upload: a photo, or a film of them."""


@frozen
class Engine:
    """One way to show the parent.

    `speech_ms_max` is what is planned for; with OVERRUN_MS it is still below the vendor's limit, which counts the
    decoded audio. Shorter speech than `speech_ms_min` is followed by silence. `prices` maps the shape of the clip to a
    tariff of `prices`; `detect_price` is that of the photo check, empty when there is none. `model` is the shared
    model: an instance of one's own has another name, and another price. `source` is the upload that it shows.
    """

    name: str
    speech_ms_max: int
    has_task: bool
    shows: bool
    prices: Mapping[str, str] = field(default_factory=dict)
    detect_price: str = ""
    model: str = ""
    speech_ms_min: int = 0
    source: str = PHOTO

    def price(self, ratio: str) -> str:
        """Tariff of clips of this shape."""
        return self.prices.get(ratio, "")

    @property
    def detects(self) -> bool:
        return bool(self.detect_price)

    @property
    def detect_model(self) -> str:
        """The shared model of the photo check; its tariff has the same name."""
        return self.detect_price


def _of_any_shape(tariff: str) -> Mapping[str, str]:
    return {"1:1": tariff, "3:4": tariff}


ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        # EMO: wav or mp3, at most 60 s and 15 MB, needs the boxes of its own detection.
        Engine("emo", 58_000, True, True, {"1:1": "emo-v1.1:1", "3:4": "emo-v1.3:4"}, "emo-detect-v1", "emo-v1"),
        # wan2.2-s2v: under 20 s, needs no boxes; 480P is its default and the smallest.
        Engine(
            "wan-s2v", 19_000, True, True, _of_any_shape("wan2.2-s2v.480P"), "wan2.2-s2v-detect", model="wan2.2-s2v"
        ),
        # LivePortrait: 1 s to 3 minutes.
        Engine(
            "liveportrait",
            175_000,
            True,
            True,
            _of_any_shape("liveportrait"),
            "liveportrait-detect",
            model="liveportrait",
            speech_ms_min=1_000,
        ),
        # VideoRetalk: a film of the parent, 2 to 120 s of speech, and no check before it.
        Engine(
            "videoretalk",
            116_000,
            True,
            True,
            _of_any_shape("videoretalk"),
            model="videoretalk",
            speech_ms_min=2_000,
            source=FILM,
        ),
        # The portrait without motion, and no portrait at all: nothing to submit, so length does not matter.
        Engine("still", 60_000, False, True),
        Engine("none", 60_000, False, False, source=""),
    )
}


def sources(wanted: Collection[str]) -> tuple[str, ...]:
    """The uploads of which one must be there to be shown, the likelier first; none for a story without a portrait."""
    shown = [ENGINES[name].source for name in wanted] or [PHOTO, FILM]
    return tuple(dict.fromkeys(filter(None, shown)))


def order(wanted: Sequence[str], usual: Sequence[str], uploads: Collection[str]) -> tuple[str, ...]:
    """The engines to try, one after the other: those the family wants, else the deployment's usual ones.

    A film of the parent was uploaded to be used: unless the family says otherwise its engine comes first. With a film
    alone the story goes without a portrait when that engine cannot be had.
    """
    if wanted:
        return tuple(wanted)
    first = [name for name in ENGINES if ENGINES[name].source == FILM and FILM in uploads]
    last = ["none"] if PHOTO not in uploads else []
    return tuple(dict.fromkeys([*first, *usual, *last]))
