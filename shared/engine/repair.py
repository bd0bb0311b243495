"""What an operator may do to a job: take up a failed one again, and decide what the ledger cannot.

Both only change rows and put wakes, so both are safe to repeat: what is done stays done, and a paid call is made again
only where a person says so.
"""

from __future__ import annotations

from contextlib import suppress

from shared.domain import keys
from shared.domain.errors import Conflict, Refused
from shared.domain.job import JobState, StepRow, StepState
from shared.engine import agenda, alarms, effects, spending, wakes, waking
from shared.engine.effects import EffectRow, EffectState
from shared.engine.ledger import SENDS_MAX
from shared.engine.records import Job, load_job, load_steps, move_job, remember, settle
from shared.engine.spending import BUDGET_WAIT
from shared.engine.studio import REQUESTS_STEP, STEP
from shared.engine.world import World
from shared.ports import Bucket, Columns, Place, Table

UNDECIDED = frozenset({EffectState.REVIEW, EffectState.LOST, EffectState.UNKNOWN})


def redrive(world: World, job_id: str, budget_yuan: float | None = None) -> list[tuple[str, str]]:
    """Take up a failed job where it failed, or wake what an open one waits for; the steps woken.

    Vendors that waited for their money are tried at once. `budget_yuan` is the job's budget from now on.
    `Refused` for a job that is unknown, or whose end is final: a finished story, or files that must be changed.
    """
    job = load_job(world, job_id)
    if job is None:
        raise Refused("job.unknown", job=job_id)
    if job.state not in {JobState.FAILED, JobState.OPEN}:
        raise Refused("job.final", state=job.state.value)
    if budget_yuan is not None:
        world.rows.merge(Table.JOBS, (job_id,), {"budget_yuan": budget_yuan})
    for vendor in alarms.standing(world, alarms.ACCOUNT):
        spending.reopen(world, vendor)
    alarms.stop(world, alarms.REVIEW, job_id)
    rows, now = load_steps(world, job_id), world.clock.now()
    stuck = [row for row in rows.values() if _is_stuck(job, row, now) or _was_ending(world, job, row)]
    for row in stuck:
        _send_again(world, job_id, row, {EffectState.REFUSED, *UNDECIDED} - _looked_for(row))
        _take_up(world, job_id, row, "redriven")
    waiting = [row for row in rows.values() if row.state in {StepState.WAITING, StepState.CLAIMED} and row not in stuck]
    for row in waiting:
        _encourage(world, job_id, row)
    if job.state is JobState.FAILED:
        world.objects.delete(Place(Bucket.OUTPUT, keys.story_error(job_id)))
        agenda.put(world, job_id)
        move_job(world, job, JobState.OPEN, {"ended_at": 0.0}, "redriven")
    woken = [(row.step, row.item) for row in (*stuck, *waiting)]
    for step, item in woken:
        wakes.wake(world, job_id, step, item, "redriven")
    return woken + waking.wake_ready(world, job_id, "redriven")


def grant(world: World, job_id: str, budget_yuan: float) -> None:
    """A family's larger budget: what waits for it goes on; its call was not made, and is now. What waits for an
    operator's decision does so still.
    """
    world.rows.merge(Table.JOBS, (job_id,), {"budget_yuan": budget_yuan})
    in_review = [row for row in load_steps(world, job_id).values() if row.state is StepState.REVIEW]
    paused = [row for row in in_review if row.waits_for == BUDGET_WAIT]
    for row in paused:
        _take_up(world, job_id, row, "granted")
    if len(paused) == len(in_review):
        alarms.stop(world, alarms.REVIEW, job_id)
    for row in paused:
        wakes.wake(world, job_id, row.step, row.item, "granted")


def _is_stuck(job: Job, row: StepRow, now: float) -> bool:
    """A clip that waits for a decision is not stuck: it is dear, and `decide` is asked about it by name. A claim is
    when its lease has ended and the job was closed over a function that died; in an open job it is woken, and taken
    over as ever.
    """
    if row.state is StepState.CLAIMED:
        return job.state is JobState.FAILED and row.lease_until <= now
    is_decided_here = row.step != STEP or row.waits_for == BUDGET_WAIT
    return row.state is StepState.FAILED or (row.state is StepState.REVIEW and is_decided_here)


def _was_ending(world: World, job: Job, row: StepRow) -> bool:
    """A step that had failed for good and was still closing the job: that was closed, the step's own row was not."""
    if job.state is not JobState.FAILED or row.state is not StepState.WAITING:
        return False
    found = effects.rows_of(world, job.job_id, row.step, row.item)
    return any(one.state is EffectState.REFUSED or (one.is_unanswered and one.sends >= SENDS_MAX) for one in found)


