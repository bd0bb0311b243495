"""Model Studio says that tasks have ended: find who waits for each, and wake it. The step asks for the verdict."""

from shared.domain.errors import Corrupt
from shared.engine import events, waking
from shared.engine.poison import put_aside
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    try:
        notices = events.model_studio_tasks(event)
    except Corrupt as error:
        put_aside(world, "model_studio_callback", event, error)
        return
    for notice in notices:
        is_ours = waking.report(world, notice.provider, notice.task)
        world.log("reported", {"provider": notice.provider, "task": notice.task, "ours": is_ours})


handler = entry(run)
