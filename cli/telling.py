"""`echobot tell`: upload, watch, bring the story back."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from cli import views
from shared.domain import keys
from shared.domain.engines import sources
from shared.domain.errors import Refused
from shared.domain.job import WHOLE, JobState, Rows, StepState
from shared.domain.keys import Asset, Owner
from shared.domain.options import Options
from shared.domain.options import read_options as read_asked
from shared.engine import asking
from shared.engine.records import load_job, load_steps
from shared.engine.world import World
from shared.ports import Bucket, Place

LOOK_EVERY_S = 0.5
LAST_LOOKS_EVERY_S = 0.1
"""Once the film is composed it is only handed over, which takes a second or so."""
UNDER_WAY = frozenset({JobState.COLLECTING, JobState.OPEN})
CONSENT_TEXT = "我同意用这段录音复刻我的声音，并用这张照片制作会说话的人像，只用于讲这个故事。"


@dataclass(frozen=True)
class Telling:
    """What a family hands over: the film, and of a parent who is not kept as a narrator the voice, and a photo or a
    portrait (a film of the parent).
    """

    film: Path
    voice: Path | None = None
    photo: Path | None = None
    captions: Path | None = None
    music: Path | None = None
    consent: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    portrait: Path | None = None


@dataclass(frozen=True)
class Ended:
    """How it ended; `problems` are words for people."""

    job_id: str
    state: JobState
    problems: tuple[str, ...] = ()


Show = Callable[[JobState | None, Rows], None]


def new_job_id() -> str:
    """Sortable by time, unguessable enough not to meet another family's."""
    return f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def read_options(path: Path) -> dict[str, object]:
    """A job.json that the door would take; `Refused` says what is wrong with it."""
    data = path.read_bytes()
    read_asked(data)
    found = json.loads(data.decode("utf-8-sig"))
    return dict(found)


def uploads(job_id: str, telling: Telling) -> dict[str, bytes]:
    """Keys and bodies in the order in which they are put: options first, so that nothing starts without them.
    `options.lacks`, `tell.voice` and `tell.face` for a file without which the job would wait for ever; `tell.kept` for
    one that nobody would look at.
    """
    options = dict(telling.options)
    if telling.music and options.get("music", "keep") == "keep":
        options["music"] = "replace"
    given = {name for name, path in (("captions", telling.captions), ("music", telling.music)) if path}
    asked = read_asked(json.dumps(options).encode())
    for name in sorted(asset.value for asset in asked.waits_for):
        if name not in given:
            raise Refused("options.lacks", name=name)
    _check_parent(telling, asked)
    if given:
        options["assets"] = sorted(given)
    bodies: dict[str, bytes] = {}
    if options:
        bodies[_key(job_id, Asset.OPTIONS, "json")] = json.dumps(options, ensure_ascii=False).encode()
    if telling.consent:
        bodies[_key(job_id, Asset.CONSENT, "json")] = consent(telling.consent, datetime.now(timezone.utc))
    for asset, path in (
        (Asset.CAPTIONS, telling.captions),
        (Asset.MUSIC, telling.music),
        (Asset.PORTRAIT, telling.portrait),
        (Asset.PHOTO, telling.photo),
        (Asset.VOICE, telling.voice),
        (Asset.FILM, telling.film),
    ):
        if path is not None:
            bodies[_key(job_id, asset, path.suffix.lower().removeprefix("."))] = path.read_bytes()
    return bodies


def _check_parent(telling: Telling, asked: Options) -> None:
    """The files of the parent are all there, or those of a kept narrator are taken."""
    parent = {Asset.VOICE: telling.voice, Asset.PHOTO: telling.photo, Asset.PORTRAIT: telling.portrait}
    own = [asset.value for asset, path in parent.items() if path] + [Asset.CONSENT.value] * bool(telling.consent)
    if asked.narrator:
        if own:
            raise Refused("tell.kept", name=asked.narrator, names=", ".join(f"--{name}" for name in own))
        return
    if telling.voice is None:
        raise Refused("tell.voice")
    shown = sources(asked.engines)
    if shown and not {*shown} & {*own}:
        raise Refused("tell.face", names=" | ".join(f"--{name}" for name in shown))


def consent(who: str, when: datetime) -> bytes:
    """A consent record with both ticks, as the person at the command line has just given them."""
    record = {"who": who, "when": when.isoformat(), "voice": True, "face": True, "adult": True, "text": CONSENT_TEXT}
    return json.dumps(record, ensure_ascii=False).encode()


def put(world: World, bodies: Mapping[str, bytes]) -> None:
    for key, body in bodies.items():
        content_type = keys.CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream")
        world.objects.write(Place(Bucket.INPUT, key), body, content_type)


def watch(world: World, job_id: str, show: Show) -> Ended:
    """Look at the rows until the job has ended, or asks. These are our own rows: no vendor is asked anything."""
    while True:
        job = load_job(world, job_id)
        rows = load_steps(world, job_id) if job is not None and job.state is not JobState.COLLECTING else {}
        show(job.state if job else None, rows)
        if job is not None and job.state not in UNDER_WAY:
            return Ended(job_id, job.state, tuple(views.problems(error_of(world, job_id))))
        film = rows.get(("compose", WHOLE))
        pause(LAST_LOOKS_EVERY_S if film is not None and film.state is StepState.DONE else LOOK_EVERY_S)


def pause(seconds: float = LOOK_EVERY_S) -> None:
    """Until the rows are looked at again."""
    time.sleep(seconds)


def say_yes(world: World, job_id: str, budget_yuan: float | None = None, *, taste: bool = False) -> None:
    """Put the file that lets a job go on that waits for a person; `Refused` when it waits for none."""
    job = load_job(world, job_id)
    is_paused = job is not None and job.state is JobState.OPEN and asking.is_paused(world, job_id)
    if job is None or not (job.state is JobState.ASKED or is_paused):
        raise Refused("job.not_asked", job=job_id)
    if is_paused and budget_yuan is None:
        raise Refused("yes.budget", job=job_id)
    body = ({} if budget_yuan is None else {"budget_yuan": budget_yuan}) | ({"taste": True} if taste else {})
    world.objects.write(asking.place(job_id), json.dumps(body).encode(), "application/json")


def error_of(world: World, job_id: str) -> Mapping[str, object]:
    """The job's `error.json`, or nothing."""
    place = Place(Bucket.OUTPUT, keys.error(job_id))
    if world.objects.head(place) is None:
        return {}
    found = json.loads(world.objects.read(place))
    return found if isinstance(found, dict) else {}


def fetch(world: World, job_id: str, folder: Path) -> list[Path]:
    """Everything the story consists of, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    brought = []
    for info in world.objects.listing(Bucket.OUTPUT, keys.story(job_id)):
        path = folder / info.key.rpartition("/")[2]
        path.write_bytes(world.objects.read(Place(Bucket.OUTPUT, info.key)))
        brought.append(path)
    return brought


def _key(job_id: str, asset: Asset, extension: str) -> str:
    try:
        return keys.upload(Owner.INBOX, job_id, asset, extension)
    except Refused as error:
        if error.code != "key.unknown":
            raise  # the job's name, not the file's
        known = {
            Asset.PHOTO: "photo.format",
            Asset.PORTRAIT: "film.not_mp4",
            Asset.VOICE: "voice.format",
            Asset.FILM: "film.not_mp4",
        }
        raise Refused(known.get(asset, error.code), f".{extension}", **error.fields) from error
