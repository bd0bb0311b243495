"""A delayed message comes due: wake the step that sent it to itself."""

from shared.domain.errors import Corrupt
from shared.domain.job import WHOLE
from shared.engine import events, wakes
from shared.engine.poison import put_aside
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    try:
        reminded = events.reminders(event)
    except Corrupt as error:
        put_aside(world, "recheck", event, error)
        return
    for wake in reminded:
        wakes.wake(world, wake.job, wake.step, wake.item or WHOLE, "reminder")


handler = entry(run)
