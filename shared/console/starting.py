"""Starting a story from a browser: its options and consent are written here, its files go straight to the bucket.

The function writes only what it has read and found right; for each file it signs a form for that one key, type and
size, or, for a large one, an upload in parts, which can be taken up again when the phone has slept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any

from shared.console import sessions
from shared.console.desk import Desk, own
from shared.console.http import Answered
from shared.console.sessions import Visitor
from shared.domain import families, keys, manifest
from shared.domain.errors import Refused
from shared.domain.frozen import frozen
from shared.domain.keys import Asset, Owner
from shared.domain.options import OPTIONAL, read_options
from shared.domain.readers import ALTERNATE, ORIGINAL
from shared.engine import asking
from shared.ports import Bucket, Place

MB = 1024 * 1024
IN_ONE_PIECE_MAX = 16 * MB
PART_BYTES = 8 * MB
"""A phone on a slow line loses at most this much; OSS takes 10,000 parts."""

TICKET_S = 2 * 3600
PARTS_AT_ONCE_MAX = 100
TEXT_VERSION = "page-1"
"""Of the consent's words in `pages/consent.html`; a change there is another version here."""

DOCUMENT = "json"
"""Written here, never by a browser."""

OPTIONS = ("language", "style", "corner", "portrait_size", "ratio", "burn_captions", "music", "listen")
"""What the page may set of a `job.json`; everything else is the deployment's."""


@frozen
class FileAsked:
    """A file that the browser wants to put."""

    asset: Asset
    extension: str
    size: int


def start(desk: Desk, visitor: Visitor, asked: Mapping[str, Any]) -> dict[str, object]:
    """Open the way for a new story: its name, and a ticket for each file. `Refused` says what is wrong.

    `asked`: `options`, `consent` (`who`, `voice`, `face`, `adult`), `files` ([`asset`, `extension`, `size`]),
    `narrator` (`label`, `is_new`) for a parent who is kept, or is to be kept, for more stories, and `cast`: the kept
    parents who take `turns` with that one, `lines` (numbers of captions by parent), and those of the film's own voice,
    `original`.
    """
    files = [_file(desk, one) for one in _list(asked, "files")]
    kept = asked.get("narrator") if isinstance(asked.get("narrator"), dict) else None
    name = families.narrator(visitor.family, str(kept.get("label", ""))) if kept else ""
    is_new = bool(kept and kept.get("is_new"))
    options = _options(visitor, asked, files, name)
    consent = _consent(desk, asked) if is_new or not name else None
    sessions.spend_a_start(desk.world, visitor)
    now, token = desk.world.clock.now(), desk.world.ids.token()
    job_id = families.new_job(visitor.family, now, token)
    _put(desk, keys.upload(Owner.INBOX, job_id, Asset.OPTIONS, "json"), options)
    if consent is not None:
        owner, owned_by = (Owner.NARRATOR, name) if name else (Owner.INBOX, job_id)
        _put(desk, keys.upload(owner, owned_by, Asset.CONSENT, "json"), consent)
    tickets = [_ticket(desk, job_id, name, is_new, one) for one in files]
    return {"job": job_id, "tickets": tickets}


