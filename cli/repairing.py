"""The commands for what went wrong: take up what failed, decide about what nobody knows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from cli import clouds, completion, documents
from cli.operating import AsJson, put_json
from cli.refusals import errors, refusals, refuse
from shared.domain.job import WHOLE
from shared.engine import dead_letters, repair
from shared.log import redact_text

console = Console()
POISON_CHARS = 200


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (redrive, decide):
        app.command()(command)


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


def decide(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    segment: Annotated[int, typer.Option(help="Number of the segment that waits for a decision.")],
    resubmit: Annotated[bool, typer.Option("--resubmit", help="The task is lost: pay for it once more.")] = False,
    adopt: Annotated[str, typer.Option(help="Id of the vendor's task that is this segment's clip.")] = "",
    as_json: AsJson = False,
) -> None:
    """Decide about a clip that may or may not have been paid for: adopt a task, or submit again."""
    if resubmit == bool(adopt):
        raise refuse("请选择 --resubmit 或 --adopt 其中之一", "Choose one of --resubmit and --adopt")
    with clouds.connected() as world, refusals():
        repair.decide(world, job, "animate", f"{segment:04d}", adopt=adopt)
    if as_json:
        put_json(documents.decided(job, segment, adopt))
        return
    console.print(f"segment {segment} of {job}: {f'adopts {adopt}' if adopt else 'is submitted again'}")


def _redrive_letters(queue: str, *, as_json: bool) -> None:
    if queue not in dead_letters.QUEUES:
        known = ", ".join(dead_letters.QUEUES)
        raise refuse(f"没有叫 {queue} 的队列。可用：{known}", f"There is no queue {queue}. Known: {known}")
    with clouds.connected() as world:
        told = dead_letters.redrive(world, queue)
    poisons = [{"reason": redact_text(one.reason), "text": redact_text(one.text)[:POISON_CHARS]} for one in told.poison]
    if as_json:
        put_json({**asdict(told), "poison": poisons, "queue": queue})
        return
    for words in (*(f"woken: {what}" for what in told.woken), f"not ours: {told.foreign}"):
        console.print(words, soft_wrap=True, highlight=False)
    for poison in poisons:
        errors.print(f"poison: {poison['reason']}: {poison['text']}", soft_wrap=True, highlight=False, markup=False)
    console.print(f"{len(told.woken)} woken, {len(told.poison)} unreadable and kept", highlight=False)
