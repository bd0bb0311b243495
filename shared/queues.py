"""What each queue is called in a deployment: what the clients ask for and `template.yaml` creates."""

from __future__ import annotations

from shared.ports import Queue
from shared.settings import Settings


def names(settings: Settings) -> dict[Queue, str]:
    """A dead-letter queue is called after the queue whose messages end there."""
    fed = {
        Queue.DEAD_IMS: settings.ims_callback_queue,
        Queue.DEAD_MODEL_STUDIO: settings.model_studio_queue,
        Queue.DEAD_RECHECK: settings.recheck_queue,
        Queue.DEAD_FAILED: settings.failed_queue,
        Queue.DEAD_ANNOUNCE: settings.announce_queue,
    }
    return {
        Queue.RECHECK: settings.recheck_queue,
        Queue.FAILED: settings.failed_queue,
        Queue.FINISHED: settings.finished_queue,
        Queue.ANNOUNCE: settings.announce_queue,
        **{queue: f"{name}-dead" for queue, name in fed.items()},
    }