def again(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> dict[str, object]:
    """A ticket for a file that was refused, or whose upload was lost. The old file of another type is taken away."""
    file = _file(desk, asked)
    for extension in keys.EXTENSIONS[file.asset]:
        if extension != file.extension:
            place = Place(Bucket.INPUT, keys.upload(Owner.INBOX, own(visitor, job_id), file.asset, extension))
            desk.world.objects.delete(place)
    return _ticket(desk, own(visitor, job_id), "", is_new=False, file=file)


def part_urls(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> dict[str, object]:
    """Where to put the parts `numbers` of an upload, and which have arrived already."""
    place, upload = _upload(visitor, job_id, asked)
    numbers = [one for one in _list(asked, "numbers") if isinstance(one, int) and 0 < one <= 10_000]
    if len(numbers) > PARTS_AT_ONCE_MAX:
        raise Answered(HTTPStatus.BAD_REQUEST, "too_many")
    arrived = {part.number: part.size for part in desk.uploads.parts(place, upload)}
    return {"urls": desk.uploads.part_urls(place, upload, numbers, TICKET_S), "numbers": numbers, "arrived": arrived}


def complete(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> dict[str, object]:
    """All parts are there: make them one file."""
    place, upload = _upload(visitor, job_id, asked)
    return {"size": desk.uploads.complete(place, upload).size}


def say_yes(desk: Desk, visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> None:
    """The family has seen what the story will cost, or has tasted it, and wants it; or wants to taste it first."""
    body = b'{"taste": true}' if asked.get("taste") is True else b"{}"
    desk.world.objects.write(asking.place(own(visitor, job_id)), body, "application/json")


def _file(desk: Desk, asked: object) -> FileAsked:
    if not isinstance(asked, dict):
        raise Answered(HTTPStatus.BAD_REQUEST, "not_json")
    name, extension, size = str(asked.get("asset")), str(asked.get("extension")).lower(), asked.get("size")
    if name not in {asset.value for asset in Asset} or extension == DOCUMENT:
        raise Refused("key.unknown", name=f"{name}.{extension}"[:60])
    asset = Asset(name)
    if extension not in keys.EXTENSIONS[asset] or not isinstance(size, int):
        raise Refused("key.unknown", name=f"{name}.{extension}"[:60])
    limit_mb = _limit_mb(desk, asset)
    if not 0 < size <= limit_mb * MB:
        code = {Asset.FILM: "film.too_large", Asset.PHOTO: "photo.too_large"}.get(asset, "voice.too_large")
        raise Refused(code, mb=f"{size / MB:.1f}", limit=limit_mb)
    return FileAsked(asset, extension, size)


def _limit_mb(desk: Desk, asset: Asset) -> int:
    limits = {
        Asset.FILM: desk.world.settings.film_mb_max,
        Asset.PHOTO: manifest.PHOTO_MB_MAX,
        Asset.VOICE: manifest.VOICE_MB_MAX,
        Asset.MUSIC: manifest.MUSIC_MB_MAX,
    }
    return limits.get(asset, 1)


def _options(visitor: Visitor, asked: Mapping[str, Any], files: Sequence[FileAsked], narrator: str) -> bytes:
    given = asked.get("options")
    wanted: dict[str, object] = (
        {name: given[name] for name in OPTIONS if name in given} if isinstance(given, dict) else {}
    )
    wanted |= {"family": visitor.family, "quote": "wait"}
    extra = sorted(one.asset.value for one in files if one.asset in OPTIONAL)
    if extra:
        wanted["assets"] = extra
    if narrator:
        wanted["narrator"] = narrator
    cast = _cast(visitor, asked, narrator)
    if cast:
        wanted["cast"] = cast
    body = json.dumps(wanted, ensure_ascii=False).encode()
    read_options(body)
    return body


def _cast(visitor: Visitor, asked: Mapping[str, Any], narrator: str) -> dict[str, object]:
    """`cast` of a `job.json`, of the family's own parents only; whether it may be, `read_options` knows."""
    given = asked.get("cast")
    parts = given if isinstance(given, dict) else {}
    lines = parts.get("lines")
    found: dict[str, object] = {
        families.narrator(visitor.family, label): numbers
        for label, numbers in (lines if isinstance(lines, dict) else {}).items()
    }
    if parts.get("original"):
        found[ORIGINAL] = parts["original"]
    turns = [families.narrator(visitor.family, str(label)) for label in _list(parts, "turns")]
    if turns and not narrator:
        raise Refused("cast.not_kept")  # who takes turns is known by name
    return found | ({ALTERNATE: [narrator, *turns]} if turns else {})


def _consent(desk: Desk, asked: Mapping[str, Any]) -> bytes:
    """The record of both ticks, at this moment, to the words that the page shows."""
    given = asked.get("consent")
    ticks = given if isinstance(given, dict) else {}
    if ticks.get("adult") is not True:
        raise Refused("consent.incomplete", why="adult: true")
    when = datetime.fromtimestamp(desk.world.clock.now(), timezone.utc)
    record = {
        "who": ticks.get("who"),
        "when": f"{when:%Y-%m-%dT%H:%M:%SZ}",
        "voice": ticks.get("voice") is True,
        "face": ticks.get("face") is True,
        "adult": True,
        "text": TEXT_VERSION,
    }
    body = json.dumps(record, ensure_ascii=False).encode()
    manifest.read_consent(body)
    return body


def _ticket(desk: Desk, job_id: str, narrator: str, is_new: bool, file: FileAsked) -> dict[str, object]:
    of_narrator = bool(narrator) and is_new and file.asset in keys.OF_A_NARRATOR
    owner, name = (Owner.NARRATOR, narrator) if of_narrator else (Owner.INBOX, job_id)
    place = Place(Bucket.INPUT, keys.upload(owner, name, file.asset, file.extension))
    told: dict[str, object] = {"asset": file.asset.value, "extension": file.extension}
    content_type = keys.CONTENT_TYPES[file.extension]
    if file.size > IN_ONE_PIECE_MAX and not of_narrator:
        return {**told, "upload": desk.uploads.begin(place, content_type), "part_bytes": PART_BYTES}
    now = desk.world.clock.now()
    form = desk.uploads.form(place, content_type, file.size, TICKET_S, now)
    return {**told, "form": {"url": form.url, "fields": dict(form.fields)}}


def _upload(visitor: Visitor, job_id: str, asked: Mapping[str, Any]) -> tuple[Place, str]:
    upload, asset, extension = (str(asked.get(name, "")) for name in ("upload", "asset", "extension"))
    if not upload.isalnum() or asset not in {one.value for one in Asset}:
        raise Answered(HTTPStatus.BAD_REQUEST, "not_json")
    return Place(Bucket.INPUT, keys.upload(Owner.INBOX, own(visitor, job_id), Asset(asset), extension)), upload


def _list(asked: Mapping[str, Any], name: str) -> list[Any]:
    found = asked.get(name)
    return found if isinstance(found, list) else []


def _put(desk: Desk, key: str, body: bytes) -> None:
    desk.world.objects.write(Place(Bucket.INPUT, key), body, "application/json")
