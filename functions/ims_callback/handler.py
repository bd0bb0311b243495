"""IMS says that jobs have ended: find who waits for each, and wake it. The step itself asks IMS for the verdict."""

from shared.engine import events, waking
from shared.engine.poison import readable
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    waking.hear(world, readable(world, "ims_callback", event, events.ims_jobs))


handler = entry(run)
