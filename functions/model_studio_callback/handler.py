"""Model Studio says that tasks have ended: find who waits for each, and wake it. The step asks for the verdict."""

from shared.engine import events, waking
from shared.engine.poison import readable
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    waking.hear(world, readable(world, "model_studio_callback", event, events.model_studio_tasks))


handler = entry(run)
