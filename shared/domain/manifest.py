"""What a family must upload and has to agree to, and when the set is complete. What it may ask for: `options.py`.

Apart, because it is the one place that reads a family's own files as data. Facts about media come in as plain values;
container names are those of `ports.MediaFacts`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import date

from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.catalogue.portraits import TALKING
from shared.domain.engines import sources
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.keys import OF_A_NARRATOR, Asset, Upload
from shared.domain.options import CAP_YUAN_MAX, OPTIONAL, OPTIONS_BYTES_MAX, Options, is_cap, load_object, printable
from shared.domain.timeline import SHORT_SIDE_MAX, SIDE_MAX, SIDE_MIN

MB = 1024 * 1024

# OSS cuts frames of no other films ("Video snapshots"), and in frames of the family's own the label is looked for.
FILM_CODECS = frozenset({"avc", "hevc"})
# Films of tapes and discs are stored squeezed. What IMS and OSS make of that no page tells.
PIXEL_RATIO_OFF_MAX = 0.02
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
    """A set with which the job can open, and the options as they then hold; `of_readers` are the files of narrators who
    read beside the story's own.
    """

    uploads: Mapping[Asset, Upload]
    options: Options
    of_readers: Mapping[str, Mapping[Asset, Upload]] = field(default_factory=dict)


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
    of_readers: Mapping[str, Collection[Upload]] | None = None,
) -> Complete | Missing:
    """Whether the uploads of a job, with those of its narrator if it names one, make a complete set.

    `key.twice` when an asset is there in two forms; `narrator.unknown` when all that is missing is a narrator of whom
    there is no file, `narrator.incomplete` when it is something of one who reads beside the story's own,
    `narrator.unlike` when there is nothing that an engine of theirs could show of everybody. A `music.mp3` replaces the
    film's music unless the options say `none` or `add`.
    """
    wanted = options or Options()
    own = _once(uploads)
    theirs = _once(of_narrator) if wanted.narrator else own
    parent = _of_parent(theirs, wanted, consent_required=consent_required)
    missing = ({Asset.FILM} | wanted.waits_for) - own.keys()
    if wanted.narrator and not missing and not theirs:
        raise Refused("narrator.unknown", name=wanted.narrator)
    missing |= parent - theirs.keys()
    if missing:
        return Missing(tuple(asset.value for asset in Asset if asset in missing))
    if Asset.MUSIC in own and wanted.music == "keep":
        wanted = replace(wanted, music="replace")
    of_story = {asset: own[asset] for asset in (Asset.FILM, Asset.OPTIONS, *OPTIONAL) if asset in own}
    others = {
        name: _taken(_whole(name, (of_readers or {}).get(name, ()), wanted, consent_required=consent_required))
        for name in wanted.readers
    }
    everybody, shown = (theirs, *others.values()), _shown(wanted)
    if wanted.engines and shown and not any(all(one in each for each in everybody) for one in shown):
        raise Refused("narrator.unlike", names=" | ".join(shown))
    return Complete({**of_story, **_taken(theirs)}, wanted, others)


def _of_parent(theirs: Collection[Asset], wanted: Options, *, consent_required: bool) -> set[Asset]:
    """What there must be of somebody who reads. Of what engines show, a photo or a film of the parent, one will do."""
    shown = _shown(wanted)
    face = [] if any(one in theirs for one in shown) else shown[:1]
    return {Asset.VOICE, *face, *({Asset.CONSENT} if consent_required else ())}


def _shown(wanted: Options) -> list[Asset]:
    return [Asset(name) for name in sources(wanted.engines)]


def _taken(theirs: Mapping[Asset, Upload]) -> dict[Asset, Upload]:
    return {asset: theirs[asset] for asset in OF_A_NARRATOR if asset in theirs}


def _whole(
    name: str, uploads: Collection[Upload], wanted: Options, *, consent_required: bool
) -> Mapping[Asset, Upload]:
    """The files of a narrator who reads beside the story's own."""
    theirs = _once(uploads)
    if not theirs:
        raise Refused("narrator.unknown", name=name)
    missing = _of_parent(theirs, wanted, consent_required=consent_required) - theirs.keys()
    if missing:
        names = ", ".join(asset.value for asset in Asset if asset in missing)
        raise Refused("narrator.incomplete", name=name, names=names)
    return theirs


def _once(uploads: Collection[Upload]) -> dict[Asset, Upload]:
    by_asset: dict[Asset, list[Upload]] = {}
    for upload in uploads:
        by_asset.setdefault(upload.asset, []).append(upload)
    for found in by_asset.values():
        if len(found) > 1:
            raise Refused("key.twice", names=", ".join(sorted(upload.file for upload in found)))
    return {asset: found[0] for asset, found in by_asset.items()}


# --- yes.json


@frozen
class Yes:
    """A person says that the story shall go on, perhaps how much it may cost, or that it shall be tasted first."""

    budget_yuan: float | None = None
    taste: bool = False


def read_yes(data: bytes) -> Yes:
    """An empty file will do. `yes.wrong` for anything but an object with at most `budget_yuan` and `taste`."""
    if not data.strip():
        return Yes()
    try:
        found = load_object(data[: OPTIONS_BYTES_MAX + 1])
    except ValueError as error:
        raise Refused("yes.wrong", why=str(error)) from error
    budget = found.pop("budget_yuan", None)
    wants_taste = found.pop("taste", False)
    if found or not (budget is None or is_cap(budget)) or not isinstance(wants_taste, bool):
        raise Refused("yes.wrong", why=f"budget_yuan: 0 - {CAP_YUAN_MAX}, taste: true | false")
    return Yes(budget, wants_taste)


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
        found = load_object(data)
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
    return Consent(str(who).strip(), str(when), printable(str(text)))


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
    facts: FileFacts, *, has_audio: bool, pixel_ratio: float = 1.0, limits: FilmLimits = FilmLimits()
) -> None:
    """Refuses `film.not_mp4`, `.no_video`, `.no_audio`, `.codec`, `.pixels`, `.resolution` or `.too_...`."""
    sides = (facts.width, facts.height)
    if facts.container != "mp4":
        raise Refused("film.not_mp4")
    if not facts.video_codec or not facts.seconds > 0:
        raise Refused("film.no_video")
    if not has_audio:
        raise Refused("film.no_audio")
    if facts.video_codec not in FILM_CODECS:
        raise Refused("film.codec", codec=facts.video_codec)
    if abs(pixel_ratio - 1) > PIXEL_RATIO_OFF_MAX:
        raise Refused("film.pixels", ratio=f"{pixel_ratio:.2f}")
    if min(sides) < SIDE_MIN or max(sides) > SIDE_MAX or min(sides) > SHORT_SIDE_MAX:
        raise Refused("film.resolution", width=facts.width, height=facts.height)
    if facts.seconds > limits.seconds:
        raise Refused("film.too_long", seconds=round(facts.seconds), limit=round(limits.seconds))
    _check_size("film.too_large", facts.size, limits.mb)


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
