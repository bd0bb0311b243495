"""What every step gets for free: load, guard, claim, act, record, wake what is ready.

A claim is the right to act on one (job, step, item) until its lease ends; its fence is written with it and must
still stand when the outcome is recorded, so a late writer loses. Nothing here waits, and the only place that may
leave the process between claim and record is the step's own act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.errors import Conflict, Corrupt, EchobotError, Refused, Retry, Review, Unknown
from shared.domain.frozen import frozen
from shared.domain.job import (
    TASTE,
    TRIES_MAX,
    WHOLE,
    Decision,
    JobState,
    Phase,
    StepRow,
    StepState,
    backoff_s,
    decide,
    ready,
)
from shared.domain.keys import Wake
from shared.engine import alarms, effects, events, ledger, leftovers, status, wakes, waking
from shared.engine.effects import EffectState
from shared.engine.ending import conclude, end_job
from shared.engine.ledger import Ledger
from shared.engine.poison import readable
from shared.engine.records import Job, dump, error_of, load_job, load_steps, remember, settle, told_of
from shared.engine.spending import BUDGET, BUDGET_WAIT
from shared.engine.turn import Act, Done, Later, Outcome, Turn, Waits
from shared.engine.world import World
from shared.pipeline import Step, steps_of
from shared.ports import Bucket, Columns, Place, Table

UNKNOWN_WAIT_S = 90.0
"""A request that timed out here may still be on its way there; its traces are looked for after this long."""

BEGUN = frozenset({EffectState.AGAIN, EffectState.INTENT, EffectState.UNKNOWN})
"""An effect in one of these is for `begin` to make, or to look for: also where a crash left it while finishing."""

OPERATOR_WAIT_S = 900.0
"""Between tries at something that only the operator can mend (unpaid bill, wrong key)."""


@frozen
class Claim:
    job: Job
    step: Step
    item: str
    row: StepRow
    fence: str


def run(step: Step, act: Act, event: object, world: World) -> None:
    """One invocation of a step's function. An exception leaves only when FC shall try again."""
    for wake in readable(world, step.name, event, events.wakes):
        take_turn(step, act, wake, world)


def take_turn(step: Step, act: Act, wake: Wake, world: World) -> None:
    item = wake.item or WHOLE
    job = load_job(world, wake.job)
    if job is None or job.state is not JobState.OPEN:
        world.log("skipped", {"job": wake.job, "step": step.name, "why": "not open"})
        if job is not None and job.ended_at:
            leftovers.hear(world, job)
        if job is not None and job.state is JobState.ERASED:
            # A reminder from before the erasure put this wake; nothing is to name the job any more.
            world.objects.delete(Place(Bucket.WORK, wakes.wake_key(wake.job, step.name, item)))
        return
    rows = load_steps(world, wake.job)
    decision = _decide(world, step, item, job, rows)
    if decision not in {Decision.BEGIN, Decision.FINISH}:
        world.log("skipped", {"job": wake.job, "step": step.name, "item": item, "why": decision.value})
        return
    claim = _claim(world, step, item, job, rows.get((step.name, item)))
    if claim is None:
        world.log("skipped", {"job": wake.job, "step": step.name, "item": item, "why": "claimed by another"})
        return
    ledger = Ledger(world, job.job_id, step.name, item, claim.fence)
    try:
        if claim.row.troubles >= TRIES_MAX:
            deaths = Corrupt("internal", f"{step.name}/{item}: the function died again and again")
            _end(world, claim, StepState.FAILED, JobState.FAILED, deaths)
            return
        _perform(world, claim, act, Turn(world, job, step.name, item, rows, ledger), decision)
    except Conflict as error:
        # Someone moved a row under us. If it was our own claim, nothing of ours was written, and that is right.
        world.log("lost", {"job": job.job_id, "step": step.name, "item": item, "why": error.detail})
    status.tell(world, job.job_id)


def _decide(world: World, step: Step, item: str, job: Job, rows: Mapping[tuple[str, str], StepRow]) -> Decision:
    now = world.clock.now()
    row = rows.get((step.name, item))
    waiting = row is not None and row.state is StepState.WAITING and row.phase is Phase.FINISH
    sent = effects.rows_of(world, job.job_id, step.name, item) if waiting else []
    is_news = any(ledger.is_news(world, effect, now) for effect in sent)
    return decide(row, is_ready=(step.name, item) in ready(steps_of(job.job_id), rows), is_news=is_news, now=now)


