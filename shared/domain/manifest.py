"""What a family must upload, may ask for and has to agree to, and when the set is complete.

Apart, because it is the one place that reads a family's own files as data. Facts about media come in as plain values;
container names are those of `ports.MediaFacts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, field, replace
from datetime import date
from typing import Any

from shared.domain.cast import is_cast
from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.catalogue.portraits import TALKING
from shared.domain.engines import ENGINES
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.keys import Asset, Upload, narrator
from shared.domain.lexicon import WORDS_MAX, is_entry
from shared.domain.portrait import CORNERS, MASKS, RATIOS
from shared.domain.timeline import CAPTION_STYLES, SHORT_SIDE_MAX, SIDE_MAX, SIDE_MIN

OPTIONS_BYTES_MAX = 64 * 1024
MB = 1024 * 1024
OPTIONAL = (Asset.CAPTIONS, Asset.MUSIC)
LANGUAGES = ("zh", "en")
QUOTES = ("tell", "wait")
STYLES = ("normal", "calm", "active")
MUSIC = ("keep", "none", "replace", "add")
PORTRAIT_SIZES = (0.15, 0.5)
CAP_YUAN_MAX = 10_000
PORTRAIT_MARGINS = (0.0, 0.1)
CAPTION_SIZES = (0.03, 0.1)

# CosyVoice's sample: 10-20 s advised; less than 5 s of continuous speech it refuses, as it does more than 60 s.
VOICE_S_MIN, VOICE_S_MAX, VOICE_MB_MAX, VOICE_HZ_MIN, VOICE_BITS = 5, 60, 10, 16_000, 16
VOICED_MS_MIN = 3000
# EMO's and wan2.2-s2v's photo.
PHOTO_SIDE_MIN, PHOTO_SIDE_MAX, PHOTO_MB_MAX = 400, 7000, 10
MUSIC_MB_MAX = 50
WAV = "wav"
VOICE_CONTAINERS = frozenset({WAV, "mp3", "mp4"})
PHOTO_CONTAINERS = frozenset({"jpeg", "png", "bmp", "webp"})


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
    lexicon: Mapping[str, str] = field(default_factory=dict)
    cast: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def waits_for(self) -> frozenset[Asset]:
        """Optional files without which the job does not open."""
        wanted = {Asset.MUSIC} if self.music in {"replace", "add"} else set()
        return frozenset({Asset(name) for name in self.assets} | wanted)


@frozen
class Consent:
    """Who agreed, when, to which text or version of it, and that each tick was set by itself: voice, face, of age."""

    who: str
    when: str
    text: str
    voice: bool = True
    face: bool = True
    adult: bool = True


@frozen
class Complete:
    """A set with which the job can open, and the options as they then hold."""

    uploads: Mapping[Asset, Upload]
    options: Options


@frozen
class Missing:
    """What is still to come: the names of assets."""

    names: tuple[str, ...]


# --- the set


def collect(
    uploads: Collection[Upload],
    options: Options | None,
    *,
    consent_required: bool,
    of_narrator: Collection[Upload] = (),
) -> Complete | Missing:
    """Whether the uploads of a job, with those of its narrator if it names one, make a complete set.

    `key.twice` when an asset is there in two forms; `narrator.unknown` when all that is missing is a narrator of whom
    there is no file. A `music.mp3` replaces the film's music unless the options say `none` or `add`.
    """
    wanted = options or Options()
    own = _once(uploads)
    theirs = _once(of_narrator) if wanted.narrator else own
    face = Asset.PORTRAIT if Asset.PORTRAIT in theirs else Asset.PHOTO  # a film of the parent will do instead
    parent = {Asset.VOICE, face, *({Asset.CONSENT} if consent_required else ())}
    missing = ({Asset.FILM} | wanted.waits_for) - own.keys()
    if wanted.narrator and not missing and not theirs:
        raise Refused("narrator.unknown", name=wanted.narrator)
    missing |= parent - theirs.keys()
    if missing:
        return Missing(tuple(asset.value for asset in Asset if asset in missing))
    if Asset.MUSIC in own and wanted.music == "keep":
        wanted = replace(wanted, music="replace")
    of_parent = {asset: theirs[asset] for asset in (*parent, Asset.PHOTO, Asset.CONSENT) if asset in theirs}
    of_story = {asset: own[asset] for asset in (Asset.FILM, Asset.OPTIONS, *OPTIONAL) if asset in own}
    return Complete({**of_story, **of_parent}, wanted)


def _once(uploads: Collection[Upload]) -> dict[Asset, Upload]:
    by_asset: dict[Asset, list[Upload]] = {}
    for upload in uploads:
        by_asset.setdefault(upload.asset, []).append(upload)
    for found in by_asset.values():
        if len(found) > 1:
            raise Refused("key.twice", names=", ".join(sorted(upload.file for upload in found)))
    return {asset: found[0] for asset, found in by_asset.items()}


# --- job.json


def read_options(data: bytes) -> Options:
    """The options of a `job.json`; `options.not_json`, `.too_large`, `.unknown` or `.value` when it will not do."""
    if len(data) > OPTIONS_BYTES_MAX:
        raise Refused("options.too_large", limit=OPTIONS_BYTES_MAX // 1024)
    try:
        found = _load(data)
    except ValueError as error:
        raise Refused("options.not_json", why=str(error)) from error
    for name in found:
        if name not in _RULES:
            raise Refused("options.unknown", name=_printable(name[:40]), known=", ".join(_RULES))
    for name, value in found.items():
        rule, is_right = _RULES[name]
        if not is_right(value):
            raise Refused("options.value", name=name, rule=rule)
    lists = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
    return Options(**{**found, **lists})


def write_options(options: Options) -> bytes:
    """JSON that `read_options` reads back as the same options."""
    return json.dumps(asdict(options), ensure_ascii=False, sort_keys=True).encode()


def _load(data: bytes) -> dict[str, Any]:
    """A JSON object; ValueError says why it is none. Nesting too deep for the parser is no object either."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("[[[[…") from error
    if not isinstance(found, dict):
        raise ValueError("{ … } ?")  # noqa: TRY004  a wrong document, not a wrong argument
    return found


def _printable(text: str) -> str:
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


def _is_cap(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= CAP_YUAN_MAX


def _is_lexicon(value: object) -> bool:
    return isinstance(value, dict) and len(value) <= WORDS_MAX and all(is_entry(*entry) for entry in value.items())


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
    "lexicon": ("{word: pin1 yin1 | AA1 R P AH0 | spelling}", _is_lexicon),
    "cast": ("{original: [1, 2, …]}", is_cast),
    "cap_yuan": (f"0 - {CAP_YUAN_MAX}", _is_cap),
}


# --- yes.json


@frozen
class Yes:
    """A person says that the story shall go on, and perhaps how much it may cost."""

    budget_yuan: float | None = None


def read_yes(data: bytes) -> Yes:
    """An empty file will do. `yes.wrong` for anything but an object with at most `budget_yuan`."""
    if not data.strip():
        return Yes()
    try:
        found = _load(data[: OPTIONS_BYTES_MAX + 1])
    except ValueError as error:
        raise Refused("yes.wrong", why=str(error)) from error
    budget = found.pop("budget_yuan", None)
    if found or not (budget is None or _is_cap(budget)):
        raise Refused("yes.wrong", why=f"budget_yuan: 0 - {CAP_YUAN_MAX}")
    return Yes(budget)


# --- consent.json

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
WHO_CHARACTERS_MAX = 200


def read_consent(data: bytes) -> Consent:
    """The consent of the person whose voice and face are used; `consent.incomplete` names everything that lacks.

    Other fields may stand beside ours: the record is the family's.
    """
    if len(data) > OPTIONS_BYTES_MAX:
        raise Refused("consent.incomplete", why=f"> {OPTIONS_BYTES_MAX // 1024} KB")
    try:
        found = _load(data)
    except ValueError as error:
        raise Refused("consent.incomplete", why=str(error)) from error
    who, when, text = (found.get(name) for name in ("who", "when", "text"))
    wrong = [
        *([] if _is_name(who) else ["who"]),
        *([] if _is_day(when) else ["when: YYYY-MM-DD"]),
        *([f"{tick}: true" for tick in ("voice", "face", "adult") if found.get(tick) is not True]),
        *([] if isinstance(text, str) and text.strip() else ["text"]),
    ]
    if wrong:
        raise Refused("consent.incomplete", why=", ".join(wrong))
    return Consent(str(who).strip(), str(when), _printable(str(text)))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= WHO_CHARACTERS_MAX and value.isprintable()


def _is_day(value: object) -> bool:
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return match is not None and bool(date.fromisoformat(match.group(1)))
    except ValueError:
        return False


# --- the files


@frozen
class FilmLimits:
    """What a deployment takes; the defaults are those of its settings."""

    seconds: float = 1800
    mb: int = 2048


def check_film(
    *,
    container: str,
    seconds: float,
    has_video: bool,
    has_audio: bool,
    width: int,
    height: int,
    size: int,
    limits: FilmLimits = FilmLimits(),
) -> None:
    """Refuses `film.not_mp4`, `.no_video`, `.no_audio`, `.resolution`, `.too_long` or `.too_large`."""
    if container != "mp4":
        raise Refused("film.not_mp4")
    if not has_video or not seconds > 0:
        raise Refused("film.no_video")
    if not has_audio:
        raise Refused("film.no_audio")
    if min(width, height) < SIDE_MIN or max(width, height) > SIDE_MAX or min(width, height) > SHORT_SIDE_MAX:
        raise Refused("film.resolution", width=width, height=height)
    if seconds > limits.seconds:
        raise Refused("film.too_long", seconds=round(seconds), limit=round(limits.seconds))
    _check_size("film.too_large", size, limits.mb)


def check_voice(
    *, container: str, seconds: float, sample_rate: int, bits: int, size: int, voiced_ms: int | None = None
) -> None:
    """Refuses a sample that the voice model would refuse: `voice.format`, `.too_large`, `.sample_rate`, `.too_short`,
    `.too_long` or `.silent`. `voiced_ms` is None when the sample could not be listened to (only WAV is decoded here).
    """
    if container not in VOICE_CONTAINERS or (container == WAV and bits not in {0, VOICE_BITS}):
        raise Refused("voice.format")
    _check_size("voice.too_large", size, VOICE_MB_MAX)
    if sample_rate < VOICE_HZ_MIN:
        raise Refused("voice.sample_rate", hz=sample_rate)
    if not seconds >= VOICE_S_MIN:
        raise Refused("voice.too_short", seconds=f"{seconds:.1f}")
    if seconds > VOICE_S_MAX:
        raise Refused("voice.too_long", seconds=round(seconds))
    if voiced_ms is not None and voiced_ms < VOICED_MS_MIN:
        raise Refused("voice.silent")


def check_photo(*, container: str, width: int, height: int, size: int) -> None:
    """Refuses `photo.format`, `.too_large` or `.resolution`. Whether there is a face in it is the engine's to say."""
    if container not in PHOTO_CONTAINERS:
        raise Refused("photo.format")
    _check_size("photo.too_large", size, PHOTO_MB_MAX)
    if min(width, height) < PHOTO_SIDE_MIN or max(width, height) > PHOTO_SIDE_MAX:
        raise Refused("photo.resolution", width=width, height=height)


def check_music(*, container: str, seconds: float, size: int) -> None:
    """Refuses `music.format` or `.too_large`."""
    if container != "mp3" or not seconds > 0:
        raise Refused("music.format")
    _check_size("music.too_large", size, MUSIC_MB_MAX)


def check_portrait(facts: FileFacts) -> None:
    """Refuses `request.file` for a film of the parent that VideoRetalk would not take."""
    for problem in file_problems("portrait.mp4", TALKING, facts):
        raise problem


def _check_size(code: str, size: int, limit_mb: int) -> None:
    if size > limit_mb * MB:
        raise Refused(code, mb=f"{size / MB:.1f}", limit=limit_mb)
