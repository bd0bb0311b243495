"""`Queues` on the MNS stand-in's state. Bodies are in base64, as the SDK sends them."""

from __future__ import annotations

import base64

from local.direct.answering import answering
from local.standins.mns.state import MnsState
from shared.clients.codes import Vendor
from shared.ports import Queue
from shared.settings import Settings


class DirectQueues:
    def __init__(self, settings: Settings, state: MnsState) -> None:
        self._state = state
        self._names = {
            Queue.RECHECK: settings.recheck_queue,
            Queue.FAILED: settings.failed_queue,
            Queue.FINISHED: settings.finished_queue,
        }

    def send(self, queue: Queue, body: str, delay_s: int = 0) -> None:
        encoded = base64.b64encode(body.encode()).decode()
        with answering(Vendor.MNS, sent=True):
            self._state.send(self._names[queue], encoded, delay_s)