def _claim(world: World, step: Step, item: str, job: Job, row: StepRow | None) -> Claim | None:
    """A conditional write: of two that try, one wins."""
    now, fence = world.clock.now(), world.ids.token()
    key = (job.job_id, step.name, item)
    attempt = (row.attempt if row else 0) + 1
    troubles = _troubles_of(world, job.job_id, row)
    put: dict[str, str | int | float | bool] = {
        "state": StepState.CLAIMED.value,
        "fence": fence,
        "lease_until": now + step.lease_s,
        "attempt": attempt,
        "troubles": troubles,
        "updated_at": now,
    }
    if row is None:
        history = remember({}, now, "claimed", "")
        first = {**put, "phase": Phase.BEGIN.value, "begun_at": now, "history": history}
        won = world.rows.insert(Table.STEPS, key, first)
        row = StepRow(step.name, item, StepState.CLAIMED, history=history)
    else:
        try:
            settle(world, Table.STEPS, key, put, expect={"fence": row.fence, "state": row.state.value})
            won = True
        except Conflict:
            won = False
    claimed = replace(row, state=StepState.CLAIMED, fence=fence, attempt=attempt, troubles=troubles)
    return Claim(job, step, item, claimed, fence) if won else None


def _perform(world: World, claim: Claim, act: Act, turn: Turn, decision: Decision) -> None:
    """Act, and turn whatever comes of it into a row. Every branch leaves the row waking, waiting or final."""
    try:
        _record(world, claim, turn, _act(world, claim, act, turn, decision))
    except Refused as error:
        _end(world, claim, StepState.REFUSED, JobState.REFUSED, error)
    except Retry as error:
        _try_later(world, claim, error, backoff_s(claim.row.troubles, world.ids.fraction(), error.after_s))
    except Unknown as error:
        _try_later(world, claim, error, UNKNOWN_WAIT_S)
    except Review as error:
        awaited = BUDGET_WAIT if error.code == BUDGET else "a person"
        _put(world, claim, StepState.REVIEW, {"error": error_of(error), "waits_for": awaited}, error.code)
        alarms.ring(world, alarms.REVIEW, claim.job.job_id, error, step=claim.step.name, item=claim.item)
    except Corrupt as error:
        _end(world, claim, StepState.FAILED, JobState.FAILED, error)
    except Conflict:
        raise
    except Exception as error:
        _give_back(world, claim, error)
        raise


def _act(world: World, claim: Claim, act: Act, turn: Turn, decision: Decision) -> Outcome:
    if decision is Decision.BEGIN or act.finish is None:
        return act.begin(turn)
    now = world.clock.now()
    rows = [turn.ledger.ask(row) if ledger.is_news(world, row, now) else row for row in turn.ledger.rows().values()]
    for row in rows:
        if row.state in effects.DOUBTFUL:  # also when whoever wrote it died before it could say so in the step's row
            raise Review(effects.DOUBTFUL[row.state], f"{claim.step.name}/{claim.item}")
    if any(row.state in BEGUN for row in rows):
        return act.begin(turn)
    if any(row.state is EffectState.SENT for row in rows):
        return Waits(claim.row.waits_for)
    return act.finish(turn)


def _record(world: World, claim: Claim, turn: Turn, outcome: Outcome) -> None:
    if isinstance(outcome, Done):
        put: Columns = {"result": dump(outcome.result), "items": dump(list(outcome.items)), "waits_for": ""}
        _put(world, claim, StepState.DONE, put, "")
        job_id = claim.job.job_id
        is_going_on = waking.wake_ready(world, job_id, f"{claim.step.name}/{claim.item} is done")
        if not (is_going_on or conclude(world, job_id) or _asks(world, claim)):
            leftovers.clear_late(world, job_id)
    elif isinstance(outcome, Waits):
        _wait_for_verdict(world, claim, turn, outcome)
    else:
        _wait_for_turn(world, claim, outcome)


def _asks(world: World, claim: Claim) -> bool:
    """Whether this was the last of a taste, and somebody is asked about the rest now."""
    if claim.item != TASTE:
        return False
    from shared.engine import asking  # noqa: PLC0415  few stories have a taste, every step imports this

    return asking.ask_about_taste(world, claim.job.job_id)


def _wait_for_verdict(world: World, claim: Claim, turn: Turn, outcome: Waits) -> None:
    sent = [row for row in turn.ledger.rows().values() if row.state is EffectState.SENT]
    due_at = min((row.ask_at for row in sent), default=world.clock.now())
    put: Columns = {"phase": Phase.FINISH.value, "due_at": due_at, "waits_for": outcome.what, "troubles": 0}
    _put(world, claim, StepState.WAITING, put, outcome.what)
    now = world.clock.now()
    if any(ledger.is_news(world, row, now) for row in sent):
        # The event came before our record of the task; its own wake found us busy.
        wakes.wake(world, claim.job.job_id, claim.step.name, claim.item, "reported early")
    elif any(not row.kind.has_event for row in sent):
        wakes.remind(world, claim.job.job_id, claim.step.name, claim.item, due_at - now)


