"""The unmodified alibabacloud-eventbridge20200401 against the stand-in, through both doors."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from local.standins.account import Account
from local.standins.doors.inprocess import in_process
from local.standins.doors.loopback import LoopbackServer
from local.standins.doors.router import Router
from local.standins.eventbridge.api import EventBridgeApi
from local.standins.eventbridge.rules import Event
from local.standins.eventbridge.state import EventBridgeState
from local.standins.http import Request, Response
from local.standins.timing import VirtualTiming

# generated code without type information: loaded by name, so that nothing is promised about its types
models: Any = importlib.import_module("alibabacloud_eventbridge20200401.models")
sdk_client: Any = importlib.import_module("alibabacloud_eventbridge20200401.client")
config_model: Any = importlib.import_module("alibabacloud_tea_openapi.utils_models")
# the Tea SDK asks utcnow, which Python 3.12 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

PATTERN = '{"source":["mine"]}'
SECRET = "test-secret"


@pytest.fixture
def account() -> Account:
    return Account(timing=VirtualTiming())


@pytest.fixture
def state(account: Account) -> EventBridgeState:
    return EventBridgeState(account)


def client(endpoint: str, protocol: str, secret: str = SECRET) -> Any:
    config = config_model.Config(
        access_key_id="test-id", access_key_secret=secret, endpoint=endpoint, protocol=protocol, region_id="cn-beijing"
    )
    return sdk_client.Client(config)


@pytest.fixture(params=[pytest.param("loopback", marks=pytest.mark.loopback), "in process"])
def door(request: pytest.FixtureRequest, account: Account, state: EventBridgeState) -> Iterator[tuple[str, str]]:
    router = Router({"eventbridge": EventBridgeApi(account, state)})
    if request.param == "loopback":
        with LoopbackServer(router) as server:
            yield server.endpoint, "http"
    else:
        with in_process(router):
            yield "eventbridge-console.cn-beijing.aliyuncs.com", "https"


@pytest.fixture
def sdk(door: tuple[str, str]) -> Any:
    return client(*door)


def target(target_id: str) -> Any:
    return models.CreateRuleRequestEventTargets(
        id=target_id,
        type="acs.fc.function",
        endpoint="acs:fc:cn-beijing:1:functions/f",
        push_retry_strategy="EXPONENTIAL_DECAY_RETRY",
        dead_letter_queue=models.CreateRuleRequestEventTargetsDeadLetterQueue(arn="acs:mns:cn-beijing:1:queues/dead"),
        param_list=[models.CreateRuleRequestEventTargetsParamList(resource_key="Body", form="ORIGINAL")],
    )


def create_rule(sdk: Any, name: str, bus: str = "mine") -> Any:
    request = models.CreateRuleRequest(
        event_bus_name=bus, rule_name=name, filter_pattern=PATTERN, description="声", event_targets=[target("fn")]
    )
    return sdk.create_rule(request).body


def create_bus(sdk: Any) -> Any:
    return sdk.create_event_bus(models.CreateEventBusRequest(event_bus_name="mine")).body


def code_of(call: Any, *args: Any) -> str:
    with pytest.raises(Exception, match="request id") as refusal:
        call(*args)
    return str(getattr(refusal.value, "code", ""))


def test_a_bus_is_created_and_listed(sdk: Any) -> None:
    created = create_bus(sdk)
    got = sdk.get_event_bus(models.GetEventBusRequest(event_bus_name="mine")).body
    listed = sdk.list_event_buses(models.ListEventBusesRequest(limit=1)).body

    assert (created.code, created.success) == ("Success", True)
    assert created.data.event_bus_arn == "acs:eventbridge:cn-beijing:1234567890123456:eventbus/mine"
    assert got.data.event_bus_name == "mine"
    assert ([bus.event_bus_name for bus in listed.data.event_buses], listed.data.next_token) == (["default"], "1")


def test_a_rule_comes_back_as_it_was_created(sdk: Any) -> None:
    create_bus(sdk)
    created = create_rule(sdk, "r")
    rule = sdk.get_rule(models.GetRuleRequest(event_bus_name="mine", rule_name="r")).body.data
    kept = rule.targets[0]

    assert created.data.rule_arn == "acs:eventbridge:cn-beijing:1234567890123456:eventbus/mine/rule/r"
    assert (rule.filter_pattern, rule.status, rule.description) == (PATTERN, "ENABLE", "声")
    assert (kept.id, kept.type, kept.push_retry_strategy) == ("fn", "acs.fc.function", "EXPONENTIAL_DECAY_RETRY")
    assert kept.dead_letter_queue.arn == "acs:mns:cn-beijing:1:queues/dead"
    assert [(param.resource_key, param.form) for param in kept.param_list] == [("Body", "ORIGINAL")]


def test_rules_are_listed_switched_and_deleted(sdk: Any, state: EventBridgeState) -> None:
    create_bus(sdk)
    for name in ("a-1", "a-2", "b-1"):
        create_rule(sdk, name)
    listed = sdk.list_rules(models.ListRulesRequest(event_bus_name="mine", rule_name_prefix="a-")).body.data
    sdk.disable_rule(models.DisableRuleRequest(event_bus_name="mine", rule_name="a-1"))
    disabled = [rule.name for rule in state.rules("mine") if not rule.is_enabled]
    sdk.enable_rule(models.EnableRuleRequest(event_bus_name="mine", rule_name="a-1"))
    sdk.delete_rule(models.DeleteRuleRequest(event_bus_name="mine", rule_name="b-1"))

    assert ([rule.rule_name for rule in listed.rules], listed.total) == (["a-1", "a-2"], 2)
    assert disabled == ["a-1"]
    assert [(rule.name, rule.is_enabled) for rule in state.rules("mine")] == [("a-1", True), ("a-2", True)]


def test_targets_are_put_and_deleted(sdk: Any, state: EventBridgeState) -> None:
    create_bus(sdk)
    create_rule(sdk, "r")
    more = models.PutTargetsRequestTargets(id="b", type="acs.fc.function", endpoint="acs:fc:cn-beijing:1:functions/g")
    put = sdk.put_targets(models.PutTargetsRequest(event_bus_name="mine", rule_name="r", targets=[more])).body
    ids = [kept.id for kept in state.rule("mine", "r").targets]
    sdk.delete_targets(models.DeleteTargetsRequest(event_bus_name="mine", rule_name="r", target_ids=["fn"]))

    assert (put.data.error_entries_count, ids) == (0, ["fn", "b"])
    assert [kept.id for kept in state.rule("mine", "r").targets] == ["b"]


def test_events_that_are_put_are_delivered(sdk: Any, state: EventBridgeState, account: Account) -> None:
    seen: list[Event] = []
    state.targets["acs.fc.function"] = lambda _, event: seen.append(event)
    create_bus(sdk)
    create_rule(sdk, "r")
    events = [
        models.PutEventsRequestEventList(id="e-1", source="mine", type="t", data={"text": "声 +&="}),
        models.PutEventsRequestEventList(id="e-2", source="", type="t"),
    ]
    put = sdk.put_events(models.PutEventsRequest(event_bus_name="mine", event_list=events)).body
    assert isinstance(account.timing, VirtualTiming)
    account.timing.run()

    assert (put.code, put.data.failed_entry_count) == ("200", 1)
    assert [(entry.event_id, entry.error_code) for entry in put.data.entry_list] == [
        ("e-1", None),
        (None, "InvalidArgument"),
    ]
    assert [(event["id"], event["data"]) for event in seen] == [("e-1", {"text": "声 +&="})]


def test_refusals_keep_their_codes(door: tuple[str, str], sdk: Any) -> None:
    create_bus(sdk)
    create_rule(sdk, "r")
    odd = models.CreateRuleRequest(event_bus_name="mine", rule_name="odd", filter_pattern='{"source":"mine"}')
    event = models.PutEventsRequestEventList(id="e", source="s", type="t")
    to_default = models.PutEventsRequest(event_bus_name="default", event_list=[event])

    assert code_of(create_bus, sdk) == "EventBusAlreadyExist"
    assert code_of(create_rule, sdk, "r") == "EventRuleAlreadyExist"
    assert code_of(create_rule, sdk, "r", "nowhere") == "EventBusNotExist"
    assert code_of(sdk.create_rule, odd) == "InvalidArgument"
    assert code_of(sdk.get_rule, models.GetRuleRequest(event_bus_name="mine", rule_name="x")) == "EventRuleNotExisted"
    assert code_of(sdk.put_events, to_default) == "AccessDenied"
    assert code_of(create_bus, client(*door, secret="wrong")) == "SignatureDoesNotMatch"
    assert (
        code_of(sdk.update_event_bus, models.UpdateEventBusRequest(event_bus_name="mine")) == "InvalidAction.NotFound"
    )


def test_the_account_notes_what_was_asked(sdk: Any, account: Account) -> None:
    create_bus(sdk)
    create_rule(sdk, "r")

    assert account.count("eventbridge") == {"CreateEventBus": 1, "CreateRule": 1}


@dataclass
class Changing:
    """Adds to each body on its way to the stand-in."""

    api: EventBridgeApi

    def handle(self, request: Request) -> Response:
        return self.api.handle(replace(request, body=request.body + b"&a=b"))


def test_a_body_that_was_changed_on_its_way_is_refused(account: Account, state: EventBridgeState) -> None:
    event = models.PutEventsRequestEventList(id="e", source="s", type="t")
    put = models.PutEventsRequest(event_bus_name="mine", event_list=[event])
    with in_process(Router({"eventbridge": Changing(EventBridgeApi(account, state))})):
        sdk = client("eventbridge-console.cn-beijing.aliyuncs.com", "https")

        assert code_of(sdk.put_events, put) == "SignatureDoesNotMatch"
