"""What must be so before anything is bought: the job is wanted, the account is in credit, the budget is not used up.

An unpaid bill is told apart from a busy vendor: the first refusal for it closes the vendor for everybody, so that no
other call is tried in vain, and tells the operator; after a while one call tries again. Being busy only waits.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.domain import prices
from shared.domain.errors import Conflict, EchobotError, Retry, Review
from shared.domain.job import JobState
from shared.engine import alarms
from shared.engine.records import budget_of, load_job
from shared.engine.world import World
from shared.ports import Kind, Table

ACCOUNT = "account"
OVERDUE = "account.overdue"
BUDGET = "budget.reached"
BUDGET_WAIT = "a larger budget"
"""What a step in review waits for when its next call would exceed the job's budget."""

CLOSED_S = 900.0
"""How long nothing is bought of a vendor that waits for its money, before one call tries whether that has changed."""


def vendor_of(kind: Kind) -> str:
    """Who is paid for a call. What is answered at once is Model Studio's."""
    return "ims" if kind.provider == "ims" else "model_studio"


def check_account(world: World, kind: Kind) -> bool:
    """`Retry` while the vendor is closed; whether this call is the one that tries if it still is."""
    row = world.rows.get(Table.WATCH, (ACCOUNT, vendor_of(kind)))
    if row is None:
        return False
    left_s = float(row.get("until", 0.0)) - world.clock.now()
    if left_s > 0:
        raise Retry(OVERDUE, f"{vendor_of(kind)} waits for its money", after_s=left_s)
    return True


def foreseen(price: str, quantity: float) -> int:
    """What a call will cost, in millionths of a yuan; the high end where the price is an estimate."""
    return prices.cost(price, {unit.value: quantity for unit in prices.Unit})


def check_job(world: World, job_id: str, cost: int, bought: Iterable[int]) -> None:
    """`Conflict` when the job has ended, `Review` when the call would exceed its budget. `cost` is the call's, `bought`
    what the job's others have cost and, as long as they are open, may cost; all in millionths of a yuan.
    """
    job = load_job(world, job_id)
    if job is None or job.state is not JobState.OPEN:
        raise Conflict("job.over", f"{job_id} has ended")
    budget = budget_of(world, job)
    if not budget or not cost:
        return
    committed = sum(bought)
    if committed + cost > budget:
        amounts = {"budget": prices.yuan(budget), "spent": prices.yuan(committed), "next": prices.yuan(cost)}
        raise Review(BUDGET, "", **amounts)


def note_refusal(world: World, kind: Kind, error: EchobotError) -> None:
    """After a call was turned away: close the vendor if it was for an unpaid bill; tell of all only a person mends."""
    vendor = vendor_of(kind)
    if error.code == OVERDUE:
        world.rows.merge(Table.WATCH, (ACCOUNT, vendor), {"until": world.clock.now() + CLOSED_S})
    if error.code.startswith("account."):
        alarms.ring(world, alarms.ACCOUNT, vendor, error)


def reopen(world: World, vendor: str) -> None:
    """The bill is paid, as a call that was taken has shown, or as an operator says."""
    world.rows.delete(Table.WATCH, (ACCOUNT, vendor))
    alarms.stop(world, alarms.ACCOUNT, vendor)
