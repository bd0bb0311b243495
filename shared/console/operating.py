"""What an operator looks at: jobs, what waits for a person, the studio's queue, dead letters, what was spent by day.

The same rows that the commands read; nothing here changes anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from shared.domain import prices
from shared.domain.frozen import frozen
from shared.domain.job import JobState, StepState
from shared.engine import alarms, dead_letters, effects, studio
from shared.engine.records import Job, job_of, load_steps
from shared.engine.world import World
from shared.ports import Table

JOBS_MAX = 100
DAYS_MAX = 14


@frozen
class JobSeen:
    """One job: where it stands, what of it waits for a person, what it cost so far."""

    job_id: str
    state: str
    family: str
    since: str
    busy: str
    review: str
    yuan: str


def overview(world: World) -> dict[str, Any]:
    jobs = sorted(_jobs(world), key=lambda job: job.opened_at or job.created_at, reverse=True)[:JOBS_MAX]
    spent: Counter[str] = Counter()
    seen = [_seen(world, job, spent) for job in jobs]
    return {
        "jobs": seen,
        "states": Counter(job.state.value for job in jobs),
        "queues": {engine: _queue(world, engine) for engine in studio.engines(world)},
        "letters": dict(dead_letters.waiting(world)),
        "alarms": {kind: alarms.standing(world, kind) for kind in (*alarms.OF_A_JOB, alarms.ACCOUNT)},
        "days": [(day, prices.yuan(spent[day])) for day in sorted(spent, reverse=True)[:DAYS_MAX]],
        "jobs_max": JOBS_MAX,
    }


def _jobs(world: World) -> list[Job]:
    return [job_of(key[0], columns) for key, columns in world.rows.range(Table.JOBS)]


def _seen(world: World, job: Job, spent: Counter[str]) -> JobSeen:
    rows = load_steps(world, job.job_id) if job.state is JobState.OPEN else {}
    paid = effects.rows_of(world, job.job_id) if job.opened_at else []
    for effect in paid:
        spent[_day(effect.since)] += effect.spent
    return JobSeen(
        job.job_id,
        job.state.value,
        job.family,
        _moment(job.opened_at or job.created_at),
        ", ".join(sorted({step for (step, _), row in rows.items() if row.state is StepState.WAITING})),
        ", ".join(sorted(f"{step}/{item}" for (step, item), row in rows.items() if row.state is StepState.REVIEW)),
        prices.yuan(sum(effect.spent for effect in paid)),
    )


def _queue(world: World, engine: str) -> Mapping[str, object]:
    slot, waiting = studio.line(world, engine)
    holder = f"{slot.job_id}/{slot.item}" if not slot.is_free(world.clock.now()) else ""
    return {"holder": holder, "waiting": [f"{one.job_id}/{one.item}" for one in waiting]}


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d}"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M}" if at else ""
