"""`echobot narrator`: parents who tell many stories. They are enrolled once, and may wish to be forgotten."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import clouds, receipts, telling, views
from cli.operating import AsJson, put_json
from cli.refusals import refusals, refuse
from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.keys import Asset, Owner
from shared.engine import narrators

app = typer.Typer(no_args_is_help=True, help="Parents who tell many stories.")
console = Console()

Name = Annotated[str, typer.Argument(help="Small letters, digits and hyphens, at most 48.")]


@app.command()
def add(
    name: Name,
    voice: Annotated[Path, typer.Option(help="10-20 s of the parent reading: wav, mp3 or m4a.")],
    photo: Annotated[Path, typer.Option(help="A photo of the parent: jpg, png, bmp or webp.")],
    consent: Annotated[str, typer.Option(help="The parent's name: agrees to voice cloning and face animation.")],
    as_json: AsJson = False,
) -> None:
    """Keep a parent's voice sample, photo and consent for stories whose job.json names them as narrator."""
    for path in (voice, photo):
        if not path.is_file():
            raise refuse(f"找不到文件 {path}", f"There is no file {path}")
    with refusals():
        bodies = {
            _key(name, Asset.CONSENT, "json"): telling.consent(consent, datetime.now(timezone.utc)),
            _key(name, Asset.PHOTO, _ending(photo)): photo.read_bytes(),
            _key(name, Asset.VOICE, _ending(voice)): voice.read_bytes(),
        }
    with clouds.connected() as world:
        telling.put(world, bodies)
    if as_json:
        put_json({"name": name, "uploaded": list(bodies)})
    for key in [] if as_json else bodies:
        console.print(key, highlight=False)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Every narrator: their files, whether a voice is enrolled, the stories told so far."""
    with clouds.connected() as world:
        found = narrators.listed(world)
    if as_json:
        put_json([asdict(one) for one in found])
        return
    for one in found:
        told = f"{len(one.stories)} stories, {one.voices} voices: {' '.join(one.files)}"
        console.print(f"{one.name:<24} {told}", highlight=False, soft_wrap=True)


@app.command()
def erase(
    name: Name,
    check: Annotated[
        bool, typer.Option("--check", help="Delete nothing: prove again that an erased narrator is gone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a narrator: sample, photo, voices, and what stories were made of. Stories that were handed over stay."""
    if not (check or yes):
        typer.confirm(f"彻底删除家长 {name} 的声音和照片？ / Delete voice and photo of {name}?", abort=True, err=True)
    with clouds.connected() as world, refusals():
        receipt = narrators.check(world, name) if check else narrators.erase(world, name)
    raise receipts.shown(receipt, views.narrator_receipt(receipt), as_json=as_json)


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _key(name: str, asset: Asset, extension: str) -> str:
    try:
        return keys.upload(Owner.NARRATOR, name, asset, extension)
    except Refused as error:
        known = {Asset.PHOTO: "photo.format", Asset.VOICE: "voice.format"}
        if error.code != "key.unknown" or asset not in known:
            raise
        raise Refused(known[asset], f".{extension}") from error
