"""`Queues` on the MNS stand-in's state. Bodies are in base64, as the SDK sends them."""

from __future__ import annotations

import base64

from local.direct.answering import answering
from local.standins.mns.queues import BATCH_MAX
from local.standins.mns.state import MnsState
from shared.clients.codes import Vendor
from shared.clients.mns import GONE
from shared.domain.errors import EchobotError
from shared.ports import Letter, Queue
from shared.queues import names
from shared.settings import Settings


class DirectQueues:
    def __init__(self, settings: Settings, state: MnsState) -> None:
        self._state = state
        self._names = names(settings)

    def send(self, queue: Queue, body: str, delay_s: int = 0) -> None:
        encoded = base64.b64encode(body.encode()).decode()
        with answering(Vendor.MNS, sent=True):
            self._state.send(self._names[queue], encoded, delay_s)

    def take(self, queue: Queue) -> list[Letter]:
        with answering(Vendor.MNS, sent=True):
            found = self._state.receive(self._names[queue], BATCH_MAX)
        return [Letter(message.body, message.handle) for message in found]

    def acknowledge(self, queue: Queue, receipt: str) -> None:
        try:
            with answering(Vendor.MNS, sent=True):
                self._state.delete(self._names[queue], receipt)
        except EchobotError as error:
            if error.fields.get("vendor_code") not in GONE:
                raise

    def waiting(self, queue: Queue) -> int:
        with answering(Vendor.MNS, sent=False):
            return len(self._state.peek(self._names[queue], BATCH_MAX))
