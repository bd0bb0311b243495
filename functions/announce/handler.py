"""Tell whoever the operator has named that a job has ended, or waits for its family: topic, webhook, robot, mail."""

from shared.domain.errors import Corrupt
from shared.engine import announcing, events
from shared.engine.poison import put_aside
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    try:
        jobs = events.announced(event)
    except Corrupt as error:
        put_aside(world, "announce", event, error)
        return
    for job_id in jobs:
        announcing.tell(world, job_id)


handler = entry(run)