def _wait_for_turn(world: World, claim: Claim, outcome: Later) -> None:
    put: Columns = {
        "phase": Phase.BEGIN.value,
        "due_at": world.clock.now() + outcome.after_s,
        "waits_for": outcome.what,
    }
    _put(world, claim, StepState.WAITING, put, outcome.what)
    if outcome.is_over is not None and outcome.is_over():
        # What we wait for happened while we were writing that we wait.
        waking.rouse(world, claim.job.job_id, claim.step.name, claim.item, outcome.what, "its turn came")
    else:
        wakes.remind(world, claim.job.job_id, claim.step.name, claim.item, outcome.after_s)


def _try_later(world: World, claim: Claim, error: EchobotError, after_s: float) -> None:
    """Trouble outside. Waiting for the operator does not use up tries; other troubles do, until something gets done."""
    is_operators = error.code.startswith("account.")
    if is_operators:
        after_s = OPERATOR_WAIT_S
    before = 0 if _got_on(world, claim.job.job_id, claim.row) else claim.row.troubles
    troubles = before + (0 if is_operators else 1)
    if troubles >= TRIES_MAX:
        _end(world, claim, StepState.FAILED, JobState.FAILED, error)
        return
    put: Columns = {
        "due_at": world.clock.now() + after_s,
        "troubles": troubles,
        "error": error_of(error),
        "waits_for": error.code,
    }
    _put(world, claim, StepState.WAITING, put, told_of(error))
    wakes.remind(world, claim.job.job_id, claim.step.name, claim.item, after_s)


def _troubles_of(world: World, job_id: str, row: StepRow | None) -> int:
    """A claim whose lease ended was left by a function that died. Nobody else counts that: FC's own retries find the
    claim busy and are content.
    """
    if row is None or row.state is not StepState.CLAIMED:
        return row.troubles if row else 0
    return 1 if _got_on(world, job_id, row) else row.troubles + 1


def _got_on(world: World, job_id: str, row: StepRow) -> bool:
    """Whether the row's claim got anything answered: a segment of many lines may be turned away more often than it has
    tries, and get further each time.
    """
    done = effects.rows_of(world, job_id, row.step, row.item)
    return any(one.fence == row.fence and one.state in {EffectState.SENT, EffectState.DONE} for one in done)


def _give_back(world: World, claim: Claim, error: Exception) -> None:
    """A fault nobody foresaw: free the claim, so that FC's own retry may take it; a fault that stays ends the job."""
    troubles = claim.row.troubles + 1
    if troubles >= TRIES_MAX:
        known = Corrupt("internal", f"{type(error).__name__}: {error}")
        _end(world, claim, StepState.FAILED, JobState.FAILED, known)
    else:
        _put(world, claim, StepState.WAITING, {"due_at": 0.0, "troubles": troubles}, f"crashed: {error!r:.200}")


def _end(world: World, claim: Claim, state: StepState, job_state: JobState, error: EchobotError) -> None:
    """The job goes first: with the step still claimed, a crash in between leads back here."""
    row = world.rows.get(Table.STEPS, (claim.job.job_id, claim.step.name, claim.item)) or {}
    if row.get("fence") != claim.fence or row.get("state") != StepState.CLAIMED.value:
        raise Conflict("row.moved", f"{claim.step.name}/{claim.item} was taken over, or is done")
    try:
        end_job(world, claim.job, job_state, [error], f"{claim.step.name}/{claim.item}")
    except (Retry, Unknown) as trouble:
        # Part of the end has to wait, above all the voice's deletion: the step comes back to the same end later.
        asked_s = trouble.after_s if isinstance(trouble, Retry) else None
        after_s = backoff_s(claim.row.troubles, world.ids.fraction(), asked_s)
        put: Columns = {"due_at": world.clock.now() + after_s, "waits_for": trouble.code}
        _put(world, claim, StepState.WAITING, put, f"cannot end yet: {told_of(trouble)}")
        wakes.remind(world, claim.job.job_id, claim.step.name, claim.item, after_s)
    else:
        _put(world, claim, state, {"error": error_of(error), "waits_for": ""}, error.code)


def _put(world: World, claim: Claim, state: StepState, put: Columns, note: str) -> None:
    now = world.clock.now()
    key = (claim.job.job_id, claim.step.name, claim.item)
    history = remember({"history": claim.row.history}, now, state.value, note)
    columns = {**put, "state": state.value, "updated_at": now, "lease_until": 0.0, "history": history}
    settle(world, Table.STEPS, key, columns, expect={"fence": claim.fence, "state": StepState.CLAIMED.value})
    fields = {"job": claim.job.job_id, "step": claim.step.name, "item": claim.item, "state": state.value}
    world.log("turn", {**fields, "attempt": claim.row.attempt, "note": note})
