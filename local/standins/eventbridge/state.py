"""All rules of EventBridge: buses, which rules want an event, and its delivery to their targets with retries.

Deliveries happen later, on the account's timing, never inside `publish`. A target's handler is registered per type in
`targets`; it gets the target and the event, and raises when the delivery failed.
Sources: api-eventbridge-2020-04-01 (CreateRule), help.aliyun.com eventbridge/user-guide/retry-and-dead-letter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import Any

from local.standins.account import Account
from local.standins.eventbridge.errors import EventBridgeError, invalid
from local.standins.eventbridge.rules import (
    MNS_QUEUE,
    Event,
    Param,
    Rule,
    Target,
    bus_of,
    queue_of,
)

Handler = Callable[[Target, Event], None]

DEFAULT_BUS = "default"
EVENT_BYTES_MAX = 65_536

_BUSES = "eventbridge.buses"
_RULES = "eventbridge.rules"
_DELIVERIES = "eventbridge.deliveries"


@dataclass(frozen=True)
class Bus:
    name: str
    description: str = ""
    created_at: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one target; `is_blocked` when the target does not tolerate errors and gave up."""

    id: str
    bus: str
    rule: str
    target: str
    event: Event
    due_at: float
    tries: int = 0
    is_blocked: bool = False

    @property
    def lane(self) -> tuple[str, str, str]:
        return self.bus, self.rule, self.target


