"""What could not be delivered, or not be read: counted by the sweep, and redriven by an operator.

A dead letter is never replayed. It says at most which job to look at: its step is woken and decides by the rows, so
what has happened since is not done again. A letter that nobody can read stays, is listed and counted, and expires with
its queue (7 days).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.domain.errors import Corrupt
from shared.domain.frozen import frozen
from shared.domain.job import WHOLE
from shared.engine import announcing, events, rescue, wakes, waking
from shared.engine.world import World
from shared.ports import Letter, Queue

QUEUES: Mapping[str, Queue] = {
    "failures": Queue.DEAD_FAILED,
    "ims": Queue.DEAD_IMS,
    "model-studio": Queue.DEAD_MODEL_STUDIO,
    "reminders": Queue.DEAD_RECHECK,
    "announcements": Queue.DEAD_ANNOUNCE,
}
"""The dead-letter queues in an operator's words."""

LETTERS_MAX = 10_000


@frozen
class Poison:
    """A letter that nobody can make sense of, whole and as it came: it may hold anything; and why."""

    reason: str
    text: str


@dataclass
class Redriven:
    """What became of a queue's letters: what they woke, how many concerned nobody here, and what nobody can read."""

    woken: list[str] = field(default_factory=list)
    foreign: int = 0
    poison: list[Poison] = field(default_factory=list)


def redrive(world: World, name: str) -> Redriven:
    """Empty a dead-letter queue of what can be read. Safe to repeat and to interrupt: a letter goes when it is used."""
    queue, read = QUEUES[name], _READERS[name]
    told = Redriven()
    for letter in _letters(world, queue):
        try:
            read(world, letter.body, told)
        except Corrupt as error:
            told.poison.append(Poison(error.detail, events.readable(letter.body)))
        else:
            world.queues.acknowledge(queue, letter.receipt)
    world.log("redriven", {"queue": name, "woken": len(told.woken), "poison": len(told.poison)})
    return told


def waiting(world: World) -> dict[str, int]:
    """How many letters lie in each queue, without the empty ones."""
    counted = {name: world.queues.waiting(queue) for name, queue in QUEUES.items()}
    return {name: count for name, count in counted.items() if count}


def _letters(world: World, queue: Queue) -> Iterator[Letter]:
    """Each once: those that stay are out of sight for longer than this takes."""
    count = 0
    while count < LETTERS_MAX and (page := world.queues.take(queue)):
        yield from page
        count += len(page)


def _ims(world: World, body: str, told: Redriven) -> None:
    _report(world, events.ims_jobs(body), told)


def _model_studio(world: World, body: str, told: Redriven) -> None:
    _report(world, events.model_studio_tasks(body), told)


def _report(world: World, notices: list[events.TaskNotice], told: Redriven) -> None:
    for notice in notices:
        if waking.report(world, notice.provider, notice.task):
            told.woken.append(f"{notice.provider} {notice.task}")
        else:
            told.foreign += 1


def _reminders(world: World, body: str, told: Redriven) -> None:
    for wake in events.reminders(body):
        wakes.wake(world, wake.job, wake.step, wake.item or WHOLE, "a reminder was redriven")
        told.woken.append(wakes.wake_key(wake.job, wake.step, wake.item or WHOLE))


def _announcements(world: World, body: str, told: Redriven) -> None:
    for job_id in events.announced(body):
        announcing.wake(world, job_id)
        told.woken.append(job_id)


def _failures(world: World, body: str, told: Redriven) -> None:
    """All that failed in one letter, or none of it: a letter with poison in it stays."""
    failures = events.failures(body)
    for failure in failures:
        if failure.is_poison:
            raise Corrupt("event.poison", f"{failure.function}: {failure.reason}".strip(": "))
    for failure in failures:
        for wake in rescue.wakes_of(world, failure.payload):
            wakes.wake(world, wake.job, wake.step, wake.item or WHOLE, "a failure was redriven")
            told.woken.append(wakes.wake_key(wake.job, wake.step, wake.item or WHOLE))


_READERS: Mapping[str, Callable[[World, str, Redriven], None]] = {
    "failures": _failures,
    "ims": _ims,
    "model-studio": _model_studio,
    "reminders": _reminders,
    "announcements": _announcements,
}
