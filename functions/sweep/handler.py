"""The timer: find in the rows what events forgot, and wake it."""

from shared.engine import sweep
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    del event  # the time is all it says
    sweep.sweep(world)


handler = entry(run)
