"""A delayed message comes due: wake the step that sent it to itself."""

from shared.domain.job import WHOLE
from shared.engine import events, wakes
from shared.engine.poison import readable
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    for wake in readable(world, "recheck", event, events.reminders):
        wakes.wake(world, wake.job, wake.step, wake.item or WHOLE, "reminder")


handler = entry(run)
