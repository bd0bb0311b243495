"""Tell whoever the operator has named that a job has ended, or waits for its family: topic, webhook, robot, mail."""

from shared.engine import announcing, events
from shared.engine.poison import readable
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    for job_id in readable(world, "announce", event, events.announced):
        announcing.tell(world, job_id)


handler = entry(run)
