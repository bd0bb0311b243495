"""FC gave up on an invocation, or a payload could not be read: note it on the step, and try that step again later.

The rows decide what a try does, so trying is always safe; after several such ends the job is failed with a word.
"""

from shared.engine import rescue
from shared.engine.world import World
from shared.wiring import entry


def run(event: object, world: World) -> None:
    rescue.rescue(event, world)


handler = entry(run)
