"""The commands for Model Studio's models: what there is, run one, prepare a request for EMO."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from cli import catalogue, clouds, completion, generating, telling
from cli.operating import AsJson, put_json
from cli.refusals import DONE, FAILED, REFUSED, errors, make_room, refusals, refuse
from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import JobState
from shared.domain.prices import yuan
from shared.domain.requests import Wrong, calls, write
from shared.ports import Face
from shared.settings import Settings

console = Console()
emo_app = typer.Typer(no_args_is_help=True, help="Requests for EMO.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (models, generate):
        app.command()(command)
    app.add_typer(emo_app, name="emo")


def models(
    words: Annotated[
        str, typer.Argument(help="Only those whose name or purpose holds this.", autocompletion=completion.models)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """The models of Model Studio: what each makes, costs and allows, and whether it still answers."""
    if as_json:
        put_json([catalogue.document(model) for model in catalogue.found(words)])
        return
    table = Table(Column("model", no_wrap=True), *catalogue.HEAD, box=None, pad_edge=False)
    for row in catalogue.rows(words):
        table.add_row(*row)
    console.print(table)


def generate(  # noqa: PLR0917  each is an option of the command line
    model: Annotated[
        str,
        typer.Argument(
            help="Name of the model, as `echobot models` has it; or a request file.", autocompletion=completion.models
        ),
    ],
    inputs: Annotated[
        list[str], typer.Option("--input", help="name=value: text, a local file, a key, an address.")
    ] = [],  # noqa: B006  typer copies it
    parameters: Annotated[list[str], typer.Option("--param", help="name=value, as JSON or text.")] = [],  # noqa: B006  typer copies it
    deployed: Annotated[list[str], typer.Option(help="model=name of an instance of your own.")] = [],  # noqa: B006  typer copies it
    cap: Annotated[float, typer.Option(help="Begin nothing that may cost more, in yuan; 0 for no cap.")] = 0.0,
    name: Annotated[str, typer.Option(help="Name of the request; a new one by default.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check it, and say what it would cost.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the result.")] = Path("out"),
) -> None:
    """Run a model of Model Studio: check the request, upload it with its files, bring the result back."""
    request_id = name or telling.new_job_id()
    with refusals():
        try:
            if model.endswith(".json"):
                ready = generating.from_file(_file(model), request_id)
            else:
                ready = generating.prepare(generating.Wish(model, inputs, parameters, deployed, cap), request_id)
        except Wrong as wrong:
            for problem in wrong.problems:
                refuse(problem.sentence.zh, problem.sentence.en)
            raise typer.Exit(REFUSED) from wrong
    called = ", ".join(call.called for call in calls(ready.request))
    console.print(f"{called}: {yuan(ready.quote.low)} - {yuan(ready.quote.high)} yuan", soft_wrap=True)
    if dry_run:
        console.print(write(ready.request).decode(), soft_wrap=True, markup=False, highlight=False)
        return
    make_room(out)
    with clouds.connected() as world:
        generating.put(world, request_id, ready)
        ended = telling.watch(world, keys.request_job(request_id), lambda _state, _rows: None)
        brought = generating.fetch(world, request_id, out / request_id)
    for path in brought:
        console.print(str(path), soft_wrap=True)
    for words in ended.problems:
        errors.print(words, soft_wrap=True, style="red")
    raise typer.Exit({JobState.DONE: DONE, JobState.REFUSED: REFUSED}.get(ended.state, FAILED))


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise refuse(f"找不到文件 {name}", f"There is no file {name}")
    return path


@emo_app.command()
def prepare(  # noqa: PLR0913, PLR0917  each is an option of the command line
    image: Annotated[str, typer.Option(help="The portrait: a key of the input bucket, or an https address.")],
    audio: Annotated[str, typer.Option(help="The speech, wav or mp3: a key of the input bucket, or an https address.")],
    face_bbox: Annotated[str, typer.Option(help="The face, x1,y1,x2,y2, as EMO's detection gave it.")] = "",
    ext_bbox: Annotated[str, typer.Option(help="The area that moves, x1,y1,x2,y2, as EMO's detection gave it.")] = "",
    style: Annotated[str, typer.Option(help="normal, calm or active.")] = "normal",
    ratio: Annotated[str, typer.Option(help="Shape of the clip where the boxes are not given: 1:1 or 3:4.")] = "1:1",
    model: Annotated[str, typer.Option(help="Name of an instance of your own.")] = catalogue.EMO,
    detect: Annotated[bool, typer.Option("--detect", help="Have EMO's detection find the boxes now.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", envvar="OUTPUT_DIR", help="Folder for the files.")] = Path("out"),
) -> None:
    """Write a request for EMO, checked and priced, and beside it where its boxes are from: none is ever made up."""
    asked = catalogue.EmoRequest(image, audio, face_bbox, ext_bbox, style, ratio, model)
    try:
        prepared = catalogue.prepare(asked, _detector() if detect else None)
    except Wrong as wrong:
        for problem in wrong.problems:
            refuse(problem.sentence.zh, problem.sentence.en)
        raise typer.Exit(REFUSED) from wrong
    except Refused as error:
        raise refuse(error.sentence.zh, error.sentence.en) from error
    make_room(out)
    for path in catalogue.write(prepared, out / "emo"):
        console.print(str(path), soft_wrap=True)


def _detector() -> catalogue.Detect:
    """EMO's detection, with the key of the environment or of the credentials file."""
    from shared.clients.model_studio import ModelStudioAvatars  # noqa: PLC0415  the only command that asks it

    key = catalogue.api_key(os.environ, Path.home())
    if not key:
        raise refuse(
            "没有找到 API Key：请设置 DASHSCOPE_API_KEY，或写进 ~/.alibabacloud/credentials",
            "There is no API key: set DASHSCOPE_API_KEY, or dashscope_api_key in ~/.alibabacloud/credentials",
        )
    avatars = ModelStudioAvatars(replace(Settings.from_env(os.environ), model_studio_api_key=key))

    def find(image: str, ratio: str) -> Face:
        return avatars.detect("emo", catalogue.DETECT, image, ratio)

    return find
