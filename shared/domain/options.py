"""What a family may ask for in `job.json`, and the row that keeps it.

Apart, because every step reads the options of its job, and only the door reads the rest of an upload.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, field
from typing import Any

from shared.domain.engines import ENGINES
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.keys import Asset, narrator
from shared.domain.portrait import CORNERS, MASKS, RATIOS
from shared.domain.readers import ALTERNATE, readers

OPTIONS_BYTES_MAX = 64 * 1024
OPTIONAL = (Asset.CAPTIONS, Asset.MUSIC)
LANGUAGES = ("zh", "en")
QUOTES = ("tell", "wait", "taste")
STYLES = ("normal", "calm", "active")
MUSIC = ("keep", "none", "replace", "add")
PORTRAIT_SIZES = (0.15, 0.5)
CAP_YUAN_MAX = 10_000
PORTRAIT_MARGINS = (0.0, 0.1)
CAPTION_STYLES = ("outline", "box")
CAPTION_SIZES = (0.03, 0.1)


@frozen
class Options:
    """What `job.json` may say. No `engines` means those of the deployment."""

    narrator: str | None = None
    family: str = "family"
    assets: tuple[str, ...] = ()
    language: str = "zh"
    style: str = "normal"
    ratio: str = "1:1"
    corner: str = "top-right"
    portrait_size: float = 0.3
    quote: str = "tell"
    portrait_margin: float = 0.03
    mask: str = "none"
    burn_captions: bool = False
    caption_style: str = "outline"
    caption_size: float = 0.055
    music: str = "keep"
    engines: tuple[str, ...] = ()
    cap_yuan: float = 0.0
    listen: bool = False
    lexicon: Mapping[str, str] = field(default_factory=dict)
    cast: Mapping[str, Sequence[int | str]] = field(default_factory=dict)

    @property
    def readers(self) -> tuple[str, ...]:
        """The saved narrators who read beside the story's own."""
        return readers(self.cast, self.narrator)

    @property
    def keeps_music(self) -> bool:
        """Whether the film's own music is heard, alone or with the family's."""
        return self.music in {"keep", "add"}

    @property
    def waits_for(self) -> frozenset[Asset]:
        """Optional files without which the job does not open."""
        wanted = {Asset.MUSIC} if self.music in {"replace", "add"} else set()
        return frozenset({Asset(name) for name in self.assets} | wanted)


def read_options(data: bytes) -> Options:
    """The options of a `job.json`; `options.not_json`, `.too_large`, `.unknown` or `.value` when it will not do."""
    if len(data) > OPTIONS_BYTES_MAX:
        raise Refused("options.too_large", limit=OPTIONS_BYTES_MAX // 1024)
    try:
        found = load_object(data)
    except ValueError as error:
        raise Refused("options.not_json", why=str(error)) from error
    for name in found:
        if name not in _RULES:
            raise Refused("options.unknown", name=printable(name[:40]), known=", ".join(_RULES))
    for name, value in found.items():
        rule, is_right = _RULES[name]
        if not is_right(value):
            raise Refused("options.value", name=name, rule=rule)
    lists = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
    return Options(**{**found, **lists, "narrator": _first_reader(found)})


def _first_reader(found: Mapping[str, Any]) -> str | None:
    """The story's own narrator: of those who take turns the first, unless another of them is named."""
    wanted, turns = found.get("narrator"), found.get("cast", {}).get(ALTERNATE)
    if turns and wanted is not None and wanted not in turns:
        raise Refused("options.value", name="cast", rule=f"{ALTERNATE}: [{wanted}, …]")
    return turns[0] if turns and wanted is None else wanted


def write_options(options: Options) -> bytes:
    """JSON that `read_options` reads back as the same options."""
    return json.dumps(asdict(options), ensure_ascii=False, sort_keys=True).encode()


def load_object(data: bytes) -> dict[str, Any]:
    """A JSON object; ValueError says why it is none. Nesting too deep for the parser is no object either."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("[[[[…") from error
    if not isinstance(found, dict):
        raise ValueError("{ … } ?")  # noqa: TRY004  a wrong document, not a wrong argument
    return found


def printable(text: str) -> str:
    """Half a surrogate pair is valid JSON and breaks every file it is written to."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def _one_of(*values: str) -> tuple[str, Callable[[object], bool]]:
    return " | ".join(values), lambda value: isinstance(value, str) and value in values


def _some_of(*values: str) -> tuple[str, Callable[[object], bool]]:
    def is_right(value: object) -> bool:
        return (
            isinstance(value, list)
            and all(isinstance(one, str) and one in values for one in value)
            and len(value) == len(set(value))
        )

    return f"[{', '.join(values)}]", is_right


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(narrator(value))
    except Refused:
        return False


def _between(low: float, high: float) -> tuple[str, Callable[[object], bool]]:
    def is_right(value: object) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high

    return f"{low:g} - {high:g}", is_right


def is_cap(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= CAP_YUAN_MAX


def _is_lexicon(value: object) -> bool:
    from shared.domain.lexicon import WORDS_MAX, is_entry  # noqa: PLC0415  few stories have one, every step reads this

    return isinstance(value, dict) and len(value) <= WORDS_MAX and all(is_entry(*entry) for entry in value.items())


def _is_cast(value: object) -> bool:
    from shared.domain.cast import is_cast  # noqa: PLC0415  as above

    return is_cast(value)


_ID_RULE = "a-z 0-9 -"
_RULES: dict[str, tuple[str, Callable[[object], bool]]] = {
    "narrator": (_ID_RULE, lambda value: value is None or _is_id(value)),
    "family": (_ID_RULE, _is_id),
    "assets": _some_of(*(asset.value for asset in OPTIONAL)),
    "language": _one_of(*LANGUAGES),
    "style": _one_of(*STYLES),
    "ratio": _one_of(*RATIOS),
    "corner": _one_of(*CORNERS),
    "quote": _one_of(*QUOTES),
    "portrait_size": _between(*PORTRAIT_SIZES),
    "portrait_margin": _between(*PORTRAIT_MARGINS),
    "mask": _one_of(*MASKS),
    "burn_captions": ("true | false", lambda value: isinstance(value, bool)),
    "caption_style": _one_of(*CAPTION_STYLES),
    "caption_size": _between(*CAPTION_SIZES),
    "music": _one_of(*MUSIC),
    "engines": _some_of(*ENGINES),
    "listen": ("true | false", lambda value: isinstance(value, bool)),
    "lexicon": ("{word: pin1 yin1 | AA1 R P AH0 | spelling}", _is_lexicon),
    "cast": ("{original | <narrator>: [1, 2, …], alternate: [<narrator>, <narrator>]}", _is_cast),
    "cap_yuan": (f"0 - {CAP_YUAN_MAX}", is_cap),
}
