"""The wire face of EventBridge: the RPC API 2020-04-01 as far as buses, rules, targets and PutEvents go.

Checked against alibabacloud-eventbridge20200401 8.7.0. Event streams, sources and everything else are not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from local.standins.account import Account
from local.standins.eventbridge.acs3 import authenticate
from local.standins.eventbridge.errors import EventBridgeError, invalid
from local.standins.eventbridge.rules import Rule
from local.standins.eventbridge.state import DEFAULT_BUS, Bus, EventBridgeState
from local.standins.http import Request, Response

Params = Mapping[str, str]
Operation = Callable[["EventBridgeApi", Params], Any]

PAGE_MAX = 100
BATCH_MAX = 16

# PutEvents spells the attributes of CloudEvents in its own way
_EVENT_FIELDS = {
    "Id": "id",
    "Source": "source",
    "Type": "type",
    "SpecVersion": "specversion",
    "Subject": "subject",
    "Time": "time",
    "DataContentType": "datacontenttype",
    "DataSchema": "dataschema",
    "Data": "data",
}


class EventBridgeApi:
    def __init__(self, account: Account, state: EventBridgeState) -> None:
        self.account = account
        self.state = state

    def handle(self, request: Request) -> Response:
        request_id = self.account.new_uuid().upper()
        action = request.headers.get("x-acs-action") or request.query.get("Action", "")
        try:
            authenticate(self.account, request)
            data = self._perform(action, request)
            code = "200" if action == "PutEvents" else "Success"
            status, told = 200, {"Code": code, "Success": True, **({} if data is None else {"Data": data})}
        except EventBridgeError as error:
            status, told = error.status, {"Code": error.code, "Message": error.message, "Success": False}
        self.account.note("eventbridge", action or "Unknown", status)
        body = json.dumps({**told, "RequestId": request_id}, ensure_ascii=False).encode()
        return Response(status, {"Content-Type": "application/json;charset=utf-8"}, body)

    def _perform(self, action: str, request: Request) -> Any:
        if action not in OPERATIONS:
            raise EventBridgeError("InvalidAction.NotFound", f"The stand-in has no action {action}.")
        return OPERATIONS[action](self, _params(request))

    def arn(self, bus: str, rule: str = "") -> str:
        arn = f"acs:eventbridge:{self.account.region}:{self.account.account_id}:eventbus/{bus}"
        return f"{arn}/rule/{rule}" if rule else arn


def _create_event_bus(api: EventBridgeApi, params: Params) -> Any:
    bus = api.state.create_bus(_required(params, "EventBusName"), params.get("Description", ""))
    return {"EventBusARN": api.arn(bus.name)}


def _get_event_bus(api: EventBridgeApi, params: Params) -> Any:
    return _told_bus(api, api.state.bus(_required(params, "EventBusName")))


def _list_event_buses(api: EventBridgeApi, params: Params) -> Any:
    prefix = params.get("NamePrefix", "")
    buses = [bus for bus in api.state.buses() if bus.name.startswith(prefix)]
    listed, rest = _page(buses, params)
    return {"EventBuses": [_told_bus(api, bus) for bus in listed], "Total": len(buses), **rest}


def _create_rule(api: EventBridgeApi, params: Params) -> Any:
    rule = api.state.create_rule(
        _required(params, "EventBusName"),
        _required(params, "RuleName"),
        _required(params, "FilterPattern"),
        _json_list(params, "EventTargets"),
        params.get("Description", ""),
        is_enabled=params.get("Status", "ENABLE") == "ENABLE",
    )
    return {"RuleARN": api.arn(rule.bus, rule.name)}


def _get_rule(api: EventBridgeApi, params: Params) -> Any:
    return _told_rule(api, _rule(api, params))


def _list_rules(api: EventBridgeApi, params: Params) -> Any:
    prefix = params.get("RuleNamePrefix", "")
    rules = [rule for rule in api.state.rules(_required(params, "EventBusName")) if rule.name.startswith(prefix)]
    listed, rest = _page(rules, params)
    return {"Rules": [_told_rule(api, rule) for rule in listed], "Total": len(rules), **rest}


def _delete_rule(api: EventBridgeApi, params: Params) -> Any:
    rule = _rule(api, params)
    api.state.delete_rule(rule.bus, rule.name)


def _enable_rule(api: EventBridgeApi, params: Params) -> Any:
    rule = _rule(api, params)
    api.state.change_rule(rule.bus, rule.name, is_enabled=True)


def _disable_rule(api: EventBridgeApi, params: Params) -> Any:
    rule = _rule(api, params)
    api.state.change_rule(rule.bus, rule.name, is_enabled=False)


def _put_targets(api: EventBridgeApi, params: Params) -> Any:
    rule = _rule(api, params)
    api.state.put_targets(rule.bus, rule.name, _json_list(params, "Targets"))
    return {"ErrorEntriesCount": 0, "ErrorEntries": []}


def _delete_targets(api: EventBridgeApi, params: Params) -> Any:
    rule = _rule(api, params)
    api.state.delete_targets(rule.bus, rule.name, _json_list(params, "TargetIds"))
    return {"ErrorEntriesCount": 0, "ErrorEntries": []}


def _put_events(api: EventBridgeApi, params: Params) -> Any:
    """Only to custom buses: on the default one the vendor's own services publish, and nobody else may."""
    bus = _required(params, "EventBusName")
    if bus == DEFAULT_BUS:
        raise EventBridgeError("AccessDenied", "You are not authorized to access the default event bus.")
    api.state.bus(bus)
    sent = _json_list(params, "EventList")
    if not 1 <= len(sent) <= BATCH_MAX:
        raise invalid(f"EventList holds 1 to {BATCH_MAX} events.")
    entries = [_put_event(api, bus, one) for one in sent]
    failed = sum("ErrorCode" in entry for entry in entries)
    return {"EntryList": entries, "FailedEntryCount": failed}


