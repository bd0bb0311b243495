"""The commands for one story: tell it, look at it, say yes to it, call it off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from cli import clouds, documents, progress, receipts, telling, views
from cli.operating import AsJson, put_json
from cli.refusals import DONE, FAILED, REFUSED, errors, make_room, refusals, refuse
from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.job import WHOLE, JobState, Rows
from shared.domain.options import read_options as read_asked
from shared.engine import forecast, withdrawal
from shared.engine.records import load_job, load_steps
from shared.engine.status import lines
from shared.engine.world import World
from shared.log import redact_text
from shared.ports import Bucket, Place
from shared.ports import Table as Rowset
from shared.steps import quoting, reporting, tasting

console = Console()
STATUS_CODES = {JobState.REFUSED: REFUSED, JobState.FAILED: FAILED, JobState.CANCELLED: REFUSED}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (tell, status, approve, explain, report, cancel, erase):
        app.command()(command)


def tell(  # noqa: PLR0913, PLR0917  each is an option of the command line
    film: Annotated[Path, typer.Argument(help="The story film, mp4.")],
    voice: Annotated[Path | None, typer.Option(help="10-20 s of the parent reading: wav, mp3 or m4a.")] = None,
    photo: Annotated[Path | None, typer.Option(help="A photo of the parent: jpg, png, bmp or webp.")] = None,
    portrait: Annotated[Path | None, typer.Option(help="Or a film of the parent, mp4, 2-120 s.")] = None,
    captions: Annotated[Path | None, typer.Option(help="Captions, srt; else they are read from the film.")] = None,
    music: Annotated[Path | None, typer.Option(help="New background music, mp3.")] = None,
    narrator: Annotated[str, typer.Option(help="Or a parent who is kept: see `echobot narrator add`.")] = "",
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
    """Upload a film, and a parent's voice and photo; watch the story being made; bring it back."""
    for path in filter(None, (film, voice, photo, portrait, captions, music, options)):
        if not path.is_file():
            raise refuse(f"找不到文件 {path}", f"There is no file {path}")
    make_room(out)
    job_id = job or telling.new_job_id()
    try:
        given = telling.read_options(options) if options else {}
        given |= {"narrator": narrator} if narrator else {}
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


def status(job: Annotated[str, typer.Argument(help="Name of the job.")], as_json: AsJson = False) -> None:
    """Where a job stands: each step, what it waits for, since when."""
    with clouds.connected() as world:
        found = load_job(world, job)
        if found is None:
            raise refuse(f"没有叫 {job} 的任务", f"There is no job called {job}")
        awaited = views.at_door(world.rows.get(Rowset.JOBS, (job,)) or {})
        if as_json:
            problems = telling.error_of(world, job).get("problems", [])
            rows = {} if found.state is JobState.COLLECTING else load_steps(world, job)
            put_json({**documents.status(job, found.state, rows, problems), "at_door": awaited})
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
            *awaited,
            *views.wait_for_clips(ahead),
            *views.problems(telling.error_of(world, job)),
            *views.doubtful(documents.doubtful(rows)),
            *views.advice(job, rows),
        )
        for words in told:
            console.print(words, soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(STATUS_CODES.get(found.state, DONE))


def approve(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    budget: Annotated[float | None, typer.Option(help="What it may cost from now on, in yuan.")] = None,
    taste: Annotated[bool, typer.Option("--taste", help="Make the first 15 s or so, and ask again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say yes to a story that was quoted or tasted, or let one go on that has used up its budget."""
    with clouds.connected() as world, refusals():
        telling.say_yes(world, job, budget, taste=taste)
    if as_json:
        put_json(documents.approved(job, budget, taste=taste))
        return
    console.print(f"{job}: [bold]approved[/bold]")


def explain(job: Annotated[str, typer.Argument(help="Name of the job.")], as_json: AsJson = False) -> None:
    """Everything that happened to a job, in order, from its rows."""
    with clouds.connected() as world:
        row = world.rows.get(Rowset.JOBS, (job,))
        if row is None:
            raise refuse(f"没有叫 {job} 的任务", f"There is no job called {job}")
        steps = world.rows.range(Rowset.STEPS, (job,))
        effects = world.rows.range(Rowset.EFFECTS, (job,))
        told = [redact_text(text) for text in views.history(row, steps, effects)]
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


def cancel(job: Annotated[str, typer.Argument(help="Name of the job.")], as_json: AsJson = False) -> None:
    """End a job that is not wanted any more: nothing more is bought for it, its voice and its files are deleted."""
    with clouds.connected() as world, refusals():
        gone = withdrawal.cancel(world, job)
    if as_json:
        put_json(documents.cancelled(job, gone))
        return
    console.print(f"{job}: [bold]{JobState.CANCELLED.value}[/bold]")
    for words in views.counted(gone):
        console.print(words, highlight=False)


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
    raise receipts.shown(receipt, views.receipt(receipt), as_json=as_json)


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