def _looked_for(row: StepRow) -> frozenset[EffectState]:
    """A task that may have been sent is looked for in its vendor's list first, whoever takes it up again."""
    return frozenset({EffectState.UNKNOWN}) if row.step in {STEP, REQUESTS_STEP} else frozenset()


def decide(world: World, job_id: str, step: str, item: str, *, adopt: str = "") -> str:
    """Settle a step that waits for a person: adopt the vendor's task of that id, or send the call once more.

    Returns the name of the effect that was settled; `Refused` when the step waits for nobody, or the job is unknown.
    """
    row = load_steps(world, job_id).get((step, item))
    if row is None or row.state is not StepState.REVIEW:
        known = load_job(world, job_id) is not None
        raise Refused("step.decided", step=step, item=item) if known else Refused("job.unknown", job=job_id)
    if adopt:
        effect = _undecided(world, job_id, row)
        _settle_effect(world, job_id, row, effect, {"state": EffectState.SENT.value, "task": adopt, "ask_at": 0.0})
        world.rows.merge(Table.TASKS, (effect.kind.provider, adopt), {"job": job_id, "step": step, "item": item})
        name = effect.name
    else:
        # With nothing in doubt it is the result that is: a clip of the wrong length may be another's.
        name = _send_again(world, job_id, row, UNDECIDED) or _send_again(world, job_id, row, {EffectState.DONE})
    alarms.stop(world, alarms.REVIEW, job_id)
    _take_up(world, job_id, row, f"decided: {f'adopt {adopt}' if adopt else 'send again'}")
    wakes.wake(world, job_id, step, item, "decided")
    return name


def _send_again(world: World, job_id: str, row: StepRow, states: frozenset[EffectState] | set[EffectState]) -> str:
    """Let the step's effects in these states be sent once more, with all their tries; the name of the last one. Others
    that nobody knows the outcome of keep their state, are looked for as ever, and have their tries again, too.
    """
    name = ""
    for effect in effects.rows_of(world, job_id, row.step, row.item):
        if effect.state in states:
            fresh: Columns = {"sends": 0, "doubts": 0, "failures": effect.failures + 1}
            _settle_effect(world, job_id, row, effect, {"state": EffectState.AGAIN.value, **fresh})
            name = effect.name
        elif effect.is_unanswered:
            _settle_effect(world, job_id, row, effect, {"state": effect.state.value, "sends": 1, "doubts": 0})
    return name


def _undecided(world: World, job_id: str, row: StepRow) -> EffectRow:
    for effect in effects.rows_of(world, job_id, row.step, row.item):
        if effect.state in UNDECIDED:
            return effect
    raise Refused("step.decided", step=row.step, item=row.item)


def _settle_effect(world: World, job_id: str, row: StepRow, effect: EffectRow, put: Columns) -> None:
    history = remember({"history": effect.history}, world.clock.now(), str(put["state"]), "by an operator")
    expect: Columns = {"fence": effect.fence, "state": effect.state.value}
    key = (job_id, row.step, row.item, effect.name)
    settle(world, Table.EFFECTS, key, {**put, "history": history}, expect=expect)


def _encourage(world: World, job_id: str, row: StepRow) -> None:
    """All its tries again for a step that goes on by itself, and at once where it waits for what the operator mends;
    whoever moves it meanwhile needs no encouragement.
    """
    key = (job_id, row.step, row.item)
    is_operators = row.state is StepState.WAITING and row.waits_for.startswith("account.")
    put: Columns = {"troubles": 0, **({"due_at": 0.0} if is_operators else {})}
    with suppress(Conflict):
        settle(world, Table.STEPS, key, put, expect={"fence": row.fence, "state": row.state.value})


def _take_up(world: World, job_id: str, row: StepRow, note: str) -> None:
    key = (job_id, row.step, row.item)
    now = world.clock.now()
    history = remember(world.rows.get(Table.STEPS, key) or {}, now, StepState.WAITING.value, note)
    put: Columns = {
        "state": StepState.WAITING.value,
        "due_at": 0.0,
        "troubles": 0,
        "waits_for": note,
        "updated_at": now,
        "history": history,
    }
    try:
        settle(world, Table.STEPS, key, put, expect={"fence": row.fence, "state": row.state.value})
    except Conflict as error:
        raise Refused("step.decided", step=row.step, item=row.item) from error