def _put_event(api: EventBridgeApi, bus: str, sent: Mapping[str, Any]) -> dict[str, str]:
    event = {name: sent[wire] for wire, name in _EVENT_FIELDS.items() if sent.get(wire) is not None}
    trace = {"TraceId": api.account.new_id(32)}
    try:
        return {"EventId": api.state.publish(bus, event), **trace}
    except EventBridgeError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message, **trace}


def _told_bus(api: EventBridgeApi, bus: Bus) -> dict[str, Any]:
    return {
        "EventBusName": bus.name,
        "EventBusARN": api.arn(bus.name),
        "Description": bus.description,
        "CreateTimestamp": int(bus.created_at * 1000),
    }


def _told_rule(api: EventBridgeApi, rule: Rule) -> dict[str, Any]:
    return {
        "EventBusName": rule.bus,
        "RuleName": rule.name,
        "RuleARN": api.arn(rule.bus, rule.name),
        "Description": rule.description,
        "Status": "ENABLE" if rule.is_enabled else "DISABLE",
        "FilterPattern": rule.filter_pattern,
        "CreatedTimestamp": int(rule.created_at * 1000),
        "Targets": [target.as_sent() for target in rule.targets],
    }


def _rule(api: EventBridgeApi, params: Params) -> Rule:
    return api.state.rule(_required(params, "EventBusName"), _required(params, "RuleName"))


def _params(request: Request) -> dict[str, str]:
    """RPC takes parameters from the query and from a form."""
    return {**request.query, **dict(parse_qsl(request.body.decode(), keep_blank_values=True))}


def _required(params: Params, name: str) -> str:
    if not params.get(name):
        raise invalid(f"{name} is required.")
    return params[name]


def _json_list(params: Params, name: str) -> list[Any]:
    try:
        sent = json.loads(params.get(name) or "[]")
    except ValueError as error:
        raise invalid(f"{name} is not JSON.") from error
    if not isinstance(sent, list):
        raise invalid(f"{name} is not a list.")
    return sent


def _page(items: Sequence[Any], params: Params) -> tuple[Sequence[Any], dict[str, str]]:
    """NextToken is the number of items already told; there is none on the last page."""
    start, limit = params.get("NextToken") or "0", params.get("Limit") or str(PAGE_MAX)
    if not start.isdigit() or not limit.isdigit() or not 1 <= int(limit) <= PAGE_MAX:
        raise invalid(f"Limit is 1 to {PAGE_MAX}, NextToken as it was answered.")
    end = int(start) + int(limit)
    return items[int(start) : end], {"NextToken": str(end)} if end < len(items) else {}


OPERATIONS: dict[str, Operation] = {
    "CreateEventBus": _create_event_bus,
    "GetEventBus": _get_event_bus,
    "ListEventBuses": _list_event_buses,
    "CreateRule": _create_rule,
    "GetRule": _get_rule,
    "ListRules": _list_rules,
    "DeleteRule": _delete_rule,
    "EnableRule": _enable_rule,
    "DisableRule": _disable_rule,
    "PutTargets": _put_targets,
    "DeleteTargets": _delete_targets,
    "PutEvents": _put_events,
}
