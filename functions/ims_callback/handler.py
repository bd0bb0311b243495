"""IMS says that jobs have ended: find who waits for each, and wake it. The step itself asks IMS for the verdict."""

from shared.domain.errors import Corrupt
from shared.engine import events, waking
from shared.engine.poison import put_aside
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    try:
        notices = events.ims_jobs(event)
    except Corrupt as error:
        put_aside(world, "ims_callback", event, error)
        return
    for notice in notices:
        is_ours = waking.report(world, notice.provider, notice.task)
        world.log("reported", {"provider": notice.provider, "task": notice.task, "ours": is_ours})


handler = entry(run)
