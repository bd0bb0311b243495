"""`echobot generate`: any model of Model Studio from the command line, by the request file that a bucket would get."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymediainfo import MediaInfo

from shared.clients.probe import media_facts
from shared.domain import keys, requests
from shared.domain.catalogue.checking import model_named, wanted
from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.catalogue.rules import Text
from shared.domain.errors import Refused
from shared.domain.prices import Quote
from shared.domain.requests import Request
from shared.engine.world import World
from shared.ports import Bucket, Place


@dataclass(frozen=True)
class Wish:
    """What a person types: `name=value`, the same name again for a list."""

    model: str
    inputs: Sequence[str] = ()
    parameters: Sequence[str] = ()
    deployed: Sequence[str] = ()
    cap_yuan: float = 0.0


@dataclass(frozen=True)
class Ready:
    """A checked request, what it costs from and to, and the local files to upload under their keys."""

    request: Request
    quote: Quote
    uploads: Mapping[str, Path]


def prepare(wish: Wish, request_id: str) -> Ready:
    """`Wrong` or `Refused` for whatever will not do, local files included: nothing has been uploaded then."""
    model = model_named(wish.model)
    uploads: dict[str, Path] = {}
    named = {
        name: [_uploaded(request_id, name, number, text, uploads) for number, text in enumerate(texts)]
        for name, texts in _pairs(wish.inputs, "--input").items()
    }
    given = {name: values if len(values) > 1 else values[0] for name, values in named.items()}
    fields = {one.name: one for one in wanted(model, given).inputs}
    lost = [
        Refused("request.no_file", name=f"input.{name}", file=text[:200])
        for name, values in named.items()
        if name in fields and fields[name].file is not None
        for text in values
        if not _is_there(text)
    ]
    if lost:
        raise requests.Wrong(lost)
    texts_of = {name for name, one in fields.items() if isinstance(one.rule, Text)}
    inputs = {name: value if name in texts_of else _value(value) for name, value in given.items()}
    whole = {
        "model": wish.model,
        "input": inputs,
        "parameters": {name: _value(texts[-1]) for name, texts in _pairs(wish.parameters, "--param").items()},
        "deployed": {name: texts[-1] for name, texts in _pairs(wish.deployed, "--deployed").items()},
        "cap_yuan": wish.cap_yuan,
    }
    return _checked(json.dumps(whole).encode(), request_id, uploads)


def from_file(path: Path, request_id: str) -> Ready:
    """A request as it lies in a folder that is laid out like the input bucket: a file that it names is looked for
    beside it, `requests/samples/voice.wav` in the folder `samples`, and uploaded under that key. Errors as `prepare`.
    """
    body = path.read_bytes()
    request = requests.read(body)
    named = {where for _, _, where in requests.files(request) if where.startswith(keys.REQUESTS)}
    here = {where: path.parent.joinpath(*where.split("/")[1:]) for where in sorted(named)}
    return _checked(body, request_id, {where: file for where, file in here.items() if file.is_file()})


def _checked(body: bytes, request_id: str, uploads: Mapping[str, Path]) -> Ready:
    keys.request(request_id)
    request = requests.read(body)
    facts = {key: facts_of(path) for key, path in uploads.items()}
    problems = [
        problem
        for field, limits, where in requests.files(request)
        if where in facts
        for problem in file_problems(field, limits, facts[where])
    ]
    if problems:
        raise requests.Wrong(problems)
    quoted = requests.quote(request, facts)
    requests.check_cap(request, quoted)
    return Ready(request, quoted, uploads)


def put(world: World, request_id: str, ready: Ready) -> None:
    """The files first, so that nothing starts without them."""
    for key, path in ready.uploads.items():
        world.objects.write(Place(Bucket.INPUT, key), path.read_bytes(), "application/octet-stream")
    place = Place(Bucket.INPUT, keys.request(request_id))
    world.objects.write(place, requests.write(ready.request), "application/json")


def fetch(world: World, request_id: str, folder: Path) -> list[Path]:
    """Everything under `results/<id>/`, into a folder, its own folders kept."""
    prefix = keys.result(request_id, "x").removesuffix("x")
    brought = []
    for info in world.objects.listing(Bucket.OUTPUT, prefix):
        path = folder.joinpath(*info.key.removeprefix(prefix).split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(world.objects.read(Place(Bucket.OUTPUT, info.key)))
        brought.append(path)
    return brought


def facts_of(path: Path) -> FileFacts:
    """What a local file says of itself."""
    with path.open("rb") as file:
        facts = media_facts(MediaInfo.parse(path), file.read)
    sides, size = (facts.width, facts.height), path.stat().st_size
    return FileFacts(facts.container, size, facts.seconds, *sides, facts.fps, facts.video_codec)


def _pairs(texts: Sequence[str], option: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Refused("request.value", name=option, value=text[:60], rule="name=value", nearest="name=value")
        found.setdefault(name, []).append(value)
    return found


def _uploaded(request_id: str, name: str, number: int, text: str, uploads: dict[str, Path]) -> str:
    """The key under which a local file will lie; anything that is no local file stays as it is."""
    path = Path(text)
    if not text or not path.is_file():
        return text
    key = keys.input_key(f"{keys.REQUESTS}{request_id}/{name}-{number}{path.suffix.lower()}")
    uploads[key] = path
    return key


def _is_there(text: str) -> bool:
    """Whether it names a file of the input bucket, as what is uploaded does, or of the web: the cloud looks for it."""
    return "://" in text or text.startswith((keys.INBOX, keys.NARRATORS, keys.REQUESTS))


def _value(value: object) -> Any:
    """JSON where it is JSON, else the text itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