class EventBridgeState:
    """The buses of one account. `default` is there from the start: the vendor's own services publish to it."""

    def __init__(self, account: Account) -> None:
        self.targets: dict[str, Handler] = {}
        self._account = account
        store = account.store
        self._buses = {name: Bus(**json.loads(kept)) for name, kept in store.load(_BUSES).items()}
        self._buses.setdefault(DEFAULT_BUS, Bus(DEFAULT_BUS, created_at=account.now()))
        self._rules = {_lane(key): Rule.of_kept(*_lane(key), kept) for key, kept in store.load(_RULES).items()}
        self._deliveries = {key: Delivery(**json.loads(kept)) for key, kept in store.load(_DELIVERIES).items()}

    def create_bus(self, name: str, description: str = "") -> Bus:
        with self._account.lock:
            if name in self._buses:
                raise EventBridgeError("EventBusAlreadyExist", f"The event bus [{name}] already existed!")
            self._buses[name] = Bus(name, description, self._account.now())
            self._account.store.save(_BUSES, name, json.dumps(asdict(self._buses[name])).encode())
            return self._buses[name]

    def bus(self, name: str) -> Bus:
        if name not in self._buses:
            raise EventBridgeError("EventBusNotExist", f"The event bus [{name}] not existed!")
        return self._buses[name]

    def buses(self) -> list[Bus]:
        with self._account.lock:
            return [self._buses[name] for name in sorted(self._buses)]

    def create_rule(
        self,
        bus: str,
        name: str,
        filter_pattern: str | Mapping[str, Any],
        targets: Sequence[Mapping[str, Any]] = (),
        description: str = "",
        *,
        is_enabled: bool = True,
    ) -> Rule:
        """Targets are written as in CreateRule and ROS (`Id`, `Type`, `Endpoint`, `ParamList`, ...)."""
        text = filter_pattern if isinstance(filter_pattern, str) else json.dumps(filter_pattern)
        parsed = tuple(Target.of_sent(sent) for sent in targets)
        rule = Rule(bus, name, text, parsed, description, is_enabled, self._account.now())
        with self._account.lock:
            self.bus(bus)
            if (bus, name) in self._rules:
                raise EventBridgeError(
                    "EventRuleAlreadyExist", f"The event rule [{name}] of event bus [{bus}] already existed!"
                )
            return self._keep_rule(rule)

    def rule(self, bus: str, name: str) -> Rule:
        self.bus(bus)
        if (bus, name) not in self._rules:
            raise EventBridgeError("EventRuleNotExisted", f"The event rule [{name}] of event bus [{bus}] not existed!")
        return self._rules[bus, name]

    def rules(self, bus: str) -> list[Rule]:
        with self._account.lock:
            self.bus(bus)
            return [rule for key, rule in sorted(self._rules.items()) if key[0] == bus]

    def change_rule(self, bus: str, name: str, **changes: Any) -> Rule:
        """Change `filter_pattern`, `description` or `is_enabled`."""
        with self._account.lock:
            return self._keep_rule(replace(self.rule(bus, name), **changes))

    def delete_rule(self, bus: str, name: str) -> None:
        """What is on its way to its targets goes no further."""
        with self._account.lock:
            self.rule(bus, name)
            del self._rules[bus, name]
            self._account.store.drop(_RULES, f"{bus}/{name}")

    def put_targets(self, bus: str, name: str, sent: Sequence[Mapping[str, Any]]) -> Rule:
        """Add targets, or replace those of the same id."""
        with self._account.lock:
            kept = {target.id: target for target in self.rule(bus, name).targets}
            kept.update({target.id: target for target in map(Target.of_sent, sent)})
            return self._keep_rule(replace(self.rule(bus, name), targets=tuple(kept.values())))

    def delete_targets(self, bus: str, name: str, ids: Collection[str]) -> Rule:
        with self._account.lock:
            left = tuple(target for target in self.rule(bus, name).targets if target.id not in ids)
            return self._keep_rule(replace(self.rule(bus, name), targets=left))

    def publish(self, bus: str, event: Mapping[str, Any]) -> str:
        """Stamp the event as the service does and send it on its way; returns its id."""
        stamped = self._stamped(bus, event)
        with self._account.lock:
            self.bus(bus)
            for rule in self.rules(bus):
                for target in rule.targets if rule.wants(stamped) else ():
                    now = self._account.now()
                    delivery = Delivery(self._account.new_uuid(), bus, rule.name, target.id, stamped, now)
                    self._schedule(delivery, 0)
        return str(stamped["id"])

    def unblock(self, bus: str, rule: str, target: str) -> None:
        """Try again everything a target that does not tolerate errors has blocked."""
        with self._account.lock:
            for delivery in self._waiting((bus, rule, target)):
                self._schedule(replace(delivery, tries=0, is_blocked=False), 0)

    def blocked(self, bus: str, rule: str, target: str) -> list[Event]:
        with self._account.lock:
            waiting = self._waiting((bus, rule, target))
            return [delivery.event for delivery in waiting] if any(one.is_blocked for one in waiting) else []

    def resume(self) -> None:
        """After a restart, with the handlers registered: go on with the deliveries that were under way."""
        with self._account.lock:
            for delivery in sorted(self._deliveries.values(), key=lambda one: one.due_at):
                self._schedule(delivery, max(0.0, delivery.due_at - self._account.now()))

    def _schedule(self, delivery: Delivery, pause_s: float) -> None:
        self._keep(replace(delivery, due_at=self._account.now() + pause_s))
        self._account.timing.later(pause_s, lambda: self._try(delivery.id))

    def _try(self, delivery_id: str) -> None:
        with self._account.lock:
            delivery = self._deliveries.get(delivery_id)
            if delivery is None or any(one.is_blocked for one in self._waiting(delivery.lane)):
                return
            rule = self._rules.get((delivery.bus, delivery.rule))
            target = rule.target(delivery.target) if rule else None
            if target is None:
                self._forget(delivery)
                return
        try:
            self._hand_over(target, delivery.event)
        except Exception as error:  # noqa: BLE001  whatever breaks at the target is a failed delivery
            self._note(delivery, 500, repr(error))
            self._failed(replace(delivery, tries=delivery.tries + 1), target)
        else:
            self._note(delivery, 200, "")
            self._forget(delivery)

    def _hand_over(self, target: Target, event: Event) -> None:
        handler = self.targets.get(target.type)
        if handler is None:
            raise LookupError(f"no handler for targets of type {target.type}")
        handler(target, json.loads(json.dumps(event)))

    def _failed(self, delivery: Delivery, target: Target) -> None:
        pause_s = target.pause_s(delivery.tries, self._account.randomness)
        if pause_s is not None:
            self._schedule(delivery, pause_s)
        elif target.errors_tolerance == "NONE":
            self._keep(replace(delivery, is_blocked=True))
        else:
            self._forget(delivery)
            self._bury(target, delivery.event)

    def _bury(self, target: Target, event: Event) -> None:
        """To the dead-letter queue or bus, if there is one; raw, as the service says."""
        arn = target.dead_letter_arn
        if queue_of(arn):
            params = (Param("queue", "CONSTANT", queue_of(arn)), Param("Body", "ORIGINAL"))
            self._hand_over(Target(f"{target.id}-dead-letter", MNS_QUEUE, arn, params), event)
        elif bus_of(arn):
            self.publish(bus_of(arn), event)

    def _stamped(self, bus: str, event: Mapping[str, Any]) -> Event:
        for name in ("source", "type"):
            if not isinstance(event.get(name), str) or not event[name]:
                raise invalid(f"An event needs {name}.")
        now = _iso(self._account.now())
        stamped = {
            "id": self._account.new_uuid(),
            "specversion": "1.0",
            "datacontenttype": "application/json;charset=utf-8",
            "time": now,
            **event,
            "aliyunaccountid": self._account.account_id,
            "aliyunoriginalaccountid": self._account.account_id,
            "aliyunpublishtime": now,
            "aliyuneventbusname": bus,
            "aliyunregionid": self._account.region,
        }
        if len(json.dumps(stamped, ensure_ascii=False).encode()) > EVENT_BYTES_MAX:
            raise invalid(f"An event has at most {EVENT_BYTES_MAX} bytes.")
        return stamped

    def _waiting(self, lane: tuple[str, str, str]) -> list[Delivery]:
        return [delivery for delivery in self._deliveries.values() if delivery.lane == lane]

    def _note(self, delivery: Delivery, status: int, detail: str) -> None:
        self._account.note("eventbridge", "Deliver", status, "/".join((*delivery.lane, detail)).rstrip("/"))

    def _keep(self, delivery: Delivery) -> None:
        with self._account.lock:
            self._deliveries[delivery.id] = delivery
            self._account.store.save(_DELIVERIES, delivery.id, json.dumps(asdict(delivery)).encode())

    def _forget(self, delivery: Delivery) -> None:
        with self._account.lock:
            self._deliveries.pop(delivery.id, None)
            self._account.store.drop(_DELIVERIES, delivery.id)

    def _keep_rule(self, rule: Rule) -> Rule:
        self._rules[rule.bus, rule.name] = rule
        self._account.store.save(_RULES, f"{rule.bus}/{rule.name}", rule.kept())
        return rule


def _lane(key: str) -> tuple[str, str]:
    bus, _, rule = key.partition("/")
    return bus, rule


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
