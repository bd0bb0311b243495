"""The sweep: finds in the rows what an event forgot, and mends it. It reads rows and buckets, never event history;
each repair is an ordinary wake or a deletion, so repeating it is harmless.

Each pass takes a page of each kind of debt and goes on from there in the next one; what has ended long ago is in none.
A job that cannot be mended now keeps nobody else waiting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from shared.domain import keys
from shared.domain.errors import EchobotError, Review
from shared.domain.job import JobState, Phase, Rows, StepRow, StepState, is_over, ready, waits_for_yes
from shared.engine import (
    agenda,
    alarms,
    announcing,
    asking,
    dead_letters,
    door,
    editions,
    effects,
    ledger,
    leftovers,
    narrators,
    status,
    studio,
    wakes,
    withdrawal,
)
from shared.engine.effects import EffectRow, EffectState
from shared.engine.ending import conclude
from shared.engine.records import Job, load_job, load_steps
from shared.engine.spending import BUDGET_WAIT
from shared.engine.world import World
from shared.pipeline import steps_of
from shared.ports import Table

QUIET_S = 60.0
"""What a step may be late before its wake is thought lost."""

JOBS_MAX = 500
"""Jobs looked at in one pass."""

OLD_S = 20 * 3600.0
"""Age of a task at which a person is told: at 24 hours its vendor forgets it."""

LONG_S = 600.0
"""A wait that the sweep tells of at each pass, so that waits can be watched."""

ABANDONED_S = 7 * 24 * 3600.0
"""How long a failed job may wait to be taken up again: the bucket's lifecycle keeps its files no longer."""

TASTED_S = 5 * 24 * 3600.0
"""How long a tasted story may wait for a yes."""

Counts = Counter[str]

Ledger = Mapping[tuple[str, str], Sequence[EffectRow]]
"""The remembered calls of each step, where any step waits."""


def sweep(world: World) -> Mapping[str, int]:
    """One pass; what it mended, by kind."""
    counts: Counts = Counter()
    _guarded(world, counts, "uploads", partial(door.walk, world))
    _guarded(world, counts, "requests", partial(door.walk_requests, world))
    for job_id in agenda.due(world, JOBS_MAX):
        _guarded(world, counts, job_id, partial(_look, world, counts, job_id))
    _guarded(world, counts, "narrators", partial(_narrators, world, counts))
    _guarded(world, counts, "studio", partial(_studios, world, counts))
    _guarded(world, counts, "dead letters", partial(_dead_letters, world, counts))
    mended = {kind: count for kind, count in sorted(counts.items()) if count}
    world.log("swept", mended)
    return mended


