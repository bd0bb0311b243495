"""Run any model of Model Studio by a request file: check it, call what it takes, bring the result into our bucket.

An upload under `requests/` opens a job of one step; the model's turn, its verdict and the sweep wake that step like any
other.
"""

from shared.domain import keys
from shared.domain.errors import Corrupt
from shared.engine import events
from shared.engine.poison import put_aside
from shared.engine.records import load_job
from shared.engine.step import take_turn
from shared.engine.turn import Act
from shared.engine.world import World
from shared.pipeline import GENERATE
from shared.steps import generating, requesting
from shared.wiring import entry

ACT = Act(generating.advance, generating.advance)


def run(event: object, world: World) -> None:
    try:
        for notice in events.objects(event):
            receive(notice, world)
    except Corrupt as error:
        put_aside(world, "generate", event, error)


def receive(notice: events.ObjectNotice, world: World) -> None:
    """An upload, or (under `steps/generate/`) the wish that somebody looks again."""
    if notice.bucket != world.settings.work_bucket:
        state = requesting.receive(world, notice.key)
        world.log("looked", {"key": notice.key[:200], "state": state.value if state else "past the door"})
        return
    wake = events.wake_of(notice.key)
    job, request_id = load_job(world, wake.job), keys.request_of(wake.job)
    if request_id and (job is None or job.is_at_door):
        requesting.receive(world, keys.request(request_id))
    else:
        take_turn(GENERATE, ACT, wake, world)


handler = entry(run)
