"""The commands. Exit codes: 0 done, 1 we failed, 2 the input was refused."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table

from cli import (
    catalogue,
    clouds,
    completion,
    documents,
    families,
    generating,
    narrators,
    operating,
    progress,
    telling,
    views,
)
from cli.operating import AsJson, put_json
from cli.refusals import DONE, FAILED, REFUSED, errors, refusals, refuse
from shared.domain import keys
from shared.domain.errors import EchobotError, Refused
from shared.domain.job import WHOLE, JobState, Rows
from shared.domain.options import read_options as read_asked
from shared.domain.prices import yuan
from shared.domain.requests import Wrong, calls, write
from shared.engine import dead_letters, forecast, repair, withdrawal
from shared.engine.records import load_job, load_steps
from shared.engine.status import lines
from shared.engine.world import World
from shared.ports import Bucket, Face, Place
from shared.ports import Table as Rowset
from shared.settings import Settings, SettingsError
from shared.steps import quoting, reporting, tasting

app = typer.Typer(no_args_is_help=True, help="Tell a story film in a parent's own voice.")
local_app = typer.Typer(no_args_is_help=True, help="The cloud on this machine.")
app.add_typer(local_app, name="local")
emo_app = typer.Typer(no_args_is_help=True, help="Requests for EMO.")
app.add_typer(emo_app, name="emo")
app.add_typer(families.app, name="family")
app.add_typer(narrators.app, name="narrator")
app.command()(families.operator)
operating.register(app)
console = Console()
STATUS_CODES = {JobState.REFUSED: REFUSED, JobState.FAILED: FAILED, JobState.CANCELLED: REFUSED}


@app.command()
def tell(  # noqa: PLR0913, PLR0917  each is an option of the command line
    film: Annotated[Path, typer.Argument(help="The story film, mp4.")],
    voice: Annotated[Path, typer.Option(help="10-20 s of the parent reading: wav, mp3 or m4a.")],
    photo: Annotated[Path | None, typer.Option(help="A photo of the parent: jpg, png, bmp or webp.")] = None,
    portrait: Annotated[Path | None, typer.Option(help="Or a film of the parent, mp4, 2-120 s.")] = None,
    captions: Annotated[Path | None, typer.Option(help="Captions, srt; else they are read from the film.")] = None,
    music: Annotated[Path | None, typer.Option(help="New background music, mp3.")] = None,
    consent: Annotated[str, typer.Option(help="The parent's name: agrees to voice cloning and face animation.")] = "",
    options: Annotated[Path | None, typer.Option(help="A job.json with further options.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the story.")] = Path("out"),
    job: Annotated[str, typer.Option(help="Name of the job; a new one by default.")] = "",
    budget: Annotated[
        float | None, typer.Option(help="What it may cost, in yuan; it waits when that is used up.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Say what it will cost, and wait for a yes.")] = False,
    taste: Annotated[
        bool, typer.Option("--taste", help="Make the first 15 s or so, and wait for a yes before the rest is bought.")
    ] = False,
) -> None:
    """Upload a film, a voice and a photo; watch the story being made; bring it back."""
    if photo is None and portrait is None:
        raise refuse("请给出家长的照片（--photo）或影片（--portrait）", "Name a photo (--photo) or a film (--portrait)")
    for path in filter(None, (film, voice, photo, portrait, captions, music, options)):
        if not path.is_file():
            raise refuse(f"找不到文件 {path}", f"There is no file {path}")
    job_id = job or telling.new_job_id()
    try:
        given = telling.read_options(options) if options else {}
        given |= {} if budget is None else {"cap_yuan": budget}
        given |= {"quote": "taste"} if taste else {"quote": "wait"} if ask else {}
        read_asked(json.dumps(given).encode())
        wanted = telling.Telling(film, voice, photo, captions, music, consent, given, portrait)
        bodies = telling.uploads(job_id, wanted)
    except Refused as error:
        raise refuse(error.sentence.zh, error.sentence.en) from error
    with clouds.connected() as world:
        console.print(f"job [bold]{job_id}[/bold]")
        telling.put(world, bodies)
        ended = _watched(world, job_id)
        while ended.state is JobState.ASKED and _agrees(world, job_id):
            ended = _watched(world, job_id)
        folder = out / job_id
        brought = telling.fetch(world, job_id, folder)
    for path in brought:
        console.print(str(path), soft_wrap=True)
    for words in ended.problems:
        errors.print(words, soft_wrap=True, style="red")
    exits = {
        JobState.DONE: DONE,
        JobState.ASKED: DONE,
        JobState.REFUSED: REFUSED,
        JobState.CANCELLED: REFUSED,
        JobState.ERASED: REFUSED,
    }
    raise typer.Exit(exits.get(ended.state, FAILED))


@app.command()
def status(job: Annotated[str, typer.Argument(help="Name of the job.")], as_json: AsJson = False) -> None:
    """Where a job stands: each step, what it waits for, since when."""
    with clouds.connected() as world:
        found = load_job(world, job)
        if found is None:
            raise refuse(f"没有叫 {job} 的任务", f"There is no job called {job}")
        if as_json:
            problems = telling.error_of(world, job).get("problems", [])
            put_json(documents.status(job, found.state, load_steps(world, job), problems))
            raise typer.Exit(STATUS_CODES.get(found.state, DONE))
        console.print(f"{job}: [bold]{found.state.value}[/bold]")
        if found.state is JobState.ERASED:
            for words in views.receipt(withdrawal.check(world, job)):
                console.print(words, soft_wrap=True, highlight=False)
            return
        rows = load_steps(world, job)
        console.print(_board(world, found.state, rows, job))
        ahead = forecast.of(world, found, rows) if found.state is JobState.OPEN else None
        told = (
            *views.quote(quoting.read(world, job)),
            *views.taste(tasting.url(world, job) if found.state is JobState.ASKED else "", job),
            *views.wait_for_clips(ahead),
            *views.problems(telling.error_of(world, job)),
            *views.advice(job, rows),
        )
        for words in told:
            console.print(words, soft_wrap=True, highlight=False)
    raise typer.Exit(STATUS_CODES.get(found.state, DONE))


@app.command()
def approve(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    budget: Annotated[float | None, typer.Option(help="What it may cost from now on, in yuan.")] = None,
    taste: Annotated[bool, typer.Option("--taste", help="Make the first 15 s or so, and ask again.")] = False,
) -> None:
    """Say yes to a story that was quoted or tasted, or let one go on that has used up its budget."""
    with clouds.connected() as world, refusals():
        telling.say_yes(world, job, budget, taste=taste)
    console.print(f"{job}: [bold]approved[/bold]")


@app.command()
def explain(job: Annotated[str, typer.Argument(help="Name of the job.")], as_json: AsJson = False) -> None:
    """Everything that happened to a job, in order, from its rows."""
    with clouds.connected() as world:
        row = world.rows.get(Rowset.JOBS, (job,))
        if row is None:
            raise refuse(f"没有叫 {job} 的任务", f"There is no job called {job}")
        steps = world.rows.range(Rowset.STEPS, (job,))
        effects = world.rows.range(Rowset.EFFECTS, (job,))
        told = views.history(row, steps, effects)
        report = Place(Bucket.OUTPUT, keys.story_report(job))
        is_told = world.objects.head(report) is not None
        spent = json.loads(world.objects.read(report))["spent"] if is_told else None
    if as_json:
        put_json({"job": job, "history": told, "spent": spent})
        return
    for text in told:
        console.print(text, soft_wrap=True, highlight=False, markup=False)
    if is_told:
        console.print(json.dumps(spent, ensure_ascii=False), soft_wrap=True, markup=False)


@app.command()
def report(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    check: Annotated[bool, typer.Option("--check", help="Say only whether it is as it was published.")] = False,
) -> None:
    """What became of a story, as it was published; refused when somebody has changed it since."""
    with clouds.connected() as world:
        place = Place(Bucket.OUTPUT, keys.story_report(job))
        sealed = load_steps(world, job).get(("publish", WHOLE))
        if sealed is None or world.objects.head(place) is None:
            raise refuse(f"{job} 还没有报告", f"There is no report of {job} yet")
        body = world.objects.read(place)
        if reporting.seal(body) != sealed.result.get("report"):
            raise refuse(f"{job} 的报告被改动过", f"The report of {job} is not as it was published")
    console.print("✓" if check else body.decode(), soft_wrap=True, markup=False, highlight=False)


@app.command()
def cancel(job: Annotated[str, typer.Argument(help="Name of the job.")]) -> None:
    """End a job that is not wanted any more: nothing more is bought for it, its voice and its files are deleted."""
    with clouds.connected() as world, refusals():
        gone = withdrawal.cancel(world, job)
    console.print(f"{job}: [bold]{JobState.CANCELLED.value}[/bold]")
    for words in views.counted(gone):
        console.print(words, highlight=False)


@app.command()
def erase(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    check: Annotated[
        bool, typer.Option("--check", help="Delete nothing: prove again that an erased job is gone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete everything of a job, its story too, and print a receipt. A job that is under way is cancelled first."""
    if not (check or yes):
        typer.confirm(
            f"彻底删除 {job}，包括做好的影片？ / Delete everything of {job}, its story too?", abort=True, err=True
        )
    with clouds.connected() as world, refusals():
        receipt = withdrawal.check(world, job) if check else withdrawal.erase(world, job)
    if as_json:
        put_json(documents.receipt(receipt))
    for words in [] if as_json else views.receipt(receipt):
        console.print(words, soft_wrap=True, highlight=False)
    raise typer.Exit(DONE if receipt.is_clean else FAILED)