def _guarded(world: World, counts: Counts, what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except EchobotError as error:
        counts["troubles"] += 1
        world.log("not swept", {"what": what, "code": error.code, "detail": error.detail[:300]})


def _look(world: World, counts: Counts, job_id: str) -> None:
    job = load_job(world, job_id)
    counts["ended, not announced"] += job is not None and announcing.find(world, job)
    if job is not None and job.corrects and job.state is JobState.COLLECTING:
        wakes.wake(world, keys.edition_of(job_id)[0], "intake", why="sweep: corrected, not opened")
        counts["corrected, not opened"] += 1
    elif job is None or job.is_at_door:
        counts["uploaded, not opened"] += door.look(world, job_id, job)
    elif job.is_final:
        _tidy(world, counts, job)
    elif job.state is JobState.OPEN:
        _mend(world, counts, job)
    elif job.state is JobState.ASKED:
        _wait_for_a_yes(world, counts, job)
    else:
        _wait_for_redrive(world, counts, job)


def _mend(world: World, counts: Counts, job: Job) -> None:
    rows = load_steps(world, job.job_id)
    if is_over(steps_of(job.job_id), rows):
        counts["done, not closed"] += conclude(world, job.job_id)
        return
    if waits_for_yes(steps_of(job.job_id), rows):
        counts["tasted, not asked"] += asking.ask_about_taste(world, job.job_id)
        return
    ledger = _ledger(world, job, rows)
    _ring(world, counts, job, rows, ledger)
    for step, item, why in _debts(world, job, rows, ledger):
        wakes.wake(world, job.job_id, step, item, f"sweep: {why}")
        counts[why] += 1
    status.tell(world, job.job_id)


def _ledger(world: World, job: Job, rows: Rows) -> Ledger:
    """One read for a job, not one for each of its many clips."""
    ledger = defaultdict[tuple[str, str], list[EffectRow]](list)
    if any(row.state is StepState.WAITING for row in rows.values()):
        for effect in effects.rows_of(world, job.job_id):
            ledger[effect.step, effect.item].append(effect)
    return ledger


def _ring(world: World, counts: Counts, job: Job, rows: Rows, ledger: Ledger) -> None:
    """What waits for a person, in case whoever left it so died before saying it; what a vendor will soon forget."""
    now = world.clock.now()
    for row in rows.values():
        where = {"step": row.step, "item": row.item}
        if row.state is StepState.REVIEW:
            counts["waits for a person"] += 1
            alarms.ring(world, alarms.REVIEW, job.job_id, Review("step.review", **where), **where)
        if row.state is StepState.REVIEW and row.waits_for == BUDGET_WAIT:
            counts["a yes, not heard"] += asking.hear(world, job.job_id)
        if row.state is not StepState.DONE and row.updated_at + LONG_S <= now:
            age = {"age_s": round(now - row.updated_at), "waits_for": row.waits_for or row.state.value}
            world.log("waiting", {"job": job.job_id, **where, **age})
        if row.state is not StepState.WAITING or row.phase is not Phase.FINISH:
            continue
        sent = [one for one in ledger.get((row.step, row.item), ()) if one.since + OLD_S <= now]
        if any(one.state is EffectState.SENT for one in sent):
            counts["a task is old"] += 1
            alarms.ring(world, alarms.OLD_TASK, job.job_id, Review("vendor.old", **where), **where)


def _debts(world: World, job: Job, rows: Rows, ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """What of an open job should have gone on by now: step, item and why."""
    now = world.clock.now()
    last_move = max([row.updated_at for row in rows.values()] + [job.opened_at])
    if last_move + QUIET_S <= now:
        for step, item in ready(steps_of(job.job_id), rows):
            yield step, item, "ready and idle"
    for (step, item), row in rows.items():
        why = _why_late(world, row, ledger.get((step, item), []), now)
        if why:
            yield step, item, why


def _tidy(world: World, counts: Counts, job: Job) -> None:
    look_at = leftovers.settle(world, job)
    unheard = editions.unheard(world, job) if job.state is JobState.DONE and _is_first_edition(job) else []
    if unheard:
        now = world.clock.now()
        wakes.wake(world, job.job_id, "intake", why="sweep: corrected, not told")
        counts["corrected, not told"] += 1
        if any(now < correction.put_at + ABANDONED_S for correction in unheard):
            look_at = now + QUIET_S  # this wake may be lost, too
    if job.news:
        look_at = _before_news(world, job, look_at)
    if look_at is None:
        agenda.strike(world, job.job_id)
        counts["tidied up"] += 1
    else:
        agenda.put_off(world, job.job_id, look_at)


def _is_first_edition(job: Job) -> bool:
    return not (job.corrects or keys.request_of(job.job_id))


def _wait_for_a_yes(world: World, counts: Counts, job: Job) -> None:
    """A yes whose event was lost is found here. Without one the job is called off, before its files are deleted."""
    now = world.clock.now()
    if asking.hear(world, job.job_id):
        counts["a yes, not heard"] += 1
    elif _is_abandoned(job, now):
        withdrawal.cancel(world, job.job_id, "job.abandoned")
        counts["abandoned"] += 1
    else:
        agenda.put_off(world, job.job_id, now + min(door.LOOK_S_MAX, now - job.seen_at))


def _is_abandoned(job: Job, now: float) -> bool:
    """Of a story that was tasted parts are made already: there must be time left to make the others."""
    return job.asked_at + TASTED_S <= now if job.opened_at else job.seen_at + ABANDONED_S <= now


def _wait_for_redrive(world: World, counts: Counts, job: Job) -> None:
    """A failed job keeps what it has for whoever takes it up; not for ever, above all not a person's voice."""
    until = job.ended_at + ABANDONED_S
    if until <= world.clock.now():
        withdrawal.cancel(world, job.job_id, "job.abandoned")
        counts["abandoned"] += 1
    else:
        agenda.put_off(world, job.job_id, _before_news(world, job, until) if job.news else until)


def _before_news(world: World, job: Job, look_at: float | None) -> float:
    """A job whose end was not announced yet is looked at again when that is late."""
    late_at = max(world.clock.now(), job.news_at) + announcing.QUIET_S
    return late_at if look_at is None else min(look_at, late_at)


def _narrators(world: World, counts: Counts) -> None:
    """Who wishes to be forgotten, and was not yet in everything."""
    for wish in narrators.wishes(world):
        _guarded(world, counts, wish.name, partial(_forget, world, counts, wish))


def _forget(world: World, counts: Counts, wish: narrators.Wish) -> None:
    counts["narrators forgotten"] += narrators.go_on(world, wish)


def _studios(world: World, counts: Counts) -> None:
    """Nobody needs waking in a queue where nobody waits: whoever holds the studio stands in its queue, too."""
    queues = {key[0] for key, _ in world.rows.range(Table.STUDIO, ()) if key[1] != studio.SLOT}
    for engine in sorted(queues):
        _guarded(world, counts, engine, partial(_studio, world, counts, engine))


def _studio(world: World, counts: Counts, engine: str) -> None:
    holder_id = studio.holder(world, engine)
    holder = load_job(world, holder_id) if holder_id else None
    if holder is not None and holder.ended_at:
        leftovers.hear(world, holder)
    counts["the studio is free"] += studio.wake_holder(world, engine)


def _dead_letters(world: World, counts: Counts) -> None:
    found = dead_letters.waiting(world)
    for name, count in found.items():
        counts[f"dead letters: {name}"] += count
        alarms.ring(world, alarms.DEAD_LETTERS, name, Review("letters.dead", queue=name), queue=name)
    for name in alarms.standing(world, alarms.DEAD_LETTERS):
        if name not in found:
            alarms.stop(world, alarms.DEAD_LETTERS, name)


def _why_late(world: World, row: StepRow, sent: Sequence[EffectRow], now: float) -> str:
    if row.state is StepState.CLAIMED and row.lease_until <= now:
        return "the lease ended"
    if row.state is not StepState.WAITING:
        return ""
    if row.due_at + QUIET_S <= now:
        return "overdue"
    if row.updated_at + QUIET_S <= now and any(ledger.is_news(world, effect, now) for effect in sent):
        return "reported, not woken"
    return ""
