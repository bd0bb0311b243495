"""Events on their way: lost, doubled, late, out of order. One wrapper around each way that leads to a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.deployment import Deployment, ObjectTrigger
from local.stand_ins import StandIns
from local.standins.oss.events import ObjectEvent
from local.triggers import ObjectTriggers
from shared.settings import Settings
from tests.simulation.faults import Faults

Heard = Callable[[ObjectEvent], None]


class Deliveries:
    """Stands between OSS, MNS and EventBridge and the functions. `heard` is told of each object that is put."""

    def __init__(
        self, stand_ins: StandIns, deployment: Deployment, settings: Settings, faults: Faults, heard: Heard
    ) -> None:
        self._stand_ins = stand_ins
        self._faults = faults
        self._heard = heard
        self._triggers = _by_folder(deployment.object_triggers)
        self._shape = ObjectTriggers(stand_ins.account, stand_ins.fc, ())
        self._queues = {
            settings.recheck_queue: "reminder",
            settings.announce_queue: "announcement",
            settings.failed_queue: "dead letter",
            settings.ims_callback_queue: "callback of ims",
            **{
                rule["Targets"][0]["Endpoint"].rpartition("/")[2]: "callback of model studio"
                for rule in deployment.rules
            },
        }
        stand_ins.oss.listeners[:] = [self.object_put]
        self._send = stand_ins.mns.send
        self._publish = stand_ins.eventbridge.publish
        for owner, name, through in (
            (stand_ins.mns, "send", self.message),
            (stand_ins.fc, "_send", self.message),
            (stand_ins.eventbridge, "publish", self.published),
        ):
            setattr(owner, name, through)

    def object_put(self, event: ObjectEvent) -> None:
        self._heard(event)
        parts = event.key.split("/", 2)
        for folder in (f"{parts[0]}/", "/".join([*parts[:2], ""])):
            for trigger in self._triggers.get((event.bucket, folder), ()):
                if trigger.fires(event.name, event.bucket, event.key):
                    self._invoke(trigger.function, event)

    def _invoke(self, function: str, event: ObjectEvent) -> None:
        arrives, _ = self._faults.delivery(f"event {event.key}", is_callback=False)
        for after_s in arrives:
            self._stand_ins.fc.invoke_async(function, self._shape.event_of(event), after_s)

    def message(self, queue: str, body: str, delay_s: int | None = None, **more: Any) -> None:
        name = self._queues.get(queue)
        if name is None:
            self._send(queue, body, delay_s, **more)
            return
        arrives, _ = self._faults.delivery(name, is_callback=name.startswith("callback"))
        for after_s in arrives:
            self._send(queue, body, int((delay_s or 0) + after_s), **more)

    def published(self, bus: str, event: Mapping[str, Any]) -> None:
        arrives, _ = self._faults.delivery("event of the bus", is_callback=True)
        for after_s in arrives:
            self._stand_ins.account.timing.later(after_s, lambda: self._arrive(bus, event))

    def _arrive(self, bus: str, event: Mapping[str, Any]) -> None:
        self._publish(bus, event)


def _by_folder(triggers: tuple[ObjectTrigger, ...]) -> dict[tuple[str, str], list[ObjectTrigger]]:
    found: dict[tuple[str, str], list[ObjectTrigger]] = {}
    for trigger in triggers:
        found.setdefault((trigger.bucket, trigger.prefix), []).append(trigger)
    return found
