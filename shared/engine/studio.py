"""The studio: avatar engines run one task at a time per account, so who may submit is decided here, not at the vendor,
where urls would expire in the queue. Rows of one partition per engine: `slot` says who holds it, `wait/...` who waits.

The slot is held from before the submission until the verdict, and freed by it, or by its lease if all else fails: also
when its job ends meanwhile, because the task runs on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field

from shared.domain import keys
from shared.domain.engines import ENGINES
from shared.domain.errors import Conflict
from shared.domain.frozen import frozen
from shared.domain.job import JobState, StepState
from shared.engine import effects, waking
from shared.engine.effects import EffectState
from shared.engine.records import dump, load_job, load_steps
from shared.engine.world import World
from shared.ports import Columns, Table

STEP = "animate"
REQUESTS_STEP = "generate"
SLOT = "slot"
TURN = "the studio"
"""What a step in the queue waits for, in its row. Only who waits for this is woken when the studio gets free."""

LEASE_S = 4 * 3600.0
"""Longer than any task lives: the vendor ends one after 3 h (500 InternalError.Timeout, api-facts section 10)."""

SERVED_MAX = 50

DOUBT = "doubt"
IN_DOUBT = frozenset({"intent", "unknown", "review"})
LISTED_S = 24 * 3600.0
"""How long the vendor lists a task."""

ON_ITS_WAY_S = 300.0
"""How long after its intent a submission may still arrive: the lease of the claim that makes it."""


@frozen
class Waiting:
    """Somebody in the queue; `since` is when they first came."""

    job_id: str
    item: str
    family: str
    since: float

    @property
    def position(self) -> str:
        return f"wait/{self.job_id}/{self.item}"


@frozen
class Slot:
    """Who holds the studio, and when each family was last served."""

    job_id: str = ""
    item: str = ""
    lease_until: float = 0.0
    fence: str = ""
    served: Mapping[str, float] = field(default_factory=dict)

    @property
    def granted_at(self) -> float:
        return self.lease_until - LEASE_S

    def is_free(self, now: float) -> bool:
        return not self.job_id or self.lease_until <= now


def choose(waiting: Iterable[Waiting], served: Mapping[str, float]) -> Waiting | None:
    """Fair over families: the one served longest ago (or never) first; within a family, first come, first served."""
    ranked = sorted(waiting, key=lambda one: (served.get(one.family, 0.0), one.since, one.job_id, one.item))
    return ranked[0] if ranked else None


def enter(world: World, engine: str, who: Waiting) -> bool:
    """Queue up (once) and see whether the slot is ours."""
    columns: Columns = {"job": who.job_id, "item": who.item, "family": who.family, "since": who.since}
    world.rows.insert(Table.STUDIO, (engine, who.position), columns)
    return grant(world, engine) == (who.job_id, who.item)


def leave(world: World, engine: str, job_id: str, item: str) -> None:
    """Give the slot back, if it is ours, and wake whoever is next. Repeating it is harmless."""
    _note_doubt(world, engine, job_id, item)
    world.rows.delete(Table.STUDIO, (engine, Waiting(job_id, item, "", 0.0).position))
    slot = _slot(world, engine)
    if slot is not None and (slot.job_id, slot.item) == (job_id, item):
        try:
            world.rows.update(
                Table.STUDIO, (engine, SLOT), {"job": "", "item": "", "fence": world.ids.token()}, expect=_as_seen(slot)
            )
        except Conflict:
            return  # its lease ended and it was granted anew
    _wake_next(world, engine, job_id, item)


def withdraw(world: World, job_id: str) -> int:
    """Take a job that has ended out of the queues, but for where a task of it may run; in how many places it was."""
    lanes = engines(world) if keys.request_of(job_id) else [name for name, engine in ENGINES.items() if engine.has_task]
    found = [(lane, key[1], cells) for lane in lanes for key, cells in world.rows.range(Table.STUDIO, (lane,))]
    places = [(lane, str(cells["item"])) for lane, position, cells in found if _is_place_of(job_id, position, cells)]
    over = [(lane, item) for lane, item in places if not is_under_way(world, job_id, item)]
    for lane, item in over:
        leave(world, lane, job_id, item)
    return len(over)


def grant(world: World, engine: str) -> tuple[str, str] | None:
    """Give a free slot to whoever is next; who holds it now. Of two that try at once, one writes."""
    now = world.clock.now()
    slot = _slot(world, engine)
    if slot is None:
        world.rows.insert(Table.STUDIO, (engine, SLOT), {"job": "", "item": "", "fence": "", "lease_until": 0.0})
        slot = Slot()
    if not slot.is_free(now) and _holds_it(world, slot):
        return slot.job_id, slot.item
    if slot.job_id:
        _note_doubt(world, engine, slot.job_id, slot.item)
    chosen = _next(world, engine, slot)
    if chosen is None:
        return None
    served = dict(sorted({**slot.served, chosen.family: now}.items(), key=lambda pair: pair[1])[-SERVED_MAX:])
    put: Columns = {
        "job": chosen.job_id,
        "item": chosen.item,
        "fence": world.ids.token(),
        "lease_until": now + LEASE_S,
        "served": dump(served),
    }
    try:
        world.rows.update(Table.STUDIO, (engine, SLOT), put, expect=_as_seen(slot))
    except Conflict:
        slot = _slot(world, engine)
        return (slot.job_id, slot.item) if slot and not slot.is_free(now) else None
    return chosen.job_id, chosen.item


def line(world: World, engine: str) -> tuple[Slot, list[Waiting]]:
    """The slot and who waits, as the rows have it; for who only wants to know."""
    return _slot(world, engine) or Slot(), _waiting(world, engine)


def holder(world: World, engine: str) -> str:
    """The job that holds the slot; empty when nobody does."""
    slot = _slot(world, engine)
    return slot.job_id if slot is not None else ""


def is_holder(world: World, engine: str, who: Waiting) -> bool:
    slot = _slot(world, engine)
    return slot is not None and (slot.job_id, slot.item) == (who.job_id, who.item)


def wake_holder(world: World, engine: str) -> bool:
    """For the sweep: grant a free slot, and rouse a holder who still waits for it; whether somebody was roused."""
    found = grant(world, engine)
    return found is not None and waking.rouse(
        world, found[0], _step_of(found[0]), found[1], TURN, "sweep: the studio is free"
    )


def _wake_next(world: World, engine: str, job_id: str, item: str) -> None:
    found = grant(world, engine)
    if found is not None and found != (job_id, item):
        waking.rouse(world, found[0], _step_of(found[0]), found[1], TURN, "the studio is free")


def _note_doubt(world: World, engine: str, job_id: str, item: str) -> None:
    """Remember a submission that nobody knows the outcome of, when who made it leaves the queue: its task, if there is
    one, is in the vendor's list and has no owner, so nobody else may take it for their own.
    """
    for key, columns in world.rows.range(Table.EFFECTS, (job_id, _step_of(job_id), item)):
        if columns.get("state") in IN_DOUBT:
            since = float(columns.get("since", 0.0))
            put: Columns = {"since": since, "queue": engine}
            world.rows.merge(Table.WATCH, (DOUBT, f"{job_id}/{item}/{key[3]}"), put)


def doubts(world: World, model: str, job_id: str, item: str) -> list[float]:
    """When others made submissions of which nobody knows the outcome, and which may be the model's; as long as a vendor
    lists them.
    """
    found = []
    for key, columns in world.rows.range(Table.WATCH, (DOUBT,)):
        since = float(columns["since"])
        if since + LISTED_S < world.clock.now():
            world.rows.delete(Table.WATCH, key)
        elif not key[1].startswith(f"{job_id}/{item}/") and _may_be_of(str(columns.get("queue", "")), model):
            found.append(since)
    return found


def _may_be_of(queue: str, model: str) -> bool:
    """Whether who left a queue may have submitted to the model. A queue of requests' own has its model's name; that of
    an engine is for whatever model the engine is deployed with.
    """
    name, is_of_requests, _ = queue.partition("#")
    return name == model or not is_of_requests


def _next(world: World, engine: str, slot: Slot) -> Waiting | None:
    """Whose turn it is. Who needs the studio no more is struck off when their turn comes: to ask after everybody each
    time would be a hundred reads in a queue of fifty, and one of them always fails on a busy day.
    """
    queue = _waiting(world, engine)
    while chosen := choose(queue, slot.served):
        if _needs_it(world, chosen.job_id, chosen.item):
            return chosen
        _note_doubt(world, engine, chosen.job_id, chosen.item)
        world.rows.delete(Table.STUDIO, (engine, chosen.position))
        queue.remove(chosen)
    return None


def _waiting(world: World, engine: str) -> list[Waiting]:
    found = world.rows.range(Table.STUDIO, (engine,))
    return [_waiting_of(columns) for key, columns in found if key[1] != SLOT]


def _waiting_of(columns: Columns) -> Waiting:
    return Waiting(str(columns["job"]), str(columns["item"]), str(columns["family"]), float(columns["since"]))


def _needs_it(world: World, job_id: str, item: str) -> bool:
    """Not when the job is over, nor when its step will not act: it is done, or a person must look at it first."""
    job = load_job(world, job_id)
    if job is None or job.state is not JobState.OPEN:
        return False
    row = load_steps(world, job_id).get((_step_of(job_id), item))
    return row is None or row.state in {StepState.CLAIMED, StepState.WAITING}


def is_under_way(world: World, job_id: str, item: str) -> bool:
    """Whether a task of a job that is over may run at the vendor, who takes no other of ours meanwhile."""
    now = world.clock.now()
    for row in effects.rows_of(world, job_id, _step_of(job_id), item):
        is_fresh = row.since + ON_ITS_WAY_S > now
        if row.state is EffectState.SENT or (row.is_unanswered and is_fresh):
            return True
    return False


def _holds_it(world: World, slot: Slot) -> bool:
    if _needs_it(world, slot.job_id, slot.item):
        return True
    job = load_job(world, slot.job_id)
    is_open = job is not None and job.state is JobState.OPEN
    return not is_open and is_under_way(world, slot.job_id, slot.item)


def engines(world: World) -> list[str]:
    """Every queue there is: those of the avatar engines, and those that requests have made."""
    made = {key[0] for key, _ in world.rows.range(Table.STUDIO, ())}
    return [*world.settings.engine_order, *sorted(made - {*world.settings.engine_order})]


def _step_of(job_id: str) -> str:
    return REQUESTS_STEP if keys.request_of(job_id) else STEP


def _is_place_of(job_id: str, position: str, columns: Columns) -> bool:
    return position != SLOT and columns["job"] == job_id


def _slot(world: World, engine: str) -> Slot | None:
    columns = world.rows.get(Table.STUDIO, (engine, SLOT))
    if columns is None:
        return None
    return Slot(
        job_id=str(columns.get("job", "")),
        item=str(columns.get("item", "")),
        lease_until=float(columns.get("lease_until", 0.0)),
        fence=str(columns.get("fence", "")),
        served=json.loads(str(columns.get("served", "{}"))),
    )


def _as_seen(slot: Slot) -> Columns:
    return {"fence": slot.fence}
