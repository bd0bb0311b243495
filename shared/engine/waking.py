"""Waking what may go on, as the rows have it. How a wake is put: `shared.engine.wakes`."""

from __future__ import annotations

from collections.abc import Iterable

from shared.domain.errors import Conflict
from shared.domain.job import Phase, StepState, ready
from shared.engine import wakes
from shared.engine.events import TaskNotice
from shared.engine.records import load_job, load_steps
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Columns, Table


def wake_ready(world: World, job_id: str, why: str) -> list[tuple[str, str]]:
    """Wake everything of a job that may begin and has not."""
    found = ready(steps_of(job_id), load_steps(world, job_id))
    for step, item in found:
        wakes.wake(world, job_id, step, item, why)
    return found


def rouse(world: World, job_id: str, step: str, item: str, waits_for: str, why: str) -> bool:
    """End a step's waiting for its turn and wake it; whether it was waiting for that. Who waits for anything else is
    left alone: a verdict, a busy vendor, or the time after which a call that got no answer may be looked for.
    """
    row = load_steps(world, job_id).get((step, item))
    is_its_turn = row is not None and row.state is StepState.WAITING and row.phase is Phase.BEGIN
    if row is None or not is_its_turn or row.waits_for != waits_for:
        return False
    try:
        expect: Columns = {"fence": row.fence, "state": StepState.WAITING.value}
        world.rows.update(Table.STEPS, (job_id, step, item), {"due_at": 0.0}, expect=expect)
    except Conflict:
        return False  # somebody is at it already
    wakes.wake(world, job_id, step, item, why)
    return True


def hear(world: World, notices: Iterable[TaskNotice]) -> None:
    for notice in notices:
        is_ours = report(world, notice.provider, notice.task)
        world.log("reported", {"provider": notice.provider, "task": notice.task, "ours": is_ours})


def report(world: World, provider: str, task: str) -> bool:
    """A vendor says that a task has ended: note it, and wake the step that waits. False when the task is not ours.

    Noted before the owner is looked up: an event that comes before our own record of the task is found there by
    the step when it writes its record. Foreign tasks of the account leave a row that expires by the table's TTL.
    """
    world.rows.merge(Table.TASKS, (provider, task), {"report": world.ids.token(), "reported_at": world.clock.now()})
    row = world.rows.get(Table.TASKS, (provider, task)) or {}
    if "job" not in row:
        return False
    job_id = str(row["job"])
    if load_job(world, job_id) is not None:
        wakes.wake(world, job_id, str(row["step"]), str(row["item"]), f"{provider} reported {task}")
    return True