@app.command()
def redrive(
    job: Annotated[str, typer.Argument(help="Name of the job.")] = "",
    queue: Annotated[
        str,
        typer.Option(
            help="Instead of a job: a queue of dead letters, see below.", autocompletion=completion.dead_letters
        ),
    ] = "",
    budget: Annotated[float | None, typer.Option(help="What may be spent on the job from now on, in yuan.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take up a failed job where it failed, or wake what an open one waits for. Safe to repeat.

    With --queue failures, ims, model-studio, reminders or announcements: wake the job of each dead letter, and list
    what nobody can read; that stays.
    """
    if bool(job) == bool(queue):
        raise refuse("请给出一个任务，或用 --queue 指定一个队列", "Name a job, or a queue with --queue")
    if queue:
        _redrive_letters(queue, as_json=as_json)
        return
    with clouds.connected() as world, refusals():
        woken = repair.redrive(world, job, budget)
    if as_json:
        put_json(documents.woken(job, woken))
    for step, item in [] if as_json else woken:
        console.print(f"woken: {step} {'' if item == WHOLE else item}".rstrip())


@app.command()
def decide(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    segment: Annotated[int, typer.Option(help="Number of the segment that waits for a decision.")],
    resubmit: Annotated[bool, typer.Option("--resubmit", help="The task is lost: pay for it once more.")] = False,
    adopt: Annotated[str, typer.Option(help="Id of the vendor's task that is this segment's clip.")] = "",
) -> None:
    """Decide about a clip that may or may not have been paid for: adopt a task, or submit again."""
    if resubmit == bool(adopt):
        raise refuse("请选择 --resubmit 或 --adopt 其中之一", "Choose one of --resubmit and --adopt")
    with clouds.connected() as world, refusals():
        repair.decide(world, job, "animate", f"{segment:04d}", adopt=adopt)
    console.print(f"segment {segment} of {job}: {f'adopts {adopt}' if adopt else 'is submitted again'}")


@app.command()
def models(
    words: Annotated[
        str, typer.Argument(help="Only those whose name or purpose holds this.", autocompletion=completion.models)
    ] = "",
) -> None:
    """The models of Model Studio: what each makes, costs and allows, and whether it still answers."""
    table = Table(Column("model", no_wrap=True), *catalogue.HEAD, box=None, pad_edge=False)
    for row in catalogue.rows(words):
        table.add_row(*row)
    console.print(table)


@app.command()
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


@local_app.command()
def up(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 9000,
    home: Annotated[Path | None, typer.Option(help="Folder that keeps the cloud's state.")] = None,
) -> None:
    """Keep a cloud running on this machine for the command line, SDKs, curl and a browser."""
    from local import cloud  # noqa: PLC0415  loads the media engines

    cloud.serve_forever(home, port, console.print)


def _watched(world: World, job_id: str) -> telling.Ended:
    """The job is shown while it is under way."""
    with Live(console=console, refresh_per_second=4) as live:
        ended = telling.watch(world, job_id, lambda state, rows: live.update(_board(world, state, rows, job_id)))
    console.print()
    return ended


def _agrees(world: World, job_id: str) -> bool:
    """Whether the person at the command line says yes to the quote; without a yes the job goes on waiting."""
    for words in (*views.quote(quoting.read(world, job_id)), *views.taste(tasting.url(world, job_id), job_id)):
        console.print(words, soft_wrap=True, highlight=False)
    if not typer.confirm("继续吗？ / Go on?"):
        console.print(f"echobot approve {job_id}", highlight=False)
        return False
    telling.say_yes(world, job_id)
    while (job := load_job(world, job_id)) is not None and job.state is JobState.ASKED:
        telling.pause()
    return True


def _board(world: World, state: JobState | None, rows: Rows, job_id: str) -> Table:
    board = Table(box=None, pad_edge=False, show_header=False)
    is_at_door = state is JobState.ASKED and ("detect", WHOLE) not in rows  # else it has been tasted
    if state is None or state is JobState.COLLECTING or is_at_door:
        board.add_row("◌", "收件", "waiting for the files to be checked")
        return board
    reached = progress.reached(world, job_id, rows)
    for line in lines(rows, world.clock.now()):
        count = f"{line.done}/{line.total}" if line.total not in {None, 1} else ""
        awaits = f"{line.awaits} ({line.since_s:.0f} s)" if line.awaits else ""
        one = reached.get(line.step)
        shown = (ProgressBar(1.0, one.fraction, width=20), one.words) if one else ("", "")
        board.add_row(line.mark, line.zh, line.en, count, awaits, *shown)
    return board


def _redrive_letters(queue: str, *, as_json: bool) -> None:
    if queue not in dead_letters.QUEUES:
        known = ", ".join(dead_letters.QUEUES)
        raise refuse(f"没有叫 {queue} 的队列。可用：{known}", f"There is no queue {queue}. Known: {known}")
    with clouds.connected() as world:
        told = dead_letters.redrive(world, queue)
    if as_json:
        put_json({**asdict(told), "queue": queue})
        return
    for words in (*(f"woken: {what}" for what in told.woken), f"not ours: {told.foreign}"):
        console.print(words, soft_wrap=True, highlight=False)
    for poison in told.poison:
        errors.print(f"poison: {poison.reason}: {poison.text}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"{len(told.woken)} woken, {len(told.poison)} unreadable and kept", highlight=False)


def main() -> None:
    """Entry point of the `echobot` command."""
    try:
        app()
    except SettingsError as error:
        errors.print(f"设置有误 / wrong settings: {error}", style="red")
        raise SystemExit(FAILED) from error
    except EchobotError as error:
        errors.print(error.sentence.zh, style="red")
        errors.print(f"{error.sentence.en} ({error})", style="red")
        raise SystemExit(FAILED) from error


if __name__ == "__main__":
    main()
